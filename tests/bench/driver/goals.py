"""How a goal's number comes out of a case's results, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .plan import Goal, Metric, NotRun, Outcome, Results, Role

# What the documentation promises, and what a process may have besides, in MiB.
MEMORY_LIMIT = 64
BESIDES = 16

Value = Callable[[Results], float]


def ratio(ours: str, other: str, metric: Metric) -> Value:
    """Ours as a multiple of another contender's."""
    return lambda results: results.median(ours, metric) / results.median(other, metric)


def against(role: Role, ours: str, metric: Metric) -> Value:
    """Ours as a multiple of the best of a role."""
    return lambda results: results.median(ours, metric) / results.best(role, metric)


def bound(ours: str, metric: Metric) -> Value:
    """Ours as it is."""
    return lambda results: results.median(ours, metric)


def outcome(case: str, goal: Goal, results: Results) -> Outcome:
    try:
        return Outcome(case, goal, goal.value(results))
    except NotRun as error:
        return Outcome(case, goal, None, str(error))


def not_run(case: str, goals: Sequence[Goal], why: str) -> list[Outcome]:
    return [Outcome(case, goal, None, why) for goal in goals]


def memory(results: Mapping[str, Results]) -> Outcome:
    """The one goal that is of all cases: the peak of every program of ours in Rust."""
    peaks = [
        (run.peak_mib, f"{name}: {contender.name}")
        for name, of_case in results.items()
        for contender in of_case.contenders
        if contender.role is Role.OURS and not contender.command[0].endswith("python")
        for run in of_case.runs[contender.name]
    ]
    most, whose = max(peaks, default=(0.0, ""))
    goal = Goal(
        f"peak memory of all of these, {MEMORY_LIMIT} MiB being the documented limit"
        + (f" ({whose})" if whose else ""),
        value=lambda _: most,
        bound=MEMORY_LIMIT + BESIDES,
        is_at_least=False,
        unit="MiB",
    )
    return Outcome("all", goal, most if peaks else None, "" if peaks else "nothing was run")
