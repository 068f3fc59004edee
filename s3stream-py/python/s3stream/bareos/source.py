"""The objects of a job in order: listed, chosen, named, and their bodies fetched ahead."""

from __future__ import annotations

from collections import deque

import s3stream
from s3stream.bareos.fileset import RULE
from s3stream.bareos.names import BucketNames, Neighbours
from s3stream.bareos.options import Options
from s3stream.bareos.selection import Selection
from s3stream.bareos.summary import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Deque, Iterator, List, Tuple


class Candidate:
    """An object that is to be offered to the daemon."""

    __slots__ = ("bucket", "listed", "name", "ahead")

    def __init__(self, bucket: str, listed: Any, name: str, ahead: bool) -> None:
        """All that is known before it is opened."""
        self.bucket = bucket
        #: As the listing describes it.
        self.listed = listed
        #: The name in the catalogue.
        self.name = name
        #: Whether the body is fetched before the daemon asks for it.
        self.ahead = ahead

    @property
    def url(self) -> str:
        """`s3://bucket/key`."""
        return f"s3://{self.bucket}/{self.listed.key}"


class Source:
    """Goes through the buckets, one listing after another."""

    def __init__(
        self,
        client: Any,
        options: Options,
        selection: Selection,
        tally: Tally,
        left_out: Callable[[str, Any, str], None],
        accepts: Callable[[Any, str], bool],
        unreadable: Callable[[str, Any], None],
        listed_as: Callable[[str, Any], None],
    ) -> None:
        """`left_out` hears of each object that a rule leaves out: bucket, object, rule.

        `accepts` says whether the FileSet's own rules take an object of a name. `unreadable`
        hears of each entry of a listing that cannot be read: bucket, error; and `listed_as`
        how a listing stands that came to its end: bucket, summary.
        """
        self._client = client
        self._options = options
        self._selection = selection
        self._tally = tally
        self._left_out = left_out
        self._accepts = accepts
        self._unreadable = unreadable
        self._listed_as = listed_as
        #: Buckets in which the listing gave nothing.
        self.empty: List[str] = []
        #: Where the listing is, for whoever must say where it broke off.
        self.bucket = ""

    def opened(
        self, buckets: List[str], likely: Callable[[str, Any, str], bool]
    ) -> Iterator[Tuple[Candidate, Any]]:
        """Every chosen object with its reader.

        Where `likely` is true of the bucket, the listed object and its name, its body is fetched
        ahead; the reader of any other sends nothing until it is read.
        """
        for bucket in buckets:
            waiting: Deque[Candidate] = deque()
            wanted = self._wanted(bucket, likely, waiting)
            stream = self._client.stream(bucket, wanted, concurrency=self._options.concurrency)
            try:
                for reader in stream:
                    yield waiting.popleft(), reader
            finally:
                stream.close()

    def listed(
        self, buckets: List[str], likely: Callable[[str, Any, str], bool]
    ) -> Iterator[Tuple[Candidate, None]]:
        """Every chosen object of which `likely` is true, without a reader: for an estimate.

        The daemon adds the size of whatever it is offered, changed or not.
        """
        for bucket in buckets:
            for listed, name in self._chosen(bucket):
                if likely(bucket, listed, name):
                    yield Candidate(bucket, listed, name, ahead=False), None

    def _wanted(
        self, bucket: str, likely: Callable[[str, Any, str], bool], waiting: Deque[Candidate]
    ) -> Iterator[Any]:
        for listed, name in self._chosen(bucket):
            candidate = Candidate(bucket, listed, name, likely(bucket, listed, name))
            waiting.append(candidate)
            yield s3stream.Wanted.of(listed, ahead=candidate.ahead)

    def _chosen(self, bucket: str) -> Iterator[Tuple[Any, str]]:
        self.bucket = bucket
        options = self._options
        names, neighbours = BucketNames(bucket), Neighbours()
        before = self._tally.listed
        entries = self._client.list(
            bucket,
            options.prefix,
            start_after=options.start_after,
            end_at=options.end_at,
            prove_end=True,
        )
        for listed in entries.each(lambda error: self._unreadable(bucket, error)):
            self._tally.listed += 1
            is_below = neighbours.is_below(listed.key)
            name = names.name(listed.key)
            rule = self._selection.rule_against(listed)
            if rule is None and not self._accepts(listed, name):
                rule = RULE
            if rule is None:
                self._tally.offered += 1
                self._tally.below += is_below
                yield listed, name
            else:
                self._tally.leave_out(rule)
                self._left_out(bucket, listed, rule)
        self._listed_as(bucket, entries.summary)
        if self._tally.listed == before:
            self.empty.append(bucket)
