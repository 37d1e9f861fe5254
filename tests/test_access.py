"""Who may enter where: the whole table, and every route held to it.

A new route gets its line here by hand, so that somebody has looked at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest
from flask import Flask, url_for
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from rating.access import Role, rule_of
from rating.accounts.models import User
from rating.extensions import db
from tests.factories import UserFactory
from tests.support.client import Client

pytestmark = pytest.mark.sqlite_only(reason="access is decided before the database is asked for anything")

RULES = {
    "own_account.change": "own account",
    "own_account.dismiss": "own account",
    "own_account.end_sessions": "own account",
    "own_account.invitation": "public",
    "own_account.mine": "own account",
    "people.deactivate": "bureau",
    "people.end": "bureau",
    "people.end_all_sessions": "bureau",
    "people.grant": "bureau",
    "people.invite": "bureau",
    "people.invite_again": "bureau",
    "people.people": "auditor | bureau",
    "people.people_file": "auditor | bureau",
    "people.person": "auditor | bureau",
    "people.reactivate": "bureau",
    "audit.download_events": "auditor",
    "audit.events": "auditor",
    "checklist.open_": "bureau",
    "checklist.show": "auditor | bureau",
    "daysoff.delete": "bureau",
    "daysoff.enter": "bureau",
    "daysoff.notices": "auditor | bureau",
    "directory.companies": "public",
    "directory.company": "public",
    "directory.estate": "public",
    "directory.estates": "public",
    "entrance.dispute": "public",
    "entrance.disputed": "public",
    "evaluations.form": "public",
    "evaluations.open_code": "public",
    "evaluations.submit": "public",
    "entrance.type_code": "public",
    "cases.absence": "bureau | subdistrict",
    "cases.export": "auditor | bureau | subdistrict",
    "cases.hold": "bureau | subdistrict",
    "cases.notice": "auditor | bureau | subdistrict",
    "cases.notify": "bureau | subdistrict",
    "cases.postpone": "bureau | subdistrict",
    "cases.promise": "bureau | subdistrict",
    "cases.record": "auditor | bureau | subdistrict",
    "cases.reinspect": "bureau | subdistrict",
    "cases.report_done": "bureau | subdistrict",
    "cases.talk": "auditor | bureau | subdistrict",
    "cases.talks": "auditor | bureau | subdistrict",
    "jobs.result": "signed in",
    "jobs.show": "signed in",
    "notices.notice_board": "public",
    "notices.notice_board_pdf": "public",
    "on_site.import_files": "bureau",
    "on_site.on_site": "auditor | bureau",
    "on_site.template": "auditor | bureau",
    "pages.download": "public",
    "pages.find": "public",
    "pages.home": "public",
    "pages.method": "public",
    "pages.release": "public",
    "pages.releases": "public",
    "prints.community_letters": "bureau",
    "prints.confirm_community_letters": "bureau",
    "prints.confirm_letters": "bureau",
    "prints.letters": "bureau",
    "prints.ask_for_posters": "bureau",
    "prints.posters": "auditor | bureau",
    "prints.posters_pdf": "auditor | bureau",
    "probes.healthz": "public",
    "probes.readyz": "public",
    "probes.robots": "public",
    "own_receipt.picture": "public",
    "own_receipt.show": "public",
    "receipt_lists.answer": "public",
    "receipt_lists.download": "public",
    "receipt_lists.download_all": "public",
    "receipt_lists.entries": "public",
    "receipt_lists.lists": "public",
    "receipt_lists.look_up": "public",
    "records.add": "bureau",
    "records.delete": "bureau",
    "records.edit": "bureau",
    "records.leave_out": "bureau",
    "records.next_contract": "bureau",
    "records.show": "auditor | bureau",
    "records.take_back": "bureau",
    "registry.committees": "auditor | bureau",
    "registry.committees_file": "auditor | bureau",
    "registry.contracts": "auditor | bureau",
    "registry.contracts_file": "auditor | bureau",
    "registry.places": "auditor | bureau",
    "registry.companies": "auditor | bureau",
    "registry.companies_file": "auditor | bureau",
    "registry.estates": "auditor | bureau",
    "registry.estates_file": "auditor | bureau",
    "imports.import_files": "bureau",
    "imports.register": "auditor | bureau",
    "imports.template": "auditor | bureau",
    "releases.begin_preview": "bureau",
    "releases.draft": "bureau",
    "releases.end_preview": "bureau",
    "releases.list_previews": "committee | community",
    "releases.look_over": "committee | community",
    "releases.prepare_release": "auditor | bureau",
    "releases.show_company_preview": "company",
    "releases.sign": "bureau",
    "releases.withdraw": "bureau",
    "results.compute": "bureau",
    "results.download_scorecard": "auditor | bureau",
    "scorecards.show": "auditor | bureau",
    "review_queue.decide": "reviewer",
    "review_queue.group": "auditor | reviewer",
    "review_queue.queue": "auditor | reviewer",
    "closing.close": "bureau",
    "rounds.new": "bureau",
    "rounds.roster": "auditor | bureau",
    "rulebook_pages.rulebook": "auditor | bureau",
    "rulebook_pages.rulebooks": "auditor | bureau",
    "rulebooks.compare_versions": "auditor | bureau",
    "rulebooks.delete": "bureau",
    "rulebooks.file": "auditor | bureau",
    "rulebooks.load": "bureau",
    "security.login": "public",
    "security.logout": "public",
    "security.verify": "signed in",
    "sheets.rate_committee": "company",
    "sheets.rate_itself": "company",
    "sheets.rate_on_site": "committee | community",
    "access_changes.confirm_working": "bureau",
    "access_changes.decide": "bureau",
    "access_changes.show": "auditor | bureau",
    "what_if.show": "auditor | bureau",
    "adjustments.adjustment": "auditor | bureau",
    "adjustments.adjustments": "auditor | bureau",
    "adjustments.adjustments_file": "auditor | bureau",
    "adjustments.close": "bureau",
    "adjustments.confirm": "bureau",
    "adjustments.evidence": "auditor | bureau",
    "adjustments.new_adjustment": "bureau",
    "adjustments.propose": "bureau",
    "bodies.sheets": "auditor | bureau",
    "gaps.check": "bureau | subdistrict",
    "gaps.gaps": "subdistrict",
    "bodies.sheets_file": "auditor | bureau",
    "releases.company_evidence": "company",
    "releases.company_record_evidence": "company",
    "turnout.turnout": "auditor | bureau",
    "turnout.turnout_file": "auditor | bureau",
    "spotchecks.begin": "auditor",
    "spotchecks.choose": "auditor",
    "spotchecks.draw": "auditor's own act",
    "spotchecks.record": "auditor's own act",
    "static": "public",
    "styleguide.show": "public",
    "workspace.bureau": "auditor | bureau",
    "workspace.committee": "committee | community",
    "workspace.company": "company",
    "workspace.first": "signed in",
    "workspace.round_": "auditor | bureau",
    "workspace.rounds": "auditor | bureau",
    "workspace.subdistrict": "subdistrict",
}

# Whoever signs in may; the second also lets who only reads change what is their own.
EVERYBODY = {"signed in", "own account"}
AUDITORS_OWN = "auditor's own act"
OWN = {"own account", AUDITORS_OWN}

# The residents' form carries its ticket's token instead, which outlives a session.
OWN_TOKEN = {"evaluations.submit"}


def routes(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """(endpoint, an address) of every route that takes this method; what stands there need not exist."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            with app.test_request_context():
                yield rule.endpoint, url_for(rule.endpoint, **_arguments(rule))


def _arguments(rule: Rule) -> dict[str, object]:
    def example(converter: object) -> object:
        if isinstance(converter, IntegerConverter):
            return 1
        return min(converter.items) if isinstance(converter, AnyConverter) else "x"

    return {name: example(converter) for name, converter in rule._converters.items()}


def guarded(app: Flask, method: str) -> list[tuple[str, str]]:
    """The routes of this method that not everybody may enter."""
    return [(endpoint, url) for endpoint, url in routes(app, method) if RULES.get(endpoint) != "public"]


def answer(browser: Client, url: str, method: str = "GET") -> str:
    """The answer's status, 'sign in' for the way to the sign-in page, or the error that the view raised."""
    try:
        response = browser.open(url, method=method)
    except Exception as error:
        db.session.rollback()
        return f"{type(error).__name__}: {error}"
    if response.status_code == 302 and response.location.startswith("/sign-in"):
        return "sign in"
    return str(response.status_code)


def answers(browser: Client, urls: Iterable[str], method: str = "GET") -> dict[str, str]:
    """Each address's answer."""
    return {url: answer(browser, url, method) for url in urls}


def crashes(found: dict[str, str]) -> dict[str, str]:
    """Those answers that are none."""
    return {url: one for url, one in found.items() if not (one == "sign in" or one < "5")}


def test_every_route_has_its_rule_and_it_is_the_one_in_the_table(app: Flask) -> None:
    declared = {endpoint: rule_of(endpoint, view) for endpoint, view in app.view_functions.items()}
    without = [endpoint for endpoint, rule in declared.items() if rule is None]
    assert without == []
    assert {endpoint: rule.name for endpoint, rule in declared.items() if rule} == RULES


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_strangers_are_asked_to_sign_in(app: Flask, client: Client, method: str) -> None:
    urls = [url for _, url in guarded(app, method)]
    assert answers(client, urls, method) == dict.fromkeys(urls, "sign in")


def test_strangers_are_never_asked_to_sign_in_for_public_pages(app: Flask, client: Client) -> None:
    found = answers(client, [url for endpoint, url in routes(app, "GET") if RULES.get(endpoint) == "public"])
    assert crashes(found) == {}
    assert "sign in" not in found.values()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("role", Role)
def test_a_role_is_refused_where_the_table_does_not_name_it(
    app: Flask, holder_of: Callable[[Role], User], sign_in: Callable[[User], Client], role: Role, method: str
) -> None:
    closed = [url for endpoint, url in guarded(app, method) if not permits(endpoint, role)]
    assert answers(sign_in(holder_of(role)), closed, method) == dict.fromkeys(closed, "403")


@pytest.mark.parametrize("role", Role)
def test_a_role_meets_no_crash_where_the_table_lets_it_in(
    app: Flask, holder_of: Callable[[Role], User], sign_in: Callable[[User], Client], role: Role
) -> None:
    entered = [url for endpoint, url in guarded(app, "GET") if permits(endpoint, role)]
    found = answers(sign_in(holder_of(role)), entered)
    assert crashes(found) == {}
    assert "sign in" not in found.values()


def test_a_user_without_a_grant_enters_no_workspace(app: Flask, sign_in: Callable[[User], Client]) -> None:
    closed = [url for endpoint, url in guarded(app, "GET") if RULES.get(endpoint) not in EVERYBODY]
    assert answers(sign_in(UserFactory()), closed) == dict.fromkeys(closed, "403")


def test_the_auditor_changes_nothing_but_their_own_account_and_their_spot_checks(
    app: Flask, holder_of: Callable[[Role], User], sign_in: Callable[[User], Client]
) -> None:
    urls = [url for endpoint, url in guarded(app, "POST") if RULES.get(endpoint) not in OWN]
    assert answers(sign_in(holder_of(Role.AUDITOR)), urls, "POST") == dict.fromkeys(urls, "403")


def test_no_public_form_is_taken_without_its_csrf_token(app: Flask, csrf_client: Client) -> None:
    open_to_all = [(one, url) for one, url in routes(app, "POST") if RULES[one] == "public"]
    urls = [url for endpoint, url in open_to_all if endpoint not in OWN_TOKEN]
    assert answers(csrf_client, urls, "POST") == dict.fromkeys(urls, "400")


@pytest.mark.parametrize("role", Role)
def test_no_form_of_a_role_is_taken_without_its_csrf_token(
    app: Flask, holder_of: Callable[[Role], User], csrf_client: Client, role: Role
) -> None:
    csrf_client.sign_in(holder_of(role))
    urls = [url for endpoint, url in guarded(app, "POST") if permits(endpoint, role) and may_send(endpoint, role)]
    assert urls
    assert answers(csrf_client, urls, "POST") == dict.fromkeys(urls, "400")


def may_send(endpoint: str, role: Role) -> bool:
    """Whether the role may change something there: the auditor only what is their own."""
    return role is not Role.AUDITOR or RULES[endpoint] in OWN


def permits(endpoint: str, role: Role) -> bool:
    """Whether the table lets this role in."""
    rule = RULES.get(endpoint, "")
    return rule in EVERYBODY or role in rule.split(" | ") or (rule == AUDITORS_OWN and role is Role.AUDITOR)
