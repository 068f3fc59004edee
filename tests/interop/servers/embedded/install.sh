#!/usr/bin/env bash
# Builds the embedded server of this repository.
set -euo pipefail

cd "$(dirname "$0")/../../../.."
cargo build --quiet --package s3stream-tests --bin s3stream-embedded-server
