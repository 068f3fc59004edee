#!/usr/bin/env bash
# start.sh STATE_DIR: OpenStack Swift with s3api, one copy, on a folder that has user xattrs.
#
# Its access key holds a colon (ACCOUNT:USER), and it checks the region.
set -euo pipefail
source "$(dirname "$0")/../process.sh"

state=$(realpath -m "${1:?usage: start.sh STATE_DIR}")
prepare_state "$state"
mkdir -p etc cache node/d1
python3 -c 'import os; os.setxattr("node/d1", "user.s3stream", b"x" * 2000)' ||
    fail "the file system of $state has no user xattrs"

access_key_id=test:tester
secret_access_key=swift-secret
bucket=s3stream
port=$(free_port)
account_port=$(free_port)
container_port=$(free_port)
object_port=$(free_port)
memcached_port=$(free_port)

cat >etc/swift.conf <<CONFIGURATION
[swift-hash]
swift_hash_path_prefix = s3stream
swift_hash_path_suffix = s3stream
[storage-policy:0]
name = Policy-0
default = yes
CONFIGURATION

# storage_server NAME PORT
storage_server() {
    cat >"etc/$1-server.conf" <<CONFIGURATION
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $2
user = $(id -un)
swift_dir = $state/etc
devices = $state/node
mount_check = false
workers = 0
fallocate_reserve = 0
disable_fallocate = true
log_level = WARNING
[pipeline:main]
pipeline = $1-server
[app:$1-server]
use = egg:swift#$1
[$1-replicator]
[$1-auditor]
CONFIGURATION
}
storage_server account "$account_port"
storage_server container "$container_port"
storage_server object "$object_port"

cat >etc/proxy-server.conf <<CONFIGURATION
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
user = $(id -un)
swift_dir = $state/etc
workers = 0
log_level = WARNING
[pipeline:main]
pipeline = catch_errors cache listing_formats bulk s3api tempauth copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$memcached_port
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
storage_domain = localhost
s3_acl = false
dns_compliant_bucket_names = true
force_swift_request_proxy_log = false
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = $secret_access_key .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:symlink]
use = egg:swift#symlink
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true
CONFIGURATION

# Debian's own Python is the one that Swift's modules are installed for.
/usr/bin/python3 - "account:$account_port" "container:$container_port" "object:$object_port" \
    >log/rings.out 2>&1 <<'PYTHON'
import sys

from swift.common.ring import RingBuilder

for argument in sys.argv[1:]:
    name, port = argument.split(":")
    ring = RingBuilder(4, 1, 0)
    address = {"ip": "127.0.0.1", "port": int(port)}
    replication = {"replication_ip": "127.0.0.1", "replication_port": int(port)}
    place = {"id": 0, "region": 1, "zone": 1, "device": "d1", "weight": 1.0, "meta": ""}
    ring.add_dev({**address, **replication, **place})
    ring.rebalance()
    ring.get_ring().save(f"etc/{name}.ring.gz")
PYTHON

spawn memcached memcached -u "$(id -un)" -l 127.0.0.1 -p "$memcached_port" -U 0 -m 64
for server in account container object proxy; do
    spawn "$server" "swift-$server-server" "etc/$server-server.conf" -v
done
endpoint=http://127.0.0.1:$port
wait_for swift-proxy-server answers "$endpoint/info"

# The bucket is made by Swift's own API: curl cannot sign with a key that has a colon.
create_container() {
    local token
    token=$(curl --max-time 5 --silent --dump-header - --output /dev/null \
        --header "X-Auth-User: $access_key_id" --header "X-Auth-Key: $secret_access_key" \
        "$endpoint/auth/v1.0" | tr -d '\r' | awk 'tolower($1) == "x-auth-token:" { print $2 }')
    [ -n "$token" ] && curl --max-time 20 --silent --fail --output /dev/null --request PUT \
        --header "X-Auth-Token: $token" "$endpoint/v1/AUTH_test/$bucket"
}
wait_for "the bucket" create_container
write_environment "$endpoint" "$access_key_id" "$secret_access_key" "$bucket"
