#!/usr/bin/env bash
# start.sh STATE_DIR: `rclone serve s3` over a folder, one sub-folder a bucket.
set -euo pipefail
source "$(dirname "$0")/../process.sh"

program=$(realpath "${S3STREAM_VENV:?the virtual environment that rclone is in}/bin/rclone")
state=$(realpath -m "${1:?usage: start.sh STATE_DIR}")
prepare_state "$state"
mkdir -p data/s3stream cache

port=$(free_port)
RCLONE_CONFIG=/dev/null spawn rclone "$program" serve s3 --addr "127.0.0.1:$port" \
    --auth-key rclone-key,rclone-secret --cache-dir "$state/cache" "$state/data"
endpoint=http://127.0.0.1:$port
wait_for rclone answers "$endpoint/"
write_environment "$endpoint" rclone-key rclone-secret s3stream
