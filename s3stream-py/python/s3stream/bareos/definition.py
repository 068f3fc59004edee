"""The plugin's line in the FileSet, and the option files that it names, as pairs of text.

The rules are those that Bareos documents for its Python plugins. They are read here and not by
its base class because that writes every option, keys and secrets among them, into the daemon's
trace file.
"""

from __future__ import annotations

import os

from s3stream.bareos.options import EXACT, SECRETS, OptionError, passwords

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Iterator, List, Tuple


#: When the daemon passed a definition on: with the FileSet's lines, or later in the job.
WITH_FILE_SET, LATER = "with the FileSet", "later"

#: Options of which every line has one: the ways to credentials.
WAYS = ("defaults_file", "overrides_file", "profile", "access_key_id", "anonymous")


def of_run(heard: List[Tuple[str, str]], line: str) -> Tuple[List[str], bool]:
    """Which definitions are options of this run, and whether another is a second line.

    `heard` are all definitions in order, each with when it came; `line` is the one that the
    daemon now works at, the FileSet's. Options of a run (`pluginoptions`, `FD Plugin Options`)
    come behind the FileSet in a backup, and before its line where the daemon puts them in front.
    """
    first = next((at for at, (text, _) in enumerate(heard) if text == line), len(heard))
    run: List[str] = []
    is_second = False
    for at, (text, when) in enumerate(heard):
        if text == line or text in run:
            continue
        # Between the two it may be either; a second line says how to reach a server.
        if when == WITH_FILE_SET and at > first and any(name in WAYS for name, _ in parts(text)):
            is_second = True
        else:
            run.append(text)
    return run, is_second


class Definition:
    """All options of a job: those of a run win over a file that overrides, then come the
    FileSet's, then the file of defaults.

    >>> definition = Definition("/etc/bareos")
    >>> definition.add("buckets=a,b:endpoint_url=https\\\\://s3.example.org:")
    >>> definition.options["endpoint_url"]
    'https://s3.example.org'
    """

    def __init__(self, directory: str) -> None:
        """`directory` is where the names of option files begin: the daemon's configuration."""
        self.directory = directory
        self.options: Dict[str, str] = {}
        #: What is wrong, in one line each.
        self.faults: List[str] = []
        #: What is odd about it, in one line each.
        self.warnings: List[str] = []

    def add(self, text: str, run: str = "") -> None:
        """Takes in the FileSet's line and the options of a run, and the files that they name.

        What was taken in before stays. Faults and warnings are kept, not raised: a restore needs
        none of the options.
        """
        of_run, of_line = self._given(run), self._given(text)
        named = {**of_line, **of_run}
        overrides, defaults = (
            self._file(named, "overrides_file"),
            self._file(named, "defaults_file"),
        )
        for source in (of_run, overrides, of_line, defaults):
            for name, value in source.items():
                self._keep(name, value)

    def _given(self, text: str) -> Dict[str, str]:
        given: Dict[str, str] = {}
        for name, value in parts(text):
            if name.startswith("//"):
                self._fault("a colon within a value is written '\\:', as in https\\://HOST")
                # What follows is the rest of that value.
                break
            if not value:
                self._fault(f"option '{name}' has no value: leave it out, or give it one")
            given.setdefault(name, value)
        return given

    def _file(self, given: Dict[str, str], option: str) -> Dict[str, str]:
        if option not in given:
            return {}
        path = os.path.join(self.directory, given[option])
        options: Dict[str, str] = {}
        try:
            with open(path, encoding="utf-8") as file:
                for name, value in lines(file.read()):
                    if name in options:
                        self._warn(f"{path} has '{name}' twice: the last one counts")
                    for oddity in oddities(name, value):
                        self._warn(f"{path}: the value of '{name}' {oddity}")
                    options[name] = value
            self._look_at_permissions(path, options)
        except OSError as error:
            self._fault(f"{option} {path} cannot be read: {os.strerror(error.errno or 0)}")
        except ValueError as error:
            self._fault(f"{path}: {error}")
        return options

    def _look_at_permissions(self, path: str, options: Dict[str, str]) -> None:
        holds_secret = any(name.partition("#")[0] in SECRETS for name in options)
        if holds_secret and os.stat(path).st_mode & 0o007:
            self._warn(f"{path} holds a secret and everybody on this host can read it: chmod o= it")

    def _keep(self, name: str, value: str) -> None:
        name, _, transformation = name.partition("#")
        if transformation == "enc":
            import base64

            try:
                value = base64.b85decode(value.strip()).decode("utf-8")
            except ValueError:
                self._fault(f"the value of '{name}#enc' is not base85 text")
                return
        elif transformation:
            self._fault(f"'{name}#{transformation}': only #enc is known")
            return
        self.options.setdefault(name, value)

    def _warn(self, line: str) -> None:
        if line not in self.warnings:
            self.warnings.append(line)

    def _fault(self, line: str) -> None:
        # The same definition comes twice in every backup.
        if line not in self.faults:
            self.faults.append(line)

    def secrets(self) -> List[str]:
        """Values that no message may show, whether or not the options are of any use."""
        found = [self.options[name] for name in SECRETS if name in self.options]
        for name in ("proxy", "endpoint_url"):
            found.extend(passwords(self.options.get(name, "")))
        # An access key is no secret, but nobody else's business; a short one is a common word.
        key = self.options.get("access_key_id", "")
        return found + ([key] if len(key) >= 12 else [])

    def check(self) -> None:
        """Raises OptionError if a part of the definition could not be read."""
        if self.faults:
            raise OptionError(self.faults)


def parts(text: str) -> Iterator[Tuple[str, str]]:
    """The `name=value` pairs between colons; `\\:` is a colon within a value."""
    pieces = iter(text.split(":"))
    for piece in pieces:
        name, _, value = piece.partition("=")
        name, value = name.strip(), value.strip()
        while value.endswith("\\"):
            value = value[:-1] + ":" + next(pieces, "").rstrip()
        if name:
            yield name, value


def lines(text: str) -> Iterator[Tuple[str, str]]:
    """The `name=value` pairs of an option file; raises ValueError, naming only the line.

    A value is what stands behind the `=`, blanks and all: a prefix may end in one. Who writes
    a blank before the `=` writes one behind it, which is no part of the value.
    """
    numbered = iter(enumerate(text.split("\n"), 1))
    for number, line in numbered:
        name, _, value = line.rstrip("\r").partition("=")
        if name != name.rstrip():
            value = value.lstrip()
        name = name.strip()
        if name.startswith(("#", ";", "[")) or not line.strip():
            continue
        if not name or not value.strip():
            # The line itself may be a secret.
            raise ValueError(f"line {number} is not NAME=VALUE")
        while value.endswith("\\"):
            value = value[:-1] + next(numbered, (0, ""))[1].rstrip("\r")
        yield name, value


def oddities(name: str, value: str) -> Iterator[str]:
    """What other programs would take off a value; it may be a secret, and is not shown."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        yield "is in quotes, which are taken as a part of it"
    if " #" in value or "\t#" in value:
        yield "has a # in it, which is taken as a part of it: comments have lines of their own"
    if name in EXACT and value != value.strip():
        yield "begins or ends with a blank, which is taken as a part of it"
