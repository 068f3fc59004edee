"""Objects under the names that they have in Bareos' catalogue, both ways.

An object is the file `/@S3STREAM/BUCKET/NAME`, where NAME is what
`s3stream.Names` makes of the key: the key itself for ordinary keys. The beginning says
that no such file is on any disk, and keeps the objects together in a restore's file browser.
"""

from __future__ import annotations

import s3stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator, Optional, Tuple

#: What the names of all objects begin with.
ROOT = "/@S3STREAM/"


class BucketNames:
    """The catalogue's names for the keys of one bucket, fed in the order of a listing."""

    __slots__ = ("_beginning", "_names")

    def __init__(self, bucket: str) -> None:
        """Begins a listing."""
        self._beginning = f"{ROOT}{s3stream.file_name(bucket)}/"
        self._names = s3stream.Names()

    def name(self, key: str) -> str:
        """The name of the next key.

        Every key of the listing must be fed, whatever becomes of the object: a name must not
        depend on what else failed or was left out.
        """
        name = self._beginning + self._names.file_name(key)
        # The daemon frees a name twice and dies if it is not UTF-8; a NUL would cut it short.
        name.encode("utf-8")
        if "\0" in name:
            raise ValueError(f"the name of {key!r} has a NUL in it")
        return name


def ancestors_at(start_after: str) -> Iterator[str]:
    """Keys up to `start_after` that may be a directory of a key behind it.

    A shard does not list them, yet its names depend on them: where `a` is a key, `a/b` is
    `a%+/b`. Only a beginning of `start_after` can be such a key, and only where what
    follows it is not greater than `/`.
    """
    for end in range(1, len(start_after)):
        if start_after[end] <= "/":
            yield start_after[:end]
    yield start_after


def is_ours(name: str) -> bool:
    """Whether a name of the catalogue is an object's."""
    return name.startswith(ROOT)


def object_of(name: str) -> Optional[Tuple[str, str]]:
    """Bucket and key of a catalogue's name; None where it is no object's.

    >>> object_of("/@S3STREAM/photos/2026/a b.jpg")
    ('photos', '2026/a b.jpg')
    """
    bucket, slash, rest = name[len(ROOT) :].partition("/")
    if not is_ours(name) or not slash:
        return None
    try:
        return s3stream.key_of(bucket), s3stream.key_of(rest)
    except ValueError:
        return None
