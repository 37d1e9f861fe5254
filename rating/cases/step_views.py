"""What all pages of talks share: their addresses, who may open them, and the shape of a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from rating.access import Actor, Role
from rating.cases.step_forms import StepForm
from rating.cases.wording import word
from rating.errors import Invalid
from rating.extensions import db
from rating.releases.models import Listing
from rating.web.request import current_actor

bp = Blueprint("cases", __name__)
bp.add_app_template_filter(word, "word")

AT = "/<any(bureau, subdistrict):workspace>/talks"
OF = f"{AT}/<int:listing_id>"
WORKSPACES = {"bureau": (Role.BUREAU, Role.AUDITOR), "subdistrict": (Role.SUBDISTRICT,)}


def own_actor(workspace: str) -> Actor:
    """The actor, if this workspace is open to them; services and queries keep to their scope."""
    actor = current_actor()
    actor.require(*WORKSPACES[workspace])
    return actor


def take_step(
    workspace: str,
    listing: Listing,
    form: StepForm,
    act: Callable[[], object],
    *,
    title: str,
    button: str,
    done: str,
    **more: Any,
) -> Any:
    """Show a step's form, or take the step: `act` is the service's, its error goes beside the field it names."""
    if form.validate_on_submit():
        try:
            act()
        except Invalid as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(done, "success")
            return redirect(url_for("cases.talk", workspace=workspace, listing_id=listing.id), 303)
    page = render_template(
        "cases/step.html", workspace=workspace, listing=listing, form=form, title=title, button=button, **more
    )
    return page, 422 if form.is_submitted() else 200
