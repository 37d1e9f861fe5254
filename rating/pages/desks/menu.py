"""Which workspaces a signed-in person has."""

from __future__ import annotations

from flask_babel import gettext

from rating.access import Actor, Role


def workspaces(actor: Actor) -> list[tuple[str, str]]:
    """(label, address) of each workspace that the actor's grants open, in the order of the roles."""
    places = (
        ((Role.BUREAU,), gettext("Bureau"), "/bureau"),
        ((Role.SUBDISTRICT,), gettext("Sub-district"), "/subdistrict"),
        ((Role.COMMUNITY, Role.COMMITTEE), gettext("Community and committee"), "/committee"),
        ((Role.COMPANY,), gettext("Company"), "/company"),
        ((Role.REVIEWER,), gettext("Review"), "/review"),
        ((Role.AUDITOR,), gettext("Audit"), "/audit"),
    )
    return [(label, url) for roles, label, url in places if actor.has(*roles)]
