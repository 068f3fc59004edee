#!/usr/bin/env bash
# Every Rust example runs to its end against the embedded server.
set -euo pipefail
source .ci/environment.sh

cargo build --quiet --locked --package s3stream-examples --bins --examples
cargo build --quiet --locked --package s3stream-tests --bin s3stream-embedded-server
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT

# The backup command, on the demonstration bucket: every object comes out as it went in.
export S3STREAM_EMBEDDED_DEMO=32M
# shellcheck disable=SC2016 # for the inner shell
tests/interop/with-server embedded -- bash -euo pipefail -c '
    "$1/debug/s3stream-backup" "s3://$S3STREAM_BUCKET" \
        -o "$2/out.tar" --manifest "$2/out.jsonl" --report "$2/out.html"
' examples "$CARGO_TARGET_DIR" "$output"
in_archive=$(tar -tf "$output/out.tar" | grep -vc '/$')
in_manifest=$(grep -c '"key"' "$output/out.jsonl")
echo "s3stream-backup: $in_archive files in the archive, $in_manifest objects in the manifest"
[ "$in_archive" -gt 0 ] && [ "$in_archive" = "$in_manifest" ]

# Examples without arguments of their own: they find the server as every program does.
for source in examples/rust/*.rs; do
    [ -f "$source" ] || continue
    name=$(basename "$source" .rs)
    echo "--- $name"
    tests/interop/with-server embedded -- "$CARGO_TARGET_DIR/debug/examples/$name"
done
