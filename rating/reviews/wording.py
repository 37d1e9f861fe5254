"""Flags, decisions and reasons in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from rating.evaluations.models import Channel
from rating.reviews.models import Decision, FlagKind, RejectionReason

FLAG_KINDS = {
    FlagKind.SAME_ANSWERS: _l("Same answers from one network"),
    FlagKind.SAME_COMMENT: _l("Same comment, word for word"),
}
FLAGS_EXPLAINED = {
    FlagKind.SAME_ANSWERS: _l(
        "These ratings came from one network and all give the same answers, far more often than answers agree "
        "in this estate and in the city. One network alone says nothing: a whole estate can stand behind it."
    ),
    FlagKind.SAME_COMMENT: _l(
        "These ratings carry one and the same longer comment. People may well copy a text from their neighbours."
    ),
}
DECISIONS = {
    Decision.ACCEPTED: _l("Accept: the ratings count"),
    Decision.REJECTED: _l("Don’t accept: the ratings don’t count"),
}
DECIDED = {
    None: _l("Waiting"),
    Decision.ACCEPTED: _l("Accepted"),
    Decision.REJECTED: _l("Not accepted"),
}
REJECTION_REASONS = {
    RejectionReason.SAME_HAND: _l("one hand filled in the forms of several households"),
    RejectionReason.CODE_MISUSED: _l("codes were used by others than their households"),
    RejectionReason.MACHINE_MADE: _l("filled in by a machine"),
}
CHANNELS = {
    Channel.OWN: _l("on a phone of one’s own"),
    Channel.PAPER: _l("on paper"),
    Channel.HELPER: _l("with a helper"),
    Channel.ON_SITE: _l("on site"),
    Channel.IMPORTED: _l("imported"),
}
