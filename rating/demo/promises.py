"""The words of the demonstration's talks, and what was promised there."""

from __future__ import annotations

from dataclasses import dataclass

from rating.cases.models import CommitmentKind, Party

ISSUER = "市住房和城乡建设局"
PLACE = "市住建局三楼会议室"
BASIS = "评价办法和地方物业管理规定"
FINDINGS = "现场核查与评价反映的问题一致：{lost}失分较多，住户反映集中。"
SAID = (
    "企业认可上述问题，说明人手不足、交接资料不全等原因，承诺按期整改，希望社区协助入户协调。",
    "企业认可大部分问题；认为停车矛盾主要因车位不足，愿意先把疏导和劝阻做起来。",
    "企业表示上任项目负责人离职后管理脱节，新负责人已到岗，请求给出整改时间。",
)
REQUIRED = "按期完成整改事项，每周向社区报送进度，整改前征求住户意见，完成后公示结果。"
LATE_SERVICE = "登记的住所已无人办公，通知书两次邮寄退回，经社区协助后直接送达。"
LATE_AFTER_ABSENCE = "企业未按第一次通知到场，书面说明原因后补开。"
POSTPONED = "企业主要负责人住院，书面申请改期。"
DONE = "现场查看并随机询问住户，已按承诺完成。"
UNDONE = "部分完成，仍有遗留，要求继续整改。"


@dataclass(frozen=True, slots=True)
class Template:
    """A problem, what was promised about it, who does it, and what shows that it is done."""

    kind: CommitmentKind
    problem: str
    measure: str
    evidence: str
    indicator: str = ""
    interim: str = ""
    party: Party = Party.COMPANY
    post: str = "项目负责人"
    handed_over_to: str = ""


CLEANING = Template(
    CommitmentKind.ORDINARY,
    "楼道和垃圾投放点保洁不到位",
    "增配保洁员2名，楼道每日清扫，投放点日产日清，张贴保洁时间表",
    "保洁排班表、投放点前后对比照片",
    "resident_to_company.cleaning",
)
REPAIRS = Template(
    CommitmentKind.ORDINARY,
    "报修响应慢、没有回访",
    "公布24小时报修电话，急修30分钟到场，每单回访并登记",
    "报修登记簿和回访记录",
    "resident_to_company.repairs",
)
INCOME = Template(
    CommitmentKind.ORDINARY,
    "公共收益没有按期公布",
    "补公布近一年公共收益收支，以后每半年公布一次",
    "公示照片和收支明细",
    "resident_to_company.fee_transparency",
)
FIRE_LANE = Template(
    CommitmentKind.HAZARDOUS,
    "消防通道长期被占用",
    "当日清理并设隔离桩，夜间巡查3次，登记劝阻记录",
    "通道现状照片和夜间巡查记录",
    "resident_to_company.fire_safety",
    interim="24小时内设置警示并派人值守",
)
MANHOLE = Template(
    CommitmentKind.URGENT,
    "主干道井盖破损，夜间无照明",
    "当日更换井盖，恢复路灯照明",
    "更换前后照片",
    "committee_to_company.lights_roads",
)
ROADS = Template(
    CommitmentKind.FUND,
    "路面破损、雨后积水",
    "提出维修方案，征求业主意见，依程序申请使用维修资金，完成路面和雨水口改造",
    "业主表决结果、竣工验收单和公示照片",
    "committee_to_company.lights_roads",
    interim="第30日前完成业主表决，第75日前完成施工，第90日前验收公示",
)
MINUTES = Template(
    CommitmentKind.ORDINARY,
    "三方会议议定事项没有公示，住户不知道进展",
    "每月25日前在公告栏公示议定事项和办理进度",
    "公示照片和会议纪要",
    party=Party.COMMITTEE,
    post="物管会主任",
)
DOORS = Template(
    CommitmentKind.ORDINARY,
    "入户协调无人配合，楼道堆物清理不下去",
    "社区网格员陪同入户，逐户签收清理告知，两周内走完全部单元",
    "入户登记和清理照片",
    party=Party.COMMUNITY,
    post="社区居委会副主任",
)
WATER = Template(
    CommitmentKind.ORDINARY,
    "高层住户晚间水压不足",
    "转请供水单位测压并提出改造意见，企业配合开放泵房",
    "供水单位测压记录",
    "committee_to_company.water_supply",
    party=Party.HANDED_OVER,
    post="供水单位客户服务中心负责人",
    handed_over_to="市自来水公司",
)
