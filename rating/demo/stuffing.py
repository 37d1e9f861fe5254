"""What the demonstration's reviewer has to look at: forms that one hand filled in, in two estates of a round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rating.access import Actor
from rating.evaluations.models import Channel
from rating.evaluations.queries import list_turnout
from rating.evaluations.service import accept_evaluation, check_answers
from rating.evaluations.tickets import new_ticket
from rating.evaluations.traces import network_hash
from rating.reviews.deciding import Verdict, decide_group
from rating.reviews.models import Decision, FlagKind, RejectionReason
from rating.reviews.queue import FlagGroup, list_groups, list_members
from rating.rounds.models import RatedEstate, Round
from rating.scoring import Direction

FORMS = 12
AMONG = 60  # forms of other hands, at least
FIRST_MARKS = ((5, 4), (2, 1))  # they praise in one estate and blame in the other: which it is doesn't matter
ADDRESS = "203.0.113.7"  # from the block that is kept for examples
CODES_COLLECTED = Verdict(
    Decision.REJECTED, RejectionReason.SAME_HAND, "社区核实：楼下便利店代收评价码后集中填写，住户不知情。"
)
COPIED = Verdict(Decision.ACCEPTED, None, "居民从业主群里照抄的一段话，各户自己填写。")


def stuff(
    rated: Sequence[RatedEstate], round_: Round, moment: datetime, secret: str, spare_community: int | None
) -> None:
    """Have one hand fill in a dozen forms in each of two estates outside a community, on a day of the round."""
    for estate, marks in zip(_choose(rated, spare_community), FIRST_MARKS, strict=True):
        _fill_in(estate, round_, moment, marks, network_hash(secret, round_.number, ADDRESS))


def _choose(rated: Sequence[RatedEstate], spare_community: int | None) -> Iterator[RatedEstate]:
    """Two estates of different communities with many answers, and a dozen households that have not answered."""
    communities = {spare_community}
    for row in list_turnout(rated):
        community = row.rated_estate.community_id
        if community not in communities and row.count >= AMONG and row.count + FORMS <= row.households:
            communities.add(community)
            yield row.rated_estate
        if len(communities) > len(FIRST_MARKS):
            return


def _fill_in(estate: RatedEstate, round_: Round, moment: datetime, marks: tuple[int, int], trace: bytes | None) -> None:
    content = round_.rulebook.content
    asked = content.questionnaire(Direction.RESIDENT_TO_COMPANY)
    answers = {indicator.key: marks[place % 3 == 1] for place, indicator in enumerate(asked.indicators)}
    filled = check_answers(asked, answers, "", content.rules().min_marked_share)
    for number in range(estate.households - FORMS + 1, estate.households + 1):
        ticket = new_ticket(estate.id, number, moment)
        accept_evaluation(ticket, estate, filled, Channel.OWN, moment.date(), trace)


def review(round_: Round, actor: Actor, now: datetime) -> None:
    """What the reviewer decided in a round of the past."""
    for group in list_groups(actor):
        if group.rated_estate.round_id == round_.id:
            _decide(group, CODES_COLLECTED if group.kind is FlagKind.SAME_ANSWERS else COPIED, actor, now)


def _decide(group: FlagGroup, verdict: Verdict, actor: Actor, now: datetime) -> None:
    waiting = [member.id for member in list_members(group) if member.decision is None]
    if waiting:  # one that stands out for two patterns is decided with the first
        decide_group(group, waiting, verdict, actor, now)
