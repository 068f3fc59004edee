"""Writes objects to standard output, one behind the other.

With exit status 0 the object was read to its end, and no digest of the server disagrees. Where
none proves it, a line on standard error says why; with --require-proof yes it is an error. -v
names the digest.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any, Callable

from s3stream.client import Client
from s3stream.command.progress import Progress
from s3stream.command.proof import said
from s3stream.reader import ObjectReader

__all__ = ["add_arguments", "run"]

_PIECE = 256 * 1024


def add_arguments(parser: argparse.ArgumentParser, place: Callable[[str], Any]) -> None:
    """Adds what `cat` takes."""
    parser.add_argument("places", nargs="+", type=place, metavar="s3://BUCKET/KEY")
    parser.add_argument("--offset", type=_bytes, default=0, metavar="BYTES", help="begin there")
    parser.add_argument("--length", type=_bytes, metavar="BYTES", help="at most so many bytes")
    parser.add_argument("--version-id", metavar="ID", help="this version")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what was proven")


def _bytes(text: str) -> int:
    """A number of bytes, as the core counts them."""
    if not text.isascii() or not text.isdigit() or int(text) >= 1 << 63:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of bytes, 0 or more")
    return int(text)


def run(given: argparse.Namespace) -> int:
    """Writes; every error is raised."""
    client: Client = given.client()
    for place in given.places:
        with client.open(
            place.bucket,
            place.key,
            offset=given.offset,
            length=given.length,
            version_id=given.version_id,
        ) as reader:
            _copy(reader, given.length)
        verdict = reader.verdict
        if verdict is None:
            continue
        # Whoever asks for a part knows that no checksum speaks of it.
        is_warning = given.warns and not verdict.is_proven and verdict.method != "range"
        if given.verbose or is_warning:
            print(f"{reader.name}: {verdict.bytes} bytes {said(verdict)}", file=sys.stderr)
    return 0


def _copy(reader: ObjectReader, length: int | None) -> None:
    rest = max(reader.object.size - reader.tell(), 0)
    total = rest if length is None else min(rest, length)
    buffer = memoryview(bytearray(_PIECE))
    progress, done = Progress(), 0
    try:
        while True:
            count = reader.readinto(buffer)
            if not count:
                return
            sys.stdout.buffer.write(buffer[:count])
            done += count
            progress.bytes(done, total)
    finally:
        progress.end()
