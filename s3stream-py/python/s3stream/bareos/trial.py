"""What a line of a FileSet would take, found out without a daemon: for `s3stream check`."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List

import s3stream
from s3stream.bareos.buckets import choose
from s3stream.bareos.definition import Definition
from s3stream.bareos.options import OptionError, Options
from s3stream.bareos.selection import Selection
from s3stream.bareos.source import Source
from s3stream.bareos.summary import Tally, counts, emptiness, number, volume


def options_of(line: str, directory: str, warn: Callable[[str], None]) -> Options:
    """Reads a line as it stands in the FileSet or as the daemon passes it on.

    `directory` is where relative names of option files begin. Raises OptionError.
    """
    definition = Definition(directory)
    text = line.strip().strip('"').replace("\\\\", "\\")
    if text.startswith(("python3:", "python:")):
        text = text.partition(":")[2]
    definition.add(text)
    definition.check()
    options = Options.parse(definition.options, text)
    for warning in definition.warnings:
        warn(warning)
    return options


def of_file(path: str, warn: Callable[[str], None]) -> s3stream.Client:
    """The client that a `defaults_file` makes; raises OptionError."""
    return s3stream.Client(**options_of(f"defaults_file={escaped(path)}", "", warn).client())


def escaped(value: str) -> str:
    """A value as it stands between the colons of a line."""
    return value.replace(":", "\\:")


def try_line(line: str, directory: str, say: Callable[[str], None]) -> None:
    """Lists all that a line would take, reads nothing, and says what it came to.

    Raises OptionError and S3Error where a job would fail. The FileSet's own rules are not known.
    """
    options = options_of(line, directory, lambda text: say(f"warning: {text}"))
    client = s3stream.Client(**options.client())
    buckets = choose(client, options, lambda text: say(f"warning: {text}"))
    say(f"buckets: {', '.join(buckets)}")
    tally, selection = Tally(), Selection(options, int(time.time()))
    source = Source(
        client,
        options,
        selection,
        tally,
        left_out=lambda *_: None,
        accepts=lambda *_: True,
        unreadable=lambda _, error: say(f"warning: {error}"),
        listed_as=lambda bucket, summary: _say_remarks(bucket, summary, say),
    )
    sizes: Dict[str, List[int]] = {bucket: [0, 0] for bucket in buckets}
    for candidate, _ in source.listed(buckets, lambda *_: True):
        sizes[candidate.bucket][0] += 1
        sizes[candidate.bucket][1] += candidate.listed.size
    for bucket, (count, size) in sizes.items():
        say(f"bucket '{bucket}': {number(count)} objects, {volume(size)}")
    if tally.left_out:
        say(f"left out by rule: {counts(tally.left_out)}")
    for text in [*selection.unused(), *emptiness(tally, buckets, options.range())]:
        say(f"warning: {text}")


def _say_remarks(bucket: str, summary: Any, say: Callable[[str], None]) -> None:
    for remark in summary.remarks:
        say(f"warning: bucket '{bucket}': {remark}")


__all__ = ["OptionError", "of_file", "options_of", "try_line"]
