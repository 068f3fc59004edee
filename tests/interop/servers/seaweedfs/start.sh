#!/usr/bin/env bash
# start.sh STATE_DIR: SeaweedFS in one process: master, volume, filer and S3 gateway.
set -euo pipefail
source "$(dirname "$0")/../process.sh"

program=$(realpath "${S3STREAM_VENV:?the virtual environment that weed is in}/bin/weed")
state=$(realpath -m "${1:?usage: start.sh STATE_DIR}")
prepare_state "$state"
mkdir -p data

# Each of its four servers listens for gRPC 10,000 above its port.
ports=$(python3 - <<'PYTHON'
import socket

held, found = [], []
for port in range(20000, 50000, 7):
    pair = [socket.socket(), socket.socket()]
    try:
        for one, number in zip(pair, (port, port + 10000)):
            one.bind(("127.0.0.1", number))
    except OSError:
        continue
    held += pair
    found.append(str(port))
    if len(found) == 4:
        break
print(*found)
PYTHON
)
read -r master volume filer s3 <<<"$ports"
cat >s3.json <<'CONFIG'
{"identities": [{"name": "admin",
  "credentials": [{"accessKey": "seaweed-key", "secretKey": "seaweed-secret"}],
  "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
CONFIG
spawn weed "$program" -v=0 server -dir="$state/data" -ip=127.0.0.1 -ip.bind=127.0.0.1 \
    -master.port="$master" -volume.port="$volume" -volume.max=100 \
    -master.volumeSizeLimitMB=64 -filer -filer.port="$filer" -s3 -s3.port="$s3" \
    -s3.port.iceberg=0 -s3.port.lance=0 \
    -s3.config="$state/s3.json"
endpoint=http://127.0.0.1:$s3
# The gateway answers before there is anywhere to store a bucket.
wait_for weed create_bucket "$endpoint" seaweed-key seaweed-secret s3stream
write_environment "$endpoint" seaweed-key seaweed-secret s3stream
