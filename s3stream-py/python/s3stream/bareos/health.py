"""When failures of objects are the failure of a job: no later one may stand on it then."""

from __future__ import annotations

from s3stream.bareos.summary import Tally, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

#: Where the client does not wait for a server that answers nothing (`retry_for=0`), it is taken to
#: be away after so many objects in a row: each takes all attempts, and a bucket has millions.
PATIENCE = 20
AWAY = ("connection", "timed_out", "throttled", "service", "protocol")

#: So many failures before the first success, and nobody waits for the other million: a key that
#: may list and not read.
FIRST = 100

#: What can be wrong with one object while all is well with the others.
OF_THE_OBJECT = ("not_found", "changed", "archived", "integrity")


class Health:
    """Watches what becomes of the objects of a job."""

    def __init__(self, tally: Tally, waits: bool) -> None:
        """`tally` is where they are counted; `waits` is whether the client waits for a server.

        If it does, it tells itself what is the server's failure, and what the object's: there may
        be any number of keys in a row that the server never gives.
        """
        self._tally = tally
        self._waits = waits
        self._in_a_row = 0
        self._of_the_server = 0
        self._last: Optional[Any] = None

    def succeeded(self) -> None:
        """An object was read to its proven end."""
        self._in_a_row = 0

    def failed(self, error: Any) -> Optional[str]:
        """An object could not be read; why the job cannot go on, if it cannot."""
        if error.kind == "not_found":
            return None
        self._last = error
        if error.kind not in OF_THE_OBJECT:
            self._of_the_server += 1
        if error.is_outage:
            return f"the server has answered nothing for too long, the last: {error}"
        if error.kind in AWAY:
            self._in_a_row += 1
        if self._in_a_row >= PATIENCE and not self._waits:
            return f"{PATIENCE} objects in a row could not be read, the last: {error}"
        if self._of_the_server >= FIRST and not self._tally.streamed:
            return f"the first {FIRST} objects could not be read, the last: {error}"
        return None

    def total_failure(self) -> Optional[str]:
        """Why a job that went through everything is a failed one all the same, if it is.

        One bad object beside others that are unchanged is not: the next job takes it again.
        """
        failed = self._tally.lost["failed"] + self._tally.lost["changed"]
        if self._tally.streamed or not failed:
            return None
        if self._tally.unchanged and not self._of_the_server:
            return None
        last = "" if self._last is None else f", the last: {self._last}"
        return f"nothing was backed up: of {number(failed)} objects none could be read{last}"
