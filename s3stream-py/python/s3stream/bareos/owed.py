"""What earlier jobs could not back up whole, and later ones take again although it is old.

To Bareos a file that broke off is in the catalogue as it is on the server, and one that was left
out is none: neither looks changed to a later job. So each job leaves a line in a file of the
daemon's working directory with the names that are not whole in the chain of backups it ends.
The next one reads the line of the job that it is based on: a job that failed behind our back is
never a base, and neither is its line.
"""

from __future__ import annotations

import os

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
    """The names that are owed to a job, and what becomes of them in it."""

    def __init__(self, directory: str, job: str, level: str, base: str) -> None:
        """`job` and `base` as the director names them, with their times; a full job has no base.

        Raises OwedError if the file cannot be read or could not be written.
        """
        self._job = job
        self._level = level
        self._base = base
        # Behind the name that is configured are a date, a time and a number.
        name = job.rsplit(".", 3)[0].replace("/", "_")
        self._path = os.path.join(directory, f"s3stream-{name}.owed")
        try:
            self._lines = _read(self._path)
            os.stat(directory)
        except OSError as error:
            raise OwedError(f"{error.filename}: {error.strerror}") from None
        except ValueError:
            if level != "F":
                raise OwedError(f"{self._path} is not what an earlier job wrote") from None
            self._lines = []
        if not os.access(directory, os.W_OK):
            raise OwedError(f"{directory} cannot be written to")
        self._owed: Names = set() if level == "F" else _owed_by(self._lines, base)
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
        if names == [] and not os.path.exists(self._path):
            # Nothing was ever owed, and no line says so too.
            return
        # Only here and where there are lines: every job imports everything anew.
        import fcntl
        import json

        line = {"job": self._job, "level": self._level, "owed": names}
        temporary = f"{self._path}.new"
        try:
            # Two of one name may run side by side: what the other has left since is kept.
            directory = os.open(os.path.dirname(self._path), os.O_RDONLY)
            try:
                fcntl.flock(directory, fcntl.LOCK_EX)
                lines = _newest([*_last_used(self._present(), self._base), line])
                descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with open(descriptor, "w", encoding="utf-8") as file:
                    file.writelines(json.dumps(kept) + "\n" for kept in lines)
                os.replace(temporary, self._path)
            finally:
                os.close(directory)
        except OSError as error:
            raise OwedError(f"{self._path}: {error.strerror}") from None

    def _present(self) -> List[Any]:
        """The lines that are there now, under the lock."""
        try:
            return _read(self._path)
        except ValueError:
            return self._lines


def _read(path: str) -> List[Any]:
    try:
        file = open(path, encoding="utf-8")
    except FileNotFoundError:
        return []
    import json

    with file:
        lines = [json.loads(line) for line in file]
    if not all(isinstance(line, dict) and {"job", "level", "owed"} <= set(line) for line in lines):
        raise ValueError(path)
    return lines


def _owed_by(lines: List[Any], base: str) -> Names:
    """What the line of a job says, or all of them together where it has none: too much is no
    harm."""
    own = [line for line in lines if line["job"] == base]
    owed: Set[str] = set()
    for line in own[-1:] or lines:
        if line["owed"] is None:
            return None
        owed.update(line["owed"])
    return owed


def _last_used(lines: List[Any], base: str) -> List[Any]:
    """With the base behind the others: it stays one until the director takes a later job for good.

    What was not all remembered before it is made good, or it would not be known itself.
    """
    own = [number for number, line in enumerate(lines) if line["job"] == base]
    if not own:
        return lines
    before, line, after = lines[: own[-1]], lines[own[-1]], lines[own[-1] + 1 :]
    if line["owed"] is not None:
        before = [older for older in before if older["owed"] is not None]
    return [*before, *after, line]


def _newest(lines: List[Any]) -> List[Any]:
    """Without those that no job can be based on any more."""
    kept = {"F": FULL_JOBS, "": OTHER_JOBS}
    found: List[Any] = []
    for line in reversed(lines):
        kind = "F" if line["level"] == "F" else ""
        if kept[kind]:
            kept[kind] -= 1
            found.append(line)
    return found[::-1]
