"""Random rounds of raw answers, what is corrected in them, and how a correction is published: as the office does it."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rating.results.schemas import write_tallies
from rating.scoring import (
    Cell as HouseCell,
    EstateTally,
    Folding,
    QuestionnaireRule,
    ReviewState,
    ScoringRules,
    SetApart,
    Shown,
    fold_round,
)
from tests.attack.published import Cell, Sheet, is_complete, read_cells
from tests.scoring.builders import COMMITTEE, RESIDENTS, questionnaire, rules
from tests.scoring.tallying import tally_evaluations

Uncounted = dict[str, dict[uuid.UUID, SetApart]]
COUNTED = (ReviewState.NEVER_FLAGGED, ReviewState.ACCEPTED)
TEN = (10,) * 10  # the product's own questionnaire: ten questions of the same weight
THREE = (10, 10, 5)


@dataclass(frozen=True)
class Evaluation:
    """What one household handed in, and what review said of it."""

    key: uuid.UUID
    sheet: Sheet
    state: ReviewState = ReviewState.NEVER_FLAGGED

    @property
    def counts(self) -> bool:
        return self.state in COUNTED


@dataclass(frozen=True)
class Estate:
    """An estate with everything that came in."""

    code: str
    company: str
    households: int
    evaluations: tuple[Evaluation, ...]

    @property
    def counted(self) -> list[Evaluation]:
        return [one for one in self.evaluations if one.counts]


@dataclass(frozen=True)
class Town:
    """A round as the house holds it."""

    rules: ScoringRules
    estates: tuple[Estate, ...]

    @property
    def asked(self) -> QuestionnaireRule:
        found = self.rules.questionnaire(RESIDENTS)
        assert found is not None
        return found

    def estate(self, code: str) -> Estate:
        return next(one for one in self.estates if one.code == code)

    def put(self, estate: Estate) -> Town:
        """With this estate in the place of the one with its code."""
        return replace(self, estates=tuple(estate if one.code == estate.code else one for one in self.estates))

    def tallies(self) -> list[EstateTally]:
        return [
            tally_evaluations(
                self.asked,
                company=one.company,
                estate=one.code,
                households=one.households,
                evaluations=[(each.sheet, each.state) for each in one.evaluations],
            )
            for one in self.estates
        ]

    def uncounted(self) -> Uncounted:
        return {
            one.code: {e.key: SetApart(e.state, e.sheet) for e in one.evaluations if not e.counts}
            for one in self.estates
        }

    def received(self) -> dict[str, int]:
        return {one.code: len(one.evaluations) for one in self.estates}


def residents_part(file: dict[str, Any]) -> dict[str, Any]:
    """A file of folded tallies without committees' and companies' own sheets, which are no household's answers."""
    companies = [
        {**one, "sheet_groups": {}, "estates": [{**estate, "sheets": {}} for estate in one["estates"]]}
        for one in file["companies"]
    ]
    return {**file, "companies": companies, "totals": {RESIDENTS.value: file["totals"][RESIDENTS.value]}}


@dataclass(frozen=True)
class Publication:
    """A preview or release: `file` is what everybody reads, the rest stays in the house."""

    town: Town
    folding: Folding
    file: dict[str, Any]
    counted: dict[uuid.UUID, HouseCell]  # what stands in a cell
    struck: frozenset[str] = frozenset()

    @property
    def cells(self) -> list[Cell]:
        return list(read_cells(self.file, self.members))

    @property
    def members(self) -> dict[tuple[str, int], tuple[str, ...]]:
        found: dict[tuple[str, int], tuple[str, ...]] = {}
        for estate, cell in sorted(self.folding.cells.items()):
            if cell.group:
                found[cell.company, cell.group] = (*found.get((cell.company, cell.group), ()), estate)
        return found

    def count(self, estate: str) -> int:
        """n of an estate as it was published, alone or within a group."""
        found = [one for one in self.town.estates if one.code == estate]
        return sum(each.key in self.counted for one in found for each in one.evaluations)

    @property
    def hidden(self) -> list[Estate]:
        """The estates with fewer than ten evaluations that stand in a group."""
        grouped = {estate for estate, cell in self.folding.cells.items() if cell.group}
        return [one for one in self.town.estates if one.code in grouped and 0 < self.count(one.code) < 10]

    def sheets(self, estates: Iterable[str]) -> list[Sheet]:
        """The truth: the sheets that stand in these estates' cells."""
        within = set(estates)
        return [
            each.sheet
            for one in self.town.estates
            if one.code in within
            for each in one.evaluations
            if each.key in self.counted
        ]


@dataclass
class Office:
    """Publishes one round again and again; `forgets` is the control in which nothing shown before is looked at."""

    forgets: bool = False
    publications: list[Publication] = field(default_factory=list)
    _shown: list[Shown] = field(default_factory=list)

    def publish(self, town: Town, struck: Collection[str] = ()) -> Publication:
        """Fold and publish; as rating.results keeps it, a company that is held keeps what came in and counted then."""
        uncounted, received = town.uncounted(), town.received()
        shown = [] if self.forgets else self._shown
        folding = fold_round(town.rules, town.tallies(), uncounted=uncounted, shown=shown, struck=struck)
        for one in town.estates:
            if one.company in folding.frozen:
                uncounted[one.code] = dict(shown[-1].uncounted.get(one.code, {}))
                received[one.code] = shown[-1].received.get(one.code, 0)
        made = Publication(
            town=town,
            folding=folding,
            file=residents_part(json.loads(write_tallies(folding.tallies))),
            counted={
                each.key: folding.cells[one.code]
                for one in town.estates
                for each in one.evaluations
                if one.code in folding.cells and each.key not in uncounted[one.code]
            },
            struck=frozenset(struck),
        )
        self.publications.append(made)
        self._shown.append(Shown(folding.tallies, folding.cells, received, uncounted, folding.left_out))
        return made


def publish(town: Town) -> Publication:
    """The first publication of a round."""
    return Office().publish(town)


# ---- random rounds


def random_town(seed: int, weights: Sequence[int] = TEN, companies: int = 4) -> Town:
    """A round with 1 to 9 evaluations an estate, and now and then a well-answered one."""
    rng = random.Random(seed)
    asked = questionnaire(RESIDENTS, weights)
    chosen = rules(questionnaires=(asked, questionnaire(COMMITTEE)))
    estates = [one for k in range(companies) for one in _random_company(rng, asked, f"C{k:02d}")]
    return Town(chosen, tuple(estates))


def _random_company(rng: random.Random, asked: QuestionnaireRule, code: str) -> list[Estate]:
    quality, spread = rng.choice([0.2, 0.5, 0.65, 0.8, 0.9]), rng.choice([0.1, 0.2, 0.3])
    return [
        _random_estate(rng, asked, code, f"{code}-E{k}", quality + rng.gauss(0, 0.08), spread)
        for k in range(rng.choice([2, 2, 3, 3, 4, 6]))
    ]


def _random_estate(
    rng: random.Random, asked: QuestionnaireRule, company: str, code: str, quality: float, spread: float
) -> Estate:
    count = rng.choice([1, 1, *range(1, 10)]) if rng.random() < 0.8 else rng.choice([0, 10, 14, 25])
    waiting = rng.choice([0, 0, 1, 12, 12])
    sheets = [random_sheet(rng, asked, quality, spread) for _ in range(count + waiting)]
    states = [ReviewState.NEVER_FLAGGED] * count + [ReviewState.SET_ASIDE] * waiting
    made = tuple(Evaluation(uuid.UUID(int=rng.getrandbits(128)), *one) for one in zip(sheets, states, strict=True))
    return Estate(code, company, count + waiting + rng.choice([3, 20, 60, 150, 400]), made)


def one_estate(sheets: Sequence[Sheet], weights: Sequence[int] = TEN) -> Town:
    """A round with one estate, in which these sheets were handed in."""
    chosen = rules(questionnaires=(questionnaire(RESIDENTS, weights), questionnaire(COMMITTEE)))
    handed = tuple(Evaluation(uuid.UUID(int=k), sheet) for k, sheet in enumerate(sheets))
    return Town(chosen, (Estate("E1", "C1", len(sheets) + 40, handed),))


def town_with_one_unknown(seed: int) -> Town:
    """One estate with 11 to 40 evaluations, of which one alone leaves one indicator open."""
    rng = random.Random(seed)
    asked = questionnaire(RESIDENTS, TEN)
    quality, spread = rng.choice([0.3, 0.5, 0.7, 0.85, 0.95]), rng.choice([0.1, 0.2])
    moods = [rng.gauss(quality, spread) for _ in range(rng.randint(11, 40))]
    sheets = [tuple(_mark(rng, mood, one.lowest, one.highest) for one in asked.indicators) for mood in moods]
    place = rng.randrange(len(TEN))
    return one_estate([(*sheets[0][:place], None, *sheets[0][place + 1 :]), *sheets[1:]])


def random_sheet(rng: random.Random, asked: QuestionnaireRule, quality: float, spread: float) -> Sheet:
    """A resident's sheet: a mood of one's own, and sometimes no mark."""
    mood = rng.gauss(quality, spread)
    while True:
        sheet = tuple(
            None if rng.random() < 0.06 else _mark(rng, mood, one.lowest, one.highest) for one in asked.indicators
        )
        if is_complete(asked, sheet):
            return sheet


def _mark(rng: random.Random, mood: float, lowest: int, highest: int) -> int:
    return max(lowest, min(highest, round(lowest + (mood + rng.gauss(0, 0.12)) * (highest - lowest))))


# ---- corrections

Correction = Callable[[Town, random.Random], "Town | None"]  # None where there is nothing to correct so


def accept(number: int) -> Correction:
    """So many evaluations that were set aside are accepted, all of one estate."""

    def correct(town: Town, rng: random.Random) -> Town | None:
        enough = [one for one in town.estates if _waiting(one) >= number]
        return _review(town, rng.choice(enough), accepted=number) if enough else None

    return correct


def exchange(town: Town, rng: random.Random) -> Town | None:
    """One that was counted isn't, and one that was set aside is: the numbers stay."""
    enough = [one for one in town.estates if _waiting(one) and one.counted]
    return _review(town, rng.choice(enough), accepted=1, rejected=1) if enough else None


def correct_households(town: Town, rng: random.Random) -> Town | None:
    """All estates of a company get other households, so that its groups may be cut otherwise."""
    company = rng.choice(sorted({one.company for one in town.estates}))
    for one in town.estates:
        if one.company == company:
            town = town.put(replace(one, households=len(one.evaluations) + rng.randint(3, 400)))
    return town


def strike(town: Town, rng: random.Random) -> Town | None:
    """An estate wasn't the company's at all: it leaves the roster."""
    gone = rng.choice(town.estates)
    return replace(town, estates=tuple(one for one in town.estates if one.code != gone.code))


def move(town: Town, rng: random.Random) -> Town | None:
    """An estate belongs to another company."""
    moved = rng.choice(town.estates)
    others = sorted({one.company for one in town.estates} - {moved.company})
    return town.put(replace(moved, company=rng.choice(others)))


FORGED = "answers forged"
CORRECTIONS: dict[str, Correction] = {
    "1 more": accept(1),
    "9 more": accept(9),
    "10 more": accept(10),
    "one exchanged": exchange,
    "households corrected": correct_households,
    "an estate struck": strike,
    "an estate moved": move,
    FORGED: lambda town, rng: town,  # the answers stay, the estate is named to the folding
}


def publish_thrice(town: Town, kinds: Sequence[str], rng: random.Random, *, forgets: bool = False) -> list[Publication]:
    """A preview, and after each correction another publication of the same round."""
    office, struck = Office(forgets), set[str]()
    office.publish(town)
    for kind in kinds:
        town = CORRECTIONS[kind](town, rng) or town
        if kind == FORGED:
            struck.add(rng.choice(town.estates).code)
        office.publish(town, struck)
    return office.publications


def _waiting(estate: Estate) -> int:
    return sum(one.state is ReviewState.SET_ASIDE for one in estate.evaluations)


def _review(town: Town, estate: Estate, accepted: int = 0, rejected: int = 0) -> Town:
    decided = []
    for one in estate.evaluations:
        if accepted and one.state is ReviewState.SET_ASIDE:
            accepted -= 1
            decided.append(replace(one, state=ReviewState.ACCEPTED))
        elif rejected and one.counts:
            rejected -= 1
            decided.append(replace(one, state=ReviewState.NOT_ACCEPTED))
        else:
            decided.append(one)
    return town.put(replace(estate, evaluations=tuple(decided)))
