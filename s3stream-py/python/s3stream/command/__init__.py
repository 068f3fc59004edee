"""The command `s3stream`: `ls`, `cat`, `check`, `plan`, for people at a terminal and for scripts.

Exit status: 0 if all went well, 1 if something failed, 2 if the command line or the settings
cannot work, 141 if nobody wanted the rest of the output; ended by SIGINT after Ctrl-C. `check` has
one status for each thing that may fail: 3 reach, 4 sign, 5 list, 6 read.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn, Optional, Sequence

from s3stream.command.arguments import parse
from s3stream.errors import InvalidInputError, S3Error

__all__ = ["main"]

_FAILED = 1
_USAGE = 2
_BROKEN_PIPE = 128 + signal.SIGPIPE


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the command; returns its exit status."""
    closed = _open_what_is_closed()
    given = parse(arguments)
    if closed:
        print("s3stream: standard output is closed", file=sys.stderr)
        return _FAILED
    try:
        status = given.run(given)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more when it ends: that must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except KeyboardInterrupt:
        _die_of_interrupt()
    except InvalidInputError as error:
        print(f"s3stream: {error}", file=sys.stderr)
        return _USAGE
    except (S3Error, OSError) as error:
        print(f"s3stream: {error}", file=sys.stderr)
        return _FAILED
    return int(status)


def _open_what_is_closed() -> bool:
    """Gives what was started with `2>&-` something to write to; whether `>&-` was said.

    A descriptor that is free would be the next connection's, and get the text of errors.
    """
    closed = sys.stdout is None
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free one is this one.
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)
    return closed


def _die_of_interrupt() -> NoReturn:
    """Ends as whoever started this expects after Ctrl-C: a shell's loop then ends too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
    sys.exit(128 + signal.SIGINT)
