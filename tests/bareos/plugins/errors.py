"""A plugin that catches errors of s3stream in every way that people write, and says which."""

import errno
import json
import sys

from BareosFdWrapper import *  # noqa: F401,F403
from BareosFdWrapper import BareosPlugin
import bareosfd
from BareosFdPluginBaseclass import BareosFdPluginBaseclass


@BareosPlugin
class Errors(BareosFdPluginBaseclass):
    def start_backup_file(self, packet):
        sys.path.insert(0, self.options["package"])
        import s3stream

        with open(self.options["settings"], encoding="utf-8") as file:
            settings = json.load(file)
        bucket, given = settings["bucket"], settings["client"]
        client = s3stream.Client(**given, max_attempts=1)
        stranger = s3stream.Client(**{**given, "access_key_id": "nobody"}, max_attempts=1)
        nowhere = s3stream.Client(**{**given, "endpoint_url": "http://127.0.0.1:9"}, max_attempts=1)
        try:
            client.open(bucket, "absent").read()
        except FileNotFoundError as error:
            self.caught(error, errno.ENOENT)
        try:
            client.open(bucket, "absent").read()
        except s3stream.S3Error as error:
            self.caught(error, errno.ENOENT)
        try:
            stranger.open(bucket, "there").read()
        except PermissionError as error:
            self.caught(error, errno.EACCES)
        try:
            nowhere.open(bucket, "there").read()
        except ConnectionError as error:
            self.caught(error, errno.ECONNABORTED)
        try:
            s3stream.Client(**{**given, "endpoint_url": "ftp://host"})
        except ValueError as error:
            self.caught(error, errno.EINVAL)
        for used in (client, stranger, nowhere):
            used.close()
        return bareosfd.bRC_Stop

    @staticmethod
    def caught(error, number):
        assert error.errno == number, (error, error.errno)
        bareosfd.JobMessage(bareosfd.M_INFO, f"caught {type(error).__name__} {error.errno}\n")
