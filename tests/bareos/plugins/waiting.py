"""A plugin that waits for a byte that never comes, until what is called meanwhile has enough."""

import sys

from BareosFdWrapper import *  # noqa: F401,F403
from BareosFdWrapper import BareosPlugin
import bareosfd
from BareosFdPluginBaseclass import BareosFdPluginBaseclass


class Enough(Exception):
    """Raised in the middle of the wait."""


@BareosPlugin
class Waiting(BareosFdPluginBaseclass):
    def start_backup_file(self, packet):
        sys.path.insert(0, self.options["package"])
        import s3stream
        from s3stream import _native

        with open(self.options["url"], encoding="utf-8") as file:
            url = file.read()
        keys = {"access_key_id": "AKIAFAULT", "secret_access_key": "secret", "region": "us-east-1"}
        client = s3stream.Client(endpoint_url=url, **keys)
        reader = client.open("bucket", "a")
        _native.while_waiting(self.called)
        try:
            reader.read()
        except Enough as error:
            bareosfd.JobMessage(bareosfd.M_INFO, f"called: {type(error).__name__}\n")
        _native.while_waiting(None)
        client.close()
        return bareosfd.bRC_Stop

    @staticmethod
    def called():
        raise Enough
