"""What a notice of days off says, read from the State Council's words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rating.calendar import is_working_day
from rating.daysoff.notice import list_runs, read_notice

# The notices of days off of two years, in their own words (国办发明电〔2024〕12号 and 〔2025〕7号).
NOTICES = {
    2025: """一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。""",
    2026: """一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。""",
}


@pytest.mark.parametrize("year", NOTICES)
def test_the_words_of_a_notice_say_what_the_calendar_knows_of_that_year(year: int) -> None:
    read = read_notice(NOTICES[year], year)
    assert read.faults == []
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [read.days.get(day, day.weekday() < 5) for day in days] == [is_working_day(day) for day in days]


def test_lines_with_whole_days_are_read_too() -> None:
    lines = "2027-02-05 至 2027-02-11 放假\n2027/2/20 上班"
    runs = list_runs(read_notice(lines, 2027).days)
    assert [(str(run.first), str(run.last), run.worked, run.count) for run in runs] == [
        ("2027-02-05", "2027-02-11", False, 7), ("2027-02-20", "2027-02-20", True, 1),
    ]  # fmt: skip


def test_days_off_may_begin_in_the_december_before() -> None:
    days = read_notice("元旦：2023年12月30日至2024年1月1日放假", 2024).days
    assert sorted(days) == [date(2023, 12, 30), date(2023, 12, 31), date(2024, 1, 1)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("2月30日放假", "is not a day"),
        ("5日放假", "is not a day"),
        ("1月1日（周一）放假", "another day of the week"),
        ("1月1日至3日放假，共4天", "these are 3 days"),
        ("1月3日至1日放假", "ends before it begins"),
        ("1月9日上班。1月9日放假", "off and to be worked"),
        ("1月9日", "neither"),
        ("1月9日（周六）上班，1月11日", "neither"),
    ],
)
def test_a_text_that_contradicts_itself_is_refused_in_words(words: str, said: str) -> None:
    assert any(said in str(fault) for fault in read_notice(words, 2027).faults)


def test_a_notice_that_lacks_a_holiday_of_the_law_or_works_on_a_weekday_is_refused() -> None:
    whole = NOTICES[2026]
    short = read_notice(whole.replace("六、中秋节：9月25日（周五）至", "六、9月26日至"), 2026)
    assert [str(one) for one in short.faults] == ["“六、9月26日至27日(周日)放假,共3天”: these are 2 days."]
    without = read_notice(whole.replace("三、清明节：4月4日（周六）至6日（周一）放假，共3天。", ""), 2026)
    assert [str(one) for one in without.faults] == ["2026-04-05 is off by law, and not among the days off."]
    early = read_notice(whole.replace("5月9日（周六）上班", "5月8日上班"), 2026)
    assert [str(one) for one in early.faults] == [
        "2026-05-08 is no Saturday or Sunday; only those are worked to make up."
    ]
