"""The plugin class: the daemon's calls, passed on to a backup or a restore.

Everything here runs on the job's own thread, except the cancel event. No thread of Python's is
ever started: one that is alive when the job ends would abort the daemon.
"""

from __future__ import annotations

import functools

import bareosfd
from BareosFdPluginBaseclass import (  # type: ignore[import-not-found]
    BareosFdPluginBaseclass,
)

import s3stream
from s3stream.bareos.definition import LATER, WITH_FILE_SET, Definition, of_run
from s3stream.bareos.messages import Messages
from s3stream.bareos.options import OptionError, Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple, TypeVar

    from s3stream.bareos.backup import Backup
    from s3stream.bareos.restore import Restore

    Call = TypeVar("Call", bound=Callable[..., int])


def guarded(call: Call) -> Call:
    """Turns what no call should raise into one line for the operator; the rest is traced."""

    @functools.wraps(call)
    def answer(self: Any, *arguments: Any) -> int:
        try:
            return call(self, *arguments)
        except Exception as error:
            import traceback

            self._messages.trace(traceback.format_exc())
            self._messages.fatal(f"internal error: {type(error).__name__}: {error}")
            return int(bareosfd.bRC_Error)

    return answer  # type: ignore[return-value]


class S3streamPlugin(BareosFdPluginBaseclass):  # type: ignore[misc]
    """What the daemon calls; one instance a job."""

    def __init__(self, plugindef: str, mandatory_options: Optional[List[str]] = None) -> None:
        """Nothing is read or asked yet: the daemon tells more before a job begins."""
        super().__init__(plugindef, mandatory_options)
        self._messages = Messages(bareosfd)
        #: Every definition once, and when it came.
        self._heard: List[Tuple[str, str]] = []
        self._when = WITH_FILE_SET
        #: The definition that came last: the line that the daemon works at.
        self._line = ""
        #: The line of which the job is.
        self._own_line: Optional[str] = None
        self._s3: Optional[Any] = None
        self._backup: Optional[Backup] = None
        self._restore: Optional[Restore] = None
        #: Whether this is a backup and not an estimate, which has no such event.
        self._is_job = False
        self._has_ended = False
        bareosfd.RegisterEvents([bareosfd.bEventCancelCommand, bareosfd.bEventEndRestoreJob])

    @guarded
    def parse_plugin_definition(self, plugindef: str) -> int:
        """Hears the FileSet's line or the options of a run, which look alike."""
        # A restore needs no option, and asks once for every file: nothing is judged here.
        self._line = plugindef
        if all(text != plugindef for text, _ in self._heard):
            self._heard.append((plugindef, self._when))
        return int(bareosfd.bRC_OK)

    @guarded
    def handle_plugin_event(self, event: int) -> int:
        """The cancel event comes on a thread of its own, while this job may wait in a read."""
        if event == bareosfd.bEventCancelCommand:
            if self._backup is not None:
                self._backup.is_cancelled = True
            self._cancel(self._s3)
        elif event == bareosfd.bEventEndFileSet:
            self._when = LATER
        elif event == bareosfd.bEventStartBackupJob:
            self._is_job = True
        elif event in (
            bareosfd.bEventEndBackupJob,
            bareosfd.bEventEndRestoreJob,
            bareosfd.bEventJobEnd,
        ):
            self._end()
        return int(bareosfd.bRC_OK)

    @staticmethod
    def _cancel(client: Any) -> None:
        if client is None:
            return
        try:
            client.cancel()
        except ValueError:
            # The job's own thread has closed it meanwhile: there is nothing left to end.
            pass

    def _end(self) -> None:
        """Lets everything go, once; a job that is cancelled has no JobEnd."""
        if self._has_ended:
            return
        self._has_ended = True
        if self._backup is not None:
            self._backup.end()
        if self._restore is not None:
            self._restore.end()
        # The cancel event may still come, on its own thread.
        client, self._s3 = self._s3, None
        if client is not None:
            client.close()

    # Backup and estimate.

    @guarded
    def start_backup_file(self, savepkt: Any) -> int:
        """Describes the next object; at the first call everything that can be checked is."""
        if self._backup is None:
            try:
                self._backup = self._begin()
            except OptionError as error:
                for line in error.lines:
                    self._messages.fatal(line)
                return int(bareosfd.bRC_Error)
            except s3stream.CancelledError:
                return int(bareosfd.bRC_Stop)
            except s3stream.S3Error as error:
                self._messages.fatal(NO_KEYS if _has_no_keys(error) else str(error))
                return int(bareosfd.bRC_Error)
        elif self._line != self._own_line:
            self._messages.fatal(ONE_LINE)
            return int(bareosfd.bRC_Error)
        return self._backup.offer(savepkt)

    def _begin(self) -> Backup:
        # Only here: a job is either a backup or a restore, and imports everything anew.
        from s3stream.bareos.backup import Backup

        # One instance serves all lines: the buckets of another would be left out without a word.
        self._own_line = self._line
        run, is_second = of_run(self._heard, self._line)
        if is_second:
            raise OptionError([ONE_LINE])
        definition = Definition(str(getattr(self, "configdir", "") or ""))
        definition.add(self._line, ":".join(run))
        definition.check()
        self._messages.hide(definition.secrets())
        options = Options.parse(definition.options, ":".join(text for text, _ in self._heard))
        for line in definition.warnings:
            self._messages.warning(line)
        if options.is_unverified:
            self._messages.warning("verify=no: whoever is between can read and change everything")
        self._s3 = _connect(options)
        job = str(getattr(self, "jobName", "") or "job")
        return Backup(bareosfd, self._messages, options, self._s3, job, not self._is_job)

    @guarded
    def end_backup_file(self) -> int:
        """Counts the object, and goes on."""
        return int(bareosfd.bRC_More) if self._backup is None else self._backup.end_file()

    @guarded
    def check_file(self, fname: str) -> int:
        """Says what became of a file of the last backup that was not offered in this one."""
        if self._backup is None:
            return int(bareosfd.bRC_OK)
        return self._backup.deleted(fname)

    @guarded
    def get_xattr(self, xattr: Any) -> int:
        """Hands one extended attribute over."""
        attributes = [] if self._backup is None else self._backup.attributes()
        if attributes:
            name, value = attributes.pop()
            xattr.name, xattr.value = bytearray(name), bytearray(value)
        return int(bareosfd.bRC_More if attributes else bareosfd.bRC_OK)

    # Restore.

    @property
    def _files(self) -> Restore:
        if self._restore is None:
            from s3stream.bareos.restore import Restore

            self._restore = Restore(bareosfd, self._messages)
        return self._restore

    @guarded
    def start_restore_file(self, cmd: str) -> int:
        """Nothing to do: the file is named by `create_file`."""
        return int(bareosfd.bRC_OK)

    @guarded
    def create_file(self, restorepkt: Any) -> int:
        """Makes the file's directory, and says whether the file is to be written."""
        try:
            self._files.hear(self._line)
        except OptionError as error:
            for line in error.lines:
                self._messages.fatal(line)
            return int(bareosfd.bRC_Error)
        return self._files.create(restorepkt)

    @guarded
    def set_file_attributes(self, restorepkt: Any) -> int:
        """Keeps mode and times until the file is closed."""
        return self._files.set_attributes(restorepkt)

    @guarded
    def set_xattr(self, xattr: Any) -> int:
        """Sets one extended attribute on the file."""
        return self._files.set_attribute(xattr)

    @guarded
    def get_acl(self, acl: Any) -> int:
        """Hands nothing over: access rules would take a request for each object."""
        return int(bareosfd.bRC_OK)

    @guarded
    def set_acl(self, acl: Any) -> int:
        """Nothing to do: there are none in a backup."""
        return int(bareosfd.bRC_OK)

    @guarded
    def restore_object_data(self, ROP: Any) -> int:  # noqa: N803 (the base class names it so)
        """Nothing to do: a backup keeps no restore objects."""
        return int(bareosfd.bRC_OK)

    @guarded
    def end_restore_file(self) -> int:
        """Lets the file go."""
        return self._files.end_file()

    # Both.

    @guarded
    def plugin_io(self, IOP: Any) -> int:  # noqa: N803 (the base class names it so)
        """Opens, reads, writes and closes."""
        backup = self._backup
        if backup is not None:
            if IOP.func == bareosfd.IO_READ:
                return backup.io_read(IOP)
            if IOP.func == bareosfd.IO_OPEN:
                return backup.io_open(IOP)
            if IOP.func == bareosfd.IO_CLOSE:
                return backup.io_close(IOP)
        else:
            if IOP.func == bareosfd.IO_WRITE:
                return self._files.io_write(IOP)
            if IOP.func == bareosfd.IO_OPEN:
                return self._files.io_open(IOP)
            if IOP.func == bareosfd.IO_CLOSE:
                return self._files.io_close(IOP)
            if IOP.func == bareosfd.IO_SEEK:
                return self._files.io_seek(IOP)
        IOP.status = -1
        return int(bareosfd.bRC_Error)


def _connect(options: Options) -> Any:
    try:
        return s3stream.Client(**options.client())
    except s3stream.S3Error as error:
        if not _has_no_keys(error):
            raise
        raise OptionError([NO_KEYS]) from None


def _has_no_keys(error: s3stream.S3Error) -> bool:
    """Whether nobody has said where keys are; an instance's service may have been asked too."""
    return "no credentials: set" in str(error)


NO_KEYS = (
    "there are no credentials: put access_key_id=... and secret_access_key=... into a file that "
    "only the daemon can read, and name it by defaults_file"
)

ONE_LINE = (
    "the FileSet has more than one line of this plugin: put all buckets into one "
    "(buckets=a,b,c), or make a job for each"
)
