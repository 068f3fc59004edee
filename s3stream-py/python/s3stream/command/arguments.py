"""The command line."""

from __future__ import annotations

import argparse
from typing import Any, Dict, NamedTuple, Optional, Sequence

import s3stream
from s3stream import _native
from s3stream.command import cat, check, ls, plan

__all__ = ["Place", "parse", "place"]

# A process's arguments are for everybody on the machine to see.
_SECRETS = ("access_key_id", "secret_access_key", "session_token")
_SWITCHES = {"anonymous": ("--anonymous", True), "verify": ("--no-verify", False)}


class Place(NamedTuple):
    """What `s3://bucket/key` names."""

    bucket: str
    key: str


def place(text: str) -> Place:
    """Reads `s3://bucket/key`; the key may be empty, and is taken as it is, `%` and all."""
    scheme, separator, rest = text.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not separator or not bucket:
        raise argparse.ArgumentTypeError(f"{text!r} is not s3://bucket/key")
    try:
        text.encode()
    except UnicodeEncodeError:
        # What the shell hands over is no UTF-8, and neither is any key.
        raise argparse.ArgumentTypeError(f"{ascii(text)} is not UTF-8, as keys are") from None
    return Place(bucket, key)


def parse(arguments: Optional[Sequence[str]]) -> argparse.Namespace:
    """Reads the command line; ends the program with status 2 if it is wrong."""
    settings = _settings()
    parser = argparse.ArgumentParser(
        prog="s3stream",
        description="Lists and reads S3 objects, and proves what it read.",
        epilog="Credentials come from the environment (AWS_ACCESS_KEY_ID, AWS_PROFILE, ...) "
        "and ~/.aws. Exit status: 0 all well, 1 failed, 2 usage; check: 3 reach, 4 sign, "
        "5 list, 6 read.",
        parents=[settings],
    )
    parser.add_argument("--version", action="version", version=f"s3stream {s3stream.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for module, name, help_text in (
        (ls, "ls", "list buckets, or the objects of one"),
        (cat, "cat", "write objects to standard output"),
        (check, "check", "find out what works: reach, sign, list, read"),
        (plan, "plan", "cut a bucket into shards, for many jobs"),
    ):
        command = commands.add_parser(
            name, help=help_text, description=module.__doc__, parents=[settings]
        )
        module.add_arguments(command, place)
        command.set_defaults(run=module.run)
    given = parser.parse_args(arguments)
    names = [name for name, _, _ in _native.client_settings()]
    chosen: Dict[str, Any] = {name: vars(given)[name] for name in names if name in vars(given)}
    given.client = lambda: s3stream.Client(**chosen)
    given.warns = chosen.get("require_proof", "warn") == "warn"
    return given


def _settings() -> argparse.ArgumentParser:
    """The client's settings, which may stand before the command and behind it."""
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = parser.add_argument_group("settings")
    for name, default, help_text in _native.client_settings():
        if name in _SECRETS:
            continue
        if name in _SWITCHES:
            switch, value = _SWITCHES[name]
            text = "do not check the server's certificate: unsafe" if not value else help_text
            group.add_argument(switch, dest=name, action="store_const", const=value, help=text)
            continue
        shown = f"{help_text} ({default})" if default else help_text
        option = f"--{name.replace('_', '-')}"
        group.add_argument(option, dest=name, metavar="VALUE", help=shown.replace("%", "%%"))
    return parser
