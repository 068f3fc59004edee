"""The results as Markdown, and as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .cases.case import Case
from .plan import Contender, Metric, NotRun, Outcome, Results, Role


def number(value: float) -> str:
    """Three digits that matter."""
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100:
        return f"{value:.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def goal_bound(outcome: Outcome) -> str:
    word = "at least" if outcome.goal.is_at_least else "at most"
    return f"{word} {outcome.goal.bound:g} {outcome.goal.unit}"


def goal_value(outcome: Outcome) -> str:
    if outcome.value is None:
        return f"not run: {outcome.why}"
    return f"{number(outcome.value)} {outcome.goal.unit}"


def goals(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield "| case | goal | wanted | measured | |"
    yield "|---|---|---|---|---|"
    for outcome in outcomes:
        wanted, measured = goal_bound(outcome), goal_value(outcome)
        word = outcome.word if outcome.value is not None else ""
        yield f"| {outcome.case} | {outcome.goal.text} | {wanted} | {measured} | {word} |"


def case(of: Case, results: Results) -> Iterator[str]:
    yield f"### {of.name}: {of.title}"
    yield ""
    yield of.about
    yield ""
    yield "| | " + " | ".join(metric.label for metric in of.metrics) + " | |"
    yield "|---" * (len(of.metrics) + 2) + "|"
    for contender in results.contenders:
        cells = [cell(results, contender, metric) for metric in of.metrics]
        name = f"**{contender.name}**" if contender.role is Role.OURS else contender.name
        yield f"| {name} | " + " | ".join(cells) + f" | {remark(results, contender)} |"


def cell(results: Results, contender: Contender, metric: Metric) -> str:
    """A median; ours also as a multiple of the best peer's and of the limit's."""
    if not results.has_run(contender.name):
        return ""
    value = results.median(contender.name, metric)
    text = number(value)
    for role, multiple in multiples(results, contender, metric).items():
        text += f", {number(multiple)} x {role.value}"
    return text


def multiples(results: Results, contender: Contender, metric: Metric) -> dict[Role, float]:
    found: dict[Role, float] = {}
    # A time depends on how much was asked for: there is nothing to be compared.
    if contender.role is not Role.OURS or metric is Metric.SECONDS:
        return found
    for role in (Role.PEER, Role.LIMIT):
        try:
            best = results.best(role, metric)
        except NotRun:
            continue
        if best > 0:
            found[role] = results.median(contender.name, metric) / best
    return found


def remark(results: Results, contender: Contender) -> str:
    if contender.name in results.not_run:
        return f"not run: {results.not_run[contender.name]}"
    runs = results.runs[contender.name]
    said = {run.note for run in runs if run.note}
    notes = [contender.note, *sorted(said)]
    return "; ".join(note for note in notes if note)


def as_json(
    facts: Mapping[str, str],
    cases: Sequence[Case],
    results: Mapping[str, Results],
    outcomes: Sequence[Outcome],
) -> dict[str, Any]:
    """Everything that was measured, run by run."""
    return {
        "machine": dict(facts),
        "goals": [
            {
                "case": outcome.case,
                "goal": outcome.goal.text,
                "wanted": goal_bound(outcome),
                "value": outcome.value,
                "result": outcome.word,
                "why": outcome.why,
            }
            for outcome in outcomes
        ],
        "cases": {
            of.name: [
                {
                    "contender": contender.name,
                    "role": contender.role.value,
                    "not_run": results[of.name].not_run.get(contender.name),
                    "runs": [dataclasses.asdict(r) for r in results[of.name].runs[contender.name]],
                }
                for contender in results[of.name].contenders
            ]
            for of in cases
            if of.name in results
        },
    }
