"""The results as one page to open: the goals first, then a picture for each case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from .cases.case import Case
from .plan import Contender, Metric, Outcome, Results, Role
from .table import goal_bound, goal_value, multiples, number, remark

CSS = Path(__file__).with_name("page.css")
CLASSES = {Role.OURS: "ours", Role.PEER: "peer", Role.LIMIT: "limit"}
NAMES = {Role.OURS: "s3stream", Role.PEER: "other clients", Role.LIMIT: "the limit: bare sockets"}

# The picture of a case, in units of its view box.
WIDTH = 960
NAMES_WIDTH = 215
ROW = 24
BAR = 14
TOP = 26
GAP = 18
# Room behind a bar for its figure.
FIGURE = 118


def page(
    facts: Mapping[str, str],
    cases: Sequence[Case],
    results: Mapping[str, Results],
    outcomes: Sequence[Outcome],
) -> str:
    """The whole page, with nothing outside of it."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<title>s3stream beside its peers</title>",
        f"<style>{CSS.read_text()}</style>",
        "<header><h1>s3stream beside its peers</h1>",
        f"<p>{escape(_summary(outcomes))}</p></header>",
    ]
    if "smoke" in facts["rounds"]:
        parts.append(
            '<section class="doubt">A smoke run: sizes are small, programs not optimised. '
            "It proves that the benchmarks work; its figures say nothing.</section>"
        )
    parts.append(f"<section><h2>Goals</h2>{_goals(outcomes)}</section>")
    for case in cases:
        if case.name in results:
            parts += _case(case, results[case.name])
    told = ", ".join(f"{escape(name)}: {escape(value)}" for name, value in facts.items())
    parts.append(f'<p class="facts">{told}.</p></html>')
    return "\n".join(parts) + "\n"


def _summary(outcomes: Sequence[Outcome]) -> str:
    words = [outcome.word for outcome in outcomes]
    counts = {word: words.count(word) for word in ("reached", "missed", "not run")}
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return f"{len(words)} goals: {told}. Every figure is a median of runs in turn, in one session."


def _goals(outcomes: Sequence[Outcome]) -> str:
    rows = []
    for outcome in outcomes:
        link = f'<a href="#{escape(outcome.case)}">{escape(outcome.case)}</a>'
        name = link if outcome.case != "all" else "all"
        measured = (
            number(outcome.value) + " " + outcome.goal.unit if outcome.value is not None else ""
        )
        why = f'<div class="why">{escape(goal_value(outcome))}</div>' if outcome.why else ""
        badge = f'<span class="badge {outcome.word.split()[0]}">{outcome.word}</span>'
        rows.append(
            f"<tr><td>{name}</td><td>{escape(outcome.goal.text)}{why}</td>"
            f'<td class="n">{escape(goal_bound(outcome))}</td>'
            f'<td class="n">{escape(measured)}</td><td>{badge}</td></tr>'
        )
    head = '<tr><th>case<th>goal<th class="n">wanted<th class="n">measured<th></tr>'
    return f"<table>{head}{''.join(rows)}</table>"


def _case(case: Case, results: Results) -> Iterator[str]:
    yield f'<section id="{escape(case.name)}"><h2>{escape(case.title)}</h2>'
    yield f'<p class="about">{escape(case.about)}</p>'
    shown = [contender for contender in results.contenders if results.has_run(contender.name)]
    yield _legend({contender.role for contender in shown})
    if shown:
        yield _picture(results, shown, case.metrics)
    notes = [
        f"<li>{escape(contender.name)}: {escape(text)}</li>"
        for contender in results.contenders
        if (text := remark(results, contender))
    ]
    if notes:
        yield f'<ul class="notes">{"".join(notes)}</ul>'
    yield "</section>"


def _legend(roles: set[Role]) -> str:
    entries = [
        f'<span><i class="{CLASSES[role]}"></i>{NAMES[role]}</span>'
        for role in Role
        if role in roles
    ]
    return f'<div class="legend">{"".join(entries)}</div>'


def _picture(results: Results, shown: Sequence[Contender], metrics: Sequence[Metric]) -> str:
    """A row for each contender, the best first, and a column of bars for each metric."""
    first = metrics[0]
    best_first = sorted(
        shown,
        key=lambda contender: results.median(contender.name, first),
        reverse=first.is_more_better,
    )
    height = TOP + ROW * len(best_first)
    parts = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img">']
    for row, contender in enumerate(best_first):
        y = TOP + row * ROW + BAR - 2
        ours = " ours" if contender.role is Role.OURS else ""
        parts.append(f'<text class="name{ours}" x="0" y="{y}">{escape(contender.name)}</text>')
    column = (WIDTH - NAMES_WIDTH - GAP * (len(metrics) - 1)) / len(metrics)
    for index, metric in enumerate(metrics):
        left = NAMES_WIDTH + index * (column + GAP)
        parts += _column(results, best_first, metric, left, column - FIGURE)
    return "".join([*parts, "</svg>"])


def _column(
    results: Results, shown: Sequence[Contender], metric: Metric, left: float, room: float
) -> Iterator[str]:
    direction = "more is better" if metric.is_more_better else "less is better"
    yield f'<text class="title" x="{left:.0f}" y="12">{escape(metric.label)}'
    yield f"<title>{direction}</title></text>"
    most = max(results.median(contender.name, metric) for contender in shown) or 1.0
    for row, contender in enumerate(shown):
        value = results.median(contender.name, metric)
        length = max(room * value / most, 1)
        y = TOP + row * ROW
        shape = f'y="{y}" height="{BAR}" rx="3"'
        yield f'<rect class="track" x="{left:.1f}" width="{room:.1f}" {shape}/>'
        bar = f'class="{CLASSES[contender.role]}" x="{left:.1f}" width="{length:.1f}"'
        yield f"<rect {bar} {shape}/>"
        figure = number(value)
        times = multiples(results, contender, metric).get(Role.PEER)
        # Ours as a multiple of the best peer's.
        figure += f" ({number(times)} x best)" if times else ""
        yield f'<text x="{left + room + 6:.1f}" y="{y + BAR - 2}">{figure}</text>'
