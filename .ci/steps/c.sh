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

# The manual's example is what people begin with.
{
    echo 'static void store(const char *bytes, size_t count) { (void)bytes; (void)count; }'
    echo 'static void discard(const char *why) { (void)why; }'
    sed -n '/^```c$/,/^```$/p' s3stream-ffi/README.md | grep -v '^```'
    echo 'int main(void) { return backup("bucket"); }'
} | sed '1i #include <stddef.h>' >"$output/example.c"
cc -std=c11 -Wall -Wextra -Wpedantic -Werror -Is3stream-ffi/include \
    -o "$output/example" "$output/example.c" "$library.a" -lgcc_s -lm -lpthread -ldl
# A client that cannot be made is no success, and nothing is used that was not made.
! AWS_PROFILE=nowhere AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null "$output/example"
echo "the manual's example compiles, and fails where it must"

tests/c/run plain
tests/c/run address
if command -v valgrind >/dev/null; then
    tests/c/run valgrind
else
    not_run "C tests under valgrind: there is none here (.ci/run setup could not install it)"
fi
