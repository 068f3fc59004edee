"""`python -m s3stream`: the command."""

from __future__ import annotations

import sys

from s3stream.command import main

if __name__ == "__main__":
    sys.exit(main())
