"""The demonstration city as the attack takes it: what its releases publish, and the truth from its database."""

from __future__ import annotations

import json
from collections import defaultdict

from sqlalchemy import select

from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.registry.models import Company, Estate as RegisteredEstate
from rating.releases.models import Release
from rating.results.cells import uncounted_now
from rating.results.models import ScorecardCell
from rating.rounds.models import RatedEstate, Round
from rating.scoring import Cell, FoldedTallies, Folding, ReviewState
from tests.attack.towns import Estate, Evaluation as Handed, Publication, Town, residents_part
from tests.scoring.builders import RESIDENTS


def list_publications() -> list[Publication]:
    """Each release of the city, with the round as it was."""
    return [_publication(release) for release in db.session.scalars(select(Release).order_by(Release.number))]


def _publication(release: Release) -> Publication:
    town, stored = _town(release.round), release.scorecard
    rows = db.session.execute(
        select(RegisteredEstate.code, Company.code, ScorecardCell.group_number)
        .join(RatedEstate, RatedEstate.id == ScorecardCell.rated_estate_id)
        .join(RegisteredEstate, RegisteredEstate.id == RatedEstate.estate_id)
        .join(Company, Company.id == RatedEstate.company_id)
        .where(ScorecardCell.scorecard_id == stored.id, ScorecardCell.group_number.is_not(None))
    )
    cells = {estate: Cell(company, group) for estate, company, group in rows}
    file = json.loads(stored.tallies)
    return Publication(
        town=town,
        folding=Folding(FoldedTallies.from_json(file), cells),
        file=residents_part(file),
        counted={e.key: cells[one.code] for one in town.estates if one.code in cells for e in one.counted},
    )


def _town(round_: Round) -> Town:
    content = round_.rulebook.content
    apart = uncounted_now(round_)
    handed: dict[str, list[Handed]] = defaultdict(list)
    asked = content.questionnaires[RESIDENTS]
    rows = db.session.execute(
        select(RegisteredEstate.code, Evaluation.id, Evaluation.marks)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .join(RegisteredEstate, RegisteredEstate.id == RatedEstate.estate_id)
        .where(RatedEstate.round_id == round_.id, Evaluation.direction == RESIDENTS)
        .order_by(Evaluation.id)
    )
    for code, key, marks in rows:
        why = apart[code][key].state if key in apart.get(code, {}) else ReviewState.NEVER_FLAGGED
        handed[code].append(Handed(key, tuple(asked.decode(marks)), why))
    rated = db.session.scalars(select(RatedEstate).where(RatedEstate.round_id == round_.id)).all()
    return Town(
        content.rules(),
        tuple(
            Estate(one.estate.code, one.company.code, one.households, tuple(handed[one.estate.code]))
            for one in sorted(rated, key=lambda one: one.estate.code)
        ),
    )
