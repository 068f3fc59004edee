"""Which objects a restore may bring back: those in the range of keys that it was given.

In a bucket of several jobs, a key may have moved from one to another, and stands in the volumes of
both: whoever restores the whole bucket gives each restore the range that its shard has now, and
no old copy comes back. The daemon puts the options of a restore before the FileSet's, whose own
range has every object of the volume in it.
"""

from __future__ import annotations

from s3stream.bareos.definition import parts
from s3stream.bareos.names import object_of
from s3stream.bareos.options import ENCODED, Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict

_BOUNDS = ("start_after", "end_at")


class Within:
    """The range of the definition that the daemon passes on with each file."""

    def __init__(self) -> None:
        """All objects, until there is a definition."""
        self._line = ""
        self._options = Options({})

    def hear(self, line: str) -> None:
        """Takes the range of a definition; raises OptionError if it is none."""
        if line == self._line:
            return
        given: Dict[str, str] = {}
        for name, value in parts(line):
            plain = name[: -len(ENCODED)] if name.endswith(ENCODED) else name
            # The first one counts, however it is written: it is that of the run.
            if plain in _BOUNDS and not {plain, plain + ENCODED} & given.keys():
                given[name] = value
        self._options = Options.parse(given)
        self._line = line

    def has(self, name: str) -> bool:
        """Whether the object of a name in the catalogue is to come back."""
        if not self._options.is_shard:
            return True
        found = object_of(name)
        return found is None or self._options.is_in_range(found[1])
