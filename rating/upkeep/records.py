"""Whether the records agree with each other, and with what was published."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from rating.accounts.models import StaffSession
from rating.audit.models import Event, StoredFile
from rating.calendar import day_of, is_known
from rating.evaluations.models import Evaluation, Participation, TurnoutDay
from rating.registry.models import Estate
from rating.releases.models import Release
from rating.results.models import StoredScorecard
from rating.reviews.erasing import unshuffled
from rating.rounds.models import HouseholdCode, RatedEstate, Round, RoundState
from rating.rulebooks.models import Rulebook
from rating.rulebooks.service import digest_of
from rating.scoring import Direction
from rating.upkeep.findings import Finding, look, ok, one_line, shortened, wrong

CLOCK_SLIPS = timedelta(minutes=1)
DEADLINES_REACH = timedelta(days=60)  # the longest that is counted in working days is about half of it
TICK_LATE = timedelta(hours=3)  # it should run every hour


def look_at_records(connection: sa.Connection, now: datetime) -> Iterator[Finding]:
    """Everything that is looked at in the records."""
    yield _look_at_time(connection, now)
    yield _look_at_days_off(day_of(now))
    yield one_line("evaluations", shortened(_differences(connection)), "marks, evaluations and counters agree")
    yield one_line("closed rounds", _left_behind(connection), "have neither codes nor marks of who has answered")
    yield _look_at_order(connection)
    yield one_line("digests", shortened(_changed(connection)), _published(connection))
    yield from _look_at_tick(connection, now)


def _look_at_time(connection: sa.Connection, now: datetime) -> Finding:
    latest: datetime | None = connection.scalar(sa.select(sa.func.max(Event.at)))
    if latest is not None and latest > now + CLOCK_SLIPS:
        return wrong("time", f"it is {now:%Y-%m-%d %H:%M} UTC here, but the log goes on to {latest:%Y-%m-%d %H:%M}")
    return ok("time", f"{now:%Y-%m-%d %H:%M} UTC, not before what is in the log")


def _look_at_days_off(today: date) -> Finding:
    """Whether the deadlines that are counted now are counted with all days off."""
    unknown = sorted({day.year for day in (today, today + DEADLINES_REACH) if not is_known(day.year)})
    if not unknown:
        return ok("days off", f"known until {(today + DEADLINES_REACH).year}")
    years = ", ".join(str(year) for year in unknown)
    return look("days off", f"{years}: only the holidays of the law are counted; enter the notice at /bureau/days-off")


# ---- evaluations


def _differences(connection: sa.Connection) -> Iterator[str]:
    """Rated estates whose numbers of evaluations, counts and (while their round is open) marks differ."""
    evaluations = _by_estate(
        connection,
        sa.select(Evaluation.rated_estate_id, sa.func.count())
        .where(Evaluation.direction == Direction.RESIDENT_TO_COMPANY)
        .group_by(Evaluation.rated_estate_id),
    )
    counted = _by_estate(
        connection,
        sa.select(TurnoutDay.rated_estate_id, sa.func.sum(TurnoutDay.count)).group_by(TurnoutDay.rated_estate_id),
    )
    marks = sa.func.length(sa.func.replace(Participation.answered, "0", ""))
    marked = _by_estate(connection, sa.select(Participation.rated_estate_id, marks))
    for key, code, number, state in connection.execute(_rated_estates()):
        figures = {"evaluations": evaluations.get(key, 0), "counted by day": counted.get(key, 0)}
        if state is RoundState.OPEN:
            figures["marked"] = marked.get(key, 0)
        if len(set(figures.values())) > 1:
            yield f"round {number}, {code}: " + ", ".join(f"{count} {name}" for name, count in figures.items())


def _by_estate(connection: sa.Connection, statement: sa.Select[int, int]) -> dict[int, int]:
    return {row[0]: int(row[1]) for row in connection.execute(statement)}


def _rated_estates() -> sa.Select[int, str, int, RoundState]:
    return (
        sa.select(RatedEstate.id, Estate.code, Round.number, Round.state)
        .join(RatedEstate.estate)
        .join(RatedEstate.round)
        .order_by(Round.number, Estate.code)
    )


def _left_behind(connection: sa.Connection) -> Iterator[str]:
    """Closed rounds that still say who has answered, or which codes there were."""
    for model, words in ((Participation, "says who has answered"), (HouseholdCode, "has household codes")):
        rounds = (
            sa.select(Round.number)
            .join(RatedEstate, RatedEstate.round_id == Round.id)
            .join(model, model.rated_estate_id == RatedEstate.id)
            .where(Round.state.not_in([RoundState.DRAFT, RoundState.OPEN]))
            .distinct()
        )
        for number in sorted(connection.scalars(rounds)):
            yield f"round {number} still {words}"


def _look_at_order(connection: sa.Connection) -> Finding:
    """Closed rounds whose ratings haven't been rewritten yet."""
    subjects = [subject.removeprefix("round:") for subject in connection.scalars(unshuffled())]
    if subjects:
        return look(
            "order of arrival",
            f"the database's files may still tell in which order ratings of round {', '.join(subjects)} came: run "
            "“rating tick” (on SQLite it needs room for the file twice over, here and for temporary files)",
        )
    return ok("order of arrival", "no closed round's ratings lie in the order in which they came")


# ---- what was frozen


def _changed(connection: sa.Connection) -> Iterator[str]:
    """Scorecards, rulebooks and evidence that no longer have the digest they were frozen with."""
    cards = sa.select(StoredScorecard.content, StoredScorecard.digest, Round.number, StoredScorecard.sequence).join(
        StoredScorecard.round
    )
    for content, digest, number, sequence in connection.execute(cards, execution_options={"yield_per": 1}):
        if hashlib.sha256(content.encode()).hexdigest() != digest:
            yield f"round {number}'s scorecard {sequence} was changed"
    for key, version, document, digest in connection.execute(
        sa.select(Rulebook.key, Rulebook.version, Rulebook.document, Rulebook.digest)
    ):
        if digest_of(document) != digest:
            yield f"rulebook {key} {version} was changed"
    files = sa.select(StoredFile.digest, StoredFile.content).order_by(StoredFile.digest)
    for digest, kept in connection.execute(files, execution_options={"yield_per": 1}):
        if hashlib.sha256(kept).hexdigest() != digest:
            yield f"evidence file {digest[:12]}… was changed"


def _published(connection: sa.Connection) -> str:
    count = connection.scalar(sa.select(sa.func.count()).select_from(Release))
    return f"{count} releases stand on scorecards, rulebooks and evidence as they were frozen"


# ---- housekeeping


def look_at_letters(connection: sa.Connection, key_made_at: datetime | None) -> Iterator[Finding]:
    """A key younger than the open round's letters: where the file was lost, the next start made another one."""
    opened: datetime | None = connection.scalar(
        sa.select(sa.func.min(Round.opened_at))
        .join(RatedEstate, RatedEstate.round_id == Round.id)
        .join(HouseholdCode, HouseholdCode.rated_estate_id == RatedEstate.id)
        .where(Round.state == RoundState.OPEN)
    )
    if opened is not None and key_made_at is not None and key_made_at > opened:
        yield look(
            "letters",
            f"secret.key is of {key_made_at:%Y-%m-%d}, later than the open round: unless it is a copy of the one from "
            "before, letters printed before don't work",
        )


def _look_at_tick(connection: sa.Connection, now: datetime) -> Iterator[Finding]:
    """Sessions that expired long ago show that `rating tick` doesn't run."""
    oldest: datetime | None = connection.scalar(sa.select(sa.func.min(StaffSession.expires_at)))
    if oldest is not None and oldest < now - TICK_LATE:
        yield look("rating tick", f"has not run since {oldest:%Y-%m-%d %H:%M} UTC: let a timer run it every hour")
    else:
        yield ok("rating tick", "left nothing undone for hours")
