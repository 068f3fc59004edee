"""A bucket cut into shards: ranges of keys that are backed up each for itself.

A `Plan` is text, so it can be kept in a file, pickled, and handed to other hosts; a `Shard` is
all that a job of one of them has to know:

    planned = client.plan("bucket", lanes=3)
    planned.plan.write("plan.json")

    plan = s3stream.Plan.read("plan.json")
    shard = plan.shard(7)
    for entry in client.list(plan.bucket, plan.prefix, **shard.range()):
        ...
"""

from __future__ import annotations

import json
import os

from s3stream import _native
from s3stream._hints import HINTED
from s3stream.values import _Value

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union

__all__ = ["Change", "Plan", "Planned", "Shard", "flaws"]

#: Entries that one call takes in: some tenths of a second at most.
_STEP = 20_000


class Shard(_Value):
    """A range of keys that is one job: behind `start_after`, up to `end_at`; `None` is open."""

    __slots__ = (
        "id",
        "start_after",
        "end_at",
        "objects",
        "bytes",
        "lane",
        "born",
        "parent",
        "becomes",
        "waits_for",
    )
    __match_args__ = (
        "id",
        "start_after",
        "end_at",
        "objects",
        "bytes",
        "lane",
        "born",
        "parent",
        "becomes",
        "waits_for",
    )

    #: Its number, which is never another's.
    id: int
    start_after: Optional[str]
    end_at: Optional[str]
    #: Objects and bytes when the plan was made, within the range that it will have.
    objects: int
    bytes: int
    #: Where it runs: from 0 to the plan's `lanes`.
    lane: int
    #: The revision of the plan that made it, and the shard that it was split off.
    born: int
    parent: Optional[int]
    #: The range that it will have once `waits_for` are backed up; `None` if it then ends, or if
    #: nothing is under way with it.
    becomes: Optional[Tuple[Optional[str], Optional[str]]]
    #: The shards that take keys of it, which it keeps until all of these are backed up.
    waits_for: Tuple[int, ...]

    def __init__(
        self,
        id: int,
        start_after: Optional[str] = None,
        end_at: Optional[str] = None,
        objects: int = 0,
        bytes: int = 0,
        lane: int = 0,
        born: int = 1,
        parent: Optional[int] = None,
        becomes: Optional[Tuple[Optional[str], Optional[str]]] = None,
        waits_for: Tuple[int, ...] = (),
    ) -> None:
        """A shard is made by a plan."""
        self._set(id, start_after, end_at, objects, bytes, lane, born, parent, becomes, waits_for)

    @property
    def name(self) -> str:
        """Its number as it stands in names: at least four digits."""
        return f"{self.id:04}"

    def range(self) -> Dict[str, Optional[str]]:
        """What `Client.list` takes to list it: `start_after` and `end_at`."""
        return {"start_after": self.start_after, "end_at": self.end_at}

    def __contains__(self, key: str) -> bool:
        """Whether a key is in its range; S3's order is that of bytes."""
        text = key.encode()
        if self.start_after is not None and text <= self.start_after.encode():
            return False
        return self.end_at is None or text <= self.end_at.encode()


class Change(_Value):
    """What a revision did to a shard, or why it left it."""

    __slots__ = ("shard", "fill", "reason", "line")
    __match_args__ = ("shard", "fill", "reason", "line")

    shard: int
    #: How full it was: 1 is a limit reached.
    fill: float
    #: "split", "ends_here", "moved", "merged", "shrunk", "ended", "one_object" or "later".
    reason: str
    #: All of it in one line.
    line: str

    def __init__(self, shard: int, fill: float, reason: str, line: str) -> None:
        """A change is made by a revision."""
        self._set(shard, fill, reason, line)

    def __str__(self) -> str:
        return self.line


class Planned(_Value):
    """A plan that was made, and what was seen on the way."""

    __slots__ = ("plan", "changes", "objects", "bytes", "unreadable", "fingerprint")
    __match_args__ = ("plan", "changes", "objects", "bytes", "unreadable", "fingerprint")

    plan: Plan
    changes: Tuple[Change, ...]
    #: Objects of the bucket and their bytes.
    objects: int
    bytes: int
    #: Entries of the listing that could not be read: they have a shard all the same.
    unreadable: int
    #: All that was listed, as one number of 64 hexadecimal digits, whatever the order.
    fingerprint: str

    def __init__(
        self,
        plan: Plan,
        changes: Tuple[Change, ...],
        objects: int,
        bytes: int,
        unreadable: int,
        fingerprint: str,
    ) -> None:
        """Made by `Client.plan`."""
        self._set(plan, changes, objects, bytes, unreadable, fingerprint)


class Plan:
    """A bucket cut into shards; equal if its text is. Immutable, and can be pickled."""

    def __init__(self, text: str) -> None:
        """Reads a plan's text; `ValueError` says why it is none."""
        self._text = _native.plan_checked(text)
        fields = json.loads(self._text)
        self.endpoint: str = fields["endpoint"]
        self.bucket: str = fields["bucket"]
        self.prefix: str = fields.get("prefix", "")
        self.revision: int = fields["revision"]
        self.lanes: int = fields["lanes"]
        self.limits: Dict[str, int] = fields["limits"]
        #: By their ranges, ascending.
        self.shards: Tuple[Shard, ...] = tuple(_shard(shard) for shard in fields["shards"])
        #: The numbers of shards that are no more: none is used again.
        self.retired: Tuple[int, ...] = tuple(fields["retired"])

    @classmethod
    def read(cls, path: Union[str, os.PathLike[str]]) -> Plan:
        """The plan in a file; `OSError`, or `ValueError` that names it."""
        with open(path, encoding="utf-8", newline="\n") as file:
            text = file.read()
        try:
            return cls(text)
        except ValueError as error:
            raise ValueError(f"{os.fspath(path)}: {error}") from None

    def write(self, path: Union[str, os.PathLike[str]]) -> None:
        """Puts the plan into a file, whole or not at all."""
        path = os.fspath(path)
        temporary = f"{path}.{os.getpid()}.new"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(temporary, flags, 0o644), "w", encoding="utf-8", newline="\n") as file:
            try:
                file.write(self._text)
                file.flush()
                os.fsync(file.fileno())
                os.replace(temporary, path)
            except BaseException:
                os.unlink(temporary)
                raise

    def shard(self, id: int) -> Shard:
        """The shard of a number; `KeyError` if there is none, or none any more."""
        for shard in self.shards:
            if shard.id == id:
                return shard
        gone = " any more" if id in self.retired else ""
        raise KeyError(f"the plan of bucket '{self.bucket}' has no shard {id:04}{gone}")

    def fill(self, shard: Shard) -> float:
        """How full a shard is: 1 is a limit reached."""
        of_bytes = shard.bytes / self.limits["bytes"]
        return max(of_bytes, shard.objects / self.limits["objects"])

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        shards, revision = len(self.shards), self.revision
        return f"<Plan of bucket {self.bucket!r}: {shards} shards, revision {revision}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> Tuple[Any, ...]:
        return (Plan, (self._text,))


def flaws(ranges: Iterable[Tuple[int, Optional[str], Optional[str]]]) -> List[str]:
    """What is wrong with ranges (number, `start_after`, `end_at`) that are to cover every key
    once, one line each; nothing if they do.

    >>> flaws([(1, None, "m"), (2, "m", None)])
    []
    >>> flaws([(1, None, "a"), (2, "m", None)])
    ['no shard backs up the keys behind "a", up to "m"']
    """
    return [line for line, _ in _native.plan_flaws(list(ranges))]


def _make(
    client: Any,
    bucket: str,
    options: Dict[str, Any],
    progress: Optional[Callable[[int, int], object]],
) -> Planned:
    """Lists a bucket and makes a plan of it, for `Client.plan`."""
    handle = _native.plan_new(client, bucket, options)
    has_more = True
    while has_more:
        has_more, objects, size = _native.plan_advance(handle, _STEP)
        if progress is not None:
            progress(objects, size)
    text, changes, objects, size, unreadable, fingerprint = _native.plan_finish(handle)
    made = tuple(Change(*change) for change in changes)
    return Planned(Plan(text), made, objects, size, unreadable, fingerprint)


def _shard(fields: Dict[str, Any]) -> Shard:
    transition = fields.get("transition")
    then = None if transition is None else transition["then"]
    # "ends", or {"shrinks": bounds}.
    bounds = then["shrinks"] if isinstance(then, dict) else None
    return Shard(
        fields["id"],
        fields.get("start_after"),
        fields.get("end_at"),
        fields["objects"],
        fields["bytes"],
        fields["lane"],
        fields["born"],
        fields.get("parent"),
        None if bounds is None else (bounds.get("start_after"), bounds.get("end_at")),
        () if transition is None else tuple(transition["once"]),
    )
