"""Cuts a bucket into shards, one job each, and keeps how it is cut in a file.

    s3stream plan s3://BUCKET plan.json              make it; revise it if it is there
    s3stream plan --check plan.json                  whether its shards cover every key once
    s3stream plan --preview plan.json                what a night of it takes
    s3stream plan ... plan.json --emit DIR --lane NAME=ADDRESS
                                                     jobs and FileSets of a Bareos director

A shard that was changed says so, and why. A revision changes few shards at once; one that hands
keys over keeps them until --backed-up names whoever takes them. --page draws the plan.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any, Callable, Dict, List, Optional, Union

from s3stream.client import Client
from s3stream.command.plan_page import page
from s3stream.command.progress import Progress
from s3stream.plan import Plan, Planned, Shard

__all__ = ["add_arguments", "run"]

#: What the resources of a director name, unless told otherwise.
_EMITTED = {
    "job_defs": "DefaultJob",
    "module_path": "/opt/s3stream/s3stream/bareos/plugin",
    "defaults_file": "/etc/bareos/s3-backup.conf",
    "hour": "21:00",
    "at_once": "2",
}

_UNITS = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}


def add_arguments(parser: argparse.ArgumentParser, place: Callable[[str], Any]) -> None:
    """Adds what `plan` takes."""
    parser.add_argument("place", nargs="?", type=place, metavar="s3://BUCKET/PREFIX")
    parser.add_argument("file", metavar="PLAN.JSON", help="where the plan is kept")
    parser.add_argument(
        "--limit", type=_amount, metavar="BYTES", help="bytes of a shard at most (250G)"
    )
    parser.add_argument(
        "--objects", type=_amount, metavar="N", help="objects of a shard at most (2M)"
    )
    parser.add_argument(
        "--fill", type=int, metavar="PERCENT", help="how full new shards are made (60)"
    )
    parser.add_argument("--lanes", type=int, metavar="N", help="over how many hosts (1)")
    parser.add_argument(
        "--parallel", type=int, default=1, metavar="N", help="ranges listed at once (1)"
    )
    parser.add_argument(
        "--backed-up",
        type=_numbers,
        default=[],
        metavar="IDS",
        help="shards backed up since the plan was changed: 3,17 or all",
    )
    parser.add_argument(
        "--next-full",
        type=_numbers,
        default=[],
        metavar="IDS",
        help="shards whose next backup is a full one, and may take a neighbour's keys",
    )
    parser.add_argument(
        "--force", action="store_true", help="change as many shards as need it, at once"
    )
    parser.add_argument("--check", action="store_true", help="list nothing: is the plan sound?")
    parser.add_argument("--preview", action="store_true", help="list nothing: what it takes")
    parser.add_argument(
        "--rate", type=_amount, default=5_000, metavar="N", help="objects a second (5000)"
    )
    parser.add_argument(
        "--prices",
        metavar="FILE",
        help="JSON: price of 1,000 requests as list_1000 and get_1000, of a GB as egress_gb",
    )
    parser.add_argument(
        "--emit", metavar="DIR", help="write resources of a Bareos director, a job for each shard"
    )
    parser.add_argument(
        "--lane",
        action="append",
        default=[],
        metavar="CLIENT[=ADDRESS]",
        help="a client of the director, and where its daemon listens if it is to be made",
    )
    for name, default in _EMITTED.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(
            option, default=default, metavar="VALUE", help=f"for --emit ({default})"
        )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--page", metavar="FILE", help="draw the plan, as HTML")


def run(given: argparse.Namespace) -> int:
    """Plans; every error is raised."""
    if given.check or given.preview:
        return _look(given)
    if given.place is None:
        print("s3stream: name what to plan: s3://BUCKET", file=sys.stderr)
        return 2
    previous = _previous(given.file)
    planned = _plan(given, previous)
    planned.plan.write(given.file)
    _draw(given, planned.plan, planned)
    _emit(given, planned.plan)
    if given.json:
        print(json.dumps(_facts(planned.plan, planned)))
        return 0
    _say(planned, previous)
    return 0


def _look(given: argparse.Namespace) -> int:
    """Says what a plan is, without a server. One that is unsound cannot be read at all."""
    try:
        plan = Plan.read(given.file)
    except ValueError as error:
        print(f"s3stream: {error}", file=sys.stderr)
        return 1
    _draw(given, plan, None)
    if given.check and given.emit is not None:
        # Only here: without Bareos none of it is of use.
        from s3stream.bareos.resources import check

        problems = check(given.emit, plan)
        for problem in problems:
            print(f"s3stream: {given.emit}: {problem}", file=sys.stderr)
        if problems:
            return 1
    facts = _facts(plan, None)
    if given.preview:
        facts["preview"] = _preview(plan, given.rate, _prices(given.prices))
    if given.json:
        print(json.dumps(facts))
        return 0
    print(_summary(plan))
    for line in _moves(plan):
        print(line)
    for name, value in facts.get("preview", {}).items():
        print(f"{name.replace('_', ' ')}: {value:,}")
    return 0


def _plan(given: argparse.Namespace, previous: Optional[Plan]) -> Planned:
    client: Client = given.client()
    progress = Progress()
    every = [] if previous is None else [shard.id for shard in previous.shards]
    try:
        return client.plan(
            given.place.bucket,
            given.place.key or None,
            limit_bytes=given.limit,
            limit_objects=given.objects,
            fill_percent=given.fill,
            lanes=given.lanes,
            parallel=given.parallel,
            previous=previous,
            backed_up=every if given.backed_up == ["all"] else given.backed_up,
            next_full=every if given.next_full == ["all"] else given.next_full,
            force=given.force,
            progress=lambda objects, _: progress.entries(objects),
        )
    finally:
        progress.end()


def _previous(path: str) -> Optional[Plan]:
    return Plan.read(path) if os.path.lexists(path) else None


def _say(planned: Planned, previous: Optional[Plan]) -> None:
    print(_summary(planned.plan))
    for change in planned.changes:
        print(change)
    if previous is not None and planned.plan.revision == previous.revision:
        print("nothing is changed")
    for line in _moves(planned.plan):
        print(line)
    if planned.unreadable:
        print(
            f"warning: {planned.unreadable:,} entries of the listing could not be read; their "
            "keys have a shard all the same",
            file=sys.stderr,
        )


def _summary(plan: Plan) -> str:
    objects = sum(shard.objects for shard in plan.shards)
    size = sum(shard.bytes for shard in plan.shards)
    fullest = max(plan.fill(shard) for shard in plan.shards)
    return (
        f"bucket '{plan.bucket}', revision {plan.revision}: {len(plan.shards):,} shards of "
        f"{objects:,} objects and {_decimal(size)}, the fullest at {fullest:.0%}"
    )


def _moves(plan: Plan) -> List[str]:
    lines = []
    for shard in plan.shards:
        if not shard.waits_for:
            continue
        others = ", ".join(f"{id:04}" for id in shard.waits_for)
        becomes = "ends" if shard.becomes is None else "becomes smaller"
        lines.append(f"shard {shard.name} {becomes} once these are backed up: {others}")
    return lines


def _preview(plan: Plan, rate: int, prices: Dict[str, float]) -> Dict[str, Union[int, float]]:
    """What a full night of a plan takes: requests, hours, money where prices are known."""
    objects = sum(shard.objects for shard in plan.shards)
    size = sum(shard.bytes for shard in plan.shards)
    pages = sum(shard.objects // 1000 + 2 for shard in plan.shards)
    longest = max(shard.objects for shard in plan.shards)
    preview: Dict[str, Union[int, float]] = {
        "requests_to_list": pages,
        "requests_to_read": objects,
        "hours_of_one_job": round(objects / rate / 3600, 1),
        "hours_of_the_longest_shard": round(longest / rate / 3600, 1),
        # An agent's list of files takes about 64 MB for half a million of them.
        "megabytes_of_the_agent_for_the_largest_shard": round(longest * 64 / 500_000),
    }
    if prices:
        cost = prices.get("list_1000", 0) * pages / 1000
        cost += prices.get("get_1000", 0) * objects / 1000
        cost += prices.get("egress_gb", 0) * size / 1e9
        preview["cost"] = round(cost, 2)
    return preview


def _prices(path: Optional[str]) -> Dict[str, float]:
    if path is None:
        return {}
    with open(path, encoding="utf-8") as file:
        prices = json.load(file)
    known = ("list_1000", "get_1000", "egress_gb")
    wrong = [name for name in prices if name not in known]
    if wrong or not all(isinstance(price, (int, float)) for price in prices.values()):
        raise ValueError(f"{path}: prices are numbers named {', '.join(known)}")
    return dict(prices)


def _facts(plan: Plan, planned: Optional[Planned]) -> Dict[str, Any]:
    facts: Dict[str, Any] = {
        "bucket": plan.bucket,
        "revision": plan.revision,
        "shards": [_shard(plan, shard) for shard in plan.shards],
    }
    if planned is not None:
        facts.update(
            objects=planned.objects,
            bytes=planned.bytes,
            fingerprint=planned.fingerprint,
            changes=[
                {"shard": change.shard, "reason": change.reason, "line": change.line}
                for change in planned.changes
            ],
        )
    return facts


def _shard(plan: Plan, shard: Shard) -> Dict[str, Any]:
    return {
        "id": shard.id,
        **shard.range(),
        "objects": shard.objects,
        "bytes": shard.bytes,
        "fill": round(plan.fill(shard), 4),
        "lane": shard.lane,
        "waits_for": list(shard.waits_for),
    }


def _emit(given: argparse.Namespace, plan: Plan) -> None:
    if given.emit is None:
        return
    from s3stream.bareos.resources import Lane, Settings, emit

    parted = [lane.partition("=") for lane in given.lane]
    lanes = [Lane(name, address or None) for name, _, address in parted]
    more = {name: getattr(given, name) for name in _EMITTED if name != "at_once"}
    settings = Settings(lanes=lanes, at_once=int(given.at_once), **more)
    names = emit(plan, settings, given.emit)
    if not given.json:
        print(
            f"{len(names)} files in {given.emit}: README.txt says what is to be done by hand, "
            "restore.txt how to restore the whole bucket"
        )


def _draw(given: argparse.Namespace, plan: Plan, planned: Optional[Planned]) -> None:
    if given.page is None:
        return
    changes = () if planned is None else planned.changes
    with open(given.page, "w", encoding="utf-8") as file:
        file.write(page(plan, changes))


def _decimal(count: float) -> str:
    """A number of bytes as the limits count them.

    >>> _decimal(999), _decimal(250_000_000_000)
    ('999 B', '250.0 GB')
    """
    units = ("B", "kB", "MB", "GB", "TB", "PB")
    unit = 0
    while count >= 1000 and unit < len(units) - 1:
        count /= 1000
        unit += 1
    return f"{count:.0f} B" if unit == 0 else f"{count:.1f} {units[unit]}"


def _amount(text: str) -> int:
    """A number, in thousands and so on.

    >>> _amount("250G"), _amount("2M"), _amount("7")
    (250000000000, 2000000, 7)
    """
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "")
    if not number.isascii() or not number.isdigit() or int(number) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number such as 2M or 250G")
    return int(number) * _UNITS.get(unit, 1)


def _numbers(text: str) -> List[Any]:
    if text == "all":
        return ["all"]
    numbers = text.split(",")
    if not all(number.isascii() and number.isdigit() for number in numbers):
        raise argparse.ArgumentTypeError(f"{text!r} is not numbers of shards such as 3,17, or all")
    return [int(number) for number in numbers]
