#!/usr/bin/env bash
# The documentation of the published crates builds, every link in it leads somewhere.
set -euo pipefail
source .ci/environment.sh

RUSTDOCFLAGS='-D warnings' cargo doc --package s3stream-core --no-deps --all-features --locked
