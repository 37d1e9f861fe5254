"""A round's scorecard from its rulebook, its folded tallies and its records.

A pure function: the same input gives the same bytes.
"""

from rating.scoring.arithmetic import exact
from rating.scoring.cells.folded import FoldedTallies, check_folded
from rating.scoring.rules import ScoringRules
from rating.scoring.standings.cards import city_card, company_card
from rating.scoring.standings.change import Previous
from rating.scoring.standings.rated import RatedRound
from rating.scoring.standings.records import Records
from rating.scoring.standings.scorecard import Scorecard


@exact
def score_round(
    rules: ScoringRules,
    tallies: FoldedTallies,
    records: Records,
    previous: Previous | None = None,
) -> Scorecard:
    """Score a round; `previous` is the last one, for the change since then.

    A vetoed company without tallies gets a card too; other records of companies that
    aren't in the round have no effect. Raises TallyError for folded tallies that
    contradict themselves, the last round's too. What flagged evaluations do to a listing
    only the office can compute (`check_flagged`, `with_flagged`).
    """
    if previous:
        check_folded(previous.rules, previous.tallies)
    rated = RatedRound.of(rules, tallies, records)
    companies = tuple(company_card(rated, each, previous) for each in rated.companies.values())
    return Scorecard(city=city_card(rated, tallies, companies), companies=companies)
