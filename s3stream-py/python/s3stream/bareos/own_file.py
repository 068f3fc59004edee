"""Small files of ours in the daemon's working directory, which jobs leave for later ones.

Nobody reads half of one: it is written under another name, which is made anew and never opened
where it is there already, and a symbolic link is never followed. Only the daemon's user may
read them: keys stand in them.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Optional

_OLD = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def path(directory: str, job: str, kind: str) -> str:
    """Where the jobs of a name leave what is for each other; `job` has its time in its name."""
    # Behind the name that is configured are a date, a time and a number.
    name = job.rsplit(".", 3)[0].replace("/", "_")
    return os.path.join(directory, f"s3stream-{name}.{kind}")


def read(path: str) -> Optional[str]:
    """What is in it; None where there is none. Raises OSError, and ValueError for no text."""
    try:
        descriptor = os.open(path, _OLD)
    except FileNotFoundError:
        return None
    with open(descriptor, encoding="utf-8", newline="\n") as file:
        return file.read()


def update(path: str, change: Callable[[Optional[str]], str]) -> None:
    """Puts what `change` makes of the text that is there into its place; raises OSError.

    Two jobs of one name may run side by side: what the other has left since is kept.
    """
    # Only here: an estimate needs none of it, and every job imports everything anew.
    import fcntl

    directory = os.open(os.path.dirname(path), os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        try:
            there = read(path)
        except ValueError:
            there = ""
        _replace(path, change(there))
    finally:
        os.close(directory)


def _replace(path: str, text: str) -> None:
    temporary = f"{path}.new"
    try:
        # Left by a job that was killed, or put there by somebody else.
        os.unlink(temporary)
    except FileNotFoundError:
        pass
    with open(os.open(temporary, _NEW, 0o600), "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    os.replace(temporary, path)
