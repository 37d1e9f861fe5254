"""Whom the talks' tests are about: a black-listed company, its estate, and people with and without a say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rating.access import Actor, Role
from rating.accounts.models import User
from rating.cases.commitment_rules import Finding, Promise
from rating.cases.commitment_service import add_commitment
from rating.cases.models import Commitment, CommitmentKind, Party, Talk
from rating.cases.talk_rules import Notice, TalkRecord
from rating.cases.talk_service import hold_talk, notify_talk
from rating.registry.models import Subdistrict
from rating.releases.models import Listing
from rating.rounds.models import RatedEstate
from tests.factories import ListingFactory, RatedEstateFactory, SubdistrictFactory, UserFactory

PUBLISHED = date(2026, 9, 4)  # a Friday; the tenth working day after it is Friday 18 September
NOW = datetime(2026, 9, 7, 1, tzinfo=UTC)
TALK_AT = datetime(2026, 9, 11, 1, 30, tzinfo=UTC)
AFTER_TALK = datetime(2026, 9, 11, 8, tzinfo=UTC)


@dataclass
class Case:
    """A company on the black list of release 1 and its only rated estate."""

    listing: Listing
    rated: RatedEstate

    @property
    def subdistrict(self) -> Subdistrict:
        return self.rated.community.subdistrict


def black_listed(**values: Any) -> Case:
    """A black listing and the estate that it is about; the manager is 张经理."""
    listing = ListingFactory(**values)
    rated = RatedEstateFactory(round=listing.release.round, company=listing.company, manager="张大明")
    return Case(listing, rated)


def bureau() -> User:
    user: User = UserFactory(role=Role.BUREAU)
    return user


def subdistrict(of: Case) -> User:
    user: User = UserFactory(role=Role.SUBDISTRICT, scope=of.subdistrict)
    return user


def other_subdistrict() -> User:
    user: User = UserFactory(role=Role.SUBDISTRICT, scope=SubdistrictFactory())
    return user


def acting(user: User) -> Actor:
    return user.actor(NOW.date())


def a_notice(**values: Any) -> Notice:
    """A notice that keeps every rule: served on 7 September for the 11th."""
    return Notice(
        **{
            "number": "临住建约〔2026〕1号",
            "served_on": date(2026, 9, 7),
            "scheduled_at": TALK_AT,
            "place": "市住房和城乡建设局三楼会议室",
            "issuer": "临川市住房和城乡建设局",
            "summoned": "企业主要负责人、项目负责人",
            "conducted_by": "物业科科长",
            "cause": "第1号评价公告列入黑榜",
            "contact": "陈某 0000-1234567",
            "names": "张大明(项目负责人)",
            **values,
        }
    )


def a_record(**values: Any) -> TalkRecord:
    """A record that keeps every rule."""
    return TalkRecord(
        **{
            "held_at": TALK_AT,
            "ended_at": TALK_AT + timedelta(hours=1),
            "place": "市住房和城乡建设局三楼会议室",
            "conducted_by": "物业科科长",
            "minuted_by": "物业科科员",
            "attended_by": "企业总经理、项目负责人",
            "findings": "垃圾清运不及时;门禁长期损坏。",
            "company_said": "认可。清运车辆不足,已联系租用。",
            "required": "一周内恢复日产日清。",
            "names": "张大明",
            "verbatim": "车坏了两台,一直没修。",
            "internal_note": "建议关注资金状况。",
            **values,
        }
    )


def a_promise(**values: Any) -> Promise:
    """An ordinary commitment of the company."""
    return Promise(
        **{
            "party": Party.COMPANY,
            "owner_post": "项目负责人",
            "kind": CommitmentKind.ORDINARY,
            "problem": "门禁长期损坏",
            "measure": "更换三个单元的门禁控制器",
            **values,
        }
    )


def a_finding(**values: Any) -> Finding:
    """A re-inspection that found it done."""
    return Finding(
        **{
            "inspected_on": date(2026, 9, 21),
            "inspector_post": "街道物业办工作人员",
            "passed": True,
            "findings": "三个单元均能正常使用。",
            **values,
        }
    )


def notified(of: Case, user: User, **values: Any) -> Talk:
    """The talk of a case after its notice."""
    return notify_talk(of.listing, a_notice(**values), acting(user), NOW)


def held(of: Case, user: User) -> Talk:
    """The talk of a case after it was held, without commitments."""
    talk = notified(of, user)
    hold_talk(talk, a_record(), (), acting(user), AFTER_TALK)
    return talk


def promised(of: Case, user: User, **values: Any) -> Commitment:
    """A commitment made at the talk of a case; due on 11 October."""
    return add_commitment(held(of, user), a_promise(**values), acting(user), AFTER_TALK)
