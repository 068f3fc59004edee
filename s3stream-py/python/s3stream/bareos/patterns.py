"""Patterns for buckets and keys: names, globs and regular expressions in one list.

A list is separated by commas; a comma that belongs to a pattern is written `\\,`. An item is

* a regular expression where it begins with `~` (it must match the whole name, and `.` matches
  line breaks). It means what it means to Python's `re`, but takes linear time on any key, for
  strangers write the keys: what cannot (look-around, back references) is refused,
* a glob where it holds `*`, `?` or `[` (`*` matches `/` too, as in S3's own tools),
* the name itself otherwise.
"""

from __future__ import annotations

from s3stream import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional, Tuple

#: Characters that stand for others in a regular expression.
SPECIAL = "\\.+*?()|[]{}^$#&-~"


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
        self._match: Optional[Any] = None
        if text.startswith("~"):
            try:
                self._match = _native.pattern_new(text[1:])
            except ValueError as error:
                raise ValueError(f"'{text}' is no regular expression: {error}") from None
        elif any(character in text for character in "*?["):
            self._match = _native.pattern_new(expression_of(text))
        else:
            self.is_exact = True

    def matches(self, name: str) -> bool:
        """Whether the whole name matches."""
        if self._match is None:
            is_match = name == self.text
        else:
            is_match = _native.pattern_matches(self._match, name)
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


def expression_of(glob: str) -> str:
    """The regular expression of a glob, as Python's `fnmatch` reads it.

    >>> expression_of("logs/*.g[!a-c]?")
    'logs/.*\\\\.g[^a-c].'
    """
    found = ""
    at = 0
    while at < len(glob):
        character = glob[at]
        at += 1
        # The first character of a set may be the bracket that would end it.
        end = glob.find("]", at + 1 + (glob[at : at + 1] == "!")) if character == "[" else -1
        if character == "*":
            found += ".*"
        elif character == "?":
            found += "."
        elif end > 0:
            found += _set(glob[at:end])
            at = end + 1
        else:
            found += _literal(character)
    return found


def _set(characters: str) -> str:
    """A set of characters; a range that is the wrong way round has none in it."""
    is_negated = characters.startswith("!")
    rest = characters[is_negated:]
    found = ""
    while rest:
        first, rest = rest[0], rest[1:]
        last = first
        if len(rest) > 1 and rest[0] == "-":
            last, rest = rest[1], rest[2:]
        if first <= last:
            found += _literal(first) if first == last else f"{_literal(first)}-{_literal(last)}"
    if not found:
        return "." if is_negated else "[^\\x00-\\U0010FFFF]"
    return f"[{'^' if is_negated else ''}{found}]"


def _literal(character: str) -> str:
    return f"\\{character}" if character in SPECIAL else character
