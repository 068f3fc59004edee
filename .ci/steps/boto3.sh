#!/usr/bin/env bash
# The embedded server is S3 to boto3 too: a client and a server of ours could agree on an error.
set -euo pipefail
source .ci/environment.sh

needs_python boto3
cargo build --quiet "${CARGO_FLAGS[@]}" --bin s3stream-embedded-server
"$S3STREAM_VENV/bin/python" tests/python/embedded_with_boto3.py \
    "$CARGO_TARGET_DIR/debug/s3stream-embedded-server"
