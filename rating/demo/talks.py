"""The demonstration's talks: every black-listed company was called, most came, some of what was promised is done."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import cycle

from rating.calendar import add_working_days
from rating.demo.people import People
from rating.demo.timeline import at
from rating.extensions import db
from rating.followups.models import Commitment, CommitmentKind, Party
from rating.followups.rules import Finding, Notice, Promise, TalkRecord
from rating.followups.service import hold_talk, notify_talk, record_absence, reinspect_commitment
from rating.releases.models import Listing
from rating.releases.queries import find_release_of_round, list_listings
from rating.results.wording import name_costs
from rating.rounds.models import RatedEstate, Round
from rating.rounds.queries import list_rated_estates
from rating.scoring import Standing

ISSUER = "市住房和城乡建设局"
PROMISES = (
    (CommitmentKind.ORDINARY, "楼道和垃圾投放点保洁不到位", "增配保洁员2名,楼道每日清扫,投放点日产日清,张贴保洁时间表"),
    (CommitmentKind.ORDINARY, "报修响应慢、没有回访", "公布24小时报修电话,急修30分钟到场,每单回访并登记"),
    (CommitmentKind.HAZARDOUS, "消防通道长期被占用", "当日清理并设隔离桩,夜间巡查3次,登记劝阻记录"),
    (CommitmentKind.ORDINARY, "公共收益没有按期公布", "补公布近一年公共收益收支,以后每半年公布一次"),
    (CommitmentKind.FUND, "路面破损、雨后积水", "提出维修方案,征求业主意见,依程序申请使用维修资金"),
)
INTERIM = {
    CommitmentKind.HAZARDOUS: "24小时内设置警示并派人值守",
    CommitmentKind.FUND: "第30日前完成业主表决,第75日前完成施工,第90日前验收公示",
}
FINDINGS = "现场核查与评价反映的问题一致:{lost}失分较多,住户反映集中。"
SAID = "企业认可上述问题,说明人手不足、交接资料不全等原因,承诺按期整改,希望社区协助入户协调。"
REQUIRED = "按期完成整改事项,每周向社区报送进度,整改前征求住户意见,完成后公示结果。"


def hold_demo_talks(round_: Round, people: People, published_on: date, today: date) -> None:
    """Call each black-listed company; all but one come, and promises are looked at again as far as time allows."""
    release = find_release_of_round(round_)
    if release is None:
        return
    promises = cycle(PROMISES)
    for place, listing in enumerate(list_listings(release, Standing.BLACK)):
        served_on = add_working_days(published_on, 2)
        talk_on = add_working_days(served_on, 4)
        cause = _cause(listing, round_)
        actor = people.drafter.actor(served_on)
        notice = Notice(
            number=f"住建约〔{served_on.year}〕{place + 1}号",
            served_on=served_on,
            scheduled_at=at(talk_on, 15),
            place="市住建局三楼会议室",
            issuer=ISSUER,
            joint_issuers="街道办事处",
            summoned="企业主要负责人和项目负责人",
            conducted_by="物业管理科科长",
            cause=cause,
            basis="评价办法和地方物业管理规定",
        )
        talk = notify_talk(listing, notice, actor, at(served_on))
        if place == 3:
            record_absence(talk, "", actor, at(talk_on, 16))
            continue
        estates = list_rated_estates_of(round_, listing)
        given = tuple(_promise(next(promises), estates, index) for index in range(2 + place % 2))
        hold_talk(talk, _record(talk_on, cause), given, actor, at(talk_on, 17))
        db.session.flush()
        for index, commitment in enumerate(talk.commitments):
            if (place + index) % 3:
                _look_again(commitment, people, passed=(place + index) % 4 != 1, today=today)


def list_rated_estates_of(round_: Round, listing: Listing) -> list[RatedEstate]:
    """The estates for which a company was listed."""
    return [one for one in list_rated_estates(round_) if one.company_id == listing.company_id]


def _cause(listing: Listing, round_: Round) -> str:
    costs = name_costs(listing.result.get("costliest", []), round_.rulebook.content)
    lost = "、".join(cost.text.zh for cost in costs) or "多项"
    return f"第{listing.release.number}号评价公告评价结论为黑榜,失分较多的是{lost}。"


def _record(day: date, cause: str) -> TalkRecord:
    lost = cause.rsplit("是", 1)[-1].rstrip("。")
    return TalkRecord(
        held_at=at(day, 15),
        ended_at=at(day, 16),
        place="市住建局三楼会议室",
        conducted_by="物业管理科科长",
        minuted_by="物业管理科科员",
        attended_by="企业主要负责人、项目负责人;街道、社区、物管会代表",
        findings=FINDINGS.format(lost=lost),
        company_said=SAID,
        required=REQUIRED,
    )


def _promise(template: tuple[CommitmentKind, str, str], estates: list[RatedEstate], index: int) -> Promise:
    kind, problem, measure = template
    estate = estates[index % len(estates)].estate
    return Promise(
        party=Party.COMPANY,
        owner_post="项目负责人",
        kind=kind,
        problem=problem,
        measure=measure,
        interim=INTERIM.get(kind, ""),
        estate=estate,
    )


def _look_again(commitment: Commitment, people: People, *, passed: bool, today: date) -> None:
    day = min(commitment.due_on, commitment.made_on + timedelta(days=20))
    if day > today or commitment.kind is CommitmentKind.FUND:
        return
    finding = Finding(
        inspected_on=day,
        inspector_post="住建局复查员",
        passed=passed,
        findings="现场查看并随机询问住户,已按承诺完成。" if passed else "部分完成,仍有遗留,要求继续整改。",
    )
    reinspect_commitment(commitment, finding, people.inspector.actor(day), at(day))
