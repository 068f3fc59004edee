"""Whoever else may write below the directory of a restore, or wrote the keys, gets nothing
written outside of it: links swapped while it runs, deep and odd names, modes of a catalogue."""

from __future__ import annotations

import ctypes
import itertools
import os
import stat
import threading
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from stand_in import STAGES, Restoring

#: A user who is not root, to whom a directory belongs that root restores into.
SOMEBODY = 4321
TOP = "@S3STREAM/bucket"

AT_FDCWD, RENAME_EXCHANGE = -100, 2


class Victim:
    """A directory of somebody's with `where` in it, and one beside it that must stay as it is."""

    def __init__(self, path: Path) -> None:
        self.home = path / "home"
        self.where = self.home / "where"
        self.outside = path / "outside"
        (self.outside / "home").mkdir(parents=True)
        self.where.mkdir(parents=True)
        for name in ("target", "home/1"):
            (self.outside / name).write_bytes(b"precious")
            (self.outside / name).chmod(0o600)
        if os.getuid() == 0:
            for directory in (self.home, self.where):
                os.chown(directory, SOMEBODY, SOMEBODY)
        self.before = self.state()
        self.restoring = Restoring(str(self.where))

    def state(self) -> Dict[str, Tuple[Any, ...]]:
        """All that is outside: names, kinds, modes, bytes, times and attributes."""
        found: Dict[str, Tuple[Any, ...]] = {}
        for path in sorted(self.outside.rglob("*")):
            there = path.lstat()
            body = path.read_bytes() if stat.S_ISREG(there.st_mode) else b""
            attributes = tuple(sorted(os.listxattr(path, follow_symlinks=False)))
            name = str(path.relative_to(self.outside))
            found[name] = (there.st_mode, there.st_nlink, body, there.st_mtime_ns, attributes)
        return found

    def is_unharmed(self) -> bool:
        return self.state() == self.before

    def swap(self, name: str) -> None:
        """Puts a link out of `where` into the place of what is there."""
        path = self.where / name
        if os.path.lexists(path):
            path.rename(path.with_name(f"{path.name}.away"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(self.outside)


@pytest.fixture
def victim(tmp_path: Path) -> Victim:
    return Victim(tmp_path)


@pytest.mark.parametrize(
    ("stage", "swapped"),
    list(
        itertools.product(
            STAGES, ("@S3STREAM", TOP, f"{TOP}/home", f"{TOP}/home/deeper", f"{TOP}/home/deeper/1")
        )
    ),
)
def test_a_link_that_is_swapped_in_between_two_calls_leads_nowhere(
    victim: Victim, stage: str, swapped: str
) -> None:
    # One file makes the directories; the next ones find them as they are by then.
    victim.restoring.file(f"{TOP}/home/deeper/0")
    done: List[str] = []

    def between(reached: str) -> None:
        if reached == stage and not done:
            done.append(reached)
            victim.swap(swapped)

    for name in ("1", "target", "new/deep/x"):
        victim.restoring.file(f"{TOP}/home/deeper/{name}", between=between)
    victim.restoring.restore.end()
    assert done == [stage]
    assert victim.is_unharmed(), victim.state()


@pytest.mark.parametrize("name", ["home/new/deep/x", "home/authorized_keys", "home/1", "home/target"])
@pytest.mark.parametrize("linked", ["@S3STREAM", TOP, f"{TOP}/home"])
def test_a_link_that_was_there_before_leads_nowhere(victim: Victim, linked: str, name: str) -> None:
    victim.swap(linked)
    assert victim.restoring.file(f"{TOP}/{name}") == victim.restoring.fd.CF_ERROR
    assert victim.restoring.file(f"{TOP}/{name}/", type=5) == victim.restoring.fd.CF_ERROR
    assert victim.is_unharmed(), victim.state()
    (said, _) = victim.restoring.fd.texts(victim.restoring.fd.M_ERROR)
    assert "a symbolic link" in said and "none is followed" in said


def test_a_link_within_is_not_followed_either(victim: Victim) -> None:
    victim.restoring.file(f"{TOP}/other/1")
    (victim.where / TOP / "home").symlink_to(victim.where / TOP / "other")
    assert victim.restoring.file(f"{TOP}/home/1") == victim.restoring.fd.CF_ERROR


@pytest.mark.parametrize("marked", ["a%+", "a"])
def test_a_link_in_the_place_of_a_marked_directory_leads_nowhere(
    victim: Victim, marked: str
) -> None:
    victim.restoring.file(f"{TOP}/a")
    victim.swap(f"{TOP}/a%+")
    assert victim.restoring.file(f"{TOP}/{marked}/b") == victim.restoring.fd.CF_ERROR
    assert victim.is_unharmed(), victim.state()


def test_a_link_in_the_place_of_a_file_is_replaced(victim: Victim) -> None:
    (victim.where / TOP).mkdir(parents=True)
    (victim.where / TOP / "a").symlink_to(victim.outside / "target")
    assert victim.restoring.file(f"{TOP}/a") == victim.restoring.fd.CF_EXTRACT
    assert not (victim.where / TOP / "a").is_symlink()
    assert (victim.where / TOP / "a").read_bytes() == b"body" and victim.is_unharmed()


def test_another_name_of_a_file_outside_is_replaced(victim: Victim) -> None:
    (victim.where / TOP).mkdir(parents=True)
    os.link(victim.outside / "target", victim.where / TOP / "a")
    victim.restoring.file(f"{TOP}/a", st_mode=0o100777)
    assert (victim.where / TOP / "a").read_bytes() == b"body"
    assert (victim.outside / "target").read_bytes() == b"precious"
    assert stat.S_IMODE((victim.outside / "target").stat().st_mode) == 0o600


@pytest.mark.parametrize("of", [SOMEBODY, 0])
def test_a_link_to_where_itself_counts_only_if_it_is_the_administrators(
    victim: Victim, of: int
) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can make links of another user")
    link = victim.home / "link"
    link.symlink_to(victim.outside)
    os.chown(link, of, of, follow_symlinks=False)
    restoring = Restoring(str(link / "restored"))
    status = restoring.file(f"{TOP}/a")
    if of == 0:
        assert status == restoring.fd.CF_EXTRACT
        assert (victim.outside / "restored" / TOP / "a").read_bytes() == b"body"
    else:
        assert status == restoring.fd.CF_ERROR and victim.is_unharmed()
        assert "a symbolic link of another user" in restoring.fd.texts(restoring.fd.M_ERROR)[0]


def test_links_of_the_administrator_that_go_round_are_an_error(victim: Victim) -> None:
    (victim.home / "round").symlink_to("round")
    restoring = Restoring(str(victim.home / "round" / "x"))
    assert restoring.file("a") == restoring.fd.CF_ERROR
    assert "Too many levels of symbolic links" in restoring.fd.texts(restoring.fd.M_ERROR)[0]


@pytest.mark.parametrize("target", ["{}", "../home/real", "./real/", "real/../real"])
def test_a_relative_link_of_the_administrator_is_followed(victim: Victim, target: str) -> None:
    (victim.home / "real").mkdir()
    (victim.home / "link").symlink_to(target.format(victim.home / "real"))
    restoring = Restoring(str(victim.home / "link"))
    assert restoring.file("@S3STREAM/b/a") == restoring.fd.CF_EXTRACT
    assert (victim.home / "real" / "@S3STREAM" / "b" / "a").read_bytes() == b"body"


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "@S3STREAM/../../escaped",
        f"{TOP}/..",
        f"{TOP}/../../../escaped",
        f"{TOP}/a/../../../../escaped",
        f"{TOP}/%+",
        f"{TOP}/%+/x",
        f"{TOP}/a%+",
        "",
    ],
)
def test_a_name_that_no_object_has_is_refused(victim: Victim, name: str) -> None:
    assert victim.restoring.file(name) == victim.restoring.fd.CF_ERROR
    assert victim.is_unharmed() and not list(victim.home.rglob("escaped*"))


def test_a_path_that_only_begins_like_where_is_refused(victim: Victim) -> None:
    packet = victim.restoring.packet(TOP)
    packet.ofname = f"{victim.where}-beside/a"
    victim.restoring.restore.create(packet)
    assert packet.create_status == victim.restoring.fd.CF_ERROR
    assert not (victim.home / "where-beside").exists()


@pytest.mark.parametrize("depth", [10, 985, 995, 1000, 1300])
def test_a_key_of_nothing_but_slashes_is_a_file_like_another(victim: Victim, depth: int) -> None:
    import s3stream

    name = s3stream.file_name("/" * min(depth, 1024)) + "/x" * max(depth - 1024, 0)
    assert victim.restoring.file(f"{TOP}/{name}") == victim.restoring.fd.CF_EXTRACT
    victim.restoring.restore.end()
    (said,) = victim.restoring.fd.texts(victim.restoring.fd.M_INFO)[-1:]
    assert "restored 1 files" in said and "failed 0" in said
    here = os.open(victim.where / TOP, os.O_RDONLY)
    *directories, last = name.split("/")
    for directory in directories:
        inner = os.open(directory, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    assert os.stat(last, dir_fd=here).st_size == 4
    os.close(here)
    remove_deep(victim.where)


def remove_deep(path: Path) -> None:
    """Deeper than pytest's own cleaning can go."""
    import subprocess

    subprocess.run(["rm", "-rf", path], check=True)


@pytest.mark.parametrize(
    ("asked", "given"),
    [(0o104755, 0o755), (0o102755, 0o755), (0o101777, 0o777), (0o107777, 0o777), (0o100600, 0o600)],
)
def test_no_mode_of_a_catalogue_makes_anybody_root(victim: Victim, asked: int, given: int) -> None:
    victim.restoring.file(f"{TOP}/a", st_mode=asked)
    assert stat.S_IMODE((victim.where / TOP / "a").stat().st_mode) == given


@pytest.mark.parametrize("time", [1 << 70, -(1 << 70)])
def test_a_time_that_is_none_fails_one_file(victim: Victim, time: int) -> None:
    victim.restoring.file(f"{TOP}/a", st_mtime=time, st_atime=time)
    victim.restoring.file(f"{TOP}/b")
    assert [path.name for path in (victim.where / TOP).iterdir()] == ["b"]
    assert len(victim.restoring.fd.texts(victim.restoring.fd.M_ERROR)) == 1


def test_a_pipe_in_the_place_of_a_file_is_replaced_and_not_waited_for(victim: Victim) -> None:
    (victim.where / TOP).mkdir(parents=True)
    os.mkfifo(victim.where / TOP / "a")
    victim.restoring.file(f"{TOP}/a")
    assert (victim.where / TOP / "a").read_bytes() == b"body"


def test_directories_are_nobody_elses_to_write_into(victim: Victim) -> None:
    before = os.umask(0)
    try:
        victim.restoring.file(f"{TOP}/a/b/c")
    finally:
        os.umask(before)
    made = [victim.where / "@S3STREAM", victim.where / TOP, victim.where / TOP / "a/b"]
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o022 == 0 for path in made)


def exchange(one: Path, other: Path) -> None:
    """Gives two files each other's names, in one step: no moment is without either."""
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if libc.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


@pytest.mark.parametrize("swapped", ["@S3STREAM", TOP, f"{TOP}/home", f"{TOP}/home/deeper"])
def test_nothing_leaves_while_another_swaps_as_fast_as_it_can(victim: Victim, swapped: str) -> None:
    victim.restoring.file(f"{TOP}/home/deeper/0")
    path = victim.where / swapped
    link = path.with_name("link")
    link.symlink_to(victim.outside)
    is_over = threading.Event()

    def swap() -> None:
        while not is_over.is_set():
            exchange(path, link)

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        for number in range(400):
            victim.restoring.file(f"{TOP}/home/deeper/{number % 7}/{number % 3}")
            victim.restoring.file(f"{TOP}/home/target")
    finally:
        is_over.set()
        swapper.join()
    assert victim.is_unharmed(), victim.state()
    assert victim.restoring.restore.files > 0
