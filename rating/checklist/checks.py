"""What would make a round unfair, before it opens: each point with whom it concerns, why it matters, and what to do."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from rating.access import Role
from rating.calendar import is_known, list_festivals
from rating.checklist.queries import Check, Item, Said, Scene, draft_scene, seats_of
from rating.registry.contracts import list_overlaps
from rating.registry.models import Community, Estate
from rating.rounds.models import Round
from rating.rounds.queries import count_codes, find_open_round
from rating.scoring import Direction
from rating.server.site import Site
from rating.wording import Label, _l

FEWEST_SIGNERS = 2


def check_draft(round_: Round, today: date, site: Site) -> list[Check]:
    """Every point for a draft, as opening would freeze the register now."""
    scene = draft_scene(round_, today)
    return [
        _site(site),
        *(_no_estates(scene), _another_open(scene), _unserved(scene), _overlaps(scene), _questionnaires(scene)),
        *(_days(scene), _signers(scene), _unconfirmed(scene), _tiny(scene), _small_companies(scene)),
        *(_no_committee(scene), _no_phone(scene), _festivals(scene)),
        *(_no_committee_account(scene), _no_community_account(scene), _no_company_account(scene)),
    ]


def check_opened(round_: Round, today: date) -> list[Check]:
    """What the frozen roster of a round shows; it can no longer be fixed."""
    scene = Scene(round_, today, seats_of(round_))
    return [
        *(_questionnaires(scene), _days(scene), _tiny(scene), _small_companies(scene)),
        *(_no_committee(scene), _festivals(scene)),
    ]


def check_running(round_: Round, today: date) -> list[Check]:
    """What can still be done while a round is open."""
    scene = Scene(round_, today, seats_of(round_))
    return [
        *(_no_letters(scene), _no_committee_account(scene), _no_community_account(scene)),
        *(_no_company_account(scene), _no_phone(scene), _signers(scene)),
    ]


# ---- what must be fixed before opening


def _site(site: Site) -> Check:
    return Check("site", True, tuple(Item(fault.line, fault.why) for fault in site.faults))


def _no_estates(scene: Scene) -> Check:
    items = () if scene.seats else (Item(_l("The register"), address="/bureau/register"),)
    return Check("no_estates", True, items)


def _another_open(scene: Scene) -> Check:
    other = find_open_round()
    items = () if other is None else (Item(Label(other.zh, other.en), address=f"/bureau/rounds/{other.number}"),)
    return Check("another_open", True, items)


def _unserved(scene: Scene) -> Check:
    items = (_estate(estate, why, may_leave_out=True) for estate, why in scene.left_out)
    return Check("unserved", True, tuple(items))


def _overlaps(scene: Scene) -> Check:
    found = []
    estates = {
        one.id: one for one in (*(seat.estate for seat in scene.seats), *(estate for estate, _why in scene.left_out))
    }
    for estate_id, contracts in scene.contracts.items():
        pair = next(list_overlaps(contracts), None)
        if pair is not None and estate_id in estates:
            names = {"first": pair[0].company.name, "second": pair[1].company.name, "day": pair[1].starts_on}
            found.append(_estate(estates[estate_id], _l("%(first)s and %(second)s, from %(day)s", **names)))
    return Check("overlaps", True, tuple(found))


def _questionnaires(scene: Scene) -> Check:
    missing = [one for one in Direction if scene.rules.questionnaire(one) is None]
    return Check(
        "questionnaires",
        any(one in scene.rules.counting for one in missing),
        tuple(Item(DIRECTION_NAMES[one], address="/bureau/rulebooks") for one in missing),
    )


def _days(scene: Scene) -> Check:
    days = (scene.round.closes_on - scene.round.opens_on).days + 1
    least = scene.round.rulebook.content.windows.open_days
    if days >= least:
        return Check("days", True)
    detail = _l("%(days)s days, the rulebook says %(least)s", days=days, least=least)
    return Check("days", True, (Item(Label(scene.round.zh, scene.round.en), detail, "/bureau/rounds/new"),))


def _signers(scene: Scene) -> Check:
    people = len(scene.grants[Role.BUREAU])
    if people >= FEWEST_SIGNERS:
        return Check("signers", True)
    return Check("signers", True, (Item(_l("People of the bureau: %(n)s", n=people), address="/bureau/people"),))


# ---- what is worth considering


def _unconfirmed(scene: Scene) -> Check:
    alike = [one.estate for one in scene.seats if one.estate.households_lived_in == one.estate.households_total]
    detail = [_l("%(n)s households, all lived in", n=one.households_total) for one in alike]
    return Check("unconfirmed", False, tuple(_estate(*pair) for pair in zip(alike, detail, strict=True)))


def _tiny(scene: Scene) -> Check:
    least = scene.rules.min_cell
    items = (
        _estate(one.estate, _l("%(n)s households", n=one.households), may_leave_out=True)
        for one in scene.seats
        if one.households < least
    )
    return Check("tiny", False, tuple(items))


def _small_companies(scene: Scene) -> Check:
    households: dict[int, int] = defaultdict(int)
    for one in scene.seats:
        households[one.company.id] += one.households
    small = {key: n for key, n in households.items() if scene.rules.required_sample(n) > n}
    companies = {one.company.id: one.company for one in scene.seats if one.company.id in small}
    items = (
        Item(
            company.name,
            _l(
                "%(n)s households, at least %(least)s ratings",
                n=small[key],
                least=scene.rules.required_sample(small[key]),
            ),
            f"/bureau/register/companies/{company.code}",
        )
        for key, company in companies.items()
    )
    return Check("small_companies", False, tuple(items))


def _no_committee(scene: Scene) -> Check:
    return Check("no_committee", False, tuple(_estate(one.estate) for one in scene.seats if not one.has_committee))


def _no_phone(scene: Scene) -> Check:
    return Check("no_phone", False, tuple(_community(one) for one in _communities(scene) if not one.phone))


def _festivals(scene: Scene) -> Check:
    first, last = scene.round.opens_on, scene.round.closes_on
    items = [
        Item(one.name, _l("%(first)s to %(last)s", first=one.first, last=one.last))
        for one in list_festivals(first, last)
    ]
    if not is_known(last.year):
        unknown = _l("The days off and make-up workdays of %(year)s aren't announced yet", year=last.year)
        items.append(Item(unknown, address="/bureau/days-off"))
    return Check("festivals", False, tuple(items))


def _no_letters(scene: Scene) -> Check:
    counts = count_codes([one.id for one in scene.seats])
    page = f"/bureau/rounds/{scene.round.number}/letters"
    items = (
        Item(one.estate.name, _l("%(n)s households", n=one.households), f"{page}/{one.estate.code}/confirm")
        for one in scene.seats
        if not counts.get(one.id)
    )
    return Check("no_letters", False, tuple(items))


def _no_committee_account(scene: Scene) -> Check:
    able = scene.grants[Role.COMMITTEE]
    items = (_account(one.estate.name) for one in scene.seats if one.has_committee and one.estate.id not in able)
    return Check("no_committee_account", False, tuple(items))


def _no_community_account(scene: Scene) -> Check:
    able = scene.grants[Role.COMMUNITY]
    return Check(
        "no_community_account", False, tuple(_account(one.name) for one in _communities(scene) if one.id not in able)
    )


def _no_company_account(scene: Scene) -> Check:
    able = scene.grants[Role.COMPANY]
    companies = {one.company.id: one.company for one in scene.seats}
    items = (_account(one.name) for key, one in companies.items() if key not in able)
    return Check("no_company_account", False, tuple(items))


def _communities(scene: Scene) -> list[Community]:
    found = {one.community.id: one.community for one in scene.seats}
    return sorted(found.values(), key=lambda one: one.code)


def _estate(estate: Estate, detail: Said = "", *, may_leave_out: bool = False) -> Item:
    return Item(estate.name, detail, f"/bureau/register/estates/{estate.code}", estate.code if may_leave_out else "")


def _community(community: Community) -> Item:
    return Item(community.name, address=f"/bureau/register/communities/{community.code}/edit")


def _account(name: str) -> Item:
    return Item(name, address="/bureau/people/invite")


DIRECTION_NAMES = {
    Direction.RESIDENT_TO_COMPANY: _l("Residents rate the company"),
    Direction.COMMITTEE_TO_COMPANY: _l("Committee and community rate the company on site"),
    Direction.COMPANY_TO_COMMITTEE: _l("The company rates the committee and the community"),
    Direction.COMPANY_SELF: _l("The company rates itself"),
}
