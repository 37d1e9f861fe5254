"""What the doctor found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

SHOWN = 5


class Verdict(StrEnum):
    """The verdict on a finding: as it should be, worth a look, or wrong."""

    OK = "ok"
    LOOK = "look"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's: what was looked at, the verdict, and what to do about it."""

    verdict: Verdict
    subject: str
    words: str


def ok(subject: str, words: str) -> Finding:
    """As it should be."""
    return Finding(Verdict.OK, subject, words)


def look(subject: str, words: str) -> Finding:
    """Worth a look."""
    return Finding(Verdict.LOOK, subject, words)


def wrong(subject: str, words: str) -> Finding:
    """Wrong."""
    return Finding(Verdict.WRONG, subject, words)


def one_line(subject: str, faults: Iterable[str], well: str) -> Finding:
    """All faults of one subject on one line, or that there are none."""
    found = list(faults)
    return wrong(subject, "; ".join(found)) if found else ok(subject, well)


def shortened(lines: Iterator[str]) -> Iterator[str]:
    """The first few; how many more there are."""
    found = list(lines)
    yield from found[:SHOWN]
    if len(found) > SHOWN:
        yield f"and {len(found) - SHOWN} more"
