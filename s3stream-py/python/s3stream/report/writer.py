"""The account of a run: every record goes into the manifest, and is counted for the page."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from types import TracebackType
from typing import Any, Dict, Iterable, Iterator, Mapping, Optional, Type, TypeVar, Union

from s3stream import _native
from s3stream.listing import ObjectList
from s3stream.objects import CommonPrefix, ListSummary, Object, Verdict
from s3stream.report.output import Output
from s3stream.report.record import Failure, Record, _one_line
from s3stream.values import _microseconds, _Value

__all__ = ["Report", "Summary", "rebuild"]

_Path = Union[str, "os.PathLike[str]"]
_Entry = TypeVar("_Entry")


class Summary(_Value):
    """What a run came to."""

    __slots__ = __match_args__ = (
        "assessment",
        "listed",
        "streamed",
        "skipped",
        "failed",
        "bytes",
        "methods",
        "newer_than_listed",
        "manifest",
        "html",
        "unproven",
        "probably_damaged",
    )

    assessment: str
    """"complete": every listed object was streamed, or skipped on purpose. "empty": there was
    nothing. "unknown": nobody said whether the listing was complete. "incomplete"."""
    listed: Optional[int]
    """Objects that the listing gave; `None` where nobody counted."""
    streamed: int
    skipped: int
    failed: int
    bytes: int
    """Bytes of streamed objects."""
    methods: Dict[str, int]
    """How many streamed objects ended by each method; "length" proves no byte."""
    newer_than_listed: int
    """How many streamed objects are others than were listed."""
    manifest: Optional[str]
    """Where the manifest is; `.partial` is behind its name if the run did not end well."""
    html: Optional[str]
    """Where the page is."""
    unproven: Dict[str, int]
    """How many streamed objects no digest proves, by reason: see `Verdict.unproven`."""
    probably_damaged: int
    """How many of them are probably damaged: see `Verdict.is_probably_damaged`."""

    def __init__(
        self,
        assessment: str,
        listed: Optional[int],
        streamed: int,
        skipped: int,
        failed: int,
        bytes: int,
        methods: Dict[str, int],
        newer_than_listed: int,
        manifest: Optional[str],
        html: Optional[str],
        unproven: Dict[str, int],
        probably_damaged: int,
    ) -> None:
        """All of it has to be said."""
        self._set(
            assessment,
            listed,
            streamed,
            skipped,
            failed,
            bytes,
            methods,
            newer_than_listed,
            manifest,
            html,
            unproven,
            probably_damaged,
        )


class Report:
    """Takes one record for each object; writes the manifest as it goes, the page at the end.

    Several threads may share one. Records are counted in constant memory.
    """

    def __init__(
        self,
        *,
        manifest: Optional[_Path] = None,
        html: Optional[_Path] = None,
        bucket: str = "",
        prefix: str = "",
        start_after: Optional[str] = None,
        end_at: Optional[str] = None,
        endpoint: Optional[str] = None,
        destination: Optional[str] = None,
        tool: str = "s3stream",
        version: Optional[str] = None,
        rules: Optional[Mapping[str, str]] = None,
    ) -> None:
        """Opens manifest and page, if there are to be some; `OSError` if that cannot be done, or
        another run writes there.

        All the rest is what manifest and page say about the run: what was asked for (`bucket`,
        `prefix`, `start_after`, `end_at`, `rules`: further options by name), where it came from
        (`endpoint`, a URL), where it went (`destination`), and which `tool` of which `version`
        did it.
        """
        self._run: Dict[str, Any] = {
            "bucket": bucket,
            "prefix": prefix,
            "start_after": start_after,
            "end_at": end_at,
            "endpoint": endpoint,
            "destination": destination,
            "tool": tool,
            "version": _native.version() if version is None else version,
            "started": _now(),
            "rules": dict(rules or {}),
        }
        self._bucket = bucket
        self._report = _native.report_new()
        self._lock = threading.Lock()
        self._recorded = 0
        self._summary: Optional[Summary] = None
        self._failure: Optional[OSError] = None
        self._manifest = None if manifest is None else Output(manifest)
        self._page: Optional[Output] = None
        try:
            # Not at the end of a night: whoever cannot have the page is told before.
            self._page = None if html is None else Output(html)
            if self._manifest is not None:
                self._manifest.write(_native.report_head(self._run))
        except BaseException:
            for output in (self._manifest, self._page):
                if output is not None:
                    output.discard()
            raise

    # One object each.

    def streamed(
        self, object: Object, verdict: Verdict, *, bucket: Optional[str] = None, **more: Any
    ) -> None:
        """Enters an object that was read to its proven end.

        `more` are further fields of a `Record`: `seconds`, `name`, `reason`,
        `is_newer_than_listed`.
        """
        self.add(Record.streamed(self._bucket_or(bucket), object, verdict, **more))

    def skipped(
        self, object: Object, reason: str, *, bucket: Optional[str] = None, **more: Any
    ) -> None:
        """Enters an object that was left out on purpose."""
        self.add(Record.skipped(self._bucket_or(bucket), object, reason, **more))

    def failed(
        self,
        object: Object,
        error: Union[BaseException, Failure],
        *,
        bucket: Optional[str] = None,
        **more: Any,
    ) -> None:
        """Enters an object that is not there in full.

        An exception that is not s3stream's counts as the destination's: a full disk.
        """
        self.add(Record.failed(self._bucket_or(bucket), object, error, **more))

    def add(self, record: Record) -> None:
        """Enters a record; `OSError` if the manifest cannot be written."""
        with self._lock:
            if self._summary is not None or self._failure is not None:
                raise ValueError("the report is finished")
            line = _native.report_add(self._report, record._fields())
            self._recorded += 1
            if self._manifest is not None:
                self._manifest.write(line)

    # The listing.

    def counted(self, entries: Iterable[_Entry]) -> Iterator[_Entry]:
        """Passes the entries of a listing through, and counts the objects among them.

        The listing counts as complete when it has come to its end, as incomplete if it raised.
        """
        self._run.setdefault("listed", 0)
        try:
            for entry in entries:
                if not isinstance(entry, CommonPrefix):
                    self._run["listed"] += 1
                yield entry
        except Exception as error:
            self.incomplete(str(error))
            raise
        self.complete()
        if isinstance(entries, ObjectList) and entries.summary is not None:
            self.listed_as(entries.summary)

    def listed_as(self, summary: ListSummary, *, bucket: Optional[str] = None) -> None:
        """Says how a listing stands that came to its end; of several the one that is least proven
        counts. `bucket` is said before what is to be known of it."""
        ranks = ("proven", "outrun", "told", "not_reached")
        end = self._run.get("listing_end", "proven")
        self._run["listing_end"] = max(end, summary.end, key=ranks.index)
        if self._run.get("listing_order") != "unordered":
            self._run["listing_order"] = summary.order
        place = "" if bucket is None else f"bucket '{bucket}': "
        remarks = self._run.setdefault("listing_remarks", [])
        remarks.extend(_one_line(f"{place}{remark}") for remark in summary.remarks)

    def complete(self, listed: Optional[int] = None) -> None:
        """Says that the listing came to its end, and how many objects it gave, if counted."""
        if listed is not None:
            self._run["listed"] = listed
        self._run.setdefault("is_listing_complete", True)

    def incomplete(self, why: str, listed: Optional[int] = None) -> None:
        """Says that the run broke off, or saw only a part of what there is; why, in one line."""
        if listed is not None:
            self._run["listed"] = listed
        self._run["is_listing_complete"] = False
        self._run["listing_error"] = _one_line(why)

    # The end.

    def finish(self) -> Summary:
        """Names the manifest, writes the page, and says what it came to.

        Raises `OSError` if one of the files cannot be written. A second call returns or raises
        the same.
        """
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._summary is None:
                try:
                    self._summary = self._finish()
                except OSError as error:
                    self._failure = error
                    raise
            return self._summary

    def summary(self) -> Summary:
        """What it comes to so far, or came to."""
        with self._lock:
            return self._summary or self._counts(None, None)

    def _finish(self) -> Summary:
        self._run["ended"] = _now()
        manifest = self._close_manifest()
        self._run["manifest"] = manifest
        html = None
        if self._page is not None:
            self._page.write(_native.report_html(self._report, self._run))
            html = self._page.keep()
        return self._counts(manifest, html)

    def _close_manifest(self) -> Optional[str]:
        if self._manifest is None:
            return None
        is_complete = self._run.get("is_listing_complete", True)
        if not is_complete and self._recorded == 0:
            self._manifest.discard()
            return None
        self._manifest.write(_native.report_foot(self._report, self._run))
        return self._manifest.keep() if is_complete else self._manifest.leave()

    def _counts(self, manifest: Optional[str], html: Optional[str]) -> Summary:
        counts = _native.report_summary(self._report, self._run)
        listed = self._run.get("listed")
        return Summary(listed=listed, manifest=manifest, html=html, **counts)

    def _bucket_or(self, bucket: Optional[str]) -> str:
        return self._bucket if bucket is None else bucket

    def __enter__(self) -> Report:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        if error is None:
            self.finish()
            return
        self.incomplete(str(error) or type(error).__name__)
        # What ended the body is what the caller must hear of.
        with contextlib.suppress(OSError):
            self.finish()


def rebuild(manifest: _Path, html: _Path, **run: Any) -> Summary:
    """Writes a page from a manifest alone, however large; `run` is what else is known of the run.

    Raises `ValueError` with the number of the first line that is no record, or is damaged.
    """
    report, known = _native.report_from_manifest(os.fspath(manifest))
    for moment in ("started", "ended"):
        if moment in run:
            run[moment] = _microseconds(run[moment])
    known.update(manifest=os.fspath(manifest))
    known.update(run)
    page = Output(html)
    try:
        page.write(_native.report_html(report, known))
        counts = _native.report_summary(report, known)
    except BaseException:
        page.discard()
        raise
    listed = known.get("listed")
    return Summary(listed=listed, manifest=known["manifest"], html=page.keep(), **counts)


def _now() -> int:
    return time.time_ns() // 1000
