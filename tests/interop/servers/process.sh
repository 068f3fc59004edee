# Sourced by the start scripts: free ports, background processes, waiting.
# shellcheck shell=bash
#
# A server's state directory holds `processes` ("NAME PID" a line, oldest first), `log/`,
# and, once it is ready, `environment` (NAME=VALUE a line).

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# prepare_state DIRECTORY: makes an empty state directory and goes there.
prepare_state() {
    if [ -e "$1/processes" ]; then
        echo "$1 is in use: stop that server first" >&2
        exit 1
    fi
    mkdir -p "$1/log"
    cd "$1"
    : >processes
}

# spawn NAME COMMAND...: runs a daemon with a session and a log of its own.
spawn() {
    local name=$1
    shift
    setsid nohup "$@" >"log/$name.out" 2>&1 </dev/null &
    echo "$name $!" >>processes
}

fail() {
    echo "$1; the logs end with:" >&2
    tail -n 8 log/*.out >&2 || true
    exit 1
}

# wait_for NAME COMMAND...: until the command succeeds, for 20 s at most.
wait_for() {
    local name=$1 try
    shift
    for try in $(seq 200); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    fail "$name did not come up in $try tries"
}

# answers URL: whether anything speaks HTTP there.
answers() {
    curl --max-time 2 --silent --output /dev/null "$1"
}

# write_environment ENDPOINT ACCESS_KEY_ID SECRET_ACCESS_KEY BUCKET
write_environment() {
    cat >environment <<ENVIRONMENT
AWS_ENDPOINT_URL=$1
AWS_ACCESS_KEY_ID=$2
AWS_SECRET_ACCESS_KEY=$3
AWS_REGION=us-east-1
S3STREAM_BUCKET=$4
ENVIRONMENT
}

# create_bucket ENDPOINT ACCESS_KEY_ID SECRET_ACCESS_KEY BUCKET
# curl 7.88 sends no x-amz-content-sha256 of its own, without which RadosGW answers 403.
create_bucket() {
    curl --max-time 20 --silent --show-error --fail --request PUT --output /dev/null \
        --aws-sigv4 aws:amz:us-east-1:s3 --user "$2:$3" \
        --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "$1/$4"
}
