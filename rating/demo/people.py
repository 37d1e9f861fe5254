"""Who signs in to the demonstration city: one person a role, all with the same password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from rating.access import SYSTEM, Role
from rating.accounts.changes import dismiss_notices
from rating.accounts.granting import grant_role
from rating.accounts.models import ChangeKind, User
from rating.accounts.queries import PeopleFilter, list_notices, list_people
from rating.accounts.service import add_user
from rating.demo.data import read
from rating.registry.models import Company, Estate
from rating.registry.queries import list_communities

PASSWORD = "chengchuan-demo"  # noqa: S105  # the demonstration's log-in, printed on the screen
LOGINS = tuple(read("logins").items())


@dataclass(frozen=True, slots=True)
class People:
    """The demonstration's accounts by what they do."""

    drafter: User
    signer: User
    subdistrict: User
    inspector: User
    reviewer: User
    communities: dict[int, User]


def add_people(estate: Estate, company: Company, since: date, now: datetime) -> People:
    """Accounts for every role; the committee's, community's and company's are those of one estate."""

    def person(username: str, name: str, role: Role, scope_id: int | None, password: str = PASSWORD) -> User:
        user = add_user(username, name, password, SYSTEM, now)
        grant_role(user, role, scope_id, since, None, SYSTEM, now, ChangeKind.ADDED)
        return user

    drafter = person("bureau", "住建局拟稿员", Role.BUREAU, None)
    signer = person("bureau2", "住建局签发人", Role.BUREAU, None)
    inspector = person("inspector", "住建局复查员", Role.BUREAU, None)
    reviewer = person("reviewer", "存疑评价复核员", Role.REVIEWER, estate.community_id)
    subdistrict = person("subdistrict", "街道物业专干", Role.SUBDISTRICT, estate.community.subdistrict_id)
    communities = {estate.community_id: person("community", "社区工作人员", Role.COMMUNITY, estate.community_id)}
    for community in list_communities():
        if community.id not in communities:
            unknown = secrets.token_urlsafe(24)  # nobody signs in as these in the demonstration
            username = f"community-{community.code.lower()}"
            communities[community.id] = person(username, community.name, Role.COMMUNITY, community.id, unknown)
    person("committee", "物管会委员", Role.COMMITTEE, estate.id)
    person("company", "企业经办人", Role.COMPANY, company.id)
    person("auditor", "监督员", Role.AUDITOR, None)
    for user in list_people(PeopleFilter(), since):
        dismiss_notices(user, {notice.id for notice in list_notices(user.id)}, now)  # read long ago
    return People(drafter, signer, subdistrict, inspector, reviewer, communities)
