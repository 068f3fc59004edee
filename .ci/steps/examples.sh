#!/usr/bin/env bash
# Every Rust example runs to its end against the embedded server.
set -euo pipefail
source .ci/environment.sh

cargo build --quiet "${CARGO_FLAGS[@]}" --bins
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT

# What somebody who has just cloned types: the demonstration, in the current directory.
(cd "$output" && "$CARGO_TARGET_DIR/debug/s3stream-backup")
tar -tf "$output/s3stream-backup.tar" >/dev/null
(cd "$output" && "$CARGO_TARGET_DIR/debug/s3stream-restore")

# Against a server: every object is in the archive, and `cat` writes what the archive holds.
export S3STREAM_EMBEDDED_DEMO=32M
# shellcheck disable=SC2016 # for the inner shell
tests/interop/with-server embedded -- bash -euo pipefail -c '
    cd "$1"
    "$2/debug/s3stream-backup" "s3://$S3STREAM_BUCKET" -o out.tar --manifest out.jsonl --report out.html
    tar -tf out.tar >names
    in_archive=$(wc -l <names)
    in_manifest=$(grep -c "\"outcome\"" out.jsonl)
    echo "s3stream-backup: $in_archive files in the archive, $in_manifest objects in the manifest"
    [ "$in_archive" -gt 0 ] && [ "$in_archive" = "$in_manifest" ]
    "$2/debug/s3stream-verify" out.jsonl --read 5%
    "$2/debug/s3stream-verify" out.jsonl --archive out.tar

    "$2/debug/ls" "s3://$S3STREAM_BUCKET" >ls.out
    echo "ls: $(wc -l <ls.out) lines"
    # An ordinary name, and so its own key.
    name=$(grep -E -m 1 "^[a-z0-9/.-]+$" names)
    "$2/debug/cat" "s3://$S3STREAM_BUCKET/$name" >cat.out
    tar -xOf out.tar "$name" | cmp - cat.out
    echo "cat: $name is what the archive holds"
' examples "$output" "$CARGO_TARGET_DIR"
