"""What a job stands on: since when objects count as changed, and what is taken however old it is.

To Bareos an object is unchanged if it is older than the job that this one is based on, the base.
Two kinds of objects are taken all the same: those that are not whole in the backups so far
(`owed`), and those that the base did not select, because the FileSet has changed since (`known`).
"""

from __future__ import annotations

import time

from s3stream.bareos.known import Known
from s3stream.bareos.messages import Messages
from s3stream.bareos.options import Options
from s3stream.bareos.owed import MOST, Owed, OwedError
from s3stream.bareos.selection import modified
from s3stream.bareos.summary import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple

#: Where a job cannot make good what others left.
MEND = "mend that, and run a full job"
MANY = f"more than {number(MOST)} objects failed, which are not all remembered: {MEND}"

#: How much earlier than it says the base is taken to have begun, in seconds. An upload has the
#: time at which it began: only the list of files of an accurate job shows one that took long.
MARGIN, MARGIN_OF_ACCURATE = 86_400, 60


class Chain:
    """The place of a job in a chain of backups."""

    def __init__(
        self,
        bareosfd: Any,
        messages: Messages,
        options: Options,
        buckets: List[str],
        job_name: str,
        now: int,
        is_estimate: bool,
    ) -> None:
        """Tells the daemon since when objects count as changed; reads what is remembered.

        `now` is what ages in the options are counted back from. An estimate has no name by which
        anything is remembered.
        """
        self._fd = bareosfd
        self._messages = messages
        self._options = options
        self._is_looked_at = True
        self._said_many = False
        self._is_accurate = bool(bareosfd.GetValue(bareosfd.bVarAccurate))
        #: From when on an object counts as changed; 0 for a full job.
        self.since = self._start_of_changes()
        self._owed: Optional[Owed] = None
        self._known: Optional[Known] = None
        if not is_estimate:
            self._remember(job_name, (options, buckets, now))
        if self.since and not is_estimate and not self._is_accurate:
            self._say_what_is_not_seen()

    def _start_of_changes(self) -> int:
        fd = self._fd
        since = fd.GetValue(fd.bVarSinceTime) or 0
        if not since or fd.GetValue(fd.bVarLevel) == ord("F"):
            return 0
        margin = self._options.since_margin
        if margin is None:
            margin = MARGIN_OF_ACCURATE if self._is_accurate else MARGIN
        # LastModified is the server's clock, and the daemon compares it with the director's.
        since = max(since - margin, 1)
        fd.SetValue(fd.bVarSinceTime, since)
        return int(since)

    def _remember(self, job_name: str, own: Tuple[Options, List[str], int]) -> None:
        fd = self._fd
        level = chr(fd.GetValue(fd.bVarLevel)) if self.since else "F"
        base = fd.GetValue(fd.bVarPrevJobName) or ""
        directory = fd.GetValue(fd.bVarWorkingDir) or ""
        try:
            self._owed = Owed(directory, job_name, level, base)
            self._known = Known(directory, job_name, level, base, own)
        except OwedError as error:
            self._messages.error(
                f"objects that failed, or fail now, are not remembered: {error}; {MEND}"
            )
            return
        except (OSError, ValueError) as error:
            self._messages.error(f"what the last job selected cannot be read: {error}; {MEND}")
            return
        self._said_many = self._owed.is_unknown
        if self._owed.is_unknown:
            self._messages.error(MANY)

    def _say_what_is_not_seen(self) -> None:
        moment = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(self.since))
        self._messages.info(
            f"without Accurate this job does not see what was deleted, nor what came into a bucket "
            f"with a time before {moment}: an upload has the time at which it began (since_margin)"
        )
        if self._known is None or not self._known.is_known:
            self._messages.warning(
                "what the job that this one is based on selected is not known here: an object that "
                "another rule left out then is taken only if it has changed since; run a full job"
            )

    def must_take(self, bucket: str, listed: Any, name: str) -> bool:
        """Whether the object is taken however old it is."""
        return self.is_owed(name) or self.is_new_to_selection(bucket, listed)

    def is_owed(self, name: str) -> bool:
        """Whether it is not whole in an earlier backup."""
        return self._owed is not None and name in self._owed

    def is_new_to_selection(self, bucket: str, listed: Any) -> bool:
        """Whether the base did not select it."""
        return self._known is not None and not self._known.covers(bucket, listed)

    def is_likely(self, bucket: str, listed: Any, name: str) -> bool:
        """Whether the daemon is going to ask for it; it decides only when it is offered."""
        time_ = modified(listed)
        return time_ is None or time_ >= self.since or self.must_take(bucket, listed, name)

    def announce(self, bucket: str, listed: Any, name: str) -> None:
        """Tells the daemon how to treat the next object: compare it, or take it without a look."""
        is_looked_at = not self.must_take(bucket, listed, name)
        if is_looked_at != self._is_looked_at:
            self._is_looked_at = is_looked_at
            self._fd.SetValue(self._fd.bVarCheckChanges, is_looked_at)

    def lost(self, name: str) -> None:
        """It is not whole in this job: the next one takes it again."""
        if self._owed is not None:
            self._owed.lost(name)

    @property
    def remembers(self) -> bool:
        """Whether a later job takes again what is lost in this one."""
        return self._owed is not None and not self._owed.is_unknown

    def leave(self) -> None:
        """Leaves what the next job is to know, once this one went through everything."""
        owed = self._owed
        if owed is None:
            return
        if owed.is_unknown and not self._said_many:
            self._messages.error(MANY)
        try:
            owed.write()
            if self._known is not None:
                self._known.write()
        except (OwedError, OSError) as error:
            self._messages.error(f"objects that failed are not remembered: {error}; {MEND}")
