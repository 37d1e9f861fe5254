"""Why marks came off on site in the demonstration, indicator by indicator, with a picture at half marks or less."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date

from PIL import Image, ImageDraw

from rating.audit.files import keep_file
from rating.rulebooks.content import Questionnaire
from rating.sheets.deductions import needs_photo, needs_reason

_REASONS = {
    "contract_handover": "承接查验资料缺配电房竣工图，已要求月底前补齐。",
    "staffing": "东门岗亭下午2点无人，排班表上应有1人。",
    "service_desk": "服务台周六未按公示时间开放。",
    "records": "7月的巡查记录缺3天，没有补记说明。",
    "gate": "北门夜间无人值守，外来车辆随意进出。",
    "patrol": "抽查夜间巡逻打卡，两个点位漏打。",
    "cctv_access": "3号楼二单元门禁损坏，监控有2路黑屏。",
    "parking_order": "1号楼前消防登高面停车6辆，地面标线磨损。",
    "building_cleaning": "5号楼地下一层楼道有积灰和杂物。",
    "grounds_cleaning": "中心花园排水沟有落叶淤积。",
    "waste_points": "西侧投放点上午10点仍有满溢，地面有污水。",
    "pest_drains": "雨水井盖缺1块，临时用木板遮盖。",
    "greenery": "南围墙一带绿篱枯死约20米，未补种。",
    "inspection_upkeep": "水泵房月检记录缺两期，压力表过期。",
    "lifts": "2号楼右侧电梯当月停梯两次，公告没有写明恢复时间。",
    "water_supply": "水箱清洗报告公示晚了一个月。",
    "lights_roads": "6号楼旁路灯3盏不亮，路面破损一处。",
    "repair_response": "抽查报修单10张，3张超过承诺时限。",
    "fire_lanes": "3号楼东侧消防通道被占用，未及时清理。",
    "fire_equipment": "4号楼二层灭火器压力不足，两具未更换。",
    "e_bikes": "架空层有电动自行车飞线充电，现场发现4辆。",
    "emergency": "没有今年的消防演练记录。",
    "notice_board": "收支公示停留在上半年，没有更新。",
    "charging": "停车费公示牌与备案价格不一致。",
    "shared_income": "电梯广告收益未单独列账公示。",
    "meetings": "两次三方会议没有会议记录。",
    "three_steps": "楼道粉刷前没有征求意见的材料。",
    "complaint_handling": "抽查12345工单5件，1件没有回访。",
}
_OTHERWISE = "扣分地点见现场记录。"


def explain(
    asked: Questionnaire, answers: Mapping[str, int | str], estate_name: str, day: date
) -> list[tuple[str, str, str | None]]:
    """(indicator, reason, digest of its picture or None) for each mark that needs a reason."""
    low = [one for one in asked.indicators if needs_reason(asked, one, answers.get(one.key))]
    shown = {one.key for one in low if needs_photo(asked, one, answers.get(one.key))}
    photo = keep_file(_picture(estate_name), day).digest if shown else None
    return [(one.key, _REASONS.get(one.key, _OTHERWISE), photo if one.key in shown else None) for one in low]


def _picture(estate_name: str) -> bytes:
    """A picture that shows nothing but that it is one: a wall, a door, a patch; its colour is the estate's own."""
    tone = sum(estate_name.encode()) % 60
    drawn = Image.new("RGB", (320, 240), (150 + tone, 160, 170))
    pencil = ImageDraw.Draw(drawn)
    pencil.rectangle((0, 190, 320, 240), fill=(110, 105, 100))
    pencil.rectangle((120, 70, 200, 190), fill=(90, 60 + tone, 50))
    pencil.ellipse((225, 200, 285, 225), fill=(60, 60, 60))
    written = io.BytesIO()
    drawn.save(written, "PNG")
    return written.getvalue()
