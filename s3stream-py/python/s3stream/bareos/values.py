"""Values of options as people write them: sizes, times, switches, numbers."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Tuple

# Expressions are compiled when an option needs them: every job begins anew.
_SIZE = r"(\d+)\s*([KMGT]?)(?:i?B)?"
_SPAN = r"(\d+)\s*([smhdw])"
_SHIFTS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def size(text: str) -> int:
    """Bytes of `4096`, `64M`, `1GiB`; units are powers of 1024.

    >>> size("64M")
    67108864
    """
    found = re.fullmatch(_SIZE, text, re.IGNORECASE)
    if found is None:
        raise ValueError("is no size, such as 4096, 64M or 1G")
    return int(found.group(1)) << _SHIFTS[found.group(2).upper()]


def span(text: str) -> int:
    """Seconds of `90s`, `5m`, `12h`, `30d`, `2w`.

    >>> span("5m")
    300
    """
    found = re.fullmatch(_SPAN, text)
    if found is None:
        raise ValueError("is no span of time, such as 90s, 5m, 12h, 30d or 2w")
    return int(found.group(1)) * _SECONDS[found.group(2)]


def moment(text: str) -> Tuple[str, int]:
    """A point in time: `("at", seconds)` since 1970, or `("ago", seconds)` for an age.

    Takes `2026-01-31`, `2026-01-31T12:00:00Z`, `2026-01-31T12:00:00+01:00` and the spans
    of `span`. A date or time without a zone is UTC, as S3's are.
    """
    if re.fullmatch(_SPAN, text):
        return ("ago", span(text))
    # Only here: it is rarely needed, and every job imports everything anew.
    from datetime import datetime, timezone

    try:
        time = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
    except ValueError:
        example = "2026-01-31, 2026-01-31T12:00:00Z or 30d (ago)"
        raise ValueError(f"is no time, such as {example}") from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=timezone.utc)
    return ("at", int(time.timestamp()))


def switch(text: str) -> bool:
    """`yes` or `no`, and the usual other words for them."""
    lowered = text.lower()
    if lowered in ("yes", "true", "on", "1"):
        return True
    if lowered in ("no", "false", "off", "0"):
        return False
    raise ValueError("is neither yes nor no")


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A reader of whole numbers between two bounds, both included."""

    def read(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            raise ValueError(f"is no whole number from {lowest} to {highest}")
        return int(text)

    return read


def one_of(*words: str) -> Callable[[str], str]:
    """A reader of one word out of these."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"is not one of {', '.join(words)}")
        return text

    return read
