"""Which objects the base of a job selected, as the options of then would select them now.

A bucket, a wider prefix or another pattern that is added to a FileSet brings in objects that are
older than the base, and none of them looks changed. So each job remembers its selection, and the
next one asks of every object: would the base have taken this one?

What is remembered is a line for each job in `s3stream-JOB.selected` of the daemon's working
directory, with tabs between the parts: the job, its level, the second from which ages are counted
back, the buckets, and the options as they were written. A job of which the base has no line
compares with the one that came before it, and does not count that as known.
"""

from __future__ import annotations

from s3stream.bareos import own_file
from s3stream.bareos.options import SELECTING, OptionError, Options
from s3stream.bareos.owed import last_used, newest
from s3stream.bareos.selection import Selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    Line = Dict[str, Any]


class Known:
    """What the base selected, and what this job leaves of its own selection."""

    def __init__(
        self, directory: str, job: str, level: str, base: str, own: Tuple[Options, List[str], int]
    ) -> None:
        """`job` and `base` as the director names them; `own` are this job's options, its buckets,
        and the second from which it counts ages back.

        Raises OSError if the file is there and cannot be read.
        """
        options, buckets, now = own
        self._path = own_file.path(directory, job, "selected")
        self._base = base
        self._line: Line = {
            "job": job,
            "level": level,
            "at": now,
            "buckets": buckets,
            "options": options.texts(SELECTING),
        }
        lines = [] if level == "F" else _lines_of(own_file.read(self._path))
        of_base = [line for line in lines if line["job"] == base][-1:]
        #: Whether it is known what the base selected.
        self.is_known = bool(of_base)
        self._selected: Optional[Tuple[frozenset[str], Options, Selection]] = None
        for line in of_base or lines[-1:]:
            self._compare_with(line)

    def _compare_with(self, line: Line) -> None:
        if _is_same(line, self._line):
            return
        try:
            options = Options.parse(line["options"])
        except OptionError:
            # Another version wrote it.
            self.is_known = False
            return
        self._selected = frozenset(line["buckets"]), options, Selection(options, line["at"])

    def covers(self, bucket: str, listed: Any) -> bool:
        """Whether the base took this object; what is not known of it is."""
        if self._selected is None:
            return True
        buckets, options, selection = self._selected
        return (
            bucket in buckets
            and options.is_in_range(listed.key)
            and selection.rule_against(listed) is None
        )

    def write(self) -> None:
        """Leaves this job's line, once it has gone through everything; raises OSError."""
        own_file.update(self._path, self._text)

    def _text(self, there: Optional[str]) -> str:
        lines = newest([*last_used(_lines_of(there), self._base), self._line])
        return "".join(_text_of(line) for line in lines)


def _is_same(line: Line, own: Line) -> bool:
    """Whether two selections are one, whatever the day: a rule by age takes others each day."""
    has_ages = any(name.startswith("modified_") for name in line["options"])
    return not has_ages and all(line[part] == own[part] for part in ("buckets", "options"))


def _lines_of(text: Optional[str]) -> List[Line]:
    """The lines that are whole; one that another version or hand wrote is none."""
    found: List[Line] = []
    for line in (text or "").split("\n"):
        parts = [_unescaped(part) for part in line.split("\t")]
        if len(parts) < 4 or not parts[2].isdecimal():
            continue
        job, level, at, buckets, *options = parts
        found.append(
            {
                "job": job,
                "level": level,
                "at": int(at),
                "buckets": buckets.split(",") if buckets else [],
                "options": dict(_pair(option) for option in options),
            }
        )
    return found


def _pair(option: str) -> Tuple[str, str]:
    name, _, value = option.partition("=")
    return name, value


def _text_of(line: Line) -> str:
    options = [f"{name}={value}" for name, value in line["options"].items()]
    parts = [line["job"], line["level"], str(line["at"]), ",".join(line["buckets"]), *options]
    return "\t".join(_escaped(part) for part in parts) + "\n"


def _escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _unescaped(part: str) -> str:
    """The reverse: a backslash and what stands behind it are one character."""
    pieces = iter(part.split("\\"))
    text = next(pieces)
    for piece in pieces:
        if piece:
            text += {"t": "\t", "n": "\n"}.get(piece[0], piece[0]) + piece[1:]
        else:
            text += "\\" + next(pieces, "")
    return text
