"""rating round …: drafting. Later rooms add opening, closing, scoring, previewing and publishing."""

from __future__ import annotations

from datetime import date
from typing import Any

import click
from flask.cli import AppGroup

from rating.access import SYSTEM
from rating.calendar import read_day
from rating.extensions import db
from rating.rounds.service import RoundPlan, draft_round
from rating.rulebooks.queries import get_version
from rating.web.request import now


class DayType(click.ParamType[date]):
    """A day as forms take it: 2026-03-05, 2026/3/5, 2026年3月5日."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if (day := read_day(str(value))) is None:
            self.fail(f"“{value}” is not a day; write it like 2026-03-05.", param, ctx)
        return day


DAY = DayType()


@click.group("round", cls=AppGroup)
def round_group() -> None:
    """Draft, open, close, score, preview and publish a round."""


@round_group.command("draft")
@click.option("--title", required=True, help="In Chinese.")
@click.option("--title-en", required=True, help="In English.")
@click.option("--rulebook", required=True, nargs=2, type=(str, int), metavar="KEY VERSION")
@click.option("--opens", required=True, type=DAY, help="The first day on which evaluations are taken.")
@click.option("--closes", required=True, type=DAY, help="The last.")
@click.option("--from", "rated_from", required=True, type=DAY, help="The first day of the period that is judged.")
@click.option("--to", "rated_to", required=True, type=DAY, help="Its last day.")
@click.option("--trial", is_flag=True, help="Results are published without lists.")
def draft_command(
    title: str, title_en: str, rulebook: tuple[str, int], opens: date, closes: date, trial: bool, **rated: date
) -> None:
    """Draft the next round."""
    plan = RoundPlan(title_zh=title, title_en=title_en, opens_on=opens, closes_on=closes, trial=trial, **rated)
    round_ = draft_round(plan, get_version(*rulebook), SYSTEM, now())
    number = round_.number
    db.session.commit()
    click.echo(f"Round {number} is drafted. Look at its checklist before opening it: rating round check {number}")
