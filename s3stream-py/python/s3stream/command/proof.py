"""What is said of a verdict."""

from __future__ import annotations

from s3stream.objects import Verdict

__all__ = ["said"]


def said(verdict: Verdict) -> str:
    """By which digest the bytes are proven, or why by none."""
    if verdict.is_proven:
        return f"proven by {verdict.method}"
    suspicion = "; it is probably damaged" if verdict.is_probably_damaged else ""
    return f"not proven by a digest: {verdict.unproven}{suspicion}"
