"""Objects under the names that they have in Bareos' catalogue, both ways.

An object is the file `/@S3STREAM/BUCKET/NAME`, where NAME is what `s3stream.file_name` makes of
the key alone: the key itself for ordinary keys. A name must not depend on what else is in the
bucket: the catalogue follows an object by its name from one job to the next, and would keep the
old one where another object appears or vanishes beside it. So `a` and `a/b` both stand in the
catalogue as they are, and a restore to files finds them a place each (`place`).

The beginning says that no such file is on any disk, and keeps the objects together in a
restore's file browser.
"""

from __future__ import annotations

import s3stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Tuple

#: What the names of all objects begin with.
ROOT = "/@S3STREAM/"


class BucketNames:
    """The catalogue's names for the keys of one bucket."""

    __slots__ = ("_beginning",)

    def __init__(self, bucket: str) -> None:
        """Any key may come first."""
        self._beginning = f"{ROOT}{s3stream.file_name(bucket)}/"

    def name(self, key: str) -> str:
        """The name of a key, whatever else is in the bucket."""
        name = self._beginning + s3stream.file_name(key)
        # The daemon frees a name twice and dies if it is not UTF-8; a NUL would cut it short.
        name.encode("utf-8")
        if "\0" in name:
            raise ValueError(f"the name of {key!r} has a NUL in it")
        return name


class Neighbours:
    """Tells which keys of a listing are below another one, as `a/b` is below `a`.

    Bareos' console keeps the catalogue as a tree, in which `a` is a file: `mark` takes nothing
    below it. Whoever restores has to know that.
    """

    __slots__ = ("_names",)

    def __init__(self) -> None:
        """Begins a listing."""
        self._names = s3stream.Names()

    def is_below(self, key: str) -> bool:
        """Whether a beginning of the key up to a slash was a key; in the order of a listing."""
        # Archives have another name for it then.
        return self._names.file_name(key) != s3stream.file_name(key)


def present(name: str) -> str:
    """The name of now for one that an earlier version gave: `a%+/b` was that of `a/b` beside `a`.

    >>> present("/@S3STREAM/photos/a%+/b")
    '/@S3STREAM/photos/a/b'
    """
    found = object_of(name) if "%+/" in name else None
    return name if found is None else BucketNames(found[0]).name(found[1])


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
