"""A plan as resources of a Bareos director: a job and a FileSet for each shard.

A directory that the director includes is written whole or not at all. Each shard has a FileSet of
its own (a restore finds the last full job by client, level and FileSet: shards that shared one
would restore as one), and names that never change, for a renamed job needs a full. Jobs are
`Accurate`: only then a key that moves from one shard to another is deleted in one as it is saved
in the other.
"""

from __future__ import annotations

import os
import re
import shutil
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple
from urllib.parse import quote

from s3stream import _native
from s3stream.bareos.definition import parts
from s3stream.bareos.options import ENCODED
from s3stream.plan import Plan, Shard

__all__ = ["Lane", "Settings", "check", "emit", "recipe"]

#: Over how many days fulls are spread: every month has them.
_DAYS = 28

#: What stands in a definition and a configuration file as it is.
_PLAIN = re.compile(r"[\w./@+,=~!()\[\]{}<>#$&*?^|%-]+")


class Lane(NamedTuple):
    """Where shards run: a client of the director, and where its daemon listens.

    Without an address the director has that client already.
    """

    name: str
    address: Optional[str] = None


class Settings(NamedTuple):
    """What a plan does not say."""

    lanes: Sequence[Lane]
    job_defs: str = "DefaultJob"
    module_path: str = "/opt/s3stream/s3stream/bareos/plugin"
    defaults_file: str = "/etc/bareos/s3-backup.conf"
    hour: str = "21:00"
    #: Shards of one lane that run side by side.
    at_once: int = 2
    #: More options of the plugin, as `name=value`.
    options: Tuple[str, ...] = ()


def emit(plan: Plan, settings: Settings, directory: str) -> List[str]:
    """Writes the resources of a plan; returns the names of the files.

    Jobs of shards that have ended stay, with `Enabled = no`: their backups are still there. Raises
    ValueError for settings that cannot work, and OSError.
    """
    if len(settings.lanes) != plan.lanes:
        raise ValueError(
            f"the plan has {plan.lanes} lanes, and {len(settings.lanes)} are named: --lane each"
        )
    texts = {**_texts(plan, settings), **_retired(plan, directory)}
    there = os.path.abspath(directory)
    # A file each: included through a pipe (`@|"cat ..."`), Bareos 25 loses lines of the resources.
    included = [f"@{os.path.join(there, name)}\n" for name in sorted(texts) if "/" in name]
    texts["director.conf"] = "".join(included)
    texts["README.txt"] = _readme(plan, settings, there)
    new, old = f"{directory}.new", f"{directory}.old"
    for path in (new, old):
        shutil.rmtree(path, ignore_errors=True)
    for name, text in texts.items():
        path = os.path.join(new, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    if os.path.isdir(directory):
        os.rename(directory, old)
    os.rename(new, directory)
    shutil.rmtree(old, ignore_errors=True)
    return sorted(texts)


def check(directory: str, plan: Optional[Plan] = None) -> List[str]:
    """What is wrong with emitted resources, edited by hand or not, one line each.

    The ranges of all enabled jobs must cover every key; overlaps are fine only where the plan
    hands keys over.
    """
    problems: List[str] = []
    jobs = {name: text for name, text in _read(directory, "job").items() if _is_enabled(text)}
    filesets = _read(directory, "fileset")
    used: Dict[str, str] = {}
    ranges: List[Tuple[int, Optional[str], Optional[str]]] = []
    for number, (name, text) in enumerate(sorted(jobs.items()), 1):
        fileset = _value(text, "FileSet")
        if fileset is None or fileset not in filesets:
            problems.append(f"job '{name}' has no FileSet here: {fileset}")
            continue
        if fileset in used:
            problems.append(
                f"jobs '{used[fileset]}' and '{name}' share the FileSet '{fileset}': a restore "
                "would find one of them only"
            )
        used[fileset] = name
        if (_value(text, "Accurate") or "").lower() not in ("yes", "true", "1"):
            problems.append(
                f"job '{name}' is not accurate: a key that moves between shards could be lost"
            )
        shard = re.search(r"(\d+)$", name)
        bounds = _bounds(filesets[fileset])
        ranges.append((int(shard.group(1)) if shard else 10**6 + number, *bounds))
    problems.extend(_untiled(ranges, plan))
    return problems


def recipe(plan: Plan, settings: Settings) -> str:
    """How to restore the whole bucket: each shard restores only keys in its present range."""
    lines = [
        f"Restore of bucket '{plan.bucket}', as of revision {plan.revision} of its plan.",
        "",
        "One command of bconsole for each shard, in any order, several at once if you like. Each",
        "restores only keys in the range that the shard has now, so an old copy of a key that has",
        "moved never comes back. Put a directory of the daemon's host for WHERE.",
        "",
    ]
    for shard in plan.shards:
        lane = settings.lanes[shard.lane]
        options = ":".join(("python3", *_range(shard))) if _range(shard) else ""
        name = _name(plan, shard.id)
        said = f' pluginoptions="{_quoted(options)}"' if options else ""
        lines.append(
            f'restore client="{lane.name}" fileset="{name}" where="WHERE" select all done yes{said}'
        )
    return "\n".join(lines) + "\n"


def _texts(plan: Plan, settings: Settings) -> Dict[str, str]:
    texts = {"plan.json": str(plan), "restore.txt": recipe(plan, settings)}
    for day in sorted({_day(shard) for shard in plan.shards}):
        texts[f"schedule/{_schedule(plan, day)}.conf"] = _schedule_text(plan, day, settings)
    for lane in settings.lanes:
        if lane.address is not None:
            texts[f"client/{lane.name}.conf"] = _client_text(lane, settings)
    for shard in plan.shards:
        name = _name(plan, shard.id)
        texts[f"fileset/{name}.conf"] = _fileset_text(plan, shard, settings)
        texts[f"job/{name}.conf"] = _job_text(plan, shard, settings)
    return texts


def _retired(plan: Plan, directory: str) -> Dict[str, str]:
    """What is kept of shards that have ended, from the resources that are there."""
    texts: Dict[str, str] = {}
    for id in plan.retired:
        name = _name(plan, id)
        for kind in ("fileset", "job"):
            path = os.path.join(directory, kind, f"{name}.conf")
            if not os.path.isfile(path):
                continue
            with open(path, encoding="utf-8", newline="\n") as file:
                text = file.read()
            if kind == "job" and _is_enabled(text):
                text = text.replace("Job {\n", "Job {\n  Enabled = no\n", 1)
            texts[f"{kind}/{name}.conf"] = text
    return texts


def _fileset_text(plan: Plan, shard: Shard, settings: Settings) -> str:
    options = [
        f"module_path={settings.module_path}",
        "module_name=bareos-fd-s3stream",
        f"defaults_file={settings.defaults_file}",
        f"buckets={_listed(plan.bucket)}",
        *([_option("prefix", plan.prefix)] if plan.prefix else []),
        *_range(shard),
        *settings.options,
    ]
    lines = "".join(f'\n             "{_quoted(":" + option)}"' for option in options)
    return (
        "FileSet {\n"
        f'  Name = "{_name(plan, shard.id)}"\n'
        "  # The plugin takes what is newly selected: a range that changes needs no full.\n"
        "  Ignore FileSet Changes = yes\n"
        "  Include {\n"
        "    Options {\n"
        "      Signature = XXH128\n"
        "      Accurate = mcsi\n"
        "    }\n"
        f'    Plugin = "python3"{lines}\n'
        "  }\n"
        "}\n"
    )


def _job_text(plan: Plan, shard: Shard, settings: Settings) -> str:
    name = _name(plan, shard.id)
    return (
        "Job {\n"
        f'  Name = "{name}"\n'
        f'  JobDefs = "{settings.job_defs}"\n'
        "  Type = Backup\n"
        f'  Client = "{settings.lanes[shard.lane].name}"\n'
        f'  FileSet = "{name}"\n'
        f'  Schedule = "{_schedule(plan, _day(shard))}"\n'
        "  Accurate = yes\n"
        "  Allow Duplicate Jobs = no\n"
        "  Cancel Lower Level Duplicates = yes\n"
        "  Reschedule On Error = yes\n"
        "  Reschedule Interval = 30 minutes\n"
        "  Reschedule Times = 3\n"
        "}\n"
    )


def _schedule_text(plan: Plan, day: int, settings: Settings) -> str:
    others = ",".join(part for part in (_days(1, day - 1), _days(day + 1, 31)) if part)
    return (
        "Schedule {\n"
        f'  Name = "{_schedule(plan, day)}"\n'
        f"  Run = Level=Full on {day} at {settings.hour}\n"
        f"  Run = Level=Incremental on {others} at {settings.hour}\n"
        "}\n"
    )


def _client_text(lane: Lane, settings: Settings) -> str:
    return (
        "Client {\n"
        f'  Name = "{lane.name}"\n'
        f"  Address = {lane.address}\n"
        "  # What stands as Password in the daemon's director resource, in quotes.\n"
        f"  Password = @{_password_file(lane)}\n"
        f"  Maximum Concurrent Jobs = {settings.at_once}\n"
        "}\n"
    )


def _password_file(lane: Lane) -> str:
    return f"/etc/bareos/s3-lanes/{lane.name}.password"


def _readme(plan: Plan, settings: Settings, directory: str) -> str:
    passwords = "".join(
        f"     {_password_file(lane)}: the password of lane {lane.name}, in quotes\n"
        for lane in settings.lanes
        if lane.address is not None
    )
    running = settings.at_once * len(settings.lanes)
    return (
        f"Resources of the {len(plan.shards)} shards of bucket '{plan.bucket}', revision "
        f"{plan.revision} of its plan. Written by\n"
        "`s3stream plan --emit`, and written anew by the next one: edit the plan's options, not\n"
        "these files. `s3stream plan --check` reads them as they are.\n"
        "\n"
        "What has to be done by hand, once:\n"
        "\n"
        "  1. The director reads all of it, by a line in its configuration:\n"
        f"     @{directory}/director.conf\n"
        f"  2. A JobDefs '{settings.job_defs}' names Storage, Pool and Messages.\n"
        "  3. On the director, readable by its user only:\n"
        f"{passwords or '     nothing: the clients are there already' + chr(10)}"
        "  4. On the host of each lane: the plugin in\n"
        f"     {settings.module_path},\n"
        "     the keys in\n"
        f"     {settings.defaults_file},\n"
        "     and a Director resource with the password of its lane.\n"
        f"  5. Maximum Concurrent Jobs of at least {running} in the director's own resource,\n"
        "     in its Storage resource and in the storage daemon; of at least\n"
        f"     {settings.at_once} in each file daemon. It is 1 unless set: the shards would\n"
        "     run one after another.\n"
        "\n"
        "`reload` in bconsole applies it. restore.txt says how to restore the whole bucket.\n"
    )


def _name(plan: Plan, id: int) -> str:
    return f"s3-{plan.bucket}-{id:04}"


def _schedule(plan: Plan, day: int) -> str:
    return f"s3-{plan.bucket}-full-on-{day:02}"


def _day(shard: Shard) -> int:
    """The day of the month on which a shard has its full: spread, and never another."""
    # Fibonacci's hash: numbers that follow each other come to lie far apart.
    return 1 + (shard.id * 2654435769 % 2**32) * _DAYS // 2**32


def _days(first: int, last: int) -> str:
    if last < first:
        return ""
    return str(first) if first == last else f"{first}-{last}"


def _range(shard: Shard) -> List[str]:
    bounds = (("start_after", shard.start_after), ("end_at", shard.end_at))
    return [_option(name, key) for name, key in bounds if key is not None]


def _option(name: str, key: str) -> str:
    """A key as an option: as it is if it is plain, else with `%XX` for what is odd."""
    if _PLAIN.fullmatch(key) and key.isascii():
        return f"{name}={key}"
    return f"{name}{ENCODED}={quote(key, safe='/')}"


def _listed(bucket: str) -> str:
    return bucket.replace(":", "\\:")


def _quoted(text: str) -> str:
    """A text within quotes of a configuration file."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _read(directory: str, kind: str) -> Dict[str, str]:
    """The resources of a kind by their names."""
    found: Dict[str, str] = {}
    folder = os.path.join(directory, kind)
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if not name.endswith(".conf"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8", newline="\n") as file:
            text = file.read()
        found[_value(text, "Name") or name] = text
    return found


def _value(text: str, directive: str) -> Optional[str]:
    """What a directive says; Bareos ignores case and blanks in its name."""
    pattern = r"\s*".join(re.escape(c) for c in directive if c != " ")
    found = re.search(rf"(?im)^\s*{pattern}\s*=\s*(.*?)\s*;?\s*$", text)
    return None if found is None else found.group(1).strip('"')


def _is_enabled(text: str) -> bool:
    return (_value(text, "Enabled") or "yes").lower() in ("yes", "true", "1")


def _bounds(fileset: str) -> Tuple[Optional[str], Optional[str]]:
    """The range of the plugin's line in a FileSet."""
    from s3stream.bareos.options import Options

    found = re.search(r'(?im)^\s*Plugin\s*=\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', fileset)
    strings = re.findall(r'"((?:[^"\\]|\\.)*)"', found.group(1)) if found else []
    line = "".join(re.sub(r"\\(.)", r"\1", string) for string in strings)
    given = dict(parts(line.partition(":")[2]))
    known = {
        name: value for name, value in given.items() if name.startswith(("start_after", "end_at"))
    }
    options = Options.parse(known)
    return options.start_after, options.end_at


def _untiled(
    ranges: Iterable[Tuple[int, Optional[str], Optional[str]]], plan: Optional[Plan]
) -> List[str]:
    """What is wrong with ranges; an overlap that the plan declares is none."""
    moving: Set[int] = set()
    for shard in () if plan is None else plan.shards:
        if shard.waits_for:
            moving.update((shard.id, *shard.waits_for))
    return [
        line
        for line, pair in _native.plan_flaws(list(ranges))
        if pair is None or not moving.issuperset(pair)
    ]
