"""Jobs of the real plugin as an administrator would set them up."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict


class Jobs:
    """Makes jobs that reach one server; its keys are in a file that only the daemon reads."""

    def __init__(self, server: Any, plugin: Path, directory: Path) -> None:
        self.server = server
        self.plugin = plugin
        self.directory = directory
        self.defaults = directory / "s3-defaults.conf"
        self.defaults.write_text(
            f"# keys of the server\n"
            f"access_key_id={server.access_key_id}\n"
            f"secret_access_key={server.secret_access_key}\n"
            f"region={server.region}\n",
            encoding="utf-8",
        )
        self.defaults.chmod(0o600)

    def definition(self, **options: Any) -> str:
        """The line of the FileSet as the daemon passes it on."""
        given = {"endpoint_url": self.server.endpoint_url, "defaults_file": self.defaults}
        given.update(options)
        pairs = ((name, str(value)) for name, value in given.items() if value is not None)
        return "".join(f"{name}={escaped(value)}:" for name, value in pairs)

    def job(self, kind: str = "backup", **settings: Any) -> Dict[str, Any]:
        """A job of the host; `options` are the plugin's."""
        options = settings.pop("options", {})
        job = {
            "job": f"s3-{kind}",
            "type": kind,
            "module_path": self.plugin,
            "module_name": "bareos-fd-s3stream",
            "working_dir": self.directory,
            "config": self.directory / "bareos-fd.conf",
            "definition": self.definition(**options),
        }
        job.update(settings)
        return job

    def backup(self, volume: Path, **options: Any) -> Dict[str, Any]:
        """A full backup onto a volume."""
        return self.job(options=options, volume=volume, keep="yes")

    def changes(self, volume: Path, since: int, **options: Any) -> Dict[str, Any]:
        """An incremental backup of what was written at or after `since`."""
        # The margin is for clocks that differ; here there is one.
        options.setdefault("since_margin", "0s")
        return self.job(options=options, volume=volume, keep="yes", level="I", since=since)

    def restore(self, volume: Path, where: Path, **settings: Any) -> Dict[str, Any]:
        """A restore of all files of a volume."""
        return self.job("restore", volume=volume, where=where, **settings)


def escaped(value: str) -> str:
    """A value as it stands between the colons of a definition."""
    return value.replace(":", "\\:")
