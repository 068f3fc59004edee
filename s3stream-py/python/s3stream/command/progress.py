"""What a person sees while it runs: one line on standard error, if that is a terminal."""

from __future__ import annotations

import sys
import time
from typing import Optional

__all__ = ["Progress", "size"]

_EVERY = 0.1


def size(count: float) -> str:
    """A number of bytes for people.

    >>> size(0), size(1536), size(8 << 20)
    ('0 B', '1.5 KiB', '8.0 MiB')
    """
    units = ("B", "KiB", "MiB", "GiB", "TiB")
    unit = 0
    while count >= 1024 and unit < len(units) - 1:
        count /= 1024
        unit += 1
    return f"{count:.0f} B" if unit == 0 else f"{count:.1f} {units[unit]}"


class Progress:
    """The progress of one command; shows nothing where nobody looks on, or where the output
    itself goes to the terminal."""

    def __init__(self) -> None:
        """Begins now."""
        self._is_watched = sys.stderr.isatty() and not sys.stdout.isatty()
        self._started = self._shown = time.monotonic()
        self._width = 0

    def bytes(self, done: int, total: Optional[int]) -> None:
        """So many bytes are done, of so many if that is known."""
        if not self._is_due():
            return
        speed = size(done / max(self._shown - self._started, 1e-3))
        of = "" if total is None else f" of {size(total)}"
        self._show(f"{size(done)}{of}, {speed}/s")

    def entries(self, done: int) -> None:
        """So many entries are listed."""
        if self._is_due():
            self._show(f"{done:,} entries")

    def end(self) -> None:
        """Takes the line away."""
        if self._width:
            self._show("")

    def _is_due(self) -> bool:
        if not self._is_watched or time.monotonic() - self._shown < _EVERY:
            return False
        self._shown = time.monotonic()
        return True

    def _show(self, text: str) -> None:
        sys.stderr.write(f"\r{text:<{self._width}}" + ("" if text else "\r"))
        sys.stderr.flush()
        self._width = len(text)
