"""Scoring: numbers in, numbers out.

A pure function of a rulebook's settings, the tallies and the records; no clock, no
database and no web. Everything public is importable from here.
"""

from rating.scoring.arithmetic import EXACT, UNITS_PER_POINT
from rating.scoring.assignment import Service, rated_company
from rating.scoring.canonical import Probability, canonical_json, decimal_text
from rating.scoring.composite import Composite
from rating.scoring.estimates import Bounds, Estimate, Stratum
from rating.scoring.evaluation import (
    MarkError,
    NoMarkError,
    is_complete,
    marked_share,
    missing_indicators,
    score_evaluation,
)
from rating.scoring.folded import (
    FoldedCompany,
    FoldedTallies,
    Group,
    ShownEstate,
    ShownTally,
    WeightedSum,
    check_folded,
)
from rating.scoring.folding import choose_group, fold
from rating.scoring.indicators import Cost
from rating.scoring.needed import (
    CompanyNeed,
    EstateProgress,
    EstateShare,
    company_need,
    estate_need,
    need,
    plan_spread,
)
from rating.scoring.plain import PlainDataError
from rating.scoring.records import (
    Adjustment,
    AdjustmentKind,
    RecordError,
    Records,
    Veto,
)
from rating.scoring.round import score_round
from rating.scoring.rules import (
    DimensionRule,
    Direction,
    Indicator,
    IntervalMethod,
    QuestionnaireError,
    QuestionnaireRule,
    RuleError,
    ScoringRules,
    SettingError,
)
from rating.scoring.scorecard import (
    CityCard,
    CompanyCard,
    DirectionCard,
    EstateCard,
    Scorecard,
)
from rating.scoring.standing import Reason, ReasonCode, Standing, Tipping, Verdict
from rating.scoring.tallies import (
    EstateTally,
    MarkCounts,
    Moments,
    ReviewState,
    TallyError,
    TooManyEvaluationsError,
    Totals,
    check_tallies,
    tally_evaluations,
)

__all__ = [
    "EXACT",
    "UNITS_PER_POINT",
    "Adjustment",
    "AdjustmentKind",
    "Bounds",
    "CityCard",
    "CompanyCard",
    "CompanyNeed",
    "Composite",
    "Cost",
    "DimensionRule",
    "Direction",
    "DirectionCard",
    "EstateCard",
    "EstateProgress",
    "EstateShare",
    "EstateTally",
    "Estimate",
    "FoldedCompany",
    "FoldedTallies",
    "Group",
    "Indicator",
    "IntervalMethod",
    "MarkCounts",
    "MarkError",
    "Moments",
    "NoMarkError",
    "PlainDataError",
    "Probability",
    "QuestionnaireError",
    "QuestionnaireRule",
    "Reason",
    "ReasonCode",
    "RecordError",
    "Records",
    "ReviewState",
    "RuleError",
    "Scorecard",
    "ScoringRules",
    "Service",
    "SettingError",
    "ShownEstate",
    "ShownTally",
    "Standing",
    "Stratum",
    "TallyError",
    "Tipping",
    "TooManyEvaluationsError",
    "Totals",
    "Verdict",
    "Veto",
    "WeightedSum",
    "canonical_json",
    "check_folded",
    "check_tallies",
    "choose_group",
    "company_need",
    "decimal_text",
    "estate_need",
    "fold",
    "is_complete",
    "marked_share",
    "missing_indicators",
    "need",
    "plan_spread",
    "rated_company",
    "score_evaluation",
    "score_round",
    "tally_evaluations",
]
