"""Keys as file names, both ways: for archives, plugins and restores.

A key is any text of up to 1,024 bytes; a file name is not. `file_name` maps every key to a
relative path that cannot leave its directory, and `key_of` maps it back. Ordinary keys map to
themselves.
"""

from __future__ import annotations

from s3stream import _native
from s3stream._hints import HINTED

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from typing import Tuple

__all__ = ["Names", "file_name", "key_of", "version_file_name", "version_of"]


def file_name(key: str) -> str:
    """The file name of one key on its own; see `Names` where `a` and `a/b` may both be keys.

    >>> file_name("photos/2024/a b.jpg")
    'photos/2024/a b.jpg'
    >>> file_name("../etc/passwd")
    '%2E%2E/etc/passwd'
    """
    return _native.file_name(key)


def key_of(file_name: str) -> str:
    """The key of a file name that `file_name` or `Names` made; `InvalidInputError` for others.

    >>> key_of("%2E%2E/etc/passwd")
    '../etc/passwd'
    """
    return _native.key_of(file_name)


def version_file_name(key: str, version_id: str) -> str:
    """The path of one version of a key: for all its life, and never a key's own.

    Delete markers have one too. Where a listing gives no version, its id is "null".

    >>> version_file_name("photos/a.jpg", "3HL4kqtJ")
    '%versions/photos/a.jpg/%=3HL4kqtJ'
    """
    return _native.version_file_name(key, version_id)


def version_of(file_name: str) -> Tuple[str, str]:
    """The key and the version's id of a path that `version_file_name` made; `InvalidInputError`
    for others.

    >>> version_of("%versions/photos/a.jpg/%=3HL4kqtJ")
    ('photos/a.jpg', '3HL4kqtJ')
    """
    return _native.version_of(file_name)


class Names:
    """File names for the keys of one listing, in which both `a` and `a/b` may be keys.

    >>> names = Names()
    >>> names.file_name("a"), names.file_name("a/b"), names.file_name("c/d")
    ('a', 'a%+/b', 'c/d')
    """

    __slots__ = ("_handle",)

    def __init__(self) -> None:
        """Starts a listing."""
        self._handle = _native.names_new()

    def file_name(self, key: str) -> str:
        """The file name of the next key; keys come in the ascending order of a listing.

        Every key is to be fed, whatever becomes of it: names must not depend on failures.
        """
        return _native.names_file_name(self._handle, key)
