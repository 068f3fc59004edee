#!/usr/bin/env bash
# A server that lists in no order: all odd keys are listed, read and named as such: SeaweedFS.
set -euo pipefail
source .ci/environment.sh

needs_python boto3
interop_suite seaweedfs
