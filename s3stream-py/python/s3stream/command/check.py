"""Finds out what works, one line each: reach the server, sign, list, read.

Without a bucket, the buckets are listed and nothing is read. The exit status tells the first thing
that failed: 3 reach, 4 sign, 5 list, 6 read; 0 if all is well.

With --defaults-file the settings are those of an option file of the Bareos plugin; with --bareos it
says what a line of a FileSet would take, without a daemon, and the status is 2 if a job would fail
at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any, Callable, Iterable, Optional

from s3stream.client import Client
from s3stream.command.proof import said
from s3stream.errors import (
    AccessDeniedError,
    ArchivedError,
    InvalidInputError,
    ProtocolError,
    S3Error,
    TimedOutError,
    TransportError,
)
from s3stream.objects import Object

__all__ = ["add_arguments", "run"]

_STEPS = ("reach", "sign", "list", "read")
_STATUS = {"reach": 3, "sign": 4, "list": 5, "read": 6}

# Larger ones are read in part: a check must not take all day.
_LARGEST = 8 << 20
_PART = 1 << 20

# How far to look for an object that has something to read.
_FARTHEST = 1000

_SIGNATURE_CODES = {
    "AuthorizationHeaderMalformed",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "InvalidToken",
    "NotSignedUp",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
}


def add_arguments(parser: argparse.ArgumentParser, place: Callable[[str], Any]) -> None:
    """Adds what `check` takes."""
    parser.add_argument("place", nargs="?", type=place, metavar="s3://BUCKET/PREFIX")
    parser.add_argument(
        "--defaults-file", metavar="PATH", help="settings from an option file of the Bareos plugin"
    )
    parser.add_argument(
        "--bareos", metavar="DEFINITION", help="say what this line of a FileSet would take"
    )


def run(given: argparse.Namespace) -> int:
    """Checks; returns the status of the first step that failed."""
    if given.bareos is not None or given.defaults_file is not None:
        # Only here: the plugin's modules are of no use to anybody else.
        from s3stream.bareos.options import OptionError

        try:
            if given.bareos is not None:
                return _try_line(given)
            return _run(given, _client_of_file(given.defaults_file))
        except OptionError as error:
            for line in error.lines:
                print(f"s3stream: {line}", file=sys.stderr)
            return 2
    return _run(given, given.client())


def _client_of_file(path: str) -> Client:
    from s3stream.bareos import trial

    return trial.of_file(os.path.abspath(path), lambda line: print(f"warning: {line}"))


def _try_line(given: argparse.Namespace) -> int:
    from s3stream.bareos import trial

    line: str = given.bareos
    if given.defaults_file is not None:
        line = f"{line}:defaults_file={trial.escaped(os.path.abspath(given.defaults_file))}"
    trial.try_line(line, os.getcwd(), print)
    return 0


def _run(given: argparse.Namespace, client: Client) -> int:
    try:
        if given.place is None:
            found, sample = f"{len(client.list_buckets())} buckets", None
        else:
            listing = client.list(given.place.bucket, given.place.key)
            found, sample = _sample(listing.each(lambda _: None))
    except InvalidInputError:
        raise
    except S3Error as error:
        return _failed(_step_of(error), error)
    _say("reach", "ok", "the server answers as S3 does")
    _say("sign", "ok", _signs(client))
    _say("list", "ok", found)
    return _read(client, given, sample)


def _signs(client: Client) -> str:
    """By which keys, until when, and whose they are."""
    caller = client.caller()
    if caller.access_key_id is None:
        return "anonymous"
    said = f"it is accepted; keys of {caller.source}"
    if caller.expires is not None:
        said += f", until {caller.expires:%Y-%m-%dT%H:%M:%SZ}"
    return said if caller.arn is None else f"{said}, of {caller.arn}"


def _sample(listing: Iterable[Any]) -> tuple[str, Optional[Object]]:
    """What a listing shows, and the first object that has something to read."""
    count, sample = 0, None
    for entry in listing:
        count += 1
        if entry.size > 0:
            sample = entry
            break
        if count == _FARTHEST:
            break
    found = "there are objects" if count else "there is no object"
    return found, sample


def _read(client: Client, given: argparse.Namespace, sample: Optional[Object]) -> int:
    if sample is None:
        why = "name a bucket: s3://BUCKET" if given.place is None else "no object with content"
        _say("read", "-", f"not tried: {why}")
        return 0
    length = None if sample.size <= _LARGEST else _PART
    try:
        reader = client.open(given.place.bucket, sample.key, length=length)
        verdict = reader.finish()
    except ArchivedError as error:
        _say("read", "-", f"not tried: {error}")
        return 0
    except S3Error as error:
        return _failed("read", error)
    _say("read", "ok", f"{reader.name!r}: {verdict.bytes} bytes, {said(verdict)}")
    return 0


def _step_of(error: S3Error) -> str:
    """The step that a failed listing stands for."""
    if isinstance(error, (TransportError, TimedOutError, ProtocolError)):
        return "reach"
    if isinstance(error, AccessDeniedError) and error.code in _SIGNATURE_CODES:
        return "sign"
    return "list"


def _failed(step: str, error: S3Error) -> int:
    for before in _STEPS[: _STEPS.index(step)]:
        _say(before, "ok", "")
    _say(step, "FAILED", str(error))
    for behind in _STEPS[_STEPS.index(step) + 1 :]:
        _say(behind, "-", "not tried")
    return _STATUS[step]


def _say(step: str, outcome: str, text: str) -> None:
    print(f"{step:<6} {outcome:<7} {text}".rstrip())
