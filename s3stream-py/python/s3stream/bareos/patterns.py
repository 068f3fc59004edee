"""Patterns for buckets and keys: names, globs and regular expressions in one list.

A list is separated by commas; a comma that belongs to a pattern is written `\\,`. An item is

* a regular expression where it begins with `~` (it must match the whole name),
* a glob where it holds `*`, `?` or `[` (`*` matches `/` too, as in S3's own tools),
* the name itself otherwise.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, List, Optional, Tuple


class Pattern:
    """One item of a list; it knows whether it has matched anything yet.

    >>> Pattern("logs/*.gz").matches("logs/2026/1.gz")
    True
    >>> Pattern("~backup-[0-9]+").matches("backup-7")
    True
    """

    __slots__ = ("text", "is_exact", "has_matched", "_match")

    def __init__(self, text: str) -> None:
        """Raises ValueError, in one line, where a regular expression is none."""
        self.text = text
        self.has_matched = False
        self.is_exact = False
        self._match: Optional[Callable[[str], Any]] = None
        if text.startswith("~"):
            try:
                self._match = re.compile(text[1:], re.DOTALL).fullmatch
            except re.error as error:
                raise ValueError(f"'{text}' is no regular expression: {error}") from None
        elif any(character in text for character in "*?["):
            import fnmatch

            self._match = re.compile(fnmatch.translate(text)).match
        else:
            self.is_exact = True

    def matches(self, name: str) -> bool:
        """Whether the whole name matches."""
        is_match = name == self.text if self._match is None else self._match(name) is not None
        self.has_matched = self.has_matched or is_match
        return is_match


class Patterns:
    """A list of patterns; an empty one is false and matches nothing."""

    __slots__ = ("items",)

    def __init__(self, items: Iterable[Pattern] = ()) -> None:
        """A list of these items; see `parse` for text."""
        self.items: Tuple[Pattern, ...] = tuple(items)

    @classmethod
    def parse(cls, text: str) -> Patterns:
        """Reads a list as an option holds it.

        Raises ValueError for an empty item and for what is no regular expression.
        """
        return cls(Pattern(item) for item in split(text))

    def __bool__(self) -> bool:
        return bool(self.items)

    def match(self, name: str) -> bool:
        """Whether any pattern matches. All are tried: each is to know whether it was of use."""
        found = False
        for pattern in self.items:
            if pattern.matches(name):
                found = True
        return found

    def unmatched(self) -> List[str]:
        """The patterns that have matched nothing so far."""
        return [pattern.text for pattern in self.items if not pattern.has_matched]


def split(text: str) -> List[str]:
    """The items of a list; raises ValueError for an empty one, which hides a typing error."""
    # No option has a NUL in it.
    pieces = text.replace("\\,", "\0").split(",")
    items = [piece.strip().replace("\0", ",") for piece in pieces]
    if not all(items):
        raise ValueError("an item of the list is empty")
    return items
