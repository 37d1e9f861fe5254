"""The rows of the register's sheets, column by column, validated by marshmallow."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, validates_schema

from rating.wording import _l
from rating.workbooks.cells import fold
from rating.workbooks.columns import (
    Code,
    CompanyCode,
    Day,
    LastDay,
    Names,
    Phone,
    Whole,
    Words,
    YesNo,
    Yuan,
    column,
    fault,
)

MOST_HOUSEHOLDS = 100_000


class SheetSchema(Schema):
    """One row of a sheet. Unknown columns are reported once, not in every row."""

    class Meta:  # noqa: D106  # marshmallow looks for this name
        unknown = EXCLUDE


class Reason(Words):
    """Why an estate isn't rated; 否 and the like say that there is none, and 参评 says the contrary of a reason."""

    none = frozenset(map(fold, ("否", "不", "不是", "no", "n", "0", "false")))
    contrary = frozenset(map(fold, ("是", "参评", "参加", "参与", "正常", "正常参评", "yes", "y", "true", "1")))

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **more: Any) -> Any:
        """The reason; '' for none."""
        if fold(value) in self.none:
            return ""
        if fold(value) in self.contrary:
            raise fault(_l("This is no reason for leaving an estate out. Leave the cell empty if it is rated."))
        return super().deserialize(value, attr, data, **more)


class SubdistrictRow(SheetSchema):
    """街道/乡镇."""

    code = Code(
        required=True,
        metadata=column(
            "街道编码", "Code", "QY", "字母、数字或连字符，不重复", "Letters, digits or hyphens; no two alike"
        ),
    )
    name = Words(80, required=True, metadata=column("街道名称", "Name", "清源街道", "街道、乡镇全称", "The full name"))


class CommunityRow(SheetSchema):
    """社区."""

    code = Code(
        required=True,
        metadata=column(
            "社区编码", "Code", "QY01", "字母、数字或连字符，不重复", "Letters, digits or hyphens; no two alike"
        ),
    )
    name = Words(80, required=True, metadata=column("社区名称", "Name", "柳荫社区", "社区全称", "The full name"))
    subdistrict = Code(
        required=True,
        metadata=column("所属街道", "Sub-district", "QY", "填街道编码", "The sub-district's code"),
    )
    phone = Phone(
        load_default="",
        metadata=column(
            "社区电话", "Phone", "0999-2123456", "居民求助时拨打的电话", "Where residents can ask for help"
        ),
    )


class EstateRow(SheetSchema):
    """小区."""

    code = Code(
        required=True,
        metadata=column(
            "小区编码",
            "Code",
            "QY0101",
            "字母、数字或连字符，不重复；海报二维码里用它",
            "Letters, digits or hyphens; the poster's QR code holds it",
        ),
    )
    name = Words(120, required=True, metadata=column("小区名称", "Name", "柳荫花园", "小区名称", "The estate's name"))
    community = Code(
        required=True, metadata=column("所属社区", "Community", "QY01", "填社区编码", "The community's code")
    )
    grid = Words(40, load_default="", metadata=column("网格", "Grid", "第3网格", "没有可不填", "May be left empty"))
    address = Words(
        200, load_default="", metadata=column("地址", "Address", "柳荫路18号", "没有可不填", "May be left empty")
    )
    households_total = Whole(
        1,
        MOST_HOUSEHOLDS,
        required=True,
        metadata=column("总户数", "Households in all", "420", "整数，1以上", "A whole number from 1"),
    )
    households_lived_in = Whole(
        1,
        MOST_HOUSEHOLDS,
        required=True,
        metadata=column(
            "入住户数",
            "Households lived in",
            "365",
            "企业和社区共同确认；不大于总户数",
            "Confirmed by company and community; not above the total",
        ),
    )
    built_year = Whole(
        1800,
        2150,
        load_default=None,
        metadata=column("建成年份", "Year built", "2006", "四位数年份，没有可不填", "Four digits; may be left empty"),
    )
    has_lifts = YesNo(
        load_default=True,
        metadata=column(
            "有电梯", "Has lifts", "否", "是或否；新录入的不填按“是”", "Yes or no; empty means yes when new"
        ),
    )
    fee = Yuan(
        load_default=None,
        metadata=column(
            "物业费",
            "Fee",
            "0.85",
            "每平方米每月多少元，没有可不填",
            "Yuan per square metre and month; may be left empty",
        ),
    )
    renovated = YesNo(
        load_default=False,
        metadata=column(
            "已改造",
            "Renovated",
            "是",
            "老旧小区改造过填“是”，新录入不填按“否”",
            "Yes or no; empty means no when new",
        ),
    )
    has_cctv_or_entry_doors = YesNo(
        load_default=True,
        metadata=column(
            "有监控或单元门禁",
            "CCTV or entry doors",
            "是",
            "是或否；新录入的不填按“是”",
            "Yes or no; empty means yes when new",
        ),
    )
    has_greenery = YesNo(
        load_default=True,
        metadata=column(
            "有绿化", "Greenery", "是", "是或否；新录入的不填按“是”", "Yes or no; empty means yes when new"
        ),
    )
    company_runs_water_supply = YesNo(
        load_default=True,
        metadata=column(
            "物业管二次供水",
            "Company runs the water supply",
            "否",
            "是或否；新录入的不填按“是”",
            "Yes or no; empty means yes when new",
        ),
    )
    not_rated_reason = Reason(
        400,
        load_default="",
        metadata=column(
            "不参评原因",
            "Why it isn't rated",
            "",
            "参评的不填；填了就是不参评，原因会公开",
            "Empty for an estate that is rated; a reason is public",
        ),
    )

    @validates_schema(skip_on_field_errors=True)
    def check_households(self, data: dict[str, Any], **_: Any) -> None:
        """No more households can be lived in than there are."""
        if data["households_lived_in"] > data["households_total"]:
            raise fault(_l("More households are lived in than there are."), "households_lived_in")


class CompanyRow(SheetSchema):
    """物业服务企业."""

    code = CompanyCode(
        required=True,
        metadata=column(
            "统一社会信用代码",
            "Credit code",
            "91350100M000100Y43",
            "18位统一社会信用代码；没有的填本地编码，如LOCAL-001",
            "The unified social credit code (18 characters), else a local code such as LOCAL-001",
        ),
    )
    name = Words(
        160,
        required=True,
        metadata=column("企业名称", "Name", "清源物业服务有限公司", "营业执照上的全称", "The full name"),
    )
    parent = CompanyCode(
        load_default=None,
        metadata=column("上级企业", "Parent company", "", "分公司填总公司的代码", "For a branch: its parent's code"),
    )
    phone = Phone(
        load_default="",
        metadata=column("企业电话", "Phone", "0999-3123456", "24小时值班电话", "The 24-hour duty number"),
    )


class ContractRow(SheetSchema):
    """物业服务合同."""

    estate = Code(required=True, metadata=column("小区", "Estate", "QY0101", "填小区编码", "The estate's code"))
    company = CompanyCode(
        required=True, metadata=column("企业", "Company", "91350100M000100Y43", "填企业代码", "The company's code")
    )
    starts_on = Day(
        required=True,
        metadata=column(
            "合同开始日",
            "From",
            "2024-07-01",
            "日期；同一小区的合同不能重叠",
            "A day; an estate's contracts must not overlap",
        ),
    )
    ends_on = LastDay(
        load_default=None,
        metadata=column(
            "合同结束日",
            "To",
            "2027-06-30",
            "日期，含当天；没有约定的填“无”或“长期”",
            "A day, included; “none” where there is no end",
        ),
    )
    manager = Words(
        60,
        load_default="",
        metadata=column(
            "项目负责人", "Manager", "王建国", "项目经理姓名，不公开", "The project's manager; not published"
        ),
    )

    @validates_schema(skip_on_field_errors=True)
    def check_days(self, data: dict[str, Any], **_: Any) -> None:
        """A contract can't end before it starts."""
        if data["ends_on"] is not None and data["ends_on"] < data["starts_on"]:
            raise fault(_l("The last day is before the first."), "ends_on")


class CommitteeRow(SheetSchema):
    """物管会(业委会)."""

    estate = Code(
        required=True,
        metadata=column("小区", "Estate", "QY0101", "填小区编码；一个小区一行", "The estate's code; one row an estate"),
    )
    name = Words(
        120,
        required=True,
        metadata=column(
            "物管会名称", "Name", "柳荫花园物业管理委员会", "物管会或业委会全称", "The committee's full name"
        ),
    )
    members = Names(
        load_default=list,
        metadata=column("成员", "Members", "李秀英、张伟、陈建平", "姓名，用“、”隔开", "Names, parted by 、"),
    )
    term_starts_on = Day(required=True, metadata=column("任期开始日", "Term from", "2025-01-01", "日期", "A day"))
    term_ends_on = LastDay(
        load_default=None,
        metadata=column("任期结束日", "Term to", "2027-12-31", "日期，没有可不填", "A day; may be left empty"),
    )

    @validates_schema(skip_on_field_errors=True)
    def check_term(self, data: dict[str, Any], **_: Any) -> None:
        """A term can't end before it starts."""
        if data["term_ends_on"] is not None and data["term_ends_on"] < data["term_starts_on"]:
            raise fault(_l("The last day is before the first."), "term_ends_on")
