"""A record of each object and a report, on the host of the file daemon, if they are asked for."""

from __future__ import annotations

import os
import time

from s3stream.bareos.messages import Messages
from s3stream.bareos.options import OptionError, Options
from s3stream.bareos.reading import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional


class Records:
    """Writes a line of JSON for each object, as `s3stream-backup` does, and a page at the end."""

    def __init__(
        self,
        directory: Optional[str],
        job_name: str,
        buckets: List[str],
        options: Options,
        messages: Messages,
    ) -> None:
        """Nothing is written where there is no `directory`.

        Raises OptionError if it cannot be written to: a job is asked for records or it is not.
        """
        self._messages = messages
        self._has_many_buckets = len(buckets) > 1
        self._report: Optional[Any] = None
        if directory is None:
            return
        # Only here: it is rarely asked for, and every job imports everything anew.
        from s3stream import report

        path = os.path.join(directory, job_name.replace("/", "_"))
        try:
            os.makedirs(directory, exist_ok=True)
            self._report = report.Report(
                manifest=f"{path}.jsonl",
                html=f"{path}.html",
                bucket=", ".join(buckets),
                prefix=options.prefix,
                start_after=options.start_after,
                end_at=options.end_at,
                endpoint=options.endpoint_url,
                destination=f"Bareos job {job_name}",
                tool="s3stream for Bareos",
            )
        except OSError as error:
            raise OptionError([f"records={directory}: {error.strerror}"]) from None

    def left_out(self, bucket: str, listed: Any, rule: str) -> None:
        """Enters an object that a rule leaves out."""
        self._enter(lambda report: report.skipped(listed, f"left out by {rule}", bucket=bucket))

    def unreadable(self, bucket: str, error: Any) -> None:
        """Enters an entry of a listing that cannot be read."""
        if self._report is None:
            return
        from s3stream.report import Failure, Record

        # Nothing but its name is known.
        record = Record(bucket, error.entry, "failed", error=Failure.of(error))
        self._enter(lambda report: report.add(record))

    def listed_as(self, bucket: str, summary: Any) -> None:
        """Says how a listing stands that came to its end."""
        if self._report is not None:
            self._report.listed_as(summary, bucket=bucket)

    def unchanged(self, reading: Reading) -> None:
        """Enters an object that the daemon did not ask for."""
        candidate = reading.candidate
        self._enter(
            lambda report: report.skipped(
                candidate.listed,
                "unchanged since the last backup",
                bucket=candidate.bucket,
                name=candidate.name,
            )
        )

    def streamed(self, reading: Reading, verdict: Any) -> None:
        """Enters an object that was handed over to its proven end."""
        more = _place(reading)
        more["is_newer_than_listed"] = reading.is_newer_than_listed
        self._enter(lambda report: report.streamed(reading.entry, verdict, **more))

    def failed(self, reading: Reading, error: Any) -> None:
        """Enters an object that is not, or not whole, in the backup."""
        more = _place(reading)
        if self._has_many_buckets:
            # The page names keys only.
            more["reason"] = f"in bucket '{more['bucket']}'"
        if not reading.is_opened:
            # No part of it is in the backup.
            del more["name"]
        self._enter(lambda report: report.failed(reading.entry, error, **more))

    def close(self, listed: int, why_incomplete: Optional[str]) -> None:
        """Names the files and says where they are; `.partial` where the job broke off."""
        report, self._report = self._report, None
        if report is None:
            return
        if why_incomplete is None:
            report.complete(listed)
        else:
            report.incomplete(why_incomplete, listed)
        try:
            summary = report.finish()
        except OSError as error:
            self._messages.error(f"the records cannot be written: {error}")
            return
        self._messages.info(f"records of each object: {summary.manifest}, report: {summary.html}")

    def _enter(self, enter: Callable[[Any], None]) -> None:
        if self._report is None:
            return
        try:
            enter(self._report)
        except OSError as error:
            # The backup itself is worth more than its records.
            self._report = None
            self._messages.error(f"the records end here, they cannot be written: {error}")


def _place(reading: Reading) -> dict[str, Any]:
    return {
        "bucket": reading.candidate.bucket,
        "name": reading.candidate.name,
        "seconds": time.monotonic() - reading.started,
    }
