"""Runs contenders in turn and measures each run."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .plan import CA_BUNDLE, ENDPOINT, FOLDER, Contender, NotRun, Proof, Results, Run

# What a program exits with if this build of it has no such job.
NOT_HERE = 77


class Meter:
    """Runs one contender and proves that it delivered everything."""

    def __init__(self, contender_program: Path, scratch: Path, longest: float) -> None:
        self._program = contender_program
        self._scratch = scratch
        # Seconds after which a run is not waited for any more.
        self._longest = longest

    def run(
        self, contender: Contender, environment: Mapping[str, str], inside: Sequence[str]
    ) -> Run:
        """One run, behind the command `inside` that leads to its network.

        `NotRun` with the reason if it failed or delivered something else.
        """
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        try:
            return self._run(contender, environment, inside, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(
        self,
        contender: Contender,
        environment: Mapping[str, str],
        inside: Sequence[str],
        folder: Path,
    ) -> Run:
        usage_file = folder / "usage.json"
        target = folder / "files"
        target.mkdir()
        values = {FOLDER: str(target), ENDPOINT: environment["AWS_ENDPOINT_URL"]}
        values[CA_BUNDLE] = environment.get("AWS_CA_BUNDLE", "")
        command = [_filled(word, values) for word in contender.command]
        own = {name: _filled(word, values) for name, word in contender.environment.items()}
        measured = [str(self._program), "measure", "--to", str(usage_file), "--"]
        process = subprocess.Popen(
            [*measured, *inside, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment, **own},
            # So that all of it can be ended.
            start_new_session=True,
        )
        output = _Output(process, contender.proof)
        status = output.wait(self._longest)
        if status != 0:
            raise NotRun(_reason(status, output.errors))
        usage = json.loads(usage_file.read_text())
        run = _proven(contender, usage, output, target)
        if run.objects != contender.objects:
            raise NotRun(f"delivered {run.objects} objects instead of {contender.objects}")
        if contender.bytes is not None and run.bytes != contender.bytes:
            raise NotRun(f"delivered {run.bytes} bytes instead of {contender.bytes}")
        return run


def rounds(
    contenders: Sequence[Contender],
    environment: Mapping[str, str],
    inside: Sequence[str],
    meter: Meter,
    count: int,
    say: Callable[[str], None],
) -> Results:
    """Every contender in turn, `count` times; one that fails is not run again."""
    results = Results(contenders)
    for number in range(count):
        for contender in contenders:
            name = contender.name
            most = contender.rounds or count
            if name in results.not_run or len(results.runs[name]) >= most:
                continue
            try:
                run = meter.run(contender, environment, inside)
            except NotRun as error:
                results.not_run[name] = str(error)
                results.runs[name].clear()
                say(f"  {name}: not run: {error}")
                continue
            results.runs[name].append(run)
            say(
                f"  {number + 1}/{min(most, count)} {name}: {run.seconds:.2f} s, "
                f"{run.cpu:.2f} CPU s, {run.peak_mib:.0f} MiB"
            )
    return results


class _Output:
    """Reads what a program writes, while it runs, without keeping what is only counted."""

    def __init__(self, process: subprocess.Popen[bytes], proof: Proof) -> None:
        self._process = process
        self.text = b""
        self.errors = ""
        self.bytes = 0
        self.lines = 0
        readers = [self._count_bytes if proof is Proof.OUTPUT_BYTES else self._read]
        if proof is Proof.OUTPUT_LINES:
            readers = [self._count_lines]
        self._threads = [threading.Thread(target=read) for read in [*readers, self._read_errors]]
        for thread in self._threads:
            thread.start()

    def wait(self, longest: float) -> int:
        try:
            status = self._process.wait(longest)
        except subprocess.TimeoutExpired:
            self._end()
            raise NotRun(f"took longer than {longest:.0f} s") from None
        except BaseException:
            self._end()
            raise
        finally:
            for thread in self._threads:
                thread.join()
        return status

    def _end(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self.text = self._process.stdout.read()

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self.errors = self._process.stderr.read().decode(errors="replace")

    def _count_lines(self) -> None:
        assert self._process.stdout is not None
        while piece := self._process.stdout.read(1 << 20):
            self.lines += piece.count(b"\n")

    def _count_bytes(self) -> None:
        """Moves the bytes to where they cost nothing: only the client is to be measured."""
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)
        with open(os.devnull, "wb", buffering=0) as nowhere:
            while moved := os.splice(pipe, nowhere.fileno(), 1 << 20):
                self.bytes += moved


def _proven(contender: Contender, usage: Mapping[str, Any], output: _Output, folder: Path) -> Run:
    peak = usage["peak_kib"] / 1024
    whole = {"seconds": usage["seconds"], "cpu": usage["cpu"], "peak_mib": peak}
    match contender.proof:
        case Proof.LINE:
            line = json.loads(output.text)
            return Run(peak_mib=peak, **line)
        case Proof.OUTPUT_BYTES:
            return Run(**whole, objects=1, bytes=output.bytes)
        case Proof.OUTPUT_LINES:
            return Run(**whole, objects=output.lines, bytes=0)
        case Proof.OUTPUT_NUMBER:
            return Run(**whole, objects=1, bytes=int(output.text))
        case Proof.FILES:
            files = [path for path in folder.rglob("*") if path.is_file()]
            size = sum(path.stat().st_size for path in files)
            return Run(**whole, objects=len(files), bytes=size)


def _filled(word: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(name, value)
    return word


def _reason(status: int, errors: str) -> str:
    last = [line.strip() for line in errors.splitlines() if line.strip()][-1:]
    text = last[0][:200] if last else ""
    if status == NOT_HERE and text:
        return text
    return f"exit status {status}" + (f": {text}" if text else "")
