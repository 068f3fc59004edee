"""Finds out what works, one line each: reach the server, sign, list, read.

Without a bucket, the buckets are listed and nothing is read. The exit status tells the first thing
that failed: 3 reach, 4 sign, 5 list, 6 read; 0 if all is well.
"""

from __future__ import annotations

import argparse
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


def run(given: argparse.Namespace) -> int:
    """Checks; returns the status of the first step that failed."""
    client: Client = given.client()
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
    _say("sign", "ok", "anonymous" if getattr(given, "anonymous", False) else "it is accepted")
    _say("list", "ok", found)
    return _read(client, given, sample)


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
