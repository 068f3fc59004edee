//! What the linker must be told of the shared library.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_elf = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux");
    if is_elf {
        // The ABI version, as `S3STREAM_ABI_VERSION` and `package.metadata.capi` have it.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libs3stream.so.1");
        // What the crates below export to C for themselves (crc-fast does) is not ours to show.
        println!("cargo::rustc-cdylib-link-arg=-Wl,--exclude-libs,ALL");
        // Our threads and each thread's last error outlive a dlclose().
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
