"""What became of all objects of a job, in numbers and in a few lines for the operator."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional


class Tally:
    """Counts of one backup job, in constant memory."""

    def __init__(self) -> None:
        """Counts nothing yet."""
        self.listed = 0
        self.offered = 0
        self.streamed = 0
        self.bytes = 0
        self.unchanged = 0
        self.deleted = 0
        self.overtaken = 0
        #: Entries of listings that could not be read; they are among those that failed.
        self.unreadable = 0
        #: Listings that came to their end, by how that is known.
        self.ends: Dict[str, int] = {}
        #: Proven now, and not whole in an earlier backup.
        self.made_good = 0
        #: Proven now, and not selected by the job that this one is based on.
        self.newly_selected = 0
        #: Below the name of another object, as `a/b` is below `a`.
        self.below = 0
        #: Left out on purpose, by the option that says so.
        self.left_out: Dict[str, int] = {}
        #: Could not be read: vanished, changed or failed.
        self.lost: Dict[str, int] = {"vanished": 0, "changed": 0, "failed": 0}
        #: Proven objects by the method that proved them.
        self.methods: Dict[str, int] = {}
        #: Objects that no digest proves, by reason.
        self.unproven: Dict[str, int] = {}
        self.probably_damaged = 0
        #: Bytes that were read a second time, to compare.
        self.reread = 0

    def leave_out(self, rule: str) -> None:
        """Counts an object that a rule of the FileSet leaves out."""
        self.left_out[rule] = self.left_out.get(rule, 0) + 1

    def listed_as(self, end: str) -> None:
        """Counts a listing that came to its end."""
        self.ends[end] = self.ends.get(end, 0) + 1

    def prove(self, verdict: Any) -> None:
        """Counts an object that was read to its proven end."""
        self.streamed += 1
        self.bytes += verdict.bytes
        self.reread += verdict.reread
        if verdict.unproven is None:
            self.methods[verdict.method] = self.methods.get(verdict.method, 0) + 1
        else:
            self.unproven[verdict.unproven] = self.unproven.get(verdict.unproven, 0) + 1
            self.probably_damaged += verdict.is_probably_damaged

    def lose(self, error: Any) -> str:
        """Counts an object that could not be read; returns what is said of it."""
        what = {"not_found": "vanished", "changed": "changed"}.get(error.kind, "failed")
        self.lost[what] += 1
        return what

    @property
    def losses(self) -> int:
        """How many objects could not be read."""
        return sum(self.lost.values())

    def doubt(self) -> Optional[str]:
        """One line about what no digest proves, and why; None if there is nothing to say."""
        if not self.unproven:
            return None
        total = sum(self.unproven.values())
        verb = "is" if total == 1 else "are"
        line = (
            f"{number(total)} of {number(self.streamed)} objects {verb} not proven by a digest: "
            f"{counts(self.unproven)}"
        )
        if self.probably_damaged:
            line += f"; probably damaged: {number(self.probably_damaged)}"
        return line

    def lines(self, buckets: List[str], stats: Mapping[str, int], ended: str) -> List[str]:
        """The account of a job: what became of the objects, the proofs, the requests.

        `ended` says how it ended before everything was listed; it is empty otherwise.
        """
        where = f"bucket '{buckets[0]}'" if len(buckets) == 1 else f"{len(buckets)} buckets"
        left_out = sum(self.left_out.values())
        losses = ", ".join(f"{what} {number(count)}" for what, count in self.lost.items())
        lines = [
            f"listed {number(self.listed)} objects in {where}: "
            f"backed up {number(self.streamed)} ({volume(self.bytes)}), "
            f"unchanged {number(self.unchanged)}, left out {number(left_out)}, {losses}"
        ]
        if self.left_out:
            lines.append(f"left out by rule: {counts(self.left_out)}")
        if self.methods:
            lines.append(f"proven by: {counts(self.methods)}")
        if self.reread:
            lines.append(f"read a second time, to compare: {volume(self.reread)}")
        if self.ends:
            lines.append(f"ends of listings: {counts(self.ends)}")
        if self.deleted:
            lines.append(f"gone since the last backup, recorded as deleted: {number(self.deleted)}")
        if self.made_good:
            lines.append(f"not whole in an earlier backup, taken again: {number(self.made_good)}")
        if self.newly_selected:
            count = number(self.newly_selected)
            lines.append(f"not selected by the last backup, taken whatever their age: {count}")
        if self.overtaken:
            lines.append(f"newer than their listing, backed up as read: {number(self.overtaken)}")
        names = ("requests", "retries", "resumes", "throttles")
        sent = ", ".join(f"{name} {number(stats[name])}" for name in names if name in stats)
        lines.append(f"to the server: {sent}")
        if stats.get("outages"):
            lines.append(
                f"waited for the server: {number(stats['outages'])} times, "
                f"{number(stats['outage_seconds'])} s in all"
            )
        if ended:
            lines.append(f"the job {ended} before everything was listed: objects are missing")
        return lines


def emptiness(tally: Tally, buckets: List[str], range_: str) -> List[str]:
    """What is to be said where nothing was offered; `range_` is the part that was listed."""
    where = f"bucket '{buckets[0]}'"
    if len(buckets) > 1:
        where = f"these {len(buckets)} buckets: {', '.join(buckets[:10])}"
    if not tally.listed:
        return [f"nothing was backed up: there are no objects{range_} in {where}"]
    if not tally.offered and not tally.unreadable:
        rules = ", ".join(f"{rule} {number(n)}" for rule, n in tally.left_out.items())
        return [f"nothing was backed up: the rules leave all objects out ({rules})"]
    return []


def counts(table: Mapping[str, int]) -> str:
    """A table of counts in a line, the greatest first."""
    ordered = sorted(table.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {number(count)}" for name, count in ordered)


def number(count: int) -> str:
    """1234567 as 1,234,567."""
    return f"{count:,}"


def volume(count: float) -> str:
    """Bytes for people: 1536 is 1.5 KiB."""
    if count < 1024:
        return f"{count:.0f} bytes"
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        count /= 1024
        if count < 1024 or unit == "TiB":
            break
    return f"{count:.1f} {unit}"
