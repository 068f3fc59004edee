"""A backup job: offers every object of the chosen buckets to the daemon, one after another."""

from __future__ import annotations

import errno
import time

import s3stream
from s3stream.bareos import metadata
from s3stream.bareos.buckets import choose
from s3stream.bareos.chain import Chain
from s3stream.bareos.fileset import FileSetRules
from s3stream.bareos.health import Health
from s3stream.bareos.messages import TOLD_FAILURES, Messages
from s3stream.bareos.options import Options
from s3stream.bareos.outages import Outages
from s3stream.bareos.reading import Block, Reading
from s3stream.bareos.records import Records
from s3stream.bareos.selection import Selection, modified
from s3stream.bareos.source import Candidate, Source
from s3stream.bareos.summary import Tally, emptiness, number, volume

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional, Tuple

#: Mode of every file: S3 has none, and what was a private object must not be for everybody.
MODE = 0o100600


class Backup:
    """One job, from its first question to its summary. `is_estimate`: nothing is read."""

    def __init__(
        self,
        bareosfd: Any,
        messages: Messages,
        options: Options,
        client: Any,
        job_name: str,
        is_estimate: bool,
    ) -> None:
        """Chooses the buckets; raises OptionError and S3Error if that cannot work.

        What asks the server comes first, for it may fail; then what tells the daemon something
        (`Chain`); then what writes (`Records`).
        """
        self._fd = bareosfd
        self._messages = messages
        self._options = options
        self._client = client
        self._is_estimate = is_estimate
        now = int(time.time())
        self._buckets = choose(client, options, messages.warning)
        self._chain = Chain(bareosfd, messages, options, self._buckets, job_name, now, is_estimate)
        directory = None if is_estimate else options.records
        self._records = Records(directory, job_name, self._buckets, options, messages)
        self.tally = Tally()
        #: Seconds that the client waits for a server that answers nothing.
        patience = options.patience
        self._health = Health(self.tally, waits=patience > 0)
        self._outages = Outages(client, messages, patience)
        self._selection = Selection(options, now)
        self._rules = FileSetRules(bareosfd, MODE)
        self._source = Source(
            client,
            options,
            self._selection,
            self.tally,
            self._records.left_out,
            self._accepts,
            self._unreadable,
            self._listed_as,
        )
        list_ = self._source.listed if is_estimate else self._source.opened
        self._objects: Iterator[Tuple[Candidate, Any]] = list_(self._buckets, self._chain.is_likely)
        self._block = Block()
        self._reading: Optional[Reading] = None
        self._why_broken: Optional[str] = None
        #: Whether everything was listed and offered.
        self.is_complete = False
        self.is_cancelled = False
        self._outages.watch()

    def _accepts(self, listed: Any, name: str) -> bool:
        return self._rules.accepts(name, listed.size, modified(listed) or 0)

    def _unreadable(self, bucket: str, error: Any) -> None:
        """An entry of a listing that cannot be read is an object that is not in this backup."""
        self.tally.listed += 1
        self.tally.unreadable += 1
        self.tally.lose(error)
        self._records.unreadable(bucket, error)
        self._messages.failure(f"{error}: not in this backup")

    def _listed_as(self, bucket: str, summary: Any) -> None:
        """What is to be known of a listing that came to its end."""
        self.tally.listed_as(summary.end)
        self._records.listed_as(bucket, summary)
        for remark in summary.remarks:
            self._messages.warning(f"bucket '{bucket}': {remark}")

    def offer(self, packet: Any) -> int:
        """Answers `start_backup_file`: describes the next object."""
        fd = self._fd
        self._drop()
        self._outages.look()
        if self.is_complete:
            # The FileSet has the line twice.
            return int(fd.bRC_Stop)
        try:
            while self._why_broken is None:
                found = next(self._objects, None)
                if found is None:
                    return self._finish()
                reading = self._reading = Reading(*found, self._block)
                if self._describe(reading, packet):
                    return int(fd.bRC_OK)
                self._drop()
        except s3stream.CancelledError:
            self.is_cancelled = True
            return int(fd.bRC_Stop)
        except s3stream.S3Error as error:
            # What is not listed would count as deleted: the job must not end as if it were well.
            self._messages.fatal(
                f"the listing of bucket '{self._source.bucket}' broke off: {error}"
            )
            return int(fd.bRC_Error)
        self._messages.fatal(self._why_broken)
        return int(fd.bRC_Error)

    def _describe(self, reading: Reading, packet: Any) -> bool:
        """Fills the packet in; false where the daemon is not to hear of the object."""
        candidate = reading.candidate
        packet.fname = candidate.name
        packet.type = self._fd.FT_REG
        packet.no_read = False
        if candidate.ahead:
            try:
                reading.prime()
            except s3stream.CancelledError:
                raise
            except s3stream.S3Error as error:
                if self._is_ignored(error):
                    self._ignore(reading, error)
                    return False
                # Were it to fail at its opening, an empty file would be in the catalogue.
                packet.type = self._fd.FT_NOOPEN
                self._lost(reading, error, "not in this backup")
        packet.statp = self._stat(reading)
        self._accepts(candidate.listed, candidate.name)
        self._chain.announce(candidate.bucket, candidate.listed, candidate.name)
        return True

    def _is_ignored(self, error: Any) -> bool:
        return error.kind == "not_found" and self._options.on_vanished == "ignore"

    def _ignore(self, reading: Reading, error: Any) -> None:
        """Counts an object that was deleted meanwhile: for the bucket's owner all is well."""
        self.tally.lose(error)
        self._records.failed(reading, error)

    def _stat(self, reading: Reading) -> Any:
        entry, listed = reading.entry, reading.candidate.listed
        time_ = modified(entry) or modified(listed) or 0
        statp = self._fd.StatPacket()
        statp.st_mode = MODE
        statp.st_nlink = 1
        statp.st_size = entry.size
        statp.st_blocks = (entry.size + 511) // 512
        statp.st_ino = metadata.inode(entry.etag)
        # All three are "now" unless they are set, and the daemon would find every object changed.
        statp.st_atime = statp.st_mtime = statp.st_ctime = time_
        return statp

    def io_open(self, iop: Any) -> int:
        """Opens the object that was offered."""
        reading = self._reading
        if reading is None or reading.error is not None:
            return self._io_error(iop, errno.ENOENT)
        reading.is_opened = True
        try:
            reading.prime()
        except s3stream.S3Error as error:
            self._read_error(reading, error, "an empty file is in this backup in its place")
            return self._io_error(iop, error.errno)
        if reading.is_newer_than_listed:
            self._overtaken(reading)
        iop.status = 0
        return int(self._fd.bRC_OK)

    def io_read(self, iop: Any) -> int:
        """Hands the next block over; status 0 only at the proven end."""
        reading = self._reading
        if reading is None:
            return self._io_error(iop, errno.EBADF)
        try:
            iop.buf, iop.status = reading.read(iop.count)
        except s3stream.S3Error as error:
            what = f"only its first {number(reading.delivered)} bytes are in this backup"
            self._read_error(reading, error, what)
            # The daemon looks at the status alone: an error code with status 0 is an end.
            return self._io_error(iop, error.errno)
        iop.io_errno = 0
        self._say_how_far(reading)
        return int(self._fd.bRC_OK)

    def _say_how_far(self, reading: Reading) -> None:
        """The daemon counts files: of an object that takes hours it would say nothing."""
        if reading.progress.is_due(time.monotonic()):
            done, size = volume(reading.delivered), volume(reading.entry.size)
            self._messages.info(f"{reading.candidate.url}: {done} of {size} so far")

    def _io_error(self, iop: Any, number_: Optional[int]) -> int:
        iop.status = -1
        iop.io_errno = number_ or errno.EIO
        return int(self._fd.bRC_Error)

    def io_close(self, iop: Any) -> int:
        """Says whether what was handed over is the whole, proven object."""
        reading = self._reading
        iop.status = 0
        if reading is None or reading.error is not None or self.is_cancelled:
            return int(self._fd.bRC_OK)
        verdict = reading.verdict
        if verdict is None:
            self._broken(reading, "the daemon stopped before its end, which is not proven")
        elif verdict.bytes != reading.entry.size or reading.delivered != verdict.bytes:
            said = f"{number(reading.delivered)} of {number(reading.entry.size)} bytes"
            self._broken(reading, f"{said} were handed over")
        else:
            self._proven(reading, verdict)
        return int(self._fd.bRC_OK)

    def _overtaken(self, reading: Reading) -> None:
        """Counts an object that is newer than listed, and names the first of them."""
        self.tally.overtaken += 1
        if self.tally.overtaken > TOLD_FAILURES:
            return
        now = f"{reading.candidate.url} was overwritten after it was listed: backed up as it is now"
        if reading.candidate.ahead:
            self._messages.info(now)
        else:
            # The catalogue has the listing's times, which the next backup compares.
            self._messages.warning(f"{now}; the next backup takes it again")

    def _proven(self, reading: Reading, verdict: Any) -> None:
        candidate = reading.candidate
        self._health.succeeded()
        self.tally.prove(verdict)
        self.tally.made_good += self._chain.is_owed(candidate.name)
        self.tally.newly_selected += self._chain.is_new_to_selection(
            candidate.bucket, candidate.listed
        )
        self._records.streamed(reading, verdict)

    def _broken(self, reading: Reading, what: str) -> None:
        self.tally.lost["failed"] += 1
        self._chain.lost(reading.candidate.name)
        self._messages.failure(f"{reading.candidate.url}: {what}")

    def _read_error(self, reading: Reading, error: Any, what: str) -> None:
        if isinstance(error, s3stream.CancelledError):
            self.is_cancelled = True
        else:
            self._lost(reading, error, what)

    def _lost(self, reading: Reading, error: Any, what: str) -> None:
        self.tally.lose(error)
        self._records.failed(reading, error)
        self._chain.lost(reading.candidate.name)
        self._messages.failure(f"{error}: {what}{self._again(error)}")
        self._why_broken = self._health.failed(error) or self._why_broken

    def _again(self, error: Any) -> str:
        """What later jobs make of an object that is not whole in this one."""
        if isinstance(error, s3stream.NotFoundError):
            return ""
        if isinstance(error, s3stream.ChangedError) or self._chain.remembers:
            return "; the next job takes it again"
        # The catalogue has it as it is on the server: nothing will look changed.
        return "; an incremental job does not take it again: run a full one"

    def attributes(self) -> List[Tuple[bytes, bytes]]:
        """The object's extended attributes that were not taken yet, the next one last."""
        return [] if self._reading is None else self._reading.attributes()

    def end_file(self) -> int:
        """Answers `end_backup_file`: anything but More would silently end the backup."""
        reading = self._reading
        is_untouched = reading is not None and reading.error is None and not reading.is_opened
        if reading is not None and is_untouched and not self._is_estimate:
            if self._chain.is_owed(reading.candidate.name):
                self._chain.lost(reading.candidate.name)
            self.tally.unchanged += 1
            self._records.unchanged(reading)
        self._drop()
        return int(self._fd.bRC_More)

    def deleted(self, name: str) -> int:
        """Answers `check_file` about a name of the last backup that was not offered now."""
        if not self.is_complete or self.tally.unreadable:
            # Not offered is not gone: it may be what could not be read in the listing.
            return int(self._fd.bRC_Seen)
        self.tally.deleted += 1
        return int(self._fd.bRC_OK)

    def _finish(self) -> int:
        """The end of the last listing: says what is odd about the whole of it."""
        self.is_complete = True
        # What a shard has nothing of, another may have.
        tell = self._messages.info if self._options.is_shard else self._messages.error
        for line in self._selection.unused():
            tell(line)
        for line in emptiness(self.tally, self._buckets, self._options.range()):
            tell(line)
        if self.tally.listed:
            for bucket in self._source.empty:
                self._messages.info(
                    f"there are no objects{self._options.range()} in bucket '{bucket}'"
                )
        if self.tally.below and not self._is_estimate:
            self._messages.warning(
                f"{number(self.tally.below)} objects are below another one, as a/b is below a: to "
                f"bconsole's 'mark' a is a file with nothing below; restore them by 'all' or file="
            )
        why = self._health.total_failure() or self._why_failed()
        if why is not None:
            self._messages.fatal(why)
            return int(self._fd.bRC_Error)
        self._chain.leave()
        return int(self._fd.bRC_Stop)

    def _why_failed(self) -> Optional[str]:
        losses = self.tally.losses
        if self._options.on_vanished == "ignore":
            losses -= self.tally.lost["vanished"]
        if losses and self._options.on_error == "fail":
            return f"objects not backed up: {number(losses)}, and on_error is 'fail'"
        return None

    def end(self) -> None:
        """Lets everything go and writes the summary; the daemon may call it at any point."""
        self._drop()
        close = getattr(self._objects, "close", None)
        if close is not None:
            close()
        self._outages.look()
        self._outages.end()
        stats = self._client.stats()
        if self._is_estimate:
            return
        ended = "" if self.is_complete else "was cancelled" if self.is_cancelled else "broke off"
        for line in self.tally.lines(self._buckets, stats, ended):
            self._messages.info(line)
        doubt = self.tally.doubt()
        if doubt is not None and self._options.warns_of_unproven:
            self._messages.warning(doubt)
        self._records.close(self.tally.listed, f"the job {ended}" if ended else None)

    def _drop(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.close()
