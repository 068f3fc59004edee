#!/usr/bin/env bash
# Odd keys and ranges, put by boto3, are listed and read alike: rclone serve s3.
set -euo pipefail
source .ci/environment.sh

needs_python boto3
interop_suite rclone
