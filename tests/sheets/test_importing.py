"""On-site evaluations from a table: all or nothing, every fault at once, one per rater and estate."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from rating.access import SYSTEM, Actor, Granted, Role
from rating.audit.models import Event
from rating.errors import BadRows, Conflict, Invalid, Refused
from rating.evaluations.models import Channel, Evaluation
from rating.extensions import db
from rating.rounds.models import RatedEstate, Round
from rating.rulebooks.content import Questionnaire
from rating.scoring import Direction, score_evaluation
from rating.sheets import importing
from rating.sheets.importing import import_on_site
from rating.sheets.template import on_site_workbook
from rating.workbooks.cells import Odd, OddKind
from rating.workbooks.reading import Sheet, read_workbook
from tests.factories import EvaluationFactory, RatedEstateFactory, RoundFactory, UserFactory
from tests.support.client import Client
from tests.support.clock import START
from tests.support.pages import Page

DAY = "2026-09-07"


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    found: RatedEstate = RatedEstateFactory()
    return found


def asked(round_: Round) -> Questionnaire:
    return round_.rulebook.content.questionnaire(Direction.COMMITTEE_TO_COMPANY)


def line(rated: RatedEstate, rater: str = "committee", **changes: object) -> dict[str, object]:
    """A row with full marks."""
    marks = {indicator.key: indicator.highest for indicator in asked(rated.round).indicators}
    return {"estate": rated.estate.code, "rater": rater, "evaluated_on": DAY, **marks, **changes}


def take(rated: RatedEstate, *lines: dict[str, object], name: str = "evaluations", actor: Actor = SYSTEM) -> int:
    return import_on_site([Sheet.from_dicts(name, lines)], rated.round, actor, START)


def faults_of(rated: RatedEstate, *lines: dict[str, object]) -> list[tuple[int, str, str]]:
    with pytest.raises(BadRows) as caught:
        take(rated, *lines)
    return [(row.row, str(row.column), str(row.reason)) for row in caught.value.rows]


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Evaluation)) or 0


def test_both_raters_of_an_estate_are_taken_with_their_scores(rated: RatedEstate) -> None:
    first, second, *rest = asked(rated.round).indicators
    assert take(rated, line(rated), line(rated, "社区", **{first.key: 0, second.key: "N/A", rest[0].key: ""})) == 2
    found = {one.rater: one for one in db.session.scalars(select(Evaluation))}
    assert found["committee"].score == 1_000_000
    marks = [0, None, None, *(indicator.highest for indicator in rest[1:])]
    assert found["community"].marks.startswith("0--")
    assert found["community"].score == score_evaluation(asked(rated.round).rule, marks)
    assert (found["community"].channel, found["community"].week) == (Channel.IMPORTED, date(2026, 9, 7))


def test_the_day_is_kept_no_finer_than_its_week(rated: RatedEstate) -> None:
    take(rated, line(rated, evaluated_on="2026-09-06"))
    assert db.session.scalars(select(Evaluation.week)).one() == date(2026, 8, 31)


def test_every_bad_row_is_told_at_once_and_nothing_is_taken(rated: RatedEstate) -> None:
    first, second, *_ = asked(rated.round).indicators
    found = faults_of(
        rated,
        line(rated),
        line(rated, estate="NOWHERE"),
        line(rated, rater="company"),
        line(rated, rater=""),
        line(rated, "community", evaluated_on="2026-02-01"),
        line(rated, "community", evaluated_on="2026-09-08"),
        line(rated, "community", **{first.key: first.highest + 1, second.key: "1.5"}),
        line(rated),
    )
    assert [fault[:2] for fault in found] == [
        (3, "Estate code"),
        (4, "Rater"),
        (5, "Rater"),
        (6, "Evaluated on"),
        (7, "Evaluated on"),
        (8, first.text.en),
        (8, second.text.en),
        (9, "Estate code"),
    ]
    assert count() == 0


def test_too_few_marks_are_told(rated: RatedEstate) -> None:
    blank = {indicator.key: "" for indicator in asked(rated.round).indicators[5:]}
    ((row, _, reason),) = faults_of(rated, line(rated, **blank))
    assert row == 2
    assert "at least 60 of the 100 points of weight; what is marked here carries 15." in reason


def test_what_is_in_the_database_is_not_taken_twice(rated: RatedEstate) -> None:
    EvaluationFactory(rated_estate=rated, on_site=True)
    ((_, column, reason),) = faults_of(rated, line(rated), line(rated, "community"))
    assert (column, reason) == ("Estate code", "This rater has rated this estate in this round already.")
    assert count() == 1


def test_importing_the_same_file_again_is_refused_and_doubles_nothing(rated: RatedEstate) -> None:
    take(rated, line(rated))
    assert len(faults_of(rated, line(rated))) == 1
    assert count() == 1


def test_one_that_came_in_meanwhile_is_refused_by_the_database(
    rated: RatedEstate, monkeypatch: pytest.MonkeyPatch
) -> None:
    EvaluationFactory(rated_estate=rated, on_site=True)
    monkeypatch.setattr(importing, "_taken", lambda round_: set())
    with pytest.raises(Conflict, match="came in meanwhile"):
        take(rated, line(rated))


def test_columns_are_known_by_their_chinese_names(rated: RatedEstate) -> None:
    keys = {"estate": "小区编码", "rater": "评分方", "evaluated_on": "评分日期"}
    keys |= {indicator.key: indicator.text.zh for indicator in asked(rated.round).indicators}
    chinese = {keys[key]: value for key, value in line(rated, "物管会").items()}
    assert take(rated, chinese, name="现场评分") == 1


def test_unknown_and_missing_columns_are_told(rated: RatedEstate) -> None:
    whole = line(rated, weather="fine")
    del whole["rater"]
    assert {fault[:2] for fault in faults_of(rated, whole)} == {(1, "weather"), (1, "Rater")}


def test_a_workbook_of_the_round_filled_in_is_taken(rated: RatedEstate) -> None:
    (sheet,) = read_workbook(on_site_workbook(rated.round, "zh"))
    filled = [*sheet.rows[0].cells[:2], "社区", DAY, *(i.highest for i in asked(rated.round).indicators)]
    assert import_on_site([Sheet.from_grid("现场评分", [sheet.headings, filled])], rated.round, SYSTEM, START) == 1


def test_only_an_open_round_takes_evaluations(app: Flask) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True))
    with pytest.raises(Conflict, match="isn't open"):
        take(rated, line(rated))


def test_a_missing_sheet_is_told(rated: RatedEstate) -> None:
    sheets = [Sheet.from_dicts(name, [line(rated)]) for name in ("one", "two")]
    with pytest.raises(BadRows) as caught:
        import_on_site(sheets, rated.round, SYSTEM, START)
    assert [str(row.sheet) for row in caught.value.rows] == ["one", "two", "On-site evaluations"]


def test_an_empty_sheet_holds_nothing_to_import(rated: RatedEstate) -> None:
    with pytest.raises(Invalid, match="no row is filled in"):
        take(rated, {"estate": rated.estate.code, **{key: "" for key in line(rated) if key != "estate"}})


def test_only_the_bureau_imports(rated: RatedEstate) -> None:
    with pytest.raises(Refused):
        take(rated, line(rated), actor=Actor(1, "物管会", (Granted(Role.COMMITTEE, rated.estate_id),)))


def test_an_import_is_one_event_of_the_log(rated: RatedEstate) -> None:
    take(rated, line(rated), line(rated, "community"))
    entry = db.session.scalars(select(Event)).one()
    assert (entry.kind, entry.data) == ("evaluations.imported", {"count": 2})


def test_the_command_imports_a_table(rated: RatedEstate, run_command: Callable[..., Result], tmp_path: Path) -> None:
    cells: dict[str, Any] = line(rated)
    path = tmp_path / "september.csv"
    path.write_text(",".join(cells) + "\n" + ",".join(map(str, cells.values())) + "\n", encoding="utf-8")
    result = run_command("import", "evaluations", path, "--round", rated.round.number)
    assert "1 on-site evaluations imported" in result.output
    assert count() == 1


def test_the_command_tells_of_an_unknown_round(app: Flask, run_command: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("estate\n")
    assert (
        "There is no round 9"
        in run_command("import", "evaluations", tmp_path / "x.csv", "--round", "9", fails=True).output
    )


# ---- the bureau's page


def upload(name: str, content: bytes) -> dict[str, Any]:
    return {"files": [(io.BytesIO(content), name)]}


def table(*lines: dict[str, object]) -> bytes:
    rows = [",".join(lines[0]), *(",".join(str(cell) for cell in one.values()) for one in lines)]
    return "\n".join(rows).encode()


def test_the_bureau_imports_a_table_on_the_rounds_page(
    rated: RatedEstate, sign_in: Callable[..., Client], see: Callable[..., Page]
) -> None:
    bureau, url = sign_in(UserFactory(role=Role.BUREAU)), f"/bureau/rounds/{rated.round.number}/on-site"
    assert bureau.get(f"{url}/template.xlsx").data.startswith(b"PK")
    page = see(bureau, url, status=422, data=upload("x.csv", table(line(rated, rater="nobody"))))
    assert page.rows()[1][2:4] == ["评分方", "请填“物管会”或“社区”。"]
    page = see(bureau, url, status=422, data=upload("x.csv", b"estate,rater\n"))
    assert "缺少这一列" in page.text
    page = see(bureau, url, data=upload("x.csv", table(line(rated), line(rated, "community"))))
    assert "已导入2份现场评分" in page.text
    assert count() == 2


def test_what_is_wrong_with_the_file_is_told_beside_the_field(
    rated: RatedEstate, sign_in: Callable[..., Client], see: Callable[..., Page]
) -> None:
    bureau, url = sign_in(UserFactory(role=Role.BUREAU)), f"/bureau/rounds/{rated.round.number}/on-site"
    untouched = bureau.get(f"{url}/template.xlsx").data
    assert "一行也没有填" in see(bureau, url, status=422, data=upload("x.xlsx", untouched)).errors["files"]
    assert "请选择文件" in see(bureau, url, status=422, data={}).errors["files"]


def test_a_closed_round_offers_no_form_and_takes_nothing(
    app: Flask, sign_in: Callable[..., Client], see: Callable[..., Page]
) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True))
    bureau, url = sign_in(UserFactory(role=Role.BUREAU)), f"/bureau/rounds/{rated.round.number}/on-site"
    assert not see(bureau, url).all("input[type=file]")
    see(bureau, url, status=409, data=upload("x.csv", table(line(rated))))
    see(bureau, "/bureau/rounds/99/on-site", status=404)


def test_the_committees_own_people_import_nothing(
    rated: RatedEstate, sign_in: Callable[..., Client], see: Callable[..., Page]
) -> None:
    committee = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    see(committee, f"/bureau/rounds/{rated.round.number}/on-site", status=403)


def test_an_hour_behind_the_day_makes_no_other_day_of_it(rated: RatedEstate) -> None:
    take(rated, line(rated, evaluated_on="2026/8/31 0:00:00"))
    assert db.session.scalars(select(Evaluation.week)).all() == [date(2026, 8, 31)]


def test_a_mark_that_is_merged_or_an_error_is_told_and_not_taken_for_none(rated: RatedEstate) -> None:
    first, second, *_ = asked(rated.round).indicators
    merged = {first.key: Odd(OddKind.MERGED, "D2"), second.key: Odd(OddKind.ERROR, "#REF!")}
    cells = {**line(rated), **merged}
    sheet = Sheet.from_grid("evaluations", [list(cells), list(cells.values())])  # type: ignore[list-item]  # cells
    with pytest.raises(BadRows) as refused:
        import_on_site([sheet], rated.round, SYSTEM, START)
    assert ["merged with D2" in str(row.reason) or "#REF!" in str(row.reason) for row in refused.value.rows] == [
        True
    ] * 2
    assert count() == 0
