"""The native module is fit for one interpreter after another: nothing of Python in a static."""

import ast
import re
import types

import s3stream
from s3stream import _native
from servers import ROOT

SOURCES = sorted((ROOT / "s3stream-py" / "src").rglob("*.rs"))


def code():
    """The Rust sources without their comments."""
    for path in SOURCES:
        yield path.name, re.sub(r"//.*", "", path.read_text())


def test_what_interpreters_would_share_is_not_used():
    forbidden = (
        "#[pyclass",
        "create_exception!",
        "import_exception!",
        "intern!",
        "PyOnceLock",
        "GILOnceCell",
        "Py<",
        "PyDateTime",
        "Python::attach",
        "Python::try_attach",
        "lazy_static",
        "static mut",
    )
    assert len(SOURCES) > 10
    for name, text in code():
        for word in forbidden:
            assert word not in text, f"{word} in {name}"
        assert len(re.findall(r"#\[pymodule\]", text)) == (name == "lib.rs")


def test_every_function_is_guarded_against_panics():
    for name, text in code():
        for function in re.findall(r"#\[pyfunction\].*?\n}\n", text, re.DOTALL):
            is_constant = 'env!("CARGO_PKG_VERSION")' in function
            assert is_constant or "guarded(py, ||" in function, f"{name}: {function}"


def test_unsafe_says_why():
    for path in SOURCES:
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if re.search(r"\bunsafe (\{|impl)", line):
                before = "\n".join(lines[max(0, number - 6) : number])
                assert "SAFETY:" in before, f"{path.name}:{number + 1}"


def test_the_module_is_flat():
    kinds = {type(value) for name, value in vars(_native).items() if not name.startswith("__")}
    assert kinds <= {types.BuiltinFunctionType}


def test_the_stub_names_what_is_there():
    stub = (ROOT / "s3stream-py" / "python" / "s3stream" / "_native.pyi").read_text()
    functions = [one for one in ast.parse(stub).body if isinstance(one, ast.FunctionDef)]
    there = {name for name in dir(_native) if not name.startswith("__")}
    assert {one.name for one in functions} == there
    assert all(ast.get_docstring(one) for one in functions)


def test_a_handle_of_another_kind_is_refused(client):
    import pytest

    names = _native.names_new()
    for wrong in (names, None, 7):
        with pytest.raises((ValueError, TypeError)):
            _native.reader_read(wrong, 1)
    with pytest.raises(ValueError):
        _native.client_stats(names)


def test_the_version_is_the_packages():
    assert s3stream.__version__ == _native.version()
