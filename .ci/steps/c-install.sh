#!/usr/bin/env bash
# cargo-c installs the C library into an empty place; the examples are built and run from there.
set -euo pipefail
source .ci/environment.sh

if ! command -v cargo-cinstall >/dev/null; then
    # Not optimised: it runs for a second, and is built in a third of the time. Then kept.
    CARGO_PROFILE_DEV_DEBUG=false CARGO_TARGET_DIR=$S3STREAM_TOOLS/target cargo install --quiet \
        cargo-c --debug --locked --version =0.10.21 --root "$S3STREAM_TOOLS" ||
        skip_step "c-install: cargo-c cannot be installed here"
    rm -rf "$S3STREAM_TOOLS/target"
fi
for program in cc pkg-config; do
    command -v "$program" >/dev/null || skip_step "c-install: no $program here"
done
cargo build --quiet "${CARGO_FLAGS[@]}" --bins

destination=$(mktemp -d)
trap 'rm -rf "$destination"' EXIT
# The profile that everything else is built in: a release would be built once more.
cargo cinstall --locked --profile dev --manifest-path s3stream-ffi/Cargo.toml \
    --destdir "$destination" --prefix /usr --libdir lib
(cd "$destination" && find . -type f -o -type l | sort)

# Only what was installed: neither sources nor headers of this repository.
mkdir "$destination/examples"
cp -r examples/c/* "$destination/examples"
export PKG_CONFIG_SYSROOT_DIR=$destination PKG_CONFIG_LIBDIR=$destination/usr/lib/pkgconfig
export LD_LIBRARY_PATH=$destination/usr/lib
cd "$destination/examples"
read -ra cflags < <(pkg-config --cflags s3stream)
read -ra libs < <(pkg-config --libs s3stream)
for program in s3ls s3cat; do
    cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror "${cflags[@]}" -o "$program" "$program.c" \
        "${libs[@]}"
done
cc -std=c11 -Wall -Wextra -Werror -pthread "${cflags[@]}" -o s3agent s3agent.c tar.c "${libs[@]}"
# The same from the static library alone.
read -ra libs < <(pkg-config --static --libs s3stream | sed 's/-ls3stream//')
cc -std=c11 -D_GNU_SOURCE "${cflags[@]}" -o s3cat-static s3cat.c \
    "$destination/usr/lib/libs3stream.a" "${libs[@]}"
ldd s3cat-static | grep -q libs3stream && { echo "s3cat-static is not static" >&2; exit 1; }
if command -v cmake >/dev/null; then
    CMAKE_PREFIX_PATH=$destination/usr cmake -S . -B by-cmake >/dev/null
    cmake --build by-cmake >/dev/null
    readelf -d by-cmake/s3ls | grep -q 'NEEDED.*libs3stream\.so\.1'
    echo "built by cc with pkg-config, static and shared, and by CMake"
else
    not_run "CMake package of the C library: there is no cmake here"
fi

cd - >/dev/null
export S3STREAM_EMBEDDED_DEMO=32M
tests/interop/with-server embedded -- \
    tests/c/examples "$destination/examples" "$CARGO_TARGET_DIR/debug/s3stream-backup"
