"""Recomputing what was frozen from its sources; what somebody changed by hand is named by table and key.

Events by their chain; residents' evaluations by their check values; every evaluation's score by its marks; tallies by
the evaluations that their scorecard counts; scorecards by their tallies, records and rulebook, and by what the event
log says of them; releases and listings by their scorecard; receipt lists by what is stored. Marks of on-site sheets
have no check value: they must fit their score, and add up to the tallies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from rating.audit.models import Event
from rating.audit.verifying import verify_chain
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.registry.models import Company, Estate
from rating.releases.listings import make_listings, tell_totals
from rating.releases.models import ListedReceipt, Listing, ReceiptList, Release
from rating.results.models import StoredScorecard
from rating.results.queries import read_scorecard
from rating.results.schemas import write_scorecard
from rating.results.service import find_previous, recompute_tallies
from rating.reviews.models import SealedValue
from rating.reviews.sealing import AnswersWriter, check_value
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.rulebooks.content import Questionnaire
from rating.scoring import (
    Direction,
    FoldedTallies,
    Previous,
    Records,
    Scorecard,
    flagged_cases,
    score_evaluation,
    score_round,
    with_flagged,
)
from rating.upkeep.findings import Finding, look, ok, one_line, shortened

AT_ONCE = 5_000
UNDECIDED = (RoundState.DRAFT, RoundState.OPEN)
RESIDENTS = Direction.RESIDENT_TO_COMPANY


def look_at_log(connection: sa.Connection) -> Finding:
    """The chain of events, and the heads that releases carry."""
    releases = sa.select(Release.number, Release.log_number, Release.log_hash).where(Release.log_hash.is_not(None))
    rows = connection.execute(releases.order_by(Release.number))
    carried = [(number, at, bytes(head or b"")) for number, at, head in rows]
    chain = verify_chain(connection, [head for _number, _at, head in carried])
    faults = list(shortened(iter(chain.faults)))
    faults += [
        f"release {number} carries event {at} as the log's head, which is not in it: the log was cut or computed anew"
        for number, at, head in carried
        if chain.found.get(head) != at
    ]
    if chain.count == 0:
        return ok("event log", "no event yet")
    well = f"{chain.count} events without gap, edit or swap; head {chain.head.hash.hex()}"
    return one_line("event log", faults, well)


def look_at_results() -> Iterator[Finding]:
    """The contents of closed rounds and releases, recomputed on the session's connection, which only reads."""
    db.session.rollback()
    db.session.connection(execution_options={"reads": True})
    rounds = list(db.session.scalars(sa.select(Round).where(Round.state.not_in(UNDECIDED)).order_by(Round.number)))
    releases = list(db.session.scalars(sa.select(Release).order_by(Release.number)))
    yield _line("check values", (one for round_ in rounds for one in _evaluations(round_)), "evaluations as sealed")
    yield from _look_at_scorecards(rounds)
    yield _line("listings", (one for release in releases for one in _release(release)), "as their scorecards say")
    yield _line("receipt lists", (one for release in releases for one in _receipts(release)), "as what was sealed")
    db.session.rollback()


def _line(subject: str, faults: Iterator[str], well: str) -> Finding:
    return one_line(subject, shortened(faults), well)


# ---- evaluations


def _evaluations(round_: Round) -> Iterator[str]:
    """Evaluations that no longer say what was sealed, or whose score doesn't follow from their marks."""
    questionnaires = round_.rulebook.content.questionnaires
    asked_of_residents = questionnaires.get(RESIDENTS)
    writer = AnswersWriter(asked_of_residents, round_.number) if asked_of_residents else None
    scores: dict[tuple[Direction, str], int | None] = {}
    sealed = 0
    for row in _stored(round_):
        key = (row.direction, row.marks)
        place = f"round {round_.number}, estate {row.code}: evaluation {row.id}"
        if key not in scores:
            scores[key] = _score(questionnaires.get(row.direction), row.marks)
        if scores[key] != row.score:
            yield f"{place} has marks and a score that don't fit each other"
        if row.direction is RESIDENTS and writer is not None:
            sealed += row.value is not None
            yield from (f"{place} {words}" for words in _seal(row, writer))
    yield from _sealed_then(round_, sealed)


def _stored(round_: Round) -> Iterator[Any]:
    statement = (
        sa.select(Evaluation.id, Evaluation.direction, Evaluation.marks, Evaluation.score, Estate.code,
                  SealedValue.nonce, SealedValue.value)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .outerjoin(SealedValue, SealedValue.evaluation_id == Evaluation.id)
        .where(RatedEstate.round_id == round_.id)
        .order_by(Evaluation.id)
    )  # fmt: skip
    yield from db.session.execute(statement, execution_options={"yield_per": AT_ONCE})


def _score(asked: Questionnaire | None, marks: str) -> int | None:
    try:
        return score_evaluation(asked.rule, list(asked.decode(marks))) if asked else None
    except ValueError:
        return None


def _seal(row: Any, writer: AnswersWriter) -> Iterator[str]:
    if row.value is None:
        yield "has no check value"
        return
    try:
        answers = writer.write(row.marks, row.code)
    except ValueError:
        yield "has marks that nobody can have chosen"
        return
    if check_value(bytes(row.nonce), answers) != bytes(row.value):
        yield "is not what was sealed at the close"


def _sealed_then(round_: Round, now: int) -> Iterator[str]:
    """The event log says how many there were."""
    then = db.session.scalar(
        sa.select(Event.data).where(Event.kind == "evaluations.sealed", Event.subject == f"round:{round_.number}")
    )
    if then is not None and then.get("count") != now:
        yield f"round {round_.number}: {then.get('count')} evaluations were sealed at the close, {now} are there"


# ---- scorecards


def _look_at_scorecards(rounds: list[Round]) -> Iterator[Finding]:
    faults: list[str] = []
    unknown: list[str] = []
    for stored in _scorecards(rounds):
        name = f"round {stored.round.number}'s scorecard {stored.sequence}"
        try:
            faults += [f"{name} {words}" for words in _scorecard(stored)]
        except (ValueError, TypeError, KeyError) as error:  # what can't be read: each reader's own kind of ValueError
            unknown.append(f"{name} ({type(error).__name__})")
    if unknown:
        yield look("scorecards", f"can't be recomputed by this version: {', '.join(unknown)}")
    yield one_line("scorecards", shortened(iter(faults)), "follow from their tallies, records and rulebooks")


def _scorecards(rounds: list[Round]) -> list[StoredScorecard]:
    numbers = [round_.id for round_ in rounds]
    statement = sa.select(StoredScorecard).where(StoredScorecard.round_id.in_(numbers))
    return list(db.session.scalars(statement.order_by(StoredScorecard.round_id, StoredScorecard.sequence)))


def _scorecard(stored: StoredScorecard) -> Iterator[str]:
    if (logged := _digest_in_log(stored)) is not None and logged != stored.digest:
        yield "is not the one that the event log tells of"
    yield from _tallies(stored)
    # A previous round may have been published only after this one was computed.
    options = {id(one): one for one in (find_previous(stored.round, stored.computed_at), None)}.values()
    recomputed = [_recompute(stored, previous) for previous in options]
    if stored.content not in recomputed:
        differing = ", ".join(_differences(json.loads(stored.content), json.loads(recomputed[0])))
        yield f"doesn't follow from its tallies and records: {differing} differ"


def _tallies(stored: StoredScorecard) -> Iterator[str]:
    """Where its tallies differ from what the evaluations that it counts add up to."""
    there = FoldedTallies.from_json(json.loads(stored.tallies))
    here = recompute_tallies(stored)
    by_code = {company.company: company for company in here.companies}
    for company in there.companies:
        now = by_code.pop(company.company, None)
        if now is None or replace(now, as_shown=company.as_shown) != company:
            yield f"has tallies of company {company.company} that its evaluations don't add up to"
    yield from (f"has no tallies of company {code}, which was rated" for code in by_code)
    if there.totals != here.totals:
        yield "has totals that its evaluations don't add up to"


def _digest_in_log(stored: StoredScorecard) -> str | None:
    events = db.session.scalars(
        sa.select(Event.data)
        .where(Event.kind == "scorecard.computed", Event.subject == f"round:{stored.round.number}")
        .order_by(Event.number)
    )
    return next((str(data["digest"]) for data in events if data.get("sequence") == stored.sequence), None)


def _recompute(stored: StoredScorecard, previous: Previous | None) -> str:
    rules = stored.round.rulebook.content.rules()
    tallies = FoldedTallies.from_json(json.loads(stored.tallies))
    card = score_round(rules, tallies, Records.from_json(json.loads(stored.records)), previous)
    return write_scorecard(with_flagged(card, flagged_cases(Scorecard.from_json(stored.content.encode()))))


def _differences(there: dict[str, Any], here: dict[str, Any]) -> Iterator[str]:
    """Where two scorecards differ: companies by code, the rest by its name."""
    for part in sorted((there.keys() | here.keys()) - {"companies"}):
        if there.get(part) != here.get(part):
            yield part
    cards = [{card["company"]: card for card in one["companies"]} for one in (there, here)]
    for code in sorted(cards[0].keys() | cards[1].keys()):
        one, other = cards[0].get(code, {}), cards[1].get(code, {})
        if fields := [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]:
            yield f"company {code} ({', '.join(fields)})"


# ---- releases


def _release(release: Release) -> Iterator[str]:
    """Where a release and its listings differ from the scorecard that was published with them."""
    name = f"release {release.number}"
    for column, total in asdict(tell_totals(read_scorecard(release.scorecard).city)).items():
        if getattr(release, column) != total:
            yield f"{name} says {getattr(release, column)} {column}, its scorecard {total}"
    made = [] if release.is_trial else make_listings(release, release.scorecard)
    expected = {one.company_id: one for one in made}
    statement = (
        sa.select(Listing, Company.code).join(Listing.company).where(Listing.release_id == release.id)
        .order_by(Company.code)
    )  # fmt: skip
    for listing, code in db.session.execute(statement):
        yield from (
            f"{name}, listing of {code} {words}" for words in _listing(listing, expected.pop(listing.company_id, None))
        )
    for missing in expected.values():
        company = db.session.get_one(Company, missing.company_id)
        yield f"{name}, listing of {company.code} is missing"


def _listing(stored: Listing, expected: Listing | None) -> Iterator[str]:
    if expected is None:
        yield "is of a company that the scorecard doesn't know"
        return
    if stored.standing is not expected.standing:
        yield f"says {stored.standing}, its scorecard {expected.standing}"
    if stored.place != expected.place:
        yield f"has place {stored.place}, by its scorecard {expected.place}"
    if stored.result != json.loads(json.dumps(expected.result)):
        yield "has other figures than its scorecard"


def _receipts(release: Release) -> Iterator[str]:
    """Lines of a release's receipt lists that don't follow from the evaluations and their check values."""
    name, listed = f"release {release.number}", 0
    lists = sa.select(ReceiptList).where(ReceiptList.release_id == release.id).order_by(ReceiptList.number)
    for receipt_list in list(db.session.scalars(lists)):
        of_list = ListedReceipt.receipt_list_id == receipt_list.id
        lines = db.session.scalar(sa.select(sa.func.count()).select_from(ListedReceipt).where(of_list)) or 0
        listed += lines
        if lines != receipt_list.count:
            yield f"{name}, receipt list {receipt_list.number} has {lines} lines instead of {receipt_list.count}"
        for receipt_hash in db.session.scalars(_lines_without_ground(receipt_list, release.round_id)):
            line = f"{bytes(receipt_hash).hex()[:16]}…"
            yield f"{name}, receipt list {receipt_list.number}: line {line} has no evaluation"
    if listed and listed != release.counted:
        yield f"{name} counted {release.counted} evaluations, its receipt lists have {listed}"


def _lines_without_ground(receipt_list: ReceiptList, round_id: int) -> sa.Select[bytes]:
    """Lines for which no evaluation of the list's estate or company has both this receipt and this check value."""
    there = (
        sa.select(sa.literal(1))
        .select_from(Evaluation)
        .join(SealedValue, SealedValue.evaluation_id == Evaluation.id)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .where(
            RatedEstate.round_id == round_id,
            Evaluation.receipt_hash == ListedReceipt.receipt_hash,
            SealedValue.value == ListedReceipt.check_value,
        )
    )
    if receipt_list.company_id is not None:
        there = there.where(RatedEstate.company_id == receipt_list.company_id)
    if receipt_list.estate_id is not None:
        there = there.where(RatedEstate.estate_id == receipt_list.estate_id)
    return sa.select(ListedReceipt.receipt_hash).where(
        ListedReceipt.receipt_list_id == receipt_list.id, ~there.correlate(ListedReceipt).exists()
    )
