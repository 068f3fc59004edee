#!/usr/bin/env bash
# A plugin in C is loaded by a real Bacula; what it backs up is restored, and is the bucket.
set -euo pipefail
source .ci/environment.sh

for program in cc python3; do
    command -v "$program" >/dev/null || skip_step "c-bacula: no $program here"
done
for program in bacula-dir bacula-sd bacula-fd bconsole sqlite3; do
    command -v "$program" >/dev/null && continue
    tests/interop/servers/apt_install.sh bacula-director bacula-director-sqlite3 bacula-sd \
        bacula-fd bacula-console sqlite3 || skip_step "c-bacula: Bacula cannot be installed here"
    break
done
cargo build --quiet "${CARGO_FLAGS[@]}" --lib --bins
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
ln -s "$CARGO_TARGET_DIR/debug/libs3stream.so" "$output/libs3stream.so.1"
cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden \
    -Is3stream-ffi/include -o "$output/s3stream-fd.so" examples/c/bacula/s3stream-fd.c \
    -L"$CARGO_TARGET_DIR/debug" -ls3stream "-Wl,-rpath,$output"

export S3STREAM_BACKUP=$CARGO_TARGET_DIR/debug/s3stream-backup S3STREAM_EMBEDDED_DEMO=8M
status=0
tests/interop/with-server embedded -- tests/c/bacula_job "$output/s3stream-fd.so" || status=$?
[ "$status" != 77 ] || skip_step "c-bacula: this machine has no Bacula that could be installed"
exit "$status"
