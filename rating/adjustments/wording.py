"""The names of kinds, states and severities of records, as pages show them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _t

from rating.adjustments.models import AdjustmentKind, AdjustmentState, Severity

ADJUSTMENT_KINDS = {
    AdjustmentKind.COMMENDATION: _t("Addition (commendation)"),
    AdjustmentKind.FINDING: _t("Deduction (finding)"),
    AdjustmentKind.VETO: _t("Cause for the black list"),
    AdjustmentKind.OVERDUE_COMMITMENT: _t("Overdue work"),
}
ADJUSTMENT_STATES = {
    AdjustmentState.PROPOSED: _t("Waiting for a second person"),
    AdjustmentState.CONFIRMED: _t("Confirmed"),
    AdjustmentState.REFUSED: _t("Refused"),
    AdjustmentState.WITHDRAWN: _t("Withdrawn"),
}
SEVERITIES = {
    Severity.MINOR: _t("minor"),
    Severity.ORDINARY: _t("ordinary"),
    Severity.SERIOUS: _t("serious"),
}


def severity_word(severity: str) -> object:
    """A severity's name; an unknown one as it is."""
    return SEVERITIES[Severity(severity)] if severity in set(Severity) else severity
