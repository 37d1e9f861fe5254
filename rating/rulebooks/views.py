"""The bureau's pages of rulebooks that need no round: loading, downloading, comparing, deleting."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.errors import Conflict, Invalid
from rating.extensions import db
from rating.rulebooks.comparing import compare, marked
from rating.rulebooks.faults import BadRulebook, Fault
from rating.rulebooks.forms import CompareForm, LoadForm, name_of
from rating.rulebooks.models import Rulebook
from rating.rulebooks.queries import get_version, list_rulebooks
from rating.rulebooks.reading import LARGEST
from rating.rulebooks.service import delete_rulebook, load_rulebook, write_yaml
from rating.rulebooks.wording import DIRECTIONS, SETTINGS, WINDOWS, field_name, field_value, setting_value
from rating.server.sizes import FORM, takes
from rating.web.downloads import download
from rating.web.language import told
from rating.web.request import current_actor, now

bp = Blueprint("rulebooks", __name__)


@bp.route("/bureau/rulebooks/load", methods=["GET", "POST"])
@allow(Role.BUREAU)
@takes(files=LARGEST + FORM)
def load() -> Any:
    """Load a rulebook from a file, or show every fault in it at once."""
    with closing(LoadForm()) as form:
        faults: list[Fault] = []
        status = 200 if request.method == "GET" else 422
        if form.validate_on_submit():
            try:
                rulebook = load_rulebook(form.text, current_actor(), now())
            except (Invalid, Conflict) as error:
                db.session.rollback()
                faults = error.faults if isinstance(error, BadRulebook) else []
                form.file.errors = [_refusal(error)]
                status = 409 if isinstance(error, Conflict) else 422
            else:
                return _loaded(rulebook)
        return render_template("rulebooks/load.html", form=form, faults=faults), status


def _refusal(error: Invalid | Conflict) -> str:
    if isinstance(error, BadRulebook):
        return str(_("The file has %(n)s faults; nothing was loaded. They are listed below.", n=error.count))
    return told(error.message)


def _loaded(rulebook: Rulebook) -> Any:
    key, version = rulebook.key, rulebook.version
    db.session.commit()
    flash(_("Version %(version)s of rulebook “%(key)s” is loaded.", key=key, version=version), "success")
    return redirect(f"/bureau/rulebooks/{key}/{version}", 303)


@bp.get("/bureau/rulebooks/<key>/<int:version>.yaml")
@allow(Role.BUREAU, Role.AUDITOR)
def file(key: str, version: int) -> Response:
    """A version as the file that it can be loaded from again."""
    return download(write_yaml(get_version(key, version)), "application/yaml", f"{key}-{version}.yaml")


@bp.post("/bureau/rulebooks/<key>/<int:version>/delete")
@allow(Role.BUREAU)
def delete(key: str, version: int) -> Any:
    """Delete a version that no round uses."""
    delete_rulebook(get_version(key, version), current_actor(), now())
    db.session.commit()
    flash(_("Version %(version)s of rulebook “%(key)s” is deleted.", key=key, version=version), "success")
    return redirect("/bureau/rulebooks", 303)


@bp.get("/bureau/rulebooks/compare")
@allow(Role.BUREAU, Role.AUDITOR)
def compare_versions() -> str:
    """What differs between two versions: settings, windows, questions."""
    versions = {name_of(one): one for one in list_rulebooks()}
    form = CompareForm(request.args).offer(versions.values())
    old, new = versions.get(form.old.data or ""), versions.get(form.new.data or "")
    return render_template(
        "rulebooks/compare.html",
        form=form,
        old=old,
        new=new,
        found=compare(old.content, new.content) if old and new else None,
        directions=DIRECTIONS,
        settings=SETTINGS,
        windows=WINDOWS,
        marked=marked,
        setting_value=setting_value,
        field_name=field_name,
        field_value=field_value,
        address=url_for("rulebooks.compare_versions"),
    )
