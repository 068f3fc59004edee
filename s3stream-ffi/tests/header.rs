//! What C sees: the header is what the sources say, and changes only where a review sees it.
//!
//! `S3STREAM_RENEW=1 cargo test -p s3stream-ffi --test header` writes the header and the list of
//! symbols anew; the change of them then is part of the change that is reviewed.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn generated() -> String {
    let crate_dir = file("");
    let config = cbindgen::Config::from_file(file("cbindgen.toml")).unwrap();
    let bindings = cbindgen::Builder::new().with_crate(crate_dir).with_config(config).generate();
    let mut text = Vec::new();
    bindings.unwrap().write(&mut text);
    String::from_utf8(text).unwrap()
}

/// Compares with what is committed, or writes it anew if that was asked for.
fn assert_committed(name: &str, now: &str) {
    if std::env::var_os("S3STREAM_RENEW").is_some() {
        std::fs::write(file(name), now).unwrap();
    }
    let committed = std::fs::read_to_string(file(name)).unwrap();
    let differs = committed.lines().zip(now.lines()).find(|(old, new)| old != new);
    assert!(
        committed == now,
        "{name} is not what the sources say (first difference: {differs:?}); \
         renew it by S3STREAM_RENEW=1 cargo test -p s3stream-ffi --test header"
    );
}

/// The functions that the header declares.
fn declared(header: &str) -> BTreeSet<String> {
    let code = without_comments(header);
    let names = code.split('(').filter_map(|before| {
        let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
        name.starts_with("s3stream_").then(|| name.to_owned())
    });
    names.collect()
}

fn without_comments(header: &str) -> String {
    let mut code = String::new();
    let mut rest = header;
    while let Some(start) = rest.find("/*") {
        code.push_str(&rest[..start]);
        rest = &rest[start..];
        rest = &rest[rest.find("*/").expect("a comment ends") + 2..];
    }
    code + rest
}

#[test]
fn the_committed_header_is_what_the_sources_say() {
    assert_committed("include/s3stream.h", &generated());
}

#[test]
fn the_committed_symbols_are_what_the_header_declares() {
    let mut symbols = String::new();
    for name in declared(&generated()) {
        symbols.push_str(&name);
        symbols.push('\n');
    }
    assert_committed("include/s3stream.symbols", &symbols);
}

#[test]
fn every_function_and_type_is_explained() {
    let header = generated();
    let mut is_explained = false;
    for line in header.lines() {
        let starts = !line.starts_with([' ', '}', '#', '/', '*']) && !line.is_empty();
        if starts && !line.starts_with("extern") && !line.starts_with("enum") {
            // The type of an enum stands apart from it in C++.
            let is_alias = line.ends_with(" s3stream_status;");
            assert!(is_explained || is_alias, "nothing explains: {line}");
        }
        is_explained =
            line.ends_with("*/") || (is_explained && !line.ends_with(';') && !line.is_empty());
    }
}

#[test]
fn no_struct_is_laid_open() {
    // A struct that C can see the fields of is one that can never get another.
    let code = without_comments(&generated());
    assert!(!code.contains("struct {") && !code.contains("union"), "a struct with fields");
    for (at, _) in code.match_indices("struct ") {
        let until = code[at..].find([';', '{', ')']).map(|end| &code[at..at + end + 1]).unwrap();
        assert!(!until.ends_with('{'), "{until}");
    }
}

#[test]
fn one_version_everywhere() {
    let version = s3stream::S3STREAM_ABI_VERSION;
    let manifest = std::fs::read_to_string(file("Cargo.toml")).unwrap();
    let script = std::fs::read_to_string(file("build.rs")).unwrap();
    assert!(manifest.contains(&format!("version = \"{version}.0.0\"")));
    assert!(script.contains(&format!("libs3stream.so.{version}\"")));
    // CMake's is the crate's, as pkg-config's is.
    let cmake = std::fs::read_to_string(file("cmake/s3streamConfigVersion.cmake")).unwrap();
    assert!(cmake.contains(&format!("PACKAGE_VERSION \"{}\"", env!("CARGO_PKG_VERSION"))));
}
