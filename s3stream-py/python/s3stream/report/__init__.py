"""What became of every object of a run: a manifest for programs, a page for people.

    with report.Report(manifest="run.jsonl", html="run.html", bucket="bucket") as run:
        listing = run.counted(client.list("bucket"))
        for reader in client.stream("bucket", listing):
            try:
                shutil.copyfileobj(reader, archive)
            except s3stream.S3Error as error:
                run.failed(reader.object, error)
            else:
                run.streamed(reader.object, reader.verdict)
        run.complete()
    print(run.summary().assessment)   # "complete", "empty", "unknown", "incomplete"

The manifest has one line of JSON for each object (`outcome` is in it), between a first line that
says what was set out to do (`manifest`) and a last one that says what it came to (`end`). Its name
is its own once the run has come to its end; until then, and for ever if it did not, `.partial` is
behind it. The page is written at the end.
Both are made by the same code as those of the command `s3stream-backup`.
"""

from __future__ import annotations

from s3stream.report.record import Failure, Record
from s3stream.report.writer import Report, Summary, rebuild

__all__ = ["Failure", "Record", "Report", "Summary", "rebuild"]
