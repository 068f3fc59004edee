"""Runs scenarios in the embedding host and reads what came of them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

HERE = Path(__file__).resolve().parent

FT_REG, FT_DELETED = 3, 23


class Result(NamedTuple):
    """What the host says of one job."""

    job: str
    number: int
    status: str
    messages: List[List[str]]
    fatals: int
    errors: int
    warnings: int
    files: int
    saved: int
    unchanged: int
    deleted: int
    bytes: int
    digest: str
    estimated_bytes: int
    reads: int
    cancel_seconds: float
    rss_kib: int
    heap: int
    #: Modules in the interpreter at the job's end, where the job asks for them.
    modules: List[str]

    def texts(self, kind: Optional[str] = None) -> List[str]:
        """Messages of one kind, of all kinds but the trace if none is named."""
        return [text for name, text in self.messages if name == (kind or name) != "DEBUG"]

    def says(self, text: str, kind: Optional[str] = None) -> bool:
        """Whether any message has this in it."""
        return any(text in line for line in self.texts(kind))

    def everything(self) -> str:
        """All messages and traces."""
        return json.dumps(self.messages, ensure_ascii=False)


class Entry(NamedTuple):
    """A file on a volume."""

    type: int
    mode: int
    ino: int
    size: int
    mtime: int
    ctime: int
    stored: int
    name: str
    index: int
    attributes: Dict[str, bytes]
    content: Optional[bytes]


class Volume:
    """Where the host keeps the files of a backup."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def entries(self) -> List[Entry]:
        """All files, in the order of the backup."""
        found: List[Entry] = []
        for line in (self.path / "catalogue").read_text(encoding="ascii").splitlines():
            kind, *words = line.split()
            if kind == "xattr":
                name, value = (bytes.fromhex("" if word == "-" else word) for word in words)
                found[-1].attributes[name.decode()] = value
                continue
            data = self.path / f"data.{words[8]}"
            is_file = int(words[0]) != FT_DELETED and data.exists()
            found.append(
                Entry(
                    type=int(words[0]),
                    mode=int(words[1], 8),
                    ino=int(words[2]),
                    size=int(words[3]),
                    mtime=int(words[4]),
                    ctime=int(words[5]),
                    stored=int(words[6]),
                    name=bytes.fromhex(words[7]).decode(),
                    index=int(words[8]),
                    attributes={},
                    content=data.read_bytes() if is_file else None,
                )
            )
        return found

    def files(self) -> Dict[str, Entry]:
        """Files that were backed up, by name."""
        return {entry.name: entry for entry in self.entries() if entry.type != FT_DELETED}

    def deleted(self) -> List[str]:
        """Names that were recorded as deleted."""
        return [entry.name for entry in self.entries() if entry.type == FT_DELETED]

    def rename(self, name: str, to: str) -> None:
        """Falsifies a name, as a catalogue that was tampered with would have it."""
        path = self.path / "catalogue"
        text = path.read_text(encoding="ascii")
        assert name.encode().hex() in text
        path.write_text(text.replace(name.encode().hex(), to.encode().hex()), encoding="ascii")


def scenario(jobs: List[Dict[str, Any]]) -> str:
    """The text of a scenario; values that are lists are lines of the same name."""
    lines: List[str] = []
    for job in jobs:
        for name, value in job.items():
            for item in value if isinstance(value, list) else [value]:
                lines.append(f"{name} {item}")
        lines.append("end")
    return "\n".join(lines) + "\n"


class Host:
    """One build of the host, with a directory for its files."""

    def __init__(
        self, program: Path, directory: Path, python_path: List[Path], bytecode: Path
    ) -> None:
        self.program = program
        self.directory = directory
        self.python_path = python_path
        #: Where compiled modules are kept: a daemon does not compile them for each job either.
        self.bytecode = bytecode

    @property
    def version(self) -> str:
        """The version of Python that it embeds, such as 3.11."""
        return self.program.name.rpartition("-")[2]

    def run(
        self, *jobs: Dict[str, Any], timeout: float = 120, counts_memory: bool = False
    ) -> List[Result]:
        """Runs jobs one after another; every result, in the order of the jobs' ends.

        With `counts_memory` the results' `heap` holds every byte, Python's included.
        """
        path = self.directory / "scenario"
        path.write_text(scenario(list(jobs)), encoding="utf-8")
        done = subprocess.run(
            [self.program, path],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=self._environment(counts_memory),
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"exit {done.returncode}: {done.stderr}"
        return list(results(done.stdout))

    def _environment(self, counts_memory: bool) -> Dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        # Nobody is asked for the keys of a virtual machine.
        kept["AWS_EC2_METADATA_DISABLED"] = "true"
        # A daemon has no settings of S3 in its surroundings, no home with any, and no locale.
        kept["HOME"] = str(self.directory)
        kept["PYTHONPATH"] = os.pathsep.join(map(str, self.python_path))
        kept["PYTHONPYCACHEPREFIX"] = str(self.bytecode)
        if counts_memory:
            # The C library counts what is in one arena of its own.
            kept.update(PYTHONMALLOC="malloc", MALLOC_ARENA_MAX="1")
        return kept


def results(output: str) -> Iterator[Result]:
    """The results in what the host printed."""
    for line in output.splitlines():
        yield Result(**json.loads(line))
