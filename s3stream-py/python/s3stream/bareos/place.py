"""Where a restore may write: every directory is opened from its parent, and no link is followed.

What a name of the catalogue says is not trusted, and neither is who else may write below the
directory that the operator named: a path that was looked at can be another one a moment later.
So no path is ever handed to the system as a whole. A directory is held open while what is in it
is made, renamed or removed, and the system is asked for one component at a time.

`a` and `a/b` are both objects in many a bucket, and no file system has both. There `a%+` is the
directory beside the file `a`, as `s3stream.Names` has it in archives; whichever of the two comes
first, and whichever name earlier versions gave them in the catalogue, they end up so.
"""

from __future__ import annotations

import errno
import os
import stat

from s3stream.bareos.metadata import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Tuple

#: What marks the directory beside a file of the same name.
BESIDE = b"%+"

#: The first component of all names of objects. Where no directory was named for a restore, what
#: stands before it is the operator's.
TOP = b"@S3STREAM"

#: Mode of directories that are made: nobody else may put anything into them.
MODE = 0o755

#: Which links are followed: none, or those of root and of the daemon's own user.
NO_LINKS, OWN_LINKS = "none", "own"

#: As many as the system itself follows in one path.
MOST_LINKS = 40

# A directory that others are opened from, and nothing else: it need not be readable.
_DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LINK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
# What the system says of a link that is not followed, or of a file.
_NO_DIRECTORY = (errno.ENOTDIR, errno.ELOOP)


class RefusedError(Exception):
    """A name that must not be written to; says why."""


class Place:
    """The directory that was named for a restore, and the way to what is below it."""

    def __init__(self) -> None:
        """Nothing is opened before the first name."""
        self._base: Optional[int] = None
        self._opened: Optional[bytes] = None

    def parent(self, path: str, where: str) -> Tuple[int, bytes]:
        """The open directory that a file belongs into, for the caller to close, and its name there.

        Missing directories are made. Raises RefusedError where the name leaves `where` or goes
        through a link, and OSError.
        """
        base, components, links = split(path, where)
        if not components or components[-1].endswith(BESIDE):
            raise RefusedError("no object has such a name")
        return self._open(base, components[:-1], links), components[-1]

    def directory(self, path: str, where: str) -> int:
        """The same for the name of a directory, which is made if it is missing."""
        return self._open(*split(path, where))

    def _open(self, base: bytes, directories: List[bytes], links: str) -> int:
        here = os.dup(self._base_at(base))
        # The top and the bucket are no objects: no file stands beside these directories.
        fixed = 2 if directories[:1] == [TOP] else 0
        for depth, component in enumerate(directories):
            try:
                if depth < fixed:
                    inner = _there(here, component)
                else:
                    inner = step(here, component, links)
            finally:
                os.close(here)
            here = inner
        return here

    def _base_at(self, base: bytes) -> int:
        """The operator's directory, opened once: it stays the same one however it is renamed."""
        if self._base is None or self._opened != base:
            self.close()
            self._base = open_own(base)
            self._opened = base
        return self._base

    def close(self) -> None:
        """Lets the directory go."""
        base, self._base = self._base, None
        if base is not None:
            os.close(base)


def split(path: str, where: str) -> Tuple[bytes, List[bytes], str]:
    """What of a path is the operator's, the components of the catalogue's, and their links.

    >>> split("/srv/back/@S3STREAM/b/k", "/srv/back")
    (b'/srv/back', [b'@S3STREAM', b'b', b'k'], 'none')

    Raises RefusedError where the path is not below `where`.
    """
    text, base = encode(path), encode(where).rstrip(b"/")
    if not text.startswith(b"/") or b"\0" in text:
        raise RefusedError("its name is no absolute path")
    if not text.startswith(base + b"/"):
        raise RefusedError(f"it is not below {where}")
    components = [part for part in text[len(base) :].split(b"/") if part not in (b"", b".")]
    if b".." in components:
        raise RefusedError("its name leaves the directory ('..')")
    if base:
        return base, components, NO_LINKS
    if TOP in components:
        at = components.index(TOP)
        return b"/" + b"/".join(components[:at]), components[at:], NO_LINKS
    # An expression of the operator's made this name (regexwhere): how much of it is not known.
    return b"/", components, OWN_LINKS


def step(here: int, component: bytes, links: str) -> int:
    """Opens one directory of objects in another, and makes it if it is missing."""
    plain = component[: -len(BESIDE)] if component.endswith(BESIDE) else component
    if not plain:
        raise RefusedError("no object has such a name")
    wanted = component
    try:
        return os.open(plain, _DIRECTORY, dir_fd=here)
    except FileNotFoundError:
        # The object of that name may still come, or have been left out of this restore.
        pass
    except OSError as error:
        if error.errno not in _NO_DIRECTORY:
            raise
        if _is_link(here, plain):
            return _followed(here, plain, links)
        wanted = plain + BESIDE
    there = _opened(here, plain + BESIDE)
    return _made(here, wanted) if there is None else there


def _there(here: int, name: bytes) -> int:
    """Opens a directory, made if it is missing."""
    there = _opened(here, name)
    return _made(here, name) if there is None else there


def _opened(here: int, name: bytes) -> Optional[int]:
    """The directory of that name, if there is one."""
    try:
        return os.open(name, _DIRECTORY, dir_fd=here)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in _NO_DIRECTORY and _is_link(here, name):
            return _followed(here, name, NO_LINKS)
        raise


def _make(here: int, name: bytes) -> None:
    try:
        os.mkdir(name, MODE, dir_fd=here)
    except FileExistsError:
        # Somebody was faster: what that is shows when it is opened.
        pass


def _made(here: int, name: bytes) -> int:
    _make(here, name)
    made = _opened(here, name)
    if made is None:
        raise RefusedError(f"somebody removes '{shown(name)}' while it is restored")
    return made


def _is_link(here: int, name: bytes) -> bool:
    return stat.S_ISLNK(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode)


def _followed(here: int, name: bytes, links: str) -> int:
    if links == NO_LINKS:
        raise RefusedError(
            f"a symbolic link leads out of its directory: '{shown(name)}', and none is followed"
        )
    return open_own(_target_of_own(here, name), here)


def open_own(path: bytes, beginning: Optional[int] = None) -> int:
    """Opens a directory that the operator named, and makes what is missing of it.

    Links of the administrator are followed: a path such as `/var/run/x` has one. A link of
    somebody else may have been put there for us. A relative path begins at `beginning`.
    """
    here = os.open(b"/", _DIRECTORY) if beginning is None else os.dup(beginning)
    rest = _components(path)
    links = 0
    while rest:
        component = rest.pop()
        if component in (b"", b"."):
            continue
        try:
            inner = _own_step(here, component)
            if inner is None:
                rest.extend(_components(_target_of_own(here, component)))
                links += 1
                inner = os.dup(here)
        finally:
            os.close(here)
        here = inner
        if links > MOST_LINKS:
            os.close(here)
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return here


def _components(path: bytes) -> List[bytes]:
    """The components of a path, the first one last; the root is one of its own."""
    components = path.split(b"/")[::-1]
    return [*components, b"/"] if path.startswith(b"/") else components


def _own_step(here: int, name: bytes) -> Optional[int]:
    """Opens a directory, made if it is missing; None where it is no directory."""
    for _ in range(2):
        try:
            return os.open(name, _DIRECTORY, dir_fd=here)
        except FileNotFoundError:
            _make(here, name)
        except OSError as error:
            if error.errno in _NO_DIRECTORY:
                return None
            raise
    raise RefusedError(f"somebody removes '{shown(name)}' while it is restored")


def _target_of_own(here: int, name: bytes) -> bytes:
    """Where a link of root or of the daemon's user leads; raises RefusedError for another's."""
    link = os.open(name, _LINK, dir_fd=here)
    try:
        there = os.fstat(link)
        if not stat.S_ISLNK(there.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if there.st_uid not in (0, os.geteuid()):
            raise RefusedError(f"'{shown(name)}' on its way is a symbolic link of another user")
        # Of the link that was looked at, and no other that has its name by now.
        return os.readlink(b"", dir_fd=link)
    finally:
        os.close(link)


def shown(name: bytes) -> str:
    """A component for a message."""
    return name.decode("utf-8", "replace")
