"""The examples of READMEs and docstrings, as a type checker reads them.

    python tests/python/typed_examples.py DIRECTORY

writes each as a module into the directory; `.ci/steps/stubs.sh` has mypy and pyright check them.
"""

from __future__ import annotations

import ast
import doctest
import re
import sys
import textwrap
from pathlib import Path
from typing import Iterator, Tuple

ROOT = Path(__file__).resolve().parents[2]

#: What a reader of an example has at hand.
BEFORE = """\
from __future__ import annotations
import shutil, io, tarfile, threading
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, Iterator, List
import s3stream
from s3stream import *
from s3stream import errors, plan, report
client = s3stream.Client()
archive: BinaryIO = open("archive", "wb")
def store(data: bytes) -> None: ...
"""


def docstrings() -> Iterator[Tuple[str, str]]:
    """The `>>>` examples of the package, by where they stand."""
    package = ROOT / "s3stream-py/python/s3stream"
    for path in sorted(package.rglob("*.py")):
        if "bareos" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                continue
            examples = doctest.DocTestParser().get_examples(ast.get_docstring(node) or "")
            if examples and not getattr(node, "name", "").startswith("_"):
                where = f"{path.relative_to(package).with_suffix('')}_{getattr(node, 'name', '')}"
                # Names of the module are at hand where its examples run as doctests.
                module = ".".join(("s3stream", *path.relative_to(package).with_suffix("").parts))
                own = f"from {module.replace('.__init__', '')} import *\n"
                yield where, own + "".join(example.source for example in examples)


def readmes() -> Iterator[Tuple[str, str]]:
    """The blocks of Python in the READMEs."""
    for path in (ROOT / "README.md", ROOT / "s3stream-py/README.md"):
        blocks = re.findall(r"```python\n(.*?)```", path.read_text(), re.DOTALL)
        for number, block in enumerate(blocks):
            yield f"{path.parent.name}_readme_{number}", textwrap.dedent(block)


def write(directory: Path) -> int:
    """Writes all of them; how many there are."""
    count = 0
    for count, (where, code) in enumerate([*docstrings(), *readmes()], 1):
        name = re.sub(r"\W+", "_", where).strip("_")
        (directory / f"example_{name}.py").write_text(BEFORE + code)
    return count


if __name__ == "__main__":
    written = write(Path(sys.argv[1]))
    print(written, "examples")
    sys.exit(written < 10)
