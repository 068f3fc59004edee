"""The command: prepares, runs the cases, writes what came out."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from . import goals, page, table
from .cases import CASES
from .cases.case import Case, Context
from .measure import Meter, rounds
from .plan import FULL, QUICK, NotRun, Outcome, Results
from .programs import prepare

ROOT = Path(__file__).resolve().parents[3]


def main(description: str | None) -> int:
    parser = argparse.ArgumentParser(
        "tests/bench/run",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("case", nargs="*", help="only these cases")
    parser.add_argument("--list", action="store_true", help="show the cases and end")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    parser.add_argument("--rounds", type=int, help="runs of each contender; 5, or 1 if quick")
    options = parser.parse_args()
    if options.list:
        for case in CASES:
            print(f"{case.name:15} {case.about}")
        return 0
    known = [case.name for case in CASES]
    for name in options.case:
        if name not in known:
            parser.error(f"there is no case {name}; the cases are {', '.join(known)}")
    wanted = [case for case in CASES if not options.case or case.name in options.case]
    count = options.rounds or (1 if options.quick else 5)
    return run(wanted, count, options.quick)


def run(cases: Sequence[Case], count: int, is_quick: bool) -> int:
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
    programs = prepare(ROOT, target, is_quick, say)
    context = Context(programs, QUICK if is_quick else FULL)
    results: dict[str, Results] = {}
    outcomes: list[Outcome] = []
    begin = time.monotonic()
    # What peers write goes into memory: a disk would be measured with them.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch:
        meter = Meter(programs.contender, Path(scratch), 60 if is_quick else 3600)
        for case in cases:
            say(f"{case.name}: {case.title}")
            wanted = case.goals(context)
            try:
                with case.server(context) as (environment, inside):
                    most = min(count, case.rounds or count)
                    contenders = case.contenders(context)
                    found = rounds(contenders, environment, inside, meter, most, say)
            except NotRun as error:
                say(f"  not run: {error}")
                outcomes += goals.not_run(case.name, wanted, str(error))
                continue
            results[case.name] = found
            outcomes += [goals.outcome(case.name, goal, found) for goal in wanted]
    outcomes.append(goals.memory(results))
    facts = machine(count, is_quick, time.monotonic() - begin)
    write(facts, cases, results, outcomes, programs.build)
    return verdict(results, is_quick)


def write(
    facts: dict[str, str],
    cases: Sequence[Case],
    results: dict[str, Results],
    outcomes: Sequence[Outcome],
    folder: Path,
) -> None:
    for line in table.goals(outcomes):
        print(line)
    for case in cases:
        if case.name in results:
            print()
            for line in table.case(case, results[case.name]):
                print(line)
    print("\n" + ", ".join(f"{name}: {value}" for name, value in facts.items()))
    as_json = table.as_json(facts, cases, results, outcomes)
    (folder / "results.json").write_text(json.dumps(as_json, indent=1) + "\n")
    (folder / "report.html").write_text(page.page(facts, cases, results, outcomes))
    say(f"written: {folder / 'results.json'}, {folder / 'report.html'}")


def verdict(results: dict[str, Results], is_quick: bool) -> int:
    """A missed goal is a result, not a failure; a program of ours that breaks is one."""
    failed = [
        f"{name}: {contender}: {why}"
        for name, of_case in results.items()
        for contender, why in of_case.not_run.items()
        if contender.startswith("s3stream") and not why.startswith("this build has no ")
    ]
    for line in failed:
        print(f"failed: {line}", file=sys.stderr)
    ran = sum(len(runs) for of_case in results.values() for runs in of_case.runs.values())
    if is_quick:
        print("a smoke run: its figures say nothing", file=sys.stderr)
    print(f"{ran} passed, {len(failed)} failed")
    return 1 if failed or not ran else 0


def machine(count: int, is_quick: bool, seconds: float) -> dict[str, str]:
    """Where and how it was measured."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    git = shutil.which("git")
    commit = ""
    if git:
        describe = [git, "-C", str(ROOT), "describe", "--always", "--dirty"]
        commit = subprocess.run(describe, stdout=subprocess.PIPE, text=True).stdout.strip()
    return {
        "processor": f"{model}, {os.cpu_count()} threads",
        "system": f"Linux {platform.release()}",
        "commit": commit or "unknown",
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "rounds": f"{count}, medians" + (" (a smoke run: small sizes)" if is_quick else ""),
        "load at the end": f"{os.getloadavg()[0]:.1f}",
        "took": f"{seconds / 60:.0f} min",
    }


def say(text: str) -> None:
    """Progress goes to standard error: standard output is the table."""
    print(text, file=sys.stderr, flush=True)
