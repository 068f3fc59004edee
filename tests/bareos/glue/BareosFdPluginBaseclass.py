"""A stand-in for the module of that name that Bareos ships: from its described behaviour."""

import os
import time

import bareosfd


class BareosFdPluginBaseclass:
    """What a plugin inherits: facts about the job, and answers that do nothing."""

    def __init__(self, plugindef, mandatory_options=None):
        bareosfd.DebugMessage(100, f"plugin made for {plugindef}\n")
        bareosfd.RegisterEvents(
            [
                bareosfd.bEventJobEnd,
                bareosfd.bEventEndBackupJob,
                bareosfd.bEventEndFileSet,
                bareosfd.bEventHandleBackupFile,
                bareosfd.bEventStartBackupJob,
                bareosfd.bEventStartRestoreJob,
            ]
        )
        self.mandatory_options = mandatory_options
        self.fdname = bareosfd.GetValue(bareosfd.bVarFDName)
        self.jobId = bareosfd.GetValue(bareosfd.bVarJobId)
        self.client = bareosfd.GetValue(bareosfd.bVarClient)
        self.since = bareosfd.GetValue(bareosfd.bVarSinceTime)
        self.level = bareosfd.GetValue(bareosfd.bVarLevel)
        self.jobName = bareosfd.GetValue(bareosfd.bVarJobName)
        self.shortName = self.jobName.rsplit(".", 3)[0]
        self.workingdir = bareosfd.GetValue(bareosfd.bVarWorkingDir)
        self.configdir = os.path.dirname(bareosfd.GetValue(bareosfd.bVarUsedConfig))
        self.startTime = int(time.time())
        self.FNAME = "undef"
        self.file = None

    def parse_plugin_definition(self, plugindef):
        """Reads options; like the daemon's own, it writes each of them into the trace."""
        self.options = getattr(self, "options", {})
        for part in plugindef.split(":"):
            name, _, value = part.partition("=")
            bareosfd.DebugMessage(100, f"{name}={value}\n")
            self.options.setdefault(name.strip(), value.strip())
        return bareosfd.bRC_OK

    def handle_plugin_event(self, event):
        """Passes an event on to the method that is named for it."""
        name = {
            bareosfd.bEventJobEnd: "end_job",
            bareosfd.bEventEndBackupJob: "end_backup_job",
            bareosfd.bEventEndFileSet: "end_fileset",
            bareosfd.bEventStartBackupJob: "start_backup_job",
            bareosfd.bEventStartRestoreJob: "start_restore_job",
        }.get(event)
        return getattr(self, name)() if name else bareosfd.bRC_OK

    def _nothing(self, *_):
        return bareosfd.bRC_OK

    end_job = end_backup_job = end_fileset = start_backup_job = start_restore_job = _nothing
    start_restore_file = end_restore_file = set_file_attributes = restore_object_data = _nothing
    get_acl = set_acl = get_xattr = set_xattr = check_file = handle_backup_file = _nothing

    def start_backup_file(self, savepkt):
        """Offers nothing."""
        return bareosfd.bRC_Stop

    def end_backup_file(self):
        """Goes on."""
        return bareosfd.bRC_More

    def create_file(self, restorepkt):
        """Leaves the file to the daemon."""
        restorepkt.create_status = bareosfd.CF_CORE
        return bareosfd.bRC_OK

    def plugin_io(self, IOP):  # noqa: N803
        """Passes a call on to the method that is named for it."""
        name = {
            bareosfd.IO_OPEN: "plugin_io_open",
            bareosfd.IO_READ: "plugin_io_read",
            bareosfd.IO_WRITE: "plugin_io_write",
            bareosfd.IO_CLOSE: "plugin_io_close",
            bareosfd.IO_SEEK: "plugin_io_seek",
        }[IOP.func]
        return getattr(self, name)(IOP)
