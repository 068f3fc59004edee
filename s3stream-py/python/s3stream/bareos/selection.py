"""Which objects of a bucket are backed up, and by which rule the others are not."""

from __future__ import annotations

from s3stream.bareos.options import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple


def modified(entry: Any) -> Optional[int]:
    """When an object was last written, in whole seconds since 1970.

    A listing says milliseconds and a reply whole seconds: the lower second is the same in both.
    """
    microseconds = entry._modified
    return None if microseconds is None else int(microseconds // 1_000_000)


class Selection:
    """The rules of the FileSet, applied to one object after another."""

    def __init__(self, options: Options, now: int) -> None:
        """`now` is what ages are counted back from, in seconds since 1970."""
        self._include = options.include
        self._exclude = options.exclude
        self._min_size = options.min_size
        self._max_size = options.max_size
        self._after = _seconds(options.modified_after, now)
        self._before = _seconds(options.modified_before, now)
        self._classes = frozenset(options.storage_classes)
        self._classes_exclude = frozenset(options.storage_classes_exclude)
        self._seen_classes: set[str] = set()

    def rule_against(self, entry: Any) -> Optional[str]:
        """The option by which this object is left out; None if it is to be backed up."""
        key, size = entry.key, entry.size
        if self._include and not self._include.match(key):
            return "include"
        if self._exclude and self._exclude.match(key):
            return "exclude"
        if self._min_size is not None and size < self._min_size:
            return "min_size"
        if self._max_size is not None and size > self._max_size:
            return "max_size"
        return self._rule_of_time(entry) or self._rule_of_class(entry)

    def _rule_of_time(self, entry: Any) -> Optional[str]:
        if self._after is None and self._before is None:
            return None
        time = modified(entry)
        if time is None:
            # Not known to be too old or too young: too much is better than too little.
            return None
        if self._after is not None and time < self._after:
            return "modified_after"
        if self._before is not None and time >= self._before:
            return "modified_before"
        return None

    def _rule_of_class(self, entry: Any) -> Optional[str]:
        if not self._classes and not self._classes_exclude:
            return None
        # Servers leave the class of ordinary objects out.
        storage_class = entry.storage_class or "STANDARD"
        self._seen_classes.add(storage_class)
        if self._classes and storage_class not in self._classes:
            return "storage_classes"
        if storage_class in self._classes_exclude:
            return "storage_classes_exclude"
        return None

    def unused(self) -> List[str]:
        """What of the rules has matched nothing, once everything was listed."""
        lines: List[str] = []
        for name, patterns in (("include", self._include), ("exclude", self._exclude)):
            lines.extend(f"{name}: '{text}' matches no key" for text in patterns.unmatched())
        for storage_class in sorted(self._classes - self._seen_classes):
            lines.append(f"storage_classes: no object is in class '{storage_class}'")
        return lines


def _seconds(moment: Optional[Tuple[str, int]], now: int) -> Optional[int]:
    if moment is None:
        return None
    kind, number = moment
    return now - number if kind == "ago" else number
