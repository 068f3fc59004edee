"""Lists buckets, or the objects of one: by directories, or all of them with -r.

Keys come one a line, as they are; control characters are escaped on a terminal only. With -l the
size in bytes and the time stand before the key, with --versions the version behind it. --json has
one JSON object a line, for any key there is.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from typing import Any, Callable, Dict, List, Optional, Union

from s3stream import _native
from s3stream.client import Client
from s3stream.command.progress import Progress
from s3stream.errors import S3Error
from s3stream.objects import CommonPrefix, Object

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser, place: Callable[[str], Any]) -> None:
    """Adds what `ls` takes."""
    parser.add_argument("place", nargs="?", type=place, metavar="s3://BUCKET/PREFIX")
    parser.add_argument("-r", "--recursive", action="store_true", help="all objects below")
    parser.add_argument("-l", "--long", action="store_true", help="size and time too")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--versions", action="store_true", help="versions and delete markers too")
    parser.add_argument(
        "--prove-end", action="store_true", help="one request more, behind the last key"
    )
    parser.add_argument("--start-after", metavar="KEY", help="only keys after this one")
    parser.add_argument("--end-at", metavar="KEY", help="only keys up to this one")


def run(given: argparse.Namespace) -> int:
    """Lists; every error is raised."""
    client: Client = given.client()
    if given.place is None:
        for bucket in client.list_buckets():
            _print(given, {"bucket": bucket.name, "created": _iso(bucket.created)}, bucket.name)
        return 0
    listing = client.list(
        given.place.bucket,
        given.place.key,
        delimiter=None if given.recursive else "/",
        start_after=given.start_after,
        end_at=given.end_at,
        versions=given.versions,
        prove_end=given.prove_end,
    )
    unreadable: List[S3Error] = []
    progress = Progress()
    try:
        for number, entry in enumerate(listing.each(unreadable.append), 1):
            _print(given, _facts(entry), _line(given, entry))
            progress.entries(number)
    finally:
        progress.end()
    for error in unreadable:
        print(f"error: {error}", file=sys.stderr)
    summary = listing.summary
    for remark in () if summary is None else summary.remarks:
        print(f"warning: {remark}", file=sys.stderr)
    return 1 if unreadable else 0


def _print(given: argparse.Namespace, facts: Dict[str, Any], line: str) -> None:
    if given.json:
        line = json.dumps({name: value for name, value in facts.items() if value is not None})
    elif sys.stdout.isatty():
        line = _native.shown(line)
    # A key is UTF-8, whatever the locale says.
    sys.stdout.buffer.write(line.encode() + b"\n")


def _line(given: argparse.Namespace, entry: Union[Object, CommonPrefix]) -> str:
    if isinstance(entry, CommonPrefix):
        return f"{'-':>15} {'-':<20} {entry.prefix}" if given.long else entry.prefix
    line = entry.key
    if given.long:
        size = "deleted" if entry.is_delete_marker else str(entry.size)
        line = f"{size:>15} {_iso(entry.last_modified) or '-':<20} {line}"
    return f"{line}\t{entry.version_id}" if given.versions else line


def _facts(entry: Union[Object, CommonPrefix]) -> Dict[str, Any]:
    if isinstance(entry, CommonPrefix):
        return {"prefix": entry.prefix}
    return {
        "key": entry.key,
        "size": entry.size,
        "etag": entry.etag,
        "last_modified": _iso(entry.last_modified),
        "storage_class": entry.storage_class,
        "version_id": entry.version_id,
        "is_latest": None if entry.version_id is None else entry.is_latest,
        "is_delete_marker": entry.is_delete_marker or None,
    }


def _iso(time: Optional[datetime]) -> Optional[str]:
    return None if time is None else time.strftime("%Y-%m-%dT%H:%M:%SZ")
