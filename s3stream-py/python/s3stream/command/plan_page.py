"""A plan as a page: its shards over the key space, how full each is, what moved and why.

One file without script or anything to load; text is from keys, which strangers write, so every
character that is not printable is named.
"""

from __future__ import annotations

from html import escape
from typing import Iterable, List, Optional

from s3stream import _native
from s3stream.plan import Change, Plan, Shard

__all__ = ["page"]

#: More rows than these are no help to anybody; the plan itself has them all.
_MOST_ROWS = 2_000

_STYLE = """
:root { color-scheme: light dark; --bar: #3a7bd5; --full: #c0392b; --line: #8884; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
.tiles { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0; }
.tiles div { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem 1rem; }
.tiles b { display: block; font-size: 1.4rem; overflow-wrap: anywhere; }
svg { width: 100%; height: 9rem; display: block; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: 1rem 0 .3rem; }
th, td { text-align: left; padding: .2rem .5rem; border-top: 1px solid var(--line); }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.k { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
meter { width: 6rem; }
@media print { body { margin: 0; max-width: none; } }
"""


def page(plan: Plan, changes: Iterable[Change] = ()) -> str:
    """The page of a plan, and of what its last revision changed."""
    title = f"Plan of bucket {_native.shown(plan.bucket)}"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        _tiles(plan),
        _drawing(plan),
        _changes(list(changes)),
        _table(plan),
        "</body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _tiles(plan: Plan) -> str:
    objects = sum(shard.objects for shard in plan.shards)
    size = sum(shard.bytes for shard in plan.shards)
    moving = sum(1 for shard in plan.shards if shard.waits_for)
    tiles = (
        ("shards", f"{len(plan.shards):,}"),
        ("objects", f"{objects:,}"),
        ("bytes", f"{size / 1e9:,.1f} GB"),
        ("the fullest", f"{max(plan.fill(shard) for shard in plan.shards):.0%}"),
        ("hand keys over", f"{moving:,}"),
        ("lanes", f"{plan.lanes:,}"),
        ("revision", f"{plan.revision:,}"),
    )
    cells = "".join(f"<div>{escape(name)}<b>{value}</b></div>" for name, value in tiles)
    return f'<div class="tiles">{cells}</div>'


def _drawing(plan: Plan) -> str:
    """A bar for each shard, in the order of their keys, as high as it is full."""
    count = len(plan.shards)
    bars: List[str] = []
    for index, shard in enumerate(plan.shards):
        fill = plan.fill(shard)
        height = min(fill, 1.25) * 80
        colour = "var(--full)" if fill > 1 else "var(--bar)"
        opacity = "0.5" if shard.waits_for else "1"
        left, width = index * 1000 / count, max(1000 / count - 0.5, 0.3)
        label = escape(f"{shard.name}: {fill:.0%}, {_range(shard)}")
        bars.append(
            f'<rect x="{left:.2f}" y="{100 - height:.2f}" width="{width:.2f}" '
            f'height="{height:.2f}" fill="{colour}" opacity="{opacity}">'
            f"<title>{label}</title></rect>"
        )
    return (
        '<svg viewBox="0 0 1000 104" preserveAspectRatio="none" role="img" '
        'aria-label="How full each shard is, in the order of their keys; the line is the limit">'
        + "".join(bars)
        + '<line x1="0" x2="1000" y1="20" y2="20" stroke="currentColor" stroke-dasharray="6 4" '
        'vector-effect="non-scaling-stroke"/></svg>'
    )


def _changes(changes: List[Change]) -> str:
    if not changes:
        return ""
    lines = "".join(f"<li>{escape(_native.shown(change.line))}</li>" for change in changes)
    return f"<h2>What was changed, and why</h2><ul>{lines}</ul>"


def _table(plan: Plan) -> str:
    rows = "".join(_row(plan, shard) for shard in plan.shards[:_MOST_ROWS])
    left = len(plan.shards) - _MOST_ROWS
    rest = f"<p>and {left:,} more: the plan itself has them all</p>" if left > 0 else ""
    return (
        "<table><caption>Shards, in the order of their keys</caption><thead><tr>"
        + "".join(
            f'<th scope="col">{name}</th>'
            for name in ("shard", "behind", "up to", "objects", "GB", "full", "lane", "waits for")
        )
        + f"</tr></thead><tbody>{rows}</tbody></table>{rest}"
    )


def _row(plan: Plan, shard: Shard) -> str:
    fill = plan.fill(shard)
    waits = ", ".join(f"{id:04}" for id in shard.waits_for)
    return (
        f'<tr><th scope="row">{shard.name}</th>'
        f'<td class="k">{_bound(shard.start_after)}</td><td class="k">{_bound(shard.end_at)}</td>'
        f'<td class="n">{shard.objects:,}</td><td class="n">{shard.bytes / 1e9:,.2f}</td>'
        f'<td><meter value="{min(fill, 1):.3f}"></meter> {fill:.0%}</td>'
        f'<td class="n">{shard.lane + 1}</td><td>{waits}</td></tr>'
    )


def _bound(key: Optional[str]) -> str:
    return "<i>open</i>" if key is None else escape(_native.shown(key))


def _range(shard: Shard) -> str:
    start = (
        "the first key"
        if shard.start_after is None
        else f"behind {_native.shown(shard.start_after)}"
    )
    end = "the last key" if shard.end_at is None else _native.shown(shard.end_at)
    return f"{start} up to {end}"
