"""The nouns of a benchmark: contenders, cases, goals, sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum


class NotRun(Exception):
    """Something cannot be run here; the message says why and goes into the table."""


class Role(Enum):
    """Whose contender it is."""

    OURS = "s3stream"
    PEER = "peer"
    LIMIT = "limit"


class Proof(Enum):
    """How it is known that a run delivered everything."""

    # The program says so itself, in a line of JSON.
    LINE = "line"
    # The driver counts the bytes of its standard output.
    OUTPUT_BYTES = "output bytes"
    # The driver counts the lines of its standard output.
    OUTPUT_LINES = "output lines"
    # The driver counts files and bytes in the folder that it gave.
    FILES = "files"
    # Standard output is the number of bytes.
    OUTPUT_NUMBER = "output number"


# What a command or an environment may name: the folder that the driver makes for one run, the
# server's URL, and the file of the authority that signed its certificate.
FOLDER = "{folder}"
ENDPOINT = "{endpoint}"
CA_BUNDLE = "{ca_bundle}"


@dataclass(frozen=True)
class Contender:
    """One program that does one job."""

    name: str
    role: Role
    command: Sequence[str]
    objects: int
    # None where a listing does not tell sizes.
    bytes: int | None
    proof: Proof = Proof.LINE
    environment: Mapping[str, str] = field(default_factory=dict)
    # How often it is run, if not as often as the others: it is slow.
    rounds: int | None = None
    note: str = ""
    # Why it cannot be run, known before anything is started.
    missing: str = ""


@dataclass(frozen=True)
class Run:
    """One run of a contender: its job's time and CPU, the peak of its process."""

    seconds: float
    cpu: float
    peak_mib: float
    objects: int
    bytes: int
    note: str = ""

    @property
    def objects_per_second(self) -> float:
        return self.objects / self.seconds

    @property
    def gib_per_second(self) -> float:
        return self.bytes / self.seconds / (1 << 30)

    @property
    def cpu_per_gib(self) -> float:
        return self.cpu / (self.bytes / (1 << 30)) if self.bytes else 0.0

    @property
    def cpu_us_per_object(self) -> float:
        return self.cpu / self.objects * 1e6


class Metric(Enum):
    """A number of a run, what it is called, and which way is better."""

    OBJECTS = ("objects_per_second", "objects/s", True)
    KEYS = ("objects_per_second", "keys/s", True)
    RATE = ("gib_per_second", "GiB/s", True)
    CPU = ("cpu_per_gib", "CPU s/GiB", False)
    CPU_OBJECT = ("cpu_us_per_object", "CPU us/object", False)
    CPU_KEY = ("cpu_us_per_object", "CPU us/key", False)
    MEMORY = ("peak_mib", "peak MiB", False)
    SECONDS = ("seconds", "seconds", False)

    def __init__(self, field_name: str, label: str, is_more_better: bool) -> None:
        self.field_name = field_name
        self.label = label
        self.is_more_better = is_more_better

    def of(self, run: Run) -> float:
        value: float = getattr(run, self.field_name)
        return value


class Results:
    """Every run of one case, by contender."""

    def __init__(self, contenders: Sequence[Contender]) -> None:
        self.contenders = list(contenders)
        self.runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
        self.not_run: dict[str, str] = {
            contender.name: contender.missing for contender in contenders if contender.missing
        }

    def median(self, name: str, metric: Metric) -> float:
        """The median of a contender; `NotRun` if it has none."""
        if name in self.not_run:
            raise NotRun(f"{name}: {self.not_run[name]}")
        values = sorted(metric.of(run) for run in self.runs.get(name, []))
        if not values:
            raise NotRun(f"{name}: no run")
        middle = len(values) // 2
        return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2

    def best(self, role: Role, metric: Metric) -> float:
        """The best median of a role's contenders that ran; `NotRun` if none did."""
        medians = [
            self.median(contender.name, metric)
            for contender in self.contenders
            if contender.role is role and self.runs[contender.name]
        ]
        if not medians:
            raise NotRun(f"no {role.value} was run")
        return max(medians) if metric.is_more_better else min(medians)

    def has_run(self, name: str) -> bool:
        return bool(self.runs[name])


@dataclass(frozen=True)
class Goal:
    """What must come out: a number from the results, and its bound."""

    text: str
    value: Callable[[Results], float]
    bound: float
    is_at_least: bool
    unit: str = "x"

    def holds(self, value: float) -> bool:
        return value >= self.bound if self.is_at_least else value <= self.bound


@dataclass(frozen=True)
class Outcome:
    """A goal after the runs."""

    case: str
    goal: Goal
    # None if it could not be measured; `why` says why.
    value: float | None
    why: str = ""

    @property
    def word(self) -> str:
        if self.value is None:
            return "not run"
        return "reached" if self.goal.holds(self.value) else "missed"


@dataclass(frozen=True)
class Sizes:
    """How much is read, in objects, keys and bytes.

    `few_keys`, `peer_keys` and `many_fewer` are powers of ten.
    """

    small: int
    small_slow: int
    distant: int
    distant_slow: int
    object: int
    big: int
    python_big: int
    distant_big: int
    connection_rate: int
    keys: int
    few_keys: int
    peer_keys: int
    many: int
    many_fewer: int


FULL = Sizes(
    small=5000,
    small_slow=500,
    distant=5000,
    distant_slow=200,
    object=4096,
    big=4 << 30,
    python_big=1 << 30,
    distant_big=256 << 20,
    connection_rate=32 << 20,
    keys=1_000_000,
    few_keys=10_000,
    peer_keys=100_000,
    many=10_000_000,
    many_fewer=1_000_000,
)
QUICK = Sizes(
    small=100,
    small_slow=20,
    distant=400,
    distant_slow=20,
    object=4096,
    big=64 << 20,
    python_big=32 << 20,
    distant_big=64 << 20,
    connection_rate=32 << 20,
    keys=5000,
    few_keys=1000,
    peer_keys=1000,
    many=5000,
    many_fewer=1000,
)
