"""What all values have in common: they never change, and are what their fields are."""

from __future__ import annotations

from s3stream._hints import HINTED

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from datetime import datetime
    from typing import Any, NoReturn, Optional, Tuple

__all__ = ["_Value", "_microseconds", "_time"]


class _Value:
    """What all values have in common: `__match_args__` names their fields, `__slots__` where
    these are kept, in the same order.

    `dataclasses` would do the same, but imports half of what an interpreter needs to back up a
    bucket, and Bareos makes a new interpreter for every job.
    """

    __slots__: Tuple[str, ...] = ()
    __match_args__: Tuple[str, ...] = ()

    def _set(self, *values: Any) -> None:
        """Sets all fields, in order, while the value is made."""
        for slot, value in zip(self.__slots__, values):
            object.__setattr__(self, slot, value)

    def _values(self) -> Tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Value) or type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        fields = zip(self.__match_args__, self._values())
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in fields)})"

    def __reduce__(self) -> Tuple[Any, ...]:
        return (type(self), self._values())

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"cannot set '{name}': a {type(self).__name__} never changes")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"cannot delete '{name}': a {type(self).__name__} never changes")


# The native module has times in microseconds. Only these two look at a time: an interpreter that
# nobody asks for one, such as that of a Bareos job, is spared `datetime`.


def _time(microseconds: Optional[int]) -> Optional[datetime]:
    """The time so many microseconds after 1970."""
    if microseconds is None:
        return None
    from datetime import datetime, timedelta, timezone

    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=microseconds)


def _microseconds(time: Optional[datetime]) -> Optional[int]:
    """Microseconds since 1970; a time without a zone is local, as everywhere in Python."""
    if time is None:
        return None
    from datetime import datetime, timedelta, timezone

    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (time.astimezone(timezone.utc) - epoch) // timedelta(microseconds=1)
