"""Says when the server answers nothing any more, and when it answers again.

The client waits for it (`retry_for`), and the job's thread with it: nobody would know why the job
stands still. So the thread is asked to look about once a second while it waits.
"""

from __future__ import annotations

from s3stream import _native
from s3stream.bareos.messages import Messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: So many outages of a job are told one by one; a server may come and go all night.
TOLD = 50


class Outages:
    """Watches the outages that a client counts."""

    def __init__(self, client: Any, messages: Messages, patience: float) -> None:
        """`patience` is how many seconds the client waits at most."""
        self._client = client
        self._messages = messages
        self._patience = patience
        self._begun = 0
        self._over = 0
        #: Seconds of all outages that were told to be over.
        self._seconds = 0

    def look(self) -> None:
        """Tells what has begun or ended since the last look."""
        stats = self._client.stats()
        begun, over = stats["outages"], stats["outages_over"]
        if begun > self._begun:
            self._begun = begun
            if begun <= TOLD:
                self._messages.info(
                    f"the server answers nothing any more: waiting for it, "
                    f"up to {seconds(self._patience)} (retry_for)"
                )
        if over > self._over:
            lasted, self._seconds = stats["outage_seconds"] - self._seconds, stats["outage_seconds"]
            self._over = over
            if over <= TOLD:
                self._messages.info(f"the server answers again, after {seconds(lasted)}")

    def watch(self) -> None:
        """Has the job's thread look while it waits."""
        _native.while_waiting(self.look)

    @staticmethod
    def end() -> None:
        """The daemon may use the thread for another job."""
        _native.while_waiting(None)


def seconds(count: float) -> str:
    """A span of time for people: 600 is 10 minutes.

    >>> seconds(90)
    '90 s'
    """
    minutes, rest = divmod(int(count), 60)
    return f"{minutes} minutes" if minutes > 1 and not rest else f"{count:.0f} s"
