"""Messages to the operator: one line each, never a secret, never a million of them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List


#: Failures that are told one by one; a wrong permission would otherwise fill the director's log.
TOLD_FAILURES = 100


class Messages:
    """Writes job messages through Bareos' module, which is passed in."""

    def __init__(self, bareosfd: Any) -> None:
        """`bareosfd` is the module of that name, or a stand-in."""
        self._bareosfd = bareosfd
        self._secrets: List[str] = []
        self._failures = 0
        self._notes = 0

    def hide(self, secrets: Iterable[str]) -> None:
        """Names what no message may hold from now on."""
        self._secrets.extend(secrets)

    def info(self, line: str) -> None:
        """Tells something that is as it should be."""
        self._write(self._bareosfd.M_INFO, line)

    def warning(self, line: str) -> None:
        """Tells something to look at; the daemon shows it, and the job ends "OK" all the same."""
        self._write(self._bareosfd.M_WARNING, line)

    def error(self, line: str) -> None:
        """Tells a failure and counts it; the job ends "OK -- with warnings"."""
        self._write(self._bareosfd.M_ERROR, line)

    def fatal(self, line: str) -> None:
        """Tells why the job cannot go on, and ends it."""
        self._write(self._bareosfd.M_FATAL, line)

    def failure(self, line: str) -> None:
        """Tells that one object failed, for the first hundred of them."""
        self._failures += 1
        if self._failures <= TOLD_FAILURES:
            self.error(line)
        if self._failures == TOLD_FAILURES:
            self.warning("further failures are counted, and named in the records only")

    def note(self, line: str) -> None:
        """Tells something about one file, for the first hundred of them."""
        self._notes += 1
        if self._notes <= TOLD_FAILURES:
            self.info(line)

    def trace(self, text: str) -> None:
        """Writes into the daemon's trace, if that is on."""
        self._bareosfd.DebugMessage(100, f"s3stream: {self._clean(text)}\n")

    def _write(self, kind: int, line: str) -> None:
        self._bareosfd.JobMessage(kind, f"s3stream: {self._clean(line)}\n")

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        # A key may hold anything; the daemon wants UTF-8 and an operator one line.
        text = "".join(c if c.isprintable() else escape(c) for c in text)
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def escape(character: str) -> str:
    """A character that cannot be printed, in the way of Python."""
    return character.encode("unicode_escape").decode("ascii")
