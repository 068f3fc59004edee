"""Checks the embedded server with a client that is not ours.

    python tests/python/embedded_with_boto3.py PATH_TO_s3stream-embedded-server [CHECK...]

Needs boto3. Every function named check_* in embedded_checks runs against
servers of its own; the exit status is 1 if any fails.
"""

import sys
import traceback

from embedded_checks import (
    access,
    checksums,
    keys,
    listings,
    locks,
    objects,
    properties,
    uploads,
    versions,
)

MODULES = [keys, listings, objects, properties, checksums, uploads, versions, locks, access]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    wanted = sys.argv[2:]
    failed = 0
    for module in MODULES:
        for name, check in list(vars(module).items()):
            if not name.startswith("check_") or wanted and name not in wanted:
                continue
            try:
                check()
                print(f"ok     {name}")
            except Exception:
                failed += 1
                print(f"FAILED {name}")
                traceback.print_exc()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
