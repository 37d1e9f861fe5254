"""What differs between two versions of a rulebook."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from rating.rulebooks.content import Comment, Dimension, Indicator, Questionnaire, RulebookContent, Text, Windows
from rating.scoring import Direction

OWN_SHEETS = (Direction.RESIDENT_TO_COMPANY, Direction.COMMITTEE_TO_COMPANY, Direction.COMPANY_TO_COMMITTEE)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing by its name (of a setting, or of an indicator's field), before and now; None where it is missing."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class IndicatorChange:
    """An indicator that both have, and what differs; `indicator` is as it is now."""

    indicator: Indicator
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class SheetComparison:
    """A questionnaire of one direction; `old` or `new` is None where only one version has it."""

    direction: Direction
    old: Questionnaire | None
    new: Questionnaire | None
    head: tuple[Difference, ...]
    added: tuple[Indicator, ...]
    removed: tuple[Indicator, ...]
    changed: tuple[IndicatorChange, ...]

    def __bool__(self) -> bool:
        return bool(self.head or self.added or self.removed or self.changed or (self.old is None) != (self.new is None))


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs; empty tuples where nothing does."""

    title: tuple[Difference, ...]
    settings: tuple[Difference, ...]
    windows: tuple[Difference, ...]
    sheets: tuple[SheetComparison, ...]

    def __bool__(self) -> bool:
        return bool(self.title or self.settings or self.windows or self.sheets)


def compare(old: RulebookContent, new: RulebookContent) -> Comparison:
    """Title, settings and windows in force (also by default), and each questionnaire."""
    sheets = (compare_sheets(d, old.questionnaires.get(d), new.questionnaires.get(d)) for d in OWN_SHEETS)
    return Comparison(
        title=_differences(_text("title", old.title), _text("title", new.title)),
        settings=_differences(settings_of(old), settings_of(new)),
        windows=_differences(windows_of(old.windows), windows_of(new.windows)),
        sheets=tuple(sheet for sheet in sheets if sheet),
    )


def settings_of(content: RulebookContent) -> dict[str, Any]:
    """All settings by name, as they are in force."""
    rules = content.rules()
    found = {field.name: getattr(rules, field.name) for field in fields(rules) if field.name != "questionnaires"}
    weights = {direction: weight for direction, weight in rules.direction_weights.items() if weight}
    return {**found, "direction_weights": weights, **asdict(content.gaps)}


def windows_of(windows: Windows) -> dict[str, int]:
    """All windows by name."""
    return {field.name: getattr(windows, field.name) for field in fields(windows)}


def compare_sheets(direction: Direction, old: Questionnaire | None, new: Questionnaire | None) -> SheetComparison:
    """One questionnaire: its head, and its indicators by their keys."""
    before, after = _indicators(old), _indicators(new)
    both = [key for key in after if key in before]
    changes = (IndicatorChange(after[key][1], _indicator_differences(before[key], after[key])) for key in both)
    return SheetComparison(
        direction=direction,
        old=old,
        new=new,
        head=_differences(_head(old), _head(new)) + _order(before, after, both) if old and new else (),
        added=tuple(indicator for key, (_, indicator) in after.items() if key not in before),
        removed=tuple(indicator for key, (_, indicator) in before.items() if key not in after),
        changed=tuple(change for change in changes if change.differences),
    )


Placed = Mapping[str, tuple[Dimension, Indicator]]


def _indicators(sheet: Questionnaire | None) -> Placed:
    if sheet is None:
        return {}
    return {
        indicator.key: (dimension, indicator) for dimension in sheet.dimensions for indicator in dimension.indicators
    }


def _indicator_differences(
    old: tuple[Dimension, Indicator], new: tuple[Dimension, Indicator]
) -> tuple[Difference, ...]:
    def told(dimension: Dimension, indicator: Indicator) -> dict[str, Any]:
        return {
            **_text("text", indicator.text),
            **_text("hint", indicator.hint),
            "highest": indicator.highest,
            "weight": indicator.weight,
            "method": indicator.method,
            "applies_if": indicator.applies_if,
            "dimension": dimension.key,
        }

    return _differences(told(*old), told(*new))


def _order(before: Placed, after: Placed, both: Sequence[str]) -> tuple[Difference, ...]:
    """The order of the indicators that both have, where it differs."""
    first = [key for key in before if key in after]
    return () if first == list(both) else (Difference("order", ", ".join(first), ", ".join(both)),)


def _head(sheet: Questionnaire) -> dict[str, Any]:
    return {
        **_text("title", sheet.title),
        **_text("preface", sheet.preface),
        "lowest": sheet.lowest,
        "zero": sheet.zero,
        **{name: text for mark, label in sheet.labels.items() for name, text in _text(f"label {mark}", label).items()},
        **{name: text for one in sheet.no_marks for name, text in _text(f"no_mark {one.key}", one.text).items()},
        **_comment(sheet.comment),
        **{name: text for one in sheet.dimensions for name, text in _text(f"dimension {one.key}", one.text).items()},
    }


def _comment(comment: Comment | None) -> dict[str, Any]:
    if comment is None:
        return {}
    return {
        "comment max_length": comment.max_length,
        **_text("comment", comment.text),
        **_text("comment_hint", comment.hint),
    }


def _text(name: str, text: Text) -> dict[str, str]:
    return {f"{name}.zh": text.zh, f"{name}.en": text.en}


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    names = dict.fromkeys([*old, *new])
    return tuple(Difference(n, old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n))


def marked(old: str, new: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Two texts in pieces, marking the pieces that the other one lacks: words in English, characters in Chinese."""
    one, two = (re.findall(r"[A-Za-z0-9']+|.", text, re.DOTALL) for text in (old, new))
    matcher = difflib.SequenceMatcher(None, one, two, autojunk=False)
    codes = matcher.get_opcodes()
    return (
        list(_pieces(one, ((i, j, tag != "equal") for tag, i, j, _, _ in codes))),
        list(_pieces(two, ((i, j, tag != "equal") for tag, _, _, i, j in codes))),
    )


def _pieces(words: Sequence[str], spans: Iterator[tuple[int, int, bool]]) -> Iterator[tuple[str, bool]]:
    return (("".join(words[i:j]), other) for i, j, other in spans if i < j)
