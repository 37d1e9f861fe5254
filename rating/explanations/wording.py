"""Change, fragility and peers as sentences that a manager can read."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rating.scoring import CaseKind, Change, Condition, Direction, FragileCase, Fragility, NotComparable, PeerComparison
from rating.web.figures import points
from rating.wording import Message, _l

NOT_COMPARABLE = {
    NotComparable.NEW_COMPANY: _l("Not comparable with the last round: the company was not rated in it."),
    NotComparable.OTHER_QUESTIONNAIRE: _l("Not comparable with the last round: other questions were asked."),
    NotComparable.OTHER_WEIGHTS: _l("Not comparable with the last round: the weights were others."),
    NotComparable.TOO_FEW_HOUSEHOLDS: _l(
        "Not comparable with the last round: the estates that were shown in both have too few of its households."
    ),
    NotComparable.DIRECTION_MISSING: _l("Not comparable with the last round: one side is missing in one of them."),
}


def tell_change(change: Change) -> Message:
    """What has changed since the last round, with its interval."""
    if change.reason is not None or change.points is None:
        return NOT_COMPARABLE[change.reason or NotComparable.DIRECTION_MISSING]
    values = {"points": _signed(change.points), "estates": change.estates}
    if change.lower is None or change.upper is None:
        return _l(
            "%(points)s points on the %(estates)s estates shown in both rounds; too few ratings for a margin.", **values
        )
    bounds = {"lower": _signed(change.lower), "upper": _signed(change.upper)}
    if change.lower <= 0 <= change.upper:
        return _l(
            "%(points)s points on the %(estates)s estates shown in both rounds (from %(lower)s to %(upper)s): "
            "within the margin of chance, so not a reliable change.",
            **values,
            **bounds,
        )
    return _l(
        "%(points)s points on the %(estates)s estates shown in both rounds (from %(lower)s to %(upper)s).",
        **values,
        **bounds,
    )


def _signed(value: Decimal) -> str:
    text = points(value) or "0.00"
    return text.replace("-", "−") if value < 0 else f"+{text}"


# ---- fragility

WHAT_FAILS = {
    Condition.BOUND: _l("the margin no longer reaches the line"),
    Condition.TIPPING: _l("silent households could turn it"),
    Condition.SCORE: _l("the score crosses the line"),
}


def tell_fragility(fragility: Fragility, estate_names: dict[str, str]) -> list[Message]:
    """How many cases were tried, and each in which the listing would not stand."""
    if not fragility.failing:
        told = [_l("The listing stands in all %(n)s cases that were tried.", n=fragility.cases)]
    else:
        told = [
            _l(
                "Of %(n)s cases that were tried, the listing would not stand in %(failing)s:",
                n=fragility.cases,
                failing=len(fragility.failing),
            ),
            *(_tell_case(case, estate_names) for case in fragility.failing),
        ]
    return [*told, *_tell_flagged(fragility)]


def _tell_case(case: FragileCase, estate_names: dict[str, str]) -> Message:
    fails = WHAT_FAILS[case.condition]
    if case.kind is CaseKind.WEIGHTS:
        return _l("with other weights (%(weights)s): %(fails)s;", weights=_weights(case), fails=fails)
    if case.kind is CaseKind.WITHOUT_ESTATE:
        name = estate_names.get(case.estate or "", case.estate or "")
        return _l("without %(estate)s: %(fails)s;", estate=name, fails=fails)
    if case.kind is CaseKind.WITHOUT_GROUP:
        return _l("without the residents of its group %(n)s of small estates: %(fails)s;", n=case.group, fails=fails)
    return _l("without additions and deductions: %(fails)s;", fails=fails)


def _weights(case: FragileCase) -> str:
    weights: Iterable[tuple[Direction, Decimal]] = (case.weights or {}).items()
    return " : ".join(str(round(weight)) for _, weight in sorted(weights, key=lambda each: str(each[0]), reverse=True))


def _tell_flagged(fragility: Fragility) -> list[Message]:
    if fragility.flagged is None:
        return []
    if fragility.flagged.counted and fragility.flagged.left_out:
        return [_l("It stands whether all flagged ratings are counted or left out.")]
    return [_l("It depends on what was decided about flagged ratings.")]


# ---- peers


def tell_peers(peers: PeerComparison) -> Message:
    """Where residents rate it beside estates like its own."""
    difference = peers.score - peers.expected
    values = {
        "score": points(peers.score),
        "expected": points(peers.expected),
        "difference": points(abs(difference)),
        "estates": len(peers.estates),
    }
    if difference < 0:
        return _l(
            "Residents of its %(estates)s estates give %(score)s; the middle of comparable estates of other companies "
            "is %(expected)s: %(difference)s points below.",
            **values,
        )
    return _l(
        "Residents of its %(estates)s estates give %(score)s; the middle of comparable estates of other companies is "
        "%(expected)s: %(difference)s points above.",
        **values,
    )
