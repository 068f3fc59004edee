"""The cases, in the order in which they run."""

from __future__ import annotations

from .case import Case
from .keys import CASES as KEYS
from .large import CASES as LARGE
from .package import CASES as PACKAGE
from .small import CASES as SMALL

CASES: list[Case] = [*SMALL, *LARGE, *KEYS, *PACKAGE]
