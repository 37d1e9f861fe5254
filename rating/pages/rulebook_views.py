"""The bureau's pages of rulebooks with the rounds that use them: the list, and one version in full."""

from __future__ import annotations

from flask import Blueprint, render_template

from rating.access import Role, allow
from rating.pages.rulebook_queries import list_rounds_by_rulebook
from rating.rulebooks.comparing import OWN_SHEETS, settings_of, windows_of
from rating.rulebooks.forms import name_of
from rating.rulebooks.queries import get_version, list_rulebooks
from rating.rulebooks.wording import (
    DIRECTIONS,
    SETTINGS,
    WINDOWS,
    attribute_name,
    is_written,
    method_name,
    setting_value,
)
from rating.web.access import only_reads
from rating.web.request import current_actor

bp = Blueprint("rulebook_pages", __name__)


@bp.get("/bureau/rulebooks")
@allow(Role.BUREAU, Role.AUDITOR)
def rulebooks() -> str:
    """All versions, and which rounds use them."""
    found = list_rulebooks()
    return render_template(
        "rulebooks/rulebooks.html",
        rulebooks=found,
        rounds=list_rounds_by_rulebook(),
        name_of=name_of,
        may_write=not only_reads(current_actor()),
    )


@bp.get("/bureau/rulebooks/<key>/<int:version>")
@allow(Role.BUREAU, Role.AUDITOR)
def rulebook(key: str, version: int) -> str:
    """One version in words: settings, windows and what is asked of whom."""
    found = get_version(key, version)
    content = found.content
    return render_template(
        "rulebooks/rulebook.html",
        rulebook=found,
        content=content,
        rounds=list_rounds_by_rulebook().get(found.id, []),
        others=[one for one in list_rulebooks() if one.id != found.id],
        name_of=name_of,
        may_write=not only_reads(current_actor()),
        settings=[(name, SETTINGS[name], value) for name, value in _in_order(settings_of(content))],
        windows=[(name, WINDOWS[name], value) for name, value in windows_of(content.windows).items()],
        sheets=[content.questionnaires[one] for one in OWN_SHEETS if one in content.questionnaires],
        directions=DIRECTIONS,
        setting_value=setting_value,
        method_name=method_name,
        attribute_name=attribute_name,
        unwritten=[name for name in SETTINGS if not is_written(found.document, name)],
    )


def _in_order(settings: dict[str, object]) -> list[tuple[str, object]]:
    """Settings in the order in which they are explained: what decides the lists first."""
    return [(name, settings[name]) for name in SETTINGS]
