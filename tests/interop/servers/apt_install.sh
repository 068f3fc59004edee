#!/usr/bin/env bash
# apt_install.sh PACKAGE...: installs Debian packages; exit status 77 if that is not possible.
#
# Packages are fetched into a folder of our own: images made for containers delete
# /var/cache/apt/archives/*.deb at every `apt-get update`, and a second apt run at the
# same time would then take away what this one is about to unpack.
set -euo pipefail

command -v apt-get >/dev/null || { echo "no apt-get here to install: $*" >&2; exit 77; }
[ "$(id -u)" = 0 ] || { echo "not root: cannot install $*" >&2; exit 77; }

archives=$(mktemp -d)
trap 'rm -rf "$archives"' EXIT
mkdir "$archives/partial"
export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -q -o DPkg::Lock::Timeout=300 -o "Dir::Cache::archives=$archives" -o APT::Sandbox::User=root)

# The lists are fetched once in a run of .ci/run, which sets the marker.
marker=${S3STREAM_APT_UPDATED:-}
if [ -z "$marker" ] || [ ! -e "$marker" ]; then
    "${apt[@]}" update || echo "apt-get update failed: going on with the lists there are" >&2
    [ -z "$marker" ] || touch "$marker"
fi
for try in 1 2; do
    "${apt[@]}" install -y --no-install-recommends "$@" && exit 0
    echo "apt-get install failed (try $try of 2)" >&2
done
exit 77
