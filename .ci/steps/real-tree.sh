#!/usr/bin/env bash
# A real tree, uploaded by awscli to RadosGW, is backed up in Rust and in C, and identical.
#
# S3STREAM_REAL_TREE=small takes a tenth of the files and a thirtieth of the bytes.
set -euo pipefail
source .ci/environment.sh

needs_python awscli
# What the tests have built already: a release build would take longer than it saves.
cargo build --quiet "${CARGO_FLAGS[@]}" --lib --bins
agent=()
if command -v cc >/dev/null; then
    # By the static library, so that nothing needs to be installed.
    cc -std=c11 -O1 -pthread -Is3stream-ffi/include -o "$CARGO_TARGET_DIR/debug/s3agent" \
        examples/c/s3agent.c examples/c/tar.c "$CARGO_TARGET_DIR/debug/libs3stream.a" -lgcc_s -lm -ldl
    agent=("$CARGO_TARGET_DIR/debug/s3agent")
else
    not_run "real tree by s3agent: there is no C compiler here"
fi
options=()
[ "${S3STREAM_REAL_TREE:-full}" = full ] || options+=(--small)
status=0
tests/interop/with-server radosgw -- "$S3STREAM_VENV/bin/python" tests/interop/real_tree.py \
    "${options[@]}" "$CARGO_TARGET_DIR/debug/s3stream-backup" "${agent[@]}" || status=$?
[ "$status" != 77 ] || skip_step "real tree: RadosGW could not be installed here"
exit "$status"
