"""Flags, decisions and reasons in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _t

from rating.evaluations.models import Channel
from rating.reviews.models import Decision, FlagKind, RejectionReason

FLAG_KINDS = {
    FlagKind.SAME_ANSWERS: _t("Same answers from one network"),
    FlagKind.SAME_COMMENT: _t("Same comment, word for word"),
}
FLAGS_EXPLAINED = {
    FlagKind.SAME_ANSWERS: _t(
        "These ratings came from one network and all give the same answers, far more often than answers agree "
        "in this estate and in the city. One network alone says nothing: a whole estate can stand behind it."
    ),
    FlagKind.SAME_COMMENT: _t(
        "These ratings carry one and the same longer comment. People may well copy a text from their neighbours."
    ),
}
DECISIONS = {
    Decision.ACCEPTED: _t("Accept: the ratings count"),
    Decision.REJECTED: _t("Don’t accept: the ratings don’t count"),
}
DECIDED = {
    None: _t("Waiting"),
    Decision.ACCEPTED: _t("Accepted"),
    Decision.REJECTED: _t("Not accepted"),
}
REJECTION_REASONS = {
    RejectionReason.SAME_HAND: _t("one hand filled in the forms of several households"),
    RejectionReason.CODE_MISUSED: _t("codes were used by others than their households"),
    RejectionReason.MACHINE_MADE: _t("filled in by a machine"),
}
CHANNELS = {
    Channel.OWN: _t("on a phone of one’s own"),
    Channel.PAPER: _t("on paper"),
    Channel.HELPER: _t("with a helper"),
    Channel.ON_SITE: _t("on site"),
    Channel.IMPORTED: _t("imported"),
}
