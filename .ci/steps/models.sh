#!/usr/bin/env bash
# The protocols of two threads hold in every order in which loom can play them.
set -euo pipefail
source .ci/environment.sh

# Apart from the other builds: the switch changes everything that is built with it. A model
# that explodes is a model that failed.
RUSTFLAGS="${RUSTFLAGS:-} --cfg model" timeout "${S3STREAM_LONGEST_MODELS:-600}" \
    cargo test --package s3stream-core --lib --locked --profile model \
    --target-dir "$CARGO_TARGET_DIR/models" models:: -- --nocapture
