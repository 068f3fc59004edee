#!/usr/bin/env bash
# Odd keys, versions and ranges, put by boto3, are listed and read alike: embedded server.
set -euo pipefail
source .ci/environment.sh

needs_python boto3
interop_suite embedded
