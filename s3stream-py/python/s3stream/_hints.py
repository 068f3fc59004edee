"""Whether modules import what only type hints name.

They do, so that `typing.get_type_hints` can resolve them. A file daemon that makes a new
interpreter for every job is spared it: there `typing` and `datetime` are a good part of all that
is imported.
"""

from __future__ import annotations

import sys

HINTED = "bareosfd" not in sys.modules
