#!/usr/bin/env bash
# Builds the embedded server of this repository.
set -euo pipefail

cd "$(dirname "$0")/../../../.."
cargo build --quiet --workspace --all-features --bin s3stream-embedded-server
