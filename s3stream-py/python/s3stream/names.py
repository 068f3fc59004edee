"""Keys as file names, both ways: for archives, plugins and restores.

A key is any text of up to 1,024 bytes; a file name is not. `file_name` maps every key to a
relative path that cannot leave its directory, and `key_of` maps it back. Ordinary keys map to
themselves.
"""

from __future__ import annotations

from s3stream import _native

__all__ = ["Names", "file_name", "key_of"]


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
