"""What earlier jobs could not back up whole, and later ones take again although it is old.

To Bareos a file that broke off is in the catalogue as it is on the server, and one that was left
out is none: neither looks changed to a later job. So each job leaves a line in a file of the
daemon's working directory with the names that are not whole in the chain of backups it ends. The
next job reads the line of its base, the job that the
director says it is based on.

An example. `b` breaks off in the full job of Monday, and is sound from Tuesday on:

    job        its base  takes              its line owes
    Mon full   -         a, half of b, c    b
    Tue incr.  Mon       b, for Mon owes it -
    Wed incr.  Tue       -                  -
    Thu diff.  Mon       b, for Mon owes it -
    Fri incr.  Mon       b                  -

On Friday the director has lost Tuesday's to Thursday's jobs, which ended well for the daemon and
not for it: they are nobody's base, and neither do their lines count. Had it named a base of which
there is no line (a virtual full job, another host's), what all lines owe would be taken: too much
is no harm.
"""

from __future__ import annotations

import os

from s3stream.bareos import own_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Set

    Names = Optional[Set[str]]

#: More than this are not remembered by name: nobody waits for them one by one.
MOST = 10_000

#: Lines that are kept: a differential job is based on a full one, an incremental on any. So many
#: jobs in a row may end well here and not for the director before a full one is forgotten.
FULL_JOBS, OTHER_JOBS = 10, 10


class OwedError(Exception):
    """Why nothing is known of what is owed, or will be: a line for the operator."""


class Owed:
    """What the base owes to a job, and what that job leaves."""

    def __init__(self, directory: str, job: str, level: str, base: str) -> None:
        """`job` and `base` as the director names them, with their times; a full job has no base.

        Raises OwedError if the file cannot be read or could not be written.
        """
        self._line = {"job": job, "level": level}
        self._base = base
        self._path = own_file.path(directory, job, "owed")
        try:
            lines = _lines_of(own_file.read(self._path))
            os.stat(directory)
        except OSError as error:
            raise OwedError(f"{error.filename}: {error.strerror}") from None
        except ValueError:
            if level != "F":
                raise OwedError(f"{self._path} is not what an earlier job wrote") from None
            lines = []
        if not os.access(directory, os.W_OK):
            raise OwedError(f"{directory} cannot be written to")
        self._lines = lines
        of_base = [line for line in lines if line["job"] == base][-1:]
        self._owed: Names = set() if level == "F" else _names_of(of_base or lines)
        self._next: Names = None if self._owed is None else set()

    @property
    def is_unknown(self) -> bool:
        """Whether so much is owed that not all of it is remembered."""
        return self._next is None

    def __contains__(self, name: str) -> bool:
        """Whether this name is to be taken again."""
        return self._owed is not None and name in self._owed

    def lost(self, name: str) -> None:
        """It is not whole in this job: the next one takes it again."""
        if self._next is not None:
            self._next.add(name)
            if len(self._next) > MOST:
                self._next = None

    def write(self) -> None:
        """Leaves this job's line, once it has gone through everything; raises OwedError."""
        names = None if self._next is None else sorted(self._next)
        if names == [] and not os.path.lexists(self._path):
            # Nothing was ever owed, and no line says so too.
            return
        try:
            own_file.update(self._path, lambda text: self._text(text, names))
        except OSError as error:
            raise OwedError(f"{self._path}: {error.strerror}") from None

    def _text(self, there: Optional[str], names: Optional[List[str]]) -> str:
        # Only here and where there are lines: every job imports everything anew.
        import json

        try:
            lines = _lines_of(there)
        except ValueError:
            lines = self._lines
        lines = newest([*last_used(lines, self._base), {**self._line, "owed": names}])
        return "".join(json.dumps(line) + "\n" for line in lines)


def _lines_of(text: Optional[str]) -> List[Any]:
    if text is None:
        return []
    import json

    lines = [json.loads(line) for line in text.splitlines()]
    if not all(isinstance(line, dict) and {"job", "level", "owed"} <= set(line) for line in lines):
        raise ValueError("not what an earlier job wrote")
    return lines


def _names_of(lines: List[Any]) -> Names:
    """What these lines owe together; None where one says that it does not know."""
    from s3stream.bareos.names import present

    owed: Set[str] = set()
    for line in lines:
        if line["owed"] is None:
            return None
        owed.update(present(name) for name in line["owed"])
    return owed


def last_used(lines: List[Any], base: str) -> List[Any]:
    """With the base behind the others: it stays one until the director takes a later job for good.

    What was not all remembered before it is made good, or it would not be known itself.
    """
    own = [number for number, line in enumerate(lines) if line["job"] == base]
    if not own:
        return lines
    before, line, after = lines[: own[-1]], lines[own[-1]], lines[own[-1] + 1 :]
    if line.get("owed") is not None:
        before = [older for older in before if older["owed"] is not None]
    return [*before, *after, line]


def newest(lines: List[Any]) -> List[Any]:
    """Without those that no job can be based on any more."""
    kept = {"F": FULL_JOBS, "": OTHER_JOBS}
    found: List[Any] = []
    for line in reversed(lines):
        kind = "F" if line["level"] == "F" else ""
        if kept[kind]:
            kept[kind] -= 1
            found.append(line)
    return found[::-1]
