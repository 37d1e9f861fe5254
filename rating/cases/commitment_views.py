"""The steps of a commitment: made, reported done, re-inspected."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from rating.access import Actor, Role, allow
from rating.cases.commitment_forms import CommitmentForm, DoneForm, ReinspectionForm
from rating.cases.commitment_service import add_commitment, reinspect_commitment, report_commitment_done
from rating.cases.models import Commitment
from rating.cases.queries import get_commitment, get_talk, list_rated_estates_of
from rating.cases.step_views import OF, bp, own_actor, take_step
from rating.cases.wording import indicator_choices, kind_choices, option
from rating.server.sizes import TEXTS, takes
from rating.web.request import now, today


@bp.route(f"{OF}/commitments/new", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
@takes(TEXTS)
def promise(workspace: str, listing_id: int) -> Any:
    """Add a commitment."""
    actor = own_actor(workspace)
    found = get_talk(listing_id, actor)
    content = found.listing.release.round.rulebook.content
    estates = [rated.estate for rated in list_rated_estates_of(found.listing)]
    form = CommitmentForm()
    form.estate.choices = [option("", _("All its estates")), *(option(one.code, one.name) for one in estates)]
    form.kind.choices = kind_choices(content.windows)
    form.indicator.choices = [option("", _("Not about one indicator")), *indicator_choices(content)]
    return take_step(
        workspace,
        found.listing,
        form,
        lambda: add_commitment(found, form.promise(estates), actor, now()),
        title=_("Add a commitment"),
        button=_("Add the commitment"),
        done=_("The commitment is recorded."),
        talk=found,
    )


def _found(workspace: str, listing_id: int, commitment_id: int) -> tuple[Actor, Commitment]:
    actor = own_actor(workspace)
    return actor, get_commitment(get_talk(listing_id, actor), commitment_id)


@bp.route(f"{OF}/commitments/<int:commitment_id>/done", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
@takes(TEXTS)
def report_done(workspace: str, listing_id: int, commitment_id: int) -> Any:
    """Record that the party says it is done."""
    actor, commitment = _found(workspace, listing_id, commitment_id)
    form = DoneForm(data={"done_on": today()})
    return take_step(
        workspace,
        commitment.talk.listing,
        form,
        lambda: report_commitment_done(commitment, form.day, form.evidence.data or "", actor, now()),
        title=_("Reported done"),
        button=_("Save"),
        done=_("Recorded. Now somebody who took no part looks again."),
        commitment=commitment,
    )


@bp.route(f"{OF}/commitments/<int:commitment_id>/reinspect", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
@takes(TEXTS)
def reinspect(workspace: str, listing_id: int, commitment_id: int) -> Any:
    """Record a re-inspection."""
    actor, commitment = _found(workspace, listing_id, commitment_id)
    form = ReinspectionForm(data={"inspected_on": today()})
    return take_step(
        workspace,
        commitment.talk.listing,
        form,
        lambda: reinspect_commitment(commitment, form.finding(), actor, now()),
        title=_("Re-inspection"),
        button=_("Save"),
        done=_("The re-inspection is recorded."),
        commitment=commitment,
        final=True,
    )
