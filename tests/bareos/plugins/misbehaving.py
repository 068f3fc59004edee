"""A plugin of three files, of which the second misbehaves as the option `how` says."""

from BareosFdWrapper import *  # noqa: F401,F403
from BareosFdWrapper import BareosPlugin
from bareosfd import *  # noqa: F401,F403
import bareosfd
from BareosFdPluginBaseclass import BareosFdPluginBaseclass

import errno
import threading

NAMES = ["/@X/one", "/@X/two", "/@X/three"]
CONTENT = b"content of a file"


@BareosPlugin
class Misbehaving(BareosFdPluginBaseclass):
    def __init__(self, plugindef, mandatory_options=None):
        super().__init__(plugindef, mandatory_options)
        self.left = list(NAMES)
        self.has_started = False
        self.blocks = []

    def start_backup_job(self):
        self.has_started = True
        return bareosfd.bRC_OK

    @property
    def how(self):
        return self.options["how"] if self.name == NAMES[1] else ""

    def start_backup_file(self, packet):
        if not self.left:
            return bareosfd.bRC_Stop
        self.name = self.left.pop(0)
        if self.how == "skip":
            return bareosfd.bRC_Skip
        if self.how == "stop":
            return bareosfd.bRC_Stop
        if self.how == "error":
            return bareosfd.bRC_Error
        if self.how == "raise":
            raise ValueError("of no use")
        packet.fname = "/@X/\udcff" if self.how == "surrogate" else self.name
        packet.type = bareosfd.FT_NOOPEN if self.how == "noopen" else bareosfd.FT_REG
        packet.statp = bareosfd.StatPacket()
        packet.statp.st_size = len(CONTENT)
        if self.how == "notype":
            packet.type = 0
        if self.how == "thread":
            self.try_thread()
        return bareosfd.bRC_OK

    def try_thread(self):
        def run():
            try:
                bareosfd.JobMessage(bareosfd.M_INFO, "from a thread\n")
            except RuntimeError as error:
                self.refused = str(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        bareosfd.JobMessage(bareosfd.M_INFO, f"refused: {self.refused}\n")

    def plugin_io_open(self, iop):
        self.blocks = [CONTENT]
        if self.how == "open":
            iop.status, iop.io_errno = -1, errno.EACCES
            return bareosfd.bRC_Error
        return bareosfd.bRC_OK

    def plugin_io_read(self, iop):
        iop.status = 0
        if self.how == "quiet":
            return bareosfd.bRC_Error
        if self.how == "read":
            iop.status, iop.io_errno = -1, errno.EBADMSG
            return bareosfd.bRC_OK
        if self.how == "long":
            iop.buf, iop.status = bytearray(iop.count + 1), iop.count + 1
            return bareosfd.bRC_OK
        if self.blocks:
            iop.buf = bytearray(self.blocks.pop())
            iop.status = len(iop.buf)
        return bareosfd.bRC_OK

    def plugin_io_close(self, iop):
        if self.how == "close":
            bareosfd.JobMessage(bareosfd.M_ERROR, "not whole\n")
        return bareosfd.bRC_OK

    def end_backup_file(self):
        return bareosfd.bRC_OK if self.how == "end" else bareosfd.bRC_More

    def end_job(self):
        bareosfd.JobMessage(bareosfd.M_INFO, f"started {self.has_started}\n")
        return bareosfd.bRC_OK
