"""Scoring: numbers in, numbers out.

A pure function of a rulebook's settings, the tallies and the records; no clock, no
database and no web. Everything public is importable from here.
"""

from rating.scoring.answers.estimates import Bounds, Estimate, Stratum
from rating.scoring.answers.evaluation import (
    MarkError,
    NoMarkError,
    count_that_completes,
    is_complete,
    least_weight,
    marked_weight,
    score_evaluation,
)
from rating.scoring.answers.silence import Contrast, TwoGroups, contrast_groups
from rating.scoring.answers.tallies import (
    EstateTally,
    MarkCounts,
    Moments,
    ReviewState,
    TallyError,
    TooManyEvaluationsError,
    Totals,
    check_tallies,
)
from rating.scoring.arithmetic import EXACT, UNITS_PER_POINT
from rating.scoring.assignment import Assignment, Service, WhyUnrated, rated_company
from rating.scoring.canonical import Mean, Probability, canonical_json, decimal_text
from rating.scoring.cells.cutting import Cell, SetApart, Shown, cut_groups
from rating.scoring.cells.folded import (
    CellTally,
    FoldedCompany,
    FoldedTallies,
    Group,
    SheetGroup,
    SheetTally,
    ShownEstate,
    check_folded,
)
from rating.scoring.cells.folding import Folding, fold, fold_round
from rating.scoring.explanations.common_problems import CommonProblem, find_common_problems
from rating.scoring.explanations.needed import (
    CompanyNeed,
    EstateNeed,
    EstateProgress,
    EstateShare,
    PlannedEstate,
    RoundNeed,
    Spreads,
    company_need,
    estate_need,
    need,
    plan_round,
    plan_spread,
)
from rating.scoring.explanations.peers import EstateTraits, PeerComparison, PeerEstate, Trait, compare_with_peers
from rating.scoring.explanations.talks import BeforeAfter, TalkEffect, Untalked, effect_of_talk, fit_untalked
from rating.scoring.explanations.waterfall import (
    CompositeSteps,
    DirectionStep,
    IndicatorStep,
    Waterfall,
    explain_composite,
    explain_score,
)
from rating.scoring.explanations.whatif import Move, WhatIf, what_if
from rating.scoring.faults import RuleCode, RuleError, RuleFault, rule_fault
from rating.scoring.plain import PlainDataError
from rating.scoring.questionnaires import (
    RESIDENTS,
    DimensionRule,
    Direction,
    Indicator,
    QuestionnaireError,
    QuestionnaireRule,
    named_twice,
)
from rating.scoring.rules import IntervalMethod, ScoringRules, SettingError
from rating.scoring.standings.change import Change, NotComparable, Previous
from rating.scoring.standings.composite import Composite
from rating.scoring.standings.flagged import check_flagged, flagged_cases, with_flagged
from rating.scoring.standings.fragility import CaseKind, Condition, FlaggedCases, FragileCase, Fragility
from rating.scoring.standings.indicators import Cost
from rating.scoring.standings.records import Adjustment, AdjustmentKind, RecordError, Records, Veto
from rating.scoring.standings.round import score_round
from rating.scoring.standings.scorecard import CityCard, CompanyCard, DirectionCard, EstateCard, Scorecard
from rating.scoring.standings.standing import Reason, ReasonCode, Standing, Tipping, Verdict

__all__ = [
    "EXACT",
    "RESIDENTS",
    "UNITS_PER_POINT",
    "Adjustment",
    "AdjustmentKind",
    "Assignment",
    "BeforeAfter",
    "Bounds",
    "CaseKind",
    "Cell",
    "CellTally",
    "Change",
    "CityCard",
    "CommonProblem",
    "CompanyCard",
    "CompanyNeed",
    "Composite",
    "CompositeSteps",
    "Condition",
    "Contrast",
    "Cost",
    "DimensionRule",
    "Direction",
    "DirectionCard",
    "DirectionStep",
    "EstateCard",
    "EstateNeed",
    "EstateProgress",
    "EstateShare",
    "EstateTally",
    "EstateTraits",
    "Estimate",
    "FlaggedCases",
    "FoldedCompany",
    "FoldedTallies",
    "Folding",
    "FragileCase",
    "Fragility",
    "Group",
    "Indicator",
    "IndicatorStep",
    "IntervalMethod",
    "MarkCounts",
    "MarkError",
    "Mean",
    "Moments",
    "Move",
    "NoMarkError",
    "NotComparable",
    "PeerComparison",
    "PeerEstate",
    "PlainDataError",
    "PlannedEstate",
    "Previous",
    "Probability",
    "QuestionnaireError",
    "QuestionnaireRule",
    "Reason",
    "ReasonCode",
    "RecordError",
    "Records",
    "ReviewState",
    "RoundNeed",
    "RuleCode",
    "RuleError",
    "RuleFault",
    "Scorecard",
    "ScoringRules",
    "Service",
    "SetApart",
    "SettingError",
    "SheetGroup",
    "SheetTally",
    "Shown",
    "ShownEstate",
    "Spreads",
    "Standing",
    "Stratum",
    "TalkEffect",
    "TallyError",
    "Tipping",
    "TooManyEvaluationsError",
    "Totals",
    "Trait",
    "TwoGroups",
    "Untalked",
    "Verdict",
    "Veto",
    "Waterfall",
    "WhatIf",
    "WhyUnrated",
    "canonical_json",
    "check_flagged",
    "check_folded",
    "check_tallies",
    "company_need",
    "compare_with_peers",
    "contrast_groups",
    "count_that_completes",
    "cut_groups",
    "decimal_text",
    "effect_of_talk",
    "estate_need",
    "explain_composite",
    "explain_score",
    "find_common_problems",
    "fit_untalked",
    "flagged_cases",
    "fold",
    "fold_round",
    "is_complete",
    "least_weight",
    "marked_weight",
    "named_twice",
    "need",
    "plan_round",
    "plan_spread",
    "rated_company",
    "rule_fault",
    "score_evaluation",
    "score_round",
    "what_if",
    "with_flagged",
]
