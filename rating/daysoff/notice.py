"""What a notice of days off says, read from its own words.

The State Council's office writes them alike every year: 「二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月
初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。」

Days of the week and counts are compared with the dates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from rating.calendar import SATURDAY, is_statutory
from rating.wording import Message, _l

_DAY = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})[日号](?:\(([^()]*)\))?")
_SEPARATED = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_COUNT = re.compile(r"(?:调休)?,? *共(\d+)天")
_VERB = re.compile(r"放假|休息|补休|上班|补班")
_WORKED = {"上班", "补班"}
_TO = re.compile(r"\s*(至|到|—|–|-|~)\s*")
DECEMBER = 12


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """The days a text names, whether each is worked; and what is wrong with the text."""

    days: dict[date, bool] = field(default_factory=dict)
    faults: list[Message] = field(default_factory=list)


def read_notice(text: str, year: int) -> ReadNotice:
    """The days off and make-up workdays of a year's notice. All faults are found at once."""
    found = ReadNotice()
    plain = _SEPARATED.sub(r"\1年\3月\4日", unicodedata.normalize("NFKC", text))
    for sentence in re.split(r"[。;\n]", plain):
        _read_sentence(sentence, year, found)
    if not found.faults:
        found.faults.extend(_contradictions(found.days, year))
    return found


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row that a notice has off, or has worked; both ends included."""

    first: date
    last: date
    worked: bool

    @property
    def count(self) -> int:
        """How many days these are."""
        return (self.last - self.first).days + 1


def list_runs(days: Mapping[date, bool]) -> list[Run]:
    """Days (day → whether it is worked) as runs, by day."""
    runs: list[Run] = []
    for day, worked in sorted(days.items()):
        if runs and runs[-1].worked is worked and day - runs[-1].last == timedelta(days=1):
            runs[-1] = Run(runs[-1].first, day, worked)
        else:
            runs.append(Run(day, day, worked))
    return runs


def written(days: Mapping[date, bool]) -> str:
    """Days as one text, for the log: each with a + where it is worked and a - where it is off."""
    return " ".join(f"{day.isoformat()}{'+' if worked else '-'}" for day, worked in sorted(days.items()))


def _read_sentence(sentence: str, year: int, found: ReadNotice) -> None:
    start = 0
    month: int | None = None
    for verb in _VERB.finditer(sentence):
        days, month = _read_days(sentence[start : verb.start()], year, month, found.faults)
        for day in days:
            if found.days.setdefault(day, verb[0] in _WORKED) is not (verb[0] in _WORKED):
                found.faults.append(_l("%(day)s is said to be off and to be worked.", day=day))
        count = _COUNT.match(sentence, verb.end())
        if count and days and int(count[1]) != len(days):
            words = sentence[start : count.end()].strip()
            found.faults.append(_l("“%(said)s”: these are %(n)s days.", said=words, n=len(days)))
        start = verb.end()
    if _DAY.search(sentence[start:]):
        found.faults.append(
            _l("“%(said)s” names a day, but says neither 放假 (off) nor 上班 (worked).", said=sentence[start:].strip())
        )


def _read_days(text: str, year: int, month: int | None, faults: list[Message]) -> tuple[list[date], int | None]:
    """The days of a part of a sentence, ranges filled in; and the month that was named last."""
    days: list[date] = []
    end = 0
    for found in _DAY.finditer(text):
        month = int(found[2]) if found[2] else month
        day = _day(int(found[1] or year), month, int(found[3]))
        if day is None:
            faults.append(_l("“%(said)s” is not a day.", said=found[0]))
            continue
        if (said := _WEEKDAY.search(found[4] or "")) and "一二三四五六日".find(
            said[1].replace("天", "日")
        ) != day.weekday():
            faults.append(_l("“%(said)s”: %(day)s is another day of the week.", said=found[0], day=day))
        if days and _TO.fullmatch(text[end : found.start()]):
            first = days[-1]
            if day <= first:
                faults.append(_l("“%(said)s” ends before it begins.", said=text.strip()))
            days += [first + timedelta(days=n) for n in range(1, (day - first).days + 1)]
        else:
            days.append(day)
        end = found.end()
    return days, month


def _day(year: int, month: int | None, day: int) -> date | None:
    try:
        return date(year, month or 0, day)
    except ValueError:
        return None


def _contradictions(days: dict[date, bool], year: int) -> Iterator[Message]:
    """Where what was understood can't be a whole notice of this year."""
    for day, worked in sorted(days.items()):
        if day.year != year and (day.year, day.month) != (year - 1, DECEMBER):
            yield _l("%(day)s is not in %(year)s.", day=day, year=year)
        elif worked and day.weekday() < SATURDAY:
            yield _l("%(day)s is no Saturday or Sunday; only those are worked to make up.", day=day)
    first = date(year, 1, 1)
    year_days = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
    for day in year_days:
        if is_statutory(day) and days.get(day) is not False:
            yield _l("%(day)s is off by law, and not among the days off.", day=day)
