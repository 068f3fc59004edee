#!/usr/bin/env bash
# start.sh STATE_DIR: a throw-away Ceph of one monitor, one OSD in memory and one RadosGW.
#
# RGW_FRONTEND_EXTRA   more words for `rgw frontends`, such as request_timeout_ms=3000
# RGW_STORE_GIB        what the OSD holds at most, in memory; 8 unless set
# S3STREAM_PAGE_SIZE   entries of a listing's page; 1000 unless set
set -euo pipefail
source "$(dirname "$0")/../process.sh"

state=$(realpath -m "${1:?usage: start.sh STATE_DIR}")
prepare_state "$state"
mkdir mon osd run

access_key_id=radosgw-key
secret_access_key=radosgw/secret+key
bucket=s3stream
port=$(free_port)
mon_port=$(free_port)
osd_uuid=$(cat /proc/sys/kernel/random/uuid)
fsid=$(cat /proc/sys/kernel/random/uuid)

cat >ceph.conf <<CONFIGURATION
[global]
fsid = $fsid
mon host = v2:127.0.0.1:$mon_port
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
# One copy of everything, one placement group a pool, no manager.
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 10000
osd crush chooseleaf type = 0
# Everything stays in the state directory.
run dir = $state/run
admin socket = $state/run/\$name.\$pid.asok
log file = $state/log/\$name.log
pid file = $state/run/\$name.pid
crash dir = $state/run
keyring = $state/keyring
debug ms = 0
[mon]
mon data = $state/mon
mon data avail crit = 0
mon data avail warn = 0
mon cluster log file = $state/log/cluster.log
paxos propose interval = 0.05
paxos min wait = 0.01
[osd]
osd data = $state/osd
osd objectstore = memstore
memstore device bytes = $((${RGW_STORE_GIB:-8} << 30))
osd class load list = *
osd class default list = *
[client]
# RadosGW wants encrypted connections to the monitor, which need the authentication that is
# switched off above: without this line it hangs for 300 s and then says
# "failed to fetch mon config".
ms mon client mode = crc
rgw frontends = beast endpoint=127.0.0.1:$port ${RGW_FRONTEND_EXTRA:-}
rgw dns name = localhost
rgw thread pool size = 64
rgw run sync thread = false
rgw enable usage log = false
rgw enable ops log = false
rgw enable lc threads = false
rgw enable quota threads = false
rgw dynamic resharding = false
rgw max listing results = ${S3STREAM_PAGE_SIZE:-1000}
rgw override bucket index max shards = 1
rgw data log num shards = 1
rgw md log max shards = 1
rgw usage max shards = 1
rgw gc max objs = 1
debug rgw = 0
CONFIGURATION
: >keyring
export CEPH_CONF=$state/ceph.conf

monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon_port]" monmap >log/monmap.out
ceph-mon --mkfs -i a --monmap monmap
spawn mon ceph-mon -i a -f
wait_for ceph-mon ceph --connect-timeout 2 osd new "$osd_uuid"
ceph-osd -i 0 --mkfs --osd-uuid "$osd_uuid" >log/osd-mkfs.out 2>&1
spawn osd ceph-osd -i 0 -f
# This blocks until the OSD serves RadosGW's pools: no need to ask whether it is up.
timeout 60 radosgw-admin user create --uid=s3stream --display-name=s3stream \
    --access-key="$access_key_id" --secret-key="$secret_access_key" >log/user.out 2>&1 ||
    fail "radosgw-admin could not create a user"
spawn radosgw radosgw -n client.rgw -f
endpoint=http://127.0.0.1:$port
wait_for radosgw answers "$endpoint/"
create_bucket "$endpoint" "$access_key_id" "$secret_access_key" "$bucket"
write_environment "$endpoint" "$access_key_id" "$secret_access_key" "$bucket"
