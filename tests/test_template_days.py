"""Templates leave days to the models: none compares them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, nodes

ROOT = Path(__file__).parent.parent
# What a template calls a day or a moment.
DAYS = {"today", "now", "day", "date", "year", "month", "due", "earliest", "latest", "deadline", "until", "since"}
DAY_ENDINGS = ("_on", "_at", "_until", "_from", "_to", "_day", "_date", "_due")
ORDER = {"lt", "le", "gt", "ge", "eq", "ne", "lessthan", "greaterthan", "equalto", "sameas"}


def date_comparisons(environment: Environment, source: str) -> Iterator[int]:
    """The lines on which a template compares something that is named like a day, by an operator or by a test."""
    parsed = environment.parse(source)
    by_operator = parsed.find_all(nodes.Compare)
    by_test = (test for test in parsed.find_all(nodes.Test) if test.name in ORDER)
    for comparison in chain(by_operator, by_test):
        names = [one.name for one in comparison.find_all((nodes.Name, nodes.Filter))]
        names += [one.attr for one in comparison.find_all(nodes.Getattr)]
        if any(name in DAYS or name.endswith(DAY_ENDINGS) for name in names):
            yield comparison.lineno


def test_no_template_compares_days(app: Flask) -> None:
    templates = sorted(file for file in (ROOT / "templates").rglob("*") if file.is_file())
    assert len(templates) > 100
    found = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in templates
        for line in date_comparisons(app.jinja_env, file.read_text(encoding="utf-8"))
    ]
    assert found == [], "a model's method says so: listing.is_talk_overdue(today)"


@pytest.mark.parametrize(
    "comparison",
    [
        "listing.talk_due_on < today",
        "today >= due_on",
        "a and (row.valid_to.year < 9000)",
        "1 if round.preview_ends_on == today else 2",
        "opens_on is gt(today)",
        "sent_at|day != other",
    ],
)
def test_comparison_of_days_is_noticed(app: Flask, comparison: str) -> None:
    assert list(date_comparisons(app.jinja_env, f"{{% if true %}}\n{{{{ {comparison} }}}}{{% endif %}}")) == [2]


@pytest.mark.parametrize("harmless", ["rows|length > 1", "stage >= 2", "listing.is_talk_overdue(today)", "x == 'day'"])
def test_what_compares_no_days_is_let_through(app: Flask, harmless: str) -> None:
    assert list(date_comparisons(app.jinja_env, f"{{{{ {harmless} }}}}")) == []
