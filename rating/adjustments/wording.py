"""The names of kinds, states and severities of records, as pages show them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from rating.adjustments.models import AdjustmentKind, AdjustmentState, Severity

ADJUSTMENT_KINDS = {
    AdjustmentKind.COMMENDATION: _l("Addition (commendation)"),
    AdjustmentKind.FINDING: _l("Deduction (finding)"),
    AdjustmentKind.VETO: _l("Cause for the black list"),
    AdjustmentKind.OVERDUE_COMMITMENT: _l("Overdue work"),
}
ADJUSTMENT_STATES = {
    AdjustmentState.PROPOSED: _l("Waiting for a second person"),
    AdjustmentState.CONFIRMED: _l("Confirmed"),
    AdjustmentState.REFUSED: _l("Refused"),
    AdjustmentState.WITHDRAWN: _l("Withdrawn"),
}
SEVERITIES = {
    Severity.MINOR: _l("minor"),
    Severity.ORDINARY: _l("ordinary"),
    Severity.SERIOUS: _l("serious"),
}


def severity_word(severity: str) -> object:
    """A severity's name; an unknown one as it is."""
    return SEVERITIES[Severity(severity)] if severity in set(Severity) else severity
