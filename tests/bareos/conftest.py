"""What the tests of the Bareos plugin share: hosts, servers, an installed package.

    pytest tests/bareos --hosts DIR --package DIR --programs DIR

`.ci/steps/bareos.sh` makes all three.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable, Iterator, List

import pytest

from harness import HERE, Host
from jobs import Jobs
from server import FaultServer, Server


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--hosts", type=Path, required=True, help="where host/build put the hosts")
    parser.addoption("--package", type=Path, help="where the package s3stream is installed")
    parser.addoption("--programs", type=Path, help="where the servers' programs are")
    parser.addoption("--jobs", type=int, default=300, help="jobs in a sequence of many")


def pytest_configure(config: Any) -> None:
    # Where the plugin's own modules are, for tests that need no daemon.
    package = config.getoption("--package", None)
    if package is not None:
        sys.path.insert(0, str(package.resolve()))


def programs(config: Any) -> List[Path]:
    """The hosts, the oldest Python first."""
    found = sorted(config.getoption("--hosts").glob("host-*"), key=version_of)
    assert found, "there is no host: run tests/bareos/host/build"
    return found


def version_of(program: Path) -> List[int]:
    return [int(part) for part in program.name.rpartition("-")[2].split(".")]


def pytest_generate_tests(metafunc: Any) -> None:
    if "every_host" in metafunc.fixturenames:
        hosts = programs(metafunc.config)
        names = [program.name for program in hosts]
        metafunc.parametrize("every_host", hosts, ids=names, indirect=True)


@pytest.fixture
def make_host(tmp_path: Path, tmp_path_factory: Any) -> Callable[[Path], Host]:
    def make(program: Path) -> Host:
        directory = tmp_path / "host"
        directory.mkdir(exist_ok=True)
        return Host(program, directory, [HERE / "glue"], tmp_path_factory.getbasetemp() / "bytecode")

    return make


@pytest.fixture
def host(pytestconfig: Any, make_host: Callable[[Path], Host]) -> Host:
    """One host is enough where nothing depends on the version of Python."""
    return make_host(programs(pytestconfig)[len(programs(pytestconfig)) // 2])


@pytest.fixture
def every_host(request: Any, make_host: Callable[[Path], Host]) -> Host:
    """The test runs once for each version of Python."""
    return make_host(request.param)


@pytest.fixture(scope="session")
def server(pytestconfig: Any) -> Iterator[Server]:
    """The server of the surroundings (tests/interop/with-server), or an embedded one."""
    with Server.start(pytestconfig.getoption("--programs")) as started:
        yield started


@pytest.fixture
def bucket(server: Server) -> Iterator[str]:
    """An empty bucket of its own for a test."""
    name = server.new_bucket()
    yield name
    server.remove_bucket(name)


@pytest.fixture
def plugin(pytestconfig: Any) -> Path:
    """The plugin's directory in an installed package, as module_path names it."""
    package = pytestconfig.getoption("--package").resolve()
    return Path(package) / "s3stream" / "bareos" / "plugin"


@pytest.fixture
def fault_server(pytestconfig: Any) -> Iterator[Callable[[str], FaultServer]]:
    """Starts the fault server with a transcript of `faults`; each must be played to its end."""
    started: List[FaultServer] = []

    def start(name: str) -> FaultServer:
        started.append(FaultServer(pytestconfig.getoption("--programs"), HERE / "faults", name))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def jobs(server: Server, plugin: Path, tmp_path: Path) -> Jobs:
    """Jobs against the honest server."""
    return Jobs(server, plugin, tmp_path)
