#!/usr/bin/env bash
# The C interface: header and symbols as committed, C tests plain, under ASan and valgrind.
set -euo pipefail
source .ci/environment.sh

for program in cc c++ nm readelf; do
    command -v "$program" >/dev/null || skip_step "c: no $program here (.ci/run setup could not install it)"
done
cargo build --quiet "${CARGO_FLAGS[@]}" --lib --bins
library=$CARGO_TARGET_DIR/debug/libs3stream

# The header is what the sources say; the list of symbols is what the header declares.
cargo test --quiet "${CARGO_FLAGS[@]}" --test header

# And what the library exports: these symbols and no other.
nm -D --defined-only "$library.so" | awk '{ print $3 }' | LC_ALL=C sort |
    diff s3stream-ffi/include/s3stream.symbols - ||
    { echo "libs3stream.so exports something else than include/s3stream.symbols" >&2; exit 1; }
readelf -d "$library.so" >"$CARGO_TARGET_DIR/c-dynamic"
grep -q 'SONAME.*\[libs3stream\.so\.1\]' "$CARGO_TARGET_DIR/c-dynamic"
grep -q 'NODELETE' "$CARGO_TARGET_DIR/c-dynamic"
echo "libs3stream.so.1 exports $(wc -l <s3stream-ffi/include/s3stream.symbols) symbols, all s3stream_"

# C++ as well, in an old and in a new dialect; and the static library, by itself.
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
for dialect in c++11 c++20; do
    c++ -std=$dialect -Wall -Wextra -Wpedantic -Werror -Is3stream-ffi/include \
        -o "$output/header" tests/c/header.cpp "$library.a" -lgcc_s -lm -lpthread -ldl
    "$output/header"
done
for dialect in c11 c2x; do
    cc -std=$dialect -Wall -Wextra -Wpedantic -Werror -Is3stream-ffi/include -x c \
        -fsyntax-only s3stream-ffi/include/s3stream.h
done
echo "the header is C11, C23, C++11 and C++20; the static library links by itself"

tests/c/run plain
tests/c/run address
if command -v valgrind >/dev/null; then
    tests/c/run valgrind
else
    not_run "C tests under valgrind: there is none here (.ci/run setup could not install it)"
fi
