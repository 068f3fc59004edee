#!/usr/bin/env bash
# A reader that pauses longer than RadosGW's time-out ends with identical, proven bytes.
set -euo pipefail
source .ci/environment.sh

needs_python boto3
cargo build --quiet "${CARGO_FLAGS[@]}" --bin s3stream-backup
status=0
RGW_FRONTEND_EXTRA=request_timeout_ms=3000 tests/interop/with-server radosgw -- \
    "$S3STREAM_VENV/bin/python" tests/interop/paused_reader.py \
    "$CARGO_TARGET_DIR/debug/s3stream-backup" || status=$?
[ "$status" != 77 ] || skip_step "paused reader: RadosGW could not be installed here"
exit "$status"
