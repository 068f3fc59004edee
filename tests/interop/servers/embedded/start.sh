#!/usr/bin/env bash
# start.sh STATE_DIR: the embedded server of this repository, in memory.
#
# S3STREAM_PAGE_SIZE       entries of a listing's page; 1000 unless set
# S3STREAM_EMBEDDED_DEMO   size of a demonstration to fill the bucket with, such as 64M
set -euo pipefail
source "$(dirname "$0")/../process.sh"

root=$(realpath "$(dirname "$0")/../../../..")
program=$(realpath "${CARGO_TARGET_DIR:-$root/target}")/debug/s3stream-embedded-server
state=$(realpath -m "${1:?usage: start.sh STATE_DIR}")
prepare_state "$state"

options=(--bucket s3stream --page-size "${S3STREAM_PAGE_SIZE:-1000}")
[ -z "${S3STREAM_EMBEDDED_DEMO:-}" ] || options+=(--demo "$S3STREAM_EMBEDDED_DEMO")
spawn embedded "$program" "${options[@]}"
# It prints NAME=VALUE lines itself once it listens, AWS_REGION among the last.
wait_for embedded grep -q '^AWS_REGION=' log/embedded.out
grep '^AWS_' log/embedded.out >environment
echo S3STREAM_BUCKET=s3stream >>environment
