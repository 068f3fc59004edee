#!/usr/bin/env python3
"""Takes one defence after another out of the program, and sees that its test notices.

    tests/defences.py                      every defence in tests/defences
    tests/defences.py --unit               those that the core's unit tests notice: seconds each
    tests/defences.py NAME...              those whose name or room has one of these words in it
    tests/defences.py --list [NAME...]     what there is, and what must notice it
    tests/defences.py --patch FILE         a patch from outside: which tests notice it
        --test 'cargo test ...'            by these commands instead of the usual three

A defence is one check; tests/defences/README.md says how it is written down. Works in a copy
of the checkout, in `defences` below the target folder. All defences are built into one
program, each behind a switch that the environment sets, so there is one build and not one a
defence; without the switch every named test must pass. Exits 1 if a defence is not noticed,
if one no longer fits the source, or if nobody notices the patch.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
COPY = TARGET / "defences" / "checkout"
CORE = "s3stream-core/src"
SWITCH = "S3STREAM_WITHOUT"
# A test that waits for ever has noticed too.
LONGEST_TEST = 120

# How a kind of test is built, and in which package it runs.
BUILDS = {
    "unit": (["-p", "s3stream-core", "--all-features", "--lib"], "s3stream-core"),
    "transcript": (["-p", "s3stream-tests", "--test", "faults"], "tests"),
    "client": (["-p", "s3stream-tests", "--test", "client"], "tests"),
}
# Cargo takes two checkouts with one target folder for the same, and would believe the one built
# when the other is. Built in another way they are two, and still share what they depend on.
OTHERWISE = "".join(
    f"[profile.dev.package.{package}]\ndebug = false\n"
    for package in ("s3stream-core", "s3stream-ffi", "s3stream-py", "s3stream-tests")
)
# What a patch from outside is shown to, the quickest first.
USUAL_TESTS = [
    "cargo test --locked -p s3stream-core --all-features --lib",
    "cargo test --locked -p s3stream-tests --test faults",
    "cargo test --locked -p s3stream-tests --test client",
]

FUNCTION = f"""
/// Whether this run is without the defence of that number.
pub(crate) fn is_without(defence: u32) -> bool {{
    static WITHOUT: std::sync::OnceLock<Option<u32>> = std::sync::OnceLock::new();
    *WITHOUT.get_or_init(|| std::env::var("{SWITCH}").ok()?.parse().ok()) == Some(defence)
}}
"""


class Defence:
    def __init__(self, room, name, fields):
        self.room, self.name, self.number = room, name, None
        self.file = fields["file"]
        self.after = fields.get("after", "")
        self.without = fields["without"]
        self.instead = fields.get("instead", "")
        self.kind, self.test = next((kind, fields[kind]) for kind in BUILDS if kind in fields)

    def taken_out(self, text):
        """The source with a switch at this defence; an error says why there is none."""
        start = 0
        if self.after:
            if text.count(self.after) != 1:
                raise Misfit(f"{self.file} holds {text.count(self.after)} times: {self.after}")
            start = text.index(self.after) + len(self.after)
        found = text.count(self.without, start)
        if found == 0 or (found > 1 and not self.after):
            raise Misfit(f"{self.file} holds {found} times: {self.without}")
        at = text.index(self.without, start)
        switch = f"if crate::is_without({self.number}) {{ {self.instead} }} else"
        switched = f"{switch} {{ {self.without} }}"
        if not self.without.endswith(";"):
            switched = f"({switched})"
        return text[:at] + switched + text[at + len(self.without) :]


class Misfit(Exception):
    """The source is not as a defence says."""


def defences(words):
    """Those of all rooms, or those that one of the words is in the name or room of."""
    found = []
    for path in sorted((ROOT / "tests/defences").glob("*.txt")):
        found += room(path)
    for number, defence in enumerate(found):
        defence.number = number
    if words:
        found = [d for d in found if any(w in f"{d.room}: {d.name}" for w in words)]
    return found


def room(path):
    """The defences of one file: `[name]`, then fields; what is indented goes on with its field."""
    found, fields, last = [], None, None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("["):
            fields = {}
            found.append((line.strip()[1:-1], fields))
        elif line[0] == " " and last:
            fields[last] += "\n" + line[4:]
        else:
            last, colon, value = line.partition(":")
            known = {"file", "after", "without", "instead", *BUILDS}
            if fields is None or not colon or last not in known:
                raise SystemExit(f"{path.name}:{number}: not understood: {line}")
            fields[last] = value.strip(" ")
    try:
        return [Defence(path.stem, name, fields) for name, fields in found]
    except (KeyError, StopIteration):
        raise SystemExit(f"{path.name}: one of these lacks file, without or its test") from None


def copy_of_the_checkout():
    """Brings the copy up to date; what did not change keeps its time, and is not built again."""
    listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    names = {name for name in listed.stdout.decode().split("\0") if (ROOT / name).is_file() and name}
    for name in names:
        write(COPY / name, (ROOT / name).read_bytes(), (ROOT / name).stat().st_mode)
    write(COPY.parent / ".cargo/config.toml", OTHERWISE.encode())
    for path in sorted(COPY.rglob("*"), reverse=True):
        if path.is_file() and str(path.relative_to(COPY)) not in names:
            path.unlink()


def write(path, content, mode=None):
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if mode is not None:
        path.chmod(mode)


def take_out(chosen):
    """Puts a switch at each of these defences into the copy; returns those that fit."""
    texts, fitting = {}, []
    for defence in chosen:
        path = ROOT / CORE / defence.file
        try:
            text = texts[path] if path in texts else path.read_text(encoding="utf-8")
            texts[path] = defence.taken_out(text)
            fitting.append(defence)
        except (Misfit, FileNotFoundError) as why:
            print(f"NO LONGER FITS  {defence.room}: {defence.name}: {why}", flush=True)
    library = ROOT / CORE / "lib.rs"
    texts[library] = texts.get(library, library.read_text(encoding="utf-8")) + FUNCTION
    for path, text in texts.items():
        write(COPY / path.relative_to(ROOT), text.encode())
    return fitting


def environment(**more):
    return {**os.environ, "CARGO_TARGET_DIR": str(TARGET), **more}


def programs(kinds):
    """The test programs of these kinds, built from the copy."""
    built = {}
    for kind in kinds:
        begun = time.monotonic()
        command = ["cargo", "test", "--locked", "--no-run", "--message-format=json", *BUILDS[kind][0]]
        print(f"building: {' '.join(command[:2] + BUILDS[kind][0])}", flush=True)
        result = subprocess.run(
            command,
            cwd=COPY,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
        )
        messages = [json.loads(line) for line in result.stdout.splitlines() if line[:1] == b"{"]
        if result.returncode:
            errors = [m["message"]["rendered"] for m in messages if m.get("reason") == "compiler-message"]
            errors = [text for text in errors if text.startswith("error")]
            raise SystemExit("it does not build:\n" + "\n".join(errors or [result.stderr.decode()]))
        built[kind] = [m["executable"] for m in messages if m.get("executable")][-1]
        print(f"built in {time.monotonic() - begun:.0f} s", flush=True)
    return built


def passes(defence, program, **more):
    """Whether the test of a defence passes; None if there is no such test."""
    try:
        result = subprocess.run(
            [program, "--exact", defence.test],
            cwd=COPY / BUILDS[defence.kind][1],
            env=environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONGEST_TEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    if re.search(rb"^running 0 tests", result.stdout, re.MULTILINE):
        return None
    return result.returncode == 0


def play(chosen):
    """Takes each defence out in turn; how many were not noticed."""
    copy_of_the_checkout()
    fitting = take_out(chosen)
    built = programs(kind for kind in BUILDS if any(d.kind == kind for d in fitting))
    missed = len(chosen) - len(fitting)
    for number, defence in enumerate(fitting, 1):
        program = built[defence.kind]
        begun = time.monotonic()
        word = {None: "NO TEST", False: "BROKEN", True: ""}[passes(defence, program)]
        if not word:
            without = passes(defence, program, **{SWITCH: str(defence.number)})
            word = "MISSED" if without else "noticed"
        missed += word != "noticed"
        took = f"{time.monotonic() - begun:4.1f} s"
        print(f"{number:3}/{len(fitting)} {word:8} {took}  {defence.room}: {defence.name}", flush=True)
        if word != "noticed":
            print(f"            {defence.kind}: {defence.test}", flush=True)
    print(f"{len(chosen) - missed} noticed, {missed} not")
    return missed


def play_patch(patch, commands):
    """Shows a patch to the tests; how many commands have noticed."""
    copy_of_the_checkout()
    # Below a checkout git would take the paths for that one's.
    here = environment(GIT_CEILING_DIRECTORIES=str(COPY.parent))
    applied = subprocess.run(["git", "apply", "--verbose", str(patch)], cwd=COPY, env=here, check=False)
    if applied.returncode:
        raise SystemExit(f"{patch} does not apply")
    noticed = 0
    for command in commands:
        print(f"running: {command}", flush=True)
        words = shlex.split(command)
        if words[:2] == ["cargo", "test"] and "--no-fail-fast" not in words:
            words.insert(2, "--no-fail-fast")
        result = subprocess.run(
            words, cwd=COPY, env=here, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        text = result.stdout.decode(errors="replace")
        failed = sorted(set(re.findall(r"^test (.+?) +\.\.\. FAILED", text, re.MULTILINE)))
        if result.returncode and not failed:
            # Neither a test nor a verdict: most likely it does not compile.
            raise SystemExit(f"it did not come to a result:\n{text[-3000:]}")
        noticed += bool(failed)
        print(f"{len(failed)} tests notice" if failed else "nobody notices", flush=True)
        for name in failed:
            print(f"    {name}", flush=True)
    print(f"noticed by {noticed} of {len(commands)}")
    return noticed


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--list", action="store_true", help="what there is")
    parser.add_argument("--unit", action="store_true", help="what the core's unit tests notice")
    parser.add_argument("--patch", type=pathlib.Path, help="a patch to take instead")
    parser.add_argument("--test", action="append", help="a command that is to notice the patch")
    parser.add_argument("names", nargs="*", help="words of a defence's name or room")
    options = parser.parse_args()
    if options.patch:
        return 0 if play_patch(options.patch.resolve(), options.test or USUAL_TESTS) else 1
    chosen = defences(options.names)
    if options.unit:
        chosen = [defence for defence in chosen if defence.kind == "unit"]
    if not chosen:
        raise SystemExit("there is no such defence")
    if options.list:
        for defence in chosen:
            print(f"{defence.room}: {defence.name}\n    {defence.kind}: {defence.test}")
        return 0
    return 1 if play(chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
