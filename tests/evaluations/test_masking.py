"""What names a household or a person is masked in free text; what only counts something stays."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings, strategies as st

from rating.evaluations.masking import MASK, MOST_KEPT, READINGS, mask
from rating.evaluations.service import check_answers
from rating.rulebooks.content import Questionnaire
from rating.rulebooks.schemas import parse_document
from rating.scoring import Direction
from tests.factories import default_document

PHONES = """
电话13812345678谢谢
138 1234 5678
138-1234-5678
138.1234.5678
１３８１２３４５６７８
1 3 8 1 2 3 4 5 6 7 8
+86 138 1234 5678
（+86）13812345678
0086-13812345678
一三八一二三四五六七八
幺三八 一二三四 五六七八
一三八1234五六七八
电话一13812345678
①③⑧①②③④⑤⑥⑦⑧
010-62345678
0571-88123456转801
（0571）88123456
座机8812 3456
电话：8812-3456
打88123456
QQ 123456789
"""
IDENTITIES = """
110101199003074514
１１０１０１１９９００３０７４５１４
11010119900307451X
110101 19900307 451x
110101-1990-0307-4514
130503670401001
评价码1234 5678 9012 3456
"""
DOORS = """
3号楼2单元501室
3号楼2单元501
三号楼二单元五零一室
十二号楼三单元1203
3号楼 2单元 五楼 501
3号楼2单元5楼东户
2单元5楼漏水
2单元501户
2单元3号
3-2-501
3－2－501
3 - 2 - 501
3/2/501
5-401有人装修
12幢401
12栋 401
A座1203
B栋501
A501
3栋2-501
3#501
3#2-501
#501
501#
501室
和平路12号301
我家住501
我是1203的业主
门牌号：301
Room 501 leaks
flat 12B
Apt. 3C
unit 501
Building 3, Unit 2, 501
"""
ORDINARY = """
电梯坏了3次
2026年电梯还是坏
二〇二六年三月
每月50元停车费
物业费从1200元涨到1500元
维修资金5000000元
1.80元每平方米
5-100元
300-400元
3栋300-400元
9月3号500元
10-20分钟
1-3楼
3到5楼没灯
5楼楼道灯坏了
3号楼的灯不亮
3号楼、5号楼之间
3号楼300户只有一部电梯
3号楼2单元门口有垃圾
2单元门禁坏了
1号楼1楼大厅漏水
第12栋一二三层都没灯
北门2号岗没有人
两个单元共一百二十户
12号楼2026年才修
2026-09-07来过
2026/9/7 10:30
20260907报修
07-09-2026
上午8:30到17:00
12345热线没人接
打110了
满意度95%
室温18-26度
100室内
住了10年
业主300多人
我是2019年搬来的
停车位120个
15 16 17 18 19 20层
50kg
The lift broke 3 times in 2026.
Fee 1500 yuan a year
Building 3 is dark
"""


def lines(table: str) -> list[str]:
    return table.strip().splitlines()


def digits_left(text: str) -> str:
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("text", lines(PHONES) + lines(IDENTITIES) + lines(DOORS))
def test_what_names_a_person_or_a_door_is_masked(text: str) -> None:
    masked = mask(text)
    assert MASK in masked
    assert digits_left(masked) == ""


@pytest.mark.parametrize("text", lines(ORDINARY))
def test_ordinary_numbers_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize("text", lines(DOORS))
def test_reasons_on_site_may_name_places(text: str) -> None:
    assert mask(text, doors=False) == text


@pytest.mark.parametrize("text", lines(PHONES) + lines(IDENTITIES))
def test_reasons_on_site_name_no_person(text: str) -> None:
    assert digits_left(mask(text, doors=False)) == ""


def test_only_the_number_is_taken_out_of_a_sentence() -> None:
    said = "3号楼电梯坏了3次，请打13812345678，找5栋1单元302室老王，身份证110101199003074514。"
    assert mask(said) == f"3号楼电梯坏了3次，请打{MASK}，找{MASK}老王，身份证{MASK}。"


NUMERALS = "〇零○一幺壹二两贰三叁四肆五伍六陆七柒八捌九玖十百"
SIGNS = st.characters(exclude_categories=["Nd", "No", "Nl", "Cs"], exclude_characters=NUMERALS)
PLAIN = st.text(SIGNS.filter(lambda sign: not digits_left(sign)), max_size=12)  # '㏠' is a 1 with a day to it
GAPS = st.sampled_from(["", " ", "-", "－", ".", "  ", " - "])
SCRIPTS = st.sampled_from(
    ["0123456789", "０１２３４５６７８９", "零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"]
)


@settings(max_examples=300)
@given(
    before=PLAIN,
    number=st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    gap=GAPS,
    script=SCRIPTS,
    after=PLAIN,
)
def test_no_mobile_number_comes_through_however_it_is_grouped(
    before: str, number: str, gap: str, script: str, after: str
) -> None:
    written = gap.join((number[:3], number[3:7], number[7:])).translate(str.maketrans("0123456789", script))
    assert digits_left(mask(f"{before}{written}{after}")) == ""


@settings(max_examples=300)
@given(
    building=st.integers(1, 99),
    unit=st.integers(1, 9),
    door=st.builds(lambda floor, place: f"{floor}{place:02}", st.integers(1, 34), st.integers(1, 12)),
    form=st.sampled_from(
        [
            "{0}号楼{1}单元{2}室",
            "{0}栋{1}单元{2}",
            "{0}-{1}-{2}",
            "{0}幢{2}室",
            "{0}#{1}-{2}",
            "{0}座{1}门{2}号",
            "{2}室",
        ]
    ),
)
def test_no_door_comes_through(building: int, unit: int, door: str, form: str) -> None:
    assert mask(f"我家{form.format(building, unit, door)}，灯坏了") == f"我家{MASK}，灯坏了"


@settings(max_examples=300)
@given(
    st.text(st.sampled_from("0123456789一二三十两百号楼单元栋室座门户层元年月-－#. ，电话AB138Xx〔…〕\n"), max_size=40)
)
@example("138〔…〕1234 5678")
def test_masking_again_changes_nothing_and_a_text_never_grows(text: str) -> None:
    masked = mask(text)
    assert mask(masked) == masked
    assert len(masked) <= len(text)


@given(PLAIN)
def test_a_text_without_numbers_stays_to_the_letter(text: str) -> None:
    assert mask(text) == text


def questionnaire(direction: Direction) -> Questionnaire:
    return parse_document(default_document()).questionnaire(direction)


@pytest.mark.parametrize(
    ("direction", "kept"),
    [
        (Direction.RESIDENT_TO_COMPANY, f"{MASK}漏水，电话{MASK}"),
        (Direction.COMMITTEE_TO_COMPANY, f"3号楼2单元501室漏水，电话{MASK}"),
    ],
)
def test_a_comment_is_masked_before_it_is_anything_that_can_be_stored(direction: Direction, kept: str) -> None:
    asked = questionnaire(direction)
    answers = {indicator.key: indicator.highest for indicator in asked.indicators}
    filled = check_answers(asked, answers, "3号楼2单元501室漏水，电话13812345678", 60)
    assert filled.comment == kept


def test_all_the_signs_of_unicode_do_not_fill_the_memory() -> None:
    every = "".join(chr(code) for code in range(0x20, 0x20000) if not 0xD800 <= code < 0xE000)
    mask(every)
    assert all(len(reading) <= MOST_KEPT for reading in READINGS)
    assert mask("Ａ栋１２０１室，电话１３８１２３４５６７８") == f"{MASK}，电话{MASK}", "what is not kept is still read"
