"""The RentSafeTO example: real data, its bad rows, and what becomes of them."""

import csv
import gzip
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from docs.examples.rentsafe.__main__ import rentsafe
from docs.examples.rentsafe.loading import company_code, estate_code
from docs.examples.rentsafe.rows import (
    EVALUATIONS,
    REGISTRATIONS,
    Example,
    find_open_rows,
    read_example,
    read_settlements,
    settle,
)
from rating.config import ROOT
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.registry.models import Company, Estate
from rating.releases.models import Listing, Release
from rating.releases.queries import get_release, list_listings
from rating.rounds.models import Round
from rating.rulebooks.schemas import parse_document
from rating.scoring import Direction, score_evaluation
from rating.workbooks.columns import CompanyCode, column
from tests.support.client import Client
from tests.support.pages import Page

pytestmark = pytest.mark.long

FOLDER = ROOT / "docs" / "examples" / "rentsafe"
Run = Callable[..., Result]


@pytest.fixture
def run_example(run_command: Run) -> Run:
    """`run_example("--settlements", path)` runs `python -m docs.examples.rentsafe --settlements …`."""
    return partial(run_command, program=rentsafe)


@pytest.fixture(scope="module")
def example() -> Example:
    return read_example(FOLDER)


# ---- the city's own score


def test_every_scored_row_has_the_citys_published_score(example: Example) -> None:
    """The city rounds to whole points, halves up; so does this, from its 1/10 000 points."""
    document = yaml.safe_load((FOLDER / "rulebook.yaml").read_text(encoding="utf-8"))
    questionnaire = parse_document(document).questionnaire(Direction.COMMITTEE_TO_COMPANY)
    rule = questionnaire.rule
    scored = [visit for visit in example.visits if visit.is_marked]
    agreeing = 0
    for visit in scored:
        marks = [int(m) if (m := visit.marks[i.key]).isdigit() else None for i in questionnaire.indicators]
        given = [mark for mark in marks if mark is not None]
        y = score_evaluation(rule, marks)
        assert y == (2 * 1_000_000 * sum(given) + 5 * len(given)) // (2 * 5 * len(given))
        agreeing += (y + 5_000) // 10_000 == int(visit.score)
    assert (len(example.visits), len(scored), agreeing) == (11_760, 11_759, 11_759)


# ---- bad rows of the real files


def test_every_kind_of_bad_row_is_found(example: Example) -> None:
    kinds = Counter((place[0], one.bad.reason.text.split("%")[0]) for place, one in find_open_rows(example).items())
    assert kinds == {
        (REGISTRATIONS, "No management company is given."): 548,
        (REGISTRATIONS, "The same company is spelt “"): 283,
        (REGISTRATIONS, "This looks like a slip for “"): 62,
        (REGISTRATIONS, "These could be the initials of “"): 120,
        (REGISTRATIONS, "This begins like “"): 59,
        (EVALUATIONS, "The city marks this row as created in error."): 7,
        (EVALUATIONS, "This building isn't among the registrations."): 104,
        (EVALUATIONS, "No area is marked, so there is no score."): 1,
        (EVALUATIONS, "This building is evaluated twice in "): 98,
    }


def test_the_shipped_settlements_deal_with_every_bad_row_once_and_with_nothing_else(example: Example) -> None:
    settlements, faults = read_settlements(FOLDER / "settlements.csv")
    assert faults == []
    assert [one.place for one in settlements] == list(find_open_rows(example))
    settled, still_bad = settle(example, settlements)
    assert still_bad == []
    assert (len(settled.buildings), len(settled.visits)) == (3_597, 11_598)


def test_no_two_companies_get_the_same_code(example: Example) -> None:
    settled, _ = settle(example, read_settlements(FOLDER / "settlements.csv")[0])
    names = {building.company for building in settled.buildings if building.company}
    codes = {company_code(name) for name in names}
    assert len(codes) == len(names)
    reads = CompanyCode(metadata=column("", "", "", "", ""))
    assert {reads.deserialize(code) for code in codes} == codes


@pytest.mark.sqlite_only(reason="nothing is written")
def test_without_settlements_the_command_stops_with_all_bad_rows(app: Flask, run_example: Run) -> None:
    result = run_example(fails=True)
    lines = result.output.splitlines()
    assert sum(line.startswith(f"  {REGISTRATIONS}, row") for line in lines) == 1_072
    assert sum(line.startswith(f"  {EVALUATIONS}, row") for line in lines) == 210
    assert "Faults to correct first: 1282" in result.output
    assert [db.session.scalar(select(func.count()).select_from(model)) for model in (Estate, Company, Round)] == [
        0,
        0,
        0,
    ]


@pytest.mark.sqlite_only(reason="a small example below is loaded on both databases; this is about the real data")
def test_with_the_shipped_settlements_the_whole_example_is_published(
    app: Flask, run_example: Run, client: Client, see: Callable[..., Page]
) -> None:
    result = run_example("--settlements", FOLDER / "settlements.csv")
    assert "9755 evaluations imported; 1843 more are of buildings that are not rated." in result.output
    assert db.session.scalar(select(func.count()).select_from(Evaluation)) == 9_755
    assert db.session.scalar(select(func.count()).select_from(Release)) == 6
    standings = Counter(listing.standing.value for listing in list_listings(get_release(6)))
    assert min(standings["red"], standings["black"], standings["watch"], standings["insufficient"]) > 0
    assert "HAZELVIEW" in see(client, "/releases/6").soup.get_text()


# ---- a small example of the same form

BUILDINGS = """RSN,SITE_ADDRESS,WARD,PROP_MANAGEMENT_COMPANY_NAME,CONFIRMED_UNITS,NO_OF_ELEVATORS,YEAR_BUILT
1,1  FIRST ST ,01,RIVER HOMES INC. ,40,1,1961
2,2 FIRST ST,01,RIVER HOMES INC.,20,0,
3,3 FIRST ST,02,RIVER HOMES,30,0,1970
4,4 FIRST ST,02,,50,2,1980
5,5 FIRST ST,02,LAKE PROPERTIES LTD,60,2,1980
"""
AREAS = (
    "ENTRANCE_LOBBY,ENTRANCE_DOORS_WINDOWS,SECURITY,STAIRWELLS,LAUNDRY_ROOMS,INTERNAL_GUARDS_HANDRAILS,"
    "GARBAGE_CHUTE_ROOMS,GARBAGE_BIN_STORAGE_AREA,ELEVATORS,STORAGE_AREAS_LOCKERS,INTERIOR_WALL_CEILING_FLOOR,"
    "INTERIOR_LIGHTING_LEVELS,GRAFFITI,EXTERIOR_CLADDING,EXTERIOR_GROUNDS,EXTERIOR_WALKWAYS,BALCONY_GUARDS,"
    "WATER_PEN_EXT_BLDG_ELEMENTS,PARKING_AREA,OTHER_FACILITIES"
)


def visit(rsn: int, year: str, day: str, mark: int, address: str = "SOMEWHERE") -> str:
    score = 20 * mark
    return f"{rsn},{year},01,Lakeshore,{address},{day},{score},{','.join([str(mark)] * 18)},N/A,N/A"


VISITS = [
    visit(1, "2017", "2017-05-01", 5),
    visit(2, "2017", "2018-01-09", 4),
    visit(3, "2017", "2017-06-01", 5),
    visit(4, "2017", "2017-06-01", 1),
    visit(5, "2017", "2017-07-01", 2),
    visit(1, "", "2022-05-01", 2),
    visit(1, "", "2022-11-01", 5),
    visit(5, "", "2023-02-01", 5),
    visit(9, "", "2023-02-01", 5, "** CREATED IN ERROR ** 9 FIRST ST"),
    visit(8, "", "2023-02-01", 5),
]
SETTLEMENTS = """sheet,row,decision,reason
registrations,4,company=RIVER HOMES INC.,only the legal form is left out
registrations,5,not-rated,no company
evaluations-pre-2023,7,leave-out,seen again later
evaluations-pre-2023,8,keep,the later one
evaluations-pre-2023,10,leave-out,created in error
evaluations-pre-2023,11,leave-out,not in the register
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small example with a bad row of most kinds."""
    head = f"RSN,YEAR_EVALUATED,WARD,WARDNAME,SITE_ADDRESS,EVALUATION_COMPLETED_ON,SCORE,{AREAS}"
    visits = "\n".join([head, *VISITS])
    (tmp_path / "registrations.csv.gz").write_bytes(gzip.compress(BUILDINGS.encode()))
    (tmp_path / "evaluations-pre-2023.csv.gz").write_bytes(gzip.compress(visits.encode()))
    (tmp_path / "rulebook.yaml").write_bytes((FOLDER / "rulebook.yaml").read_bytes())
    return tmp_path


def settled_by(folder: Path, text: str = SETTLEMENTS) -> Path:
    path = folder / "settlements.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_small_example_is_registered_scored_and_published(app: Flask, run_example: Run, folder: Path) -> None:
    result = run_example(folder, "--settlements", settled_by(folder))
    assert "4 buildings of 2 companies, 1 more that are not rated." in result.output
    rounds = list(db.session.scalars(select(Round).order_by(Round.number)))
    assert [round_.title_en for round_ in rounds] == ["2017", "2022–2023"]
    listings = {
        (listing.release.number, listing.company.name): listing.result["score"]
        for listing in db.session.scalars(select(Listing))
    }
    # 40, 20 and 30 units with 100, 80 and 100 points; every evaluation counts by its building's units.
    assert listings[1, "RIVER HOMES INC."] == "95.555556"
    assert listings[1, "LAKE PROPERTIES LTD"] == "40.000000"
    assert listings[2, "LAKE PROPERTIES LTD"] == "100.000000"
    estate = db.session.scalars(select(Estate).where(Estate.code == estate_code("4"))).one()
    assert "no management company" in estate.not_rated_reason


def test_it_is_run_from_the_projects_folder_as_documented(folder: Path) -> None:
    words = [sys.executable, "-m", "docs.examples.rentsafe", str(folder)]
    result = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert (result.returncode, "Traceback" in result.stderr) == (1, False)
    assert result.stderr.count(", row ") == 6
    assert "docs.examples.rentsafe --settlements docs/examples/rentsafe" in (FOLDER / "README.md").read_text("utf-8")


def test_the_example_is_not_loaded_over_a_register(app: Flask, run_example: Run, folder: Path) -> None:
    words = (folder, "--settlements", settled_by(folder))
    run_example(*words)
    assert "needs an empty database" in run_example(*words, fails=True).output


def test_without_settlements_nothing_of_the_small_example_is_kept(app: Flask, run_example: Run, folder: Path) -> None:
    output = run_example(folder, fails=True).output
    places = [line.split(":")[0] for line in output.splitlines() if ", row " in line]
    assert len(places) == 6
    assert db.session.scalar(select(func.count()).select_from(Estate)) == 0


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "registrations,5,not-rated,no company\n",
            "",
            "registrations, row 5, PROP_MANAGEMENT_COMPANY_NAME: No management",
        ),
        ("not-rated", "keep", "The decision can be: company, not-rated."),
        ("not-rated", "company=", "Name the company"),
        ("not-rated", "company=N/A", "Name the company"),
        ("registrations,5", "registrations,6", "There is nothing to settle in this row."),
        ("company=RIVER HOMES INC.", "keep", "After the settlements this company is still spelt “RIVER HOMES INC.”"),
        ("8,keep", "8,leave-out", None),
        ("7,leave-out,seen", "7,keep,seen", "After the settlements this building is still evaluated twice in 2022."),
        (",no company", ",", "settlements, row 3, reason: This must be filled in."),
        ("evaluations-pre-2023,8", "evaluations-pre-2023,7", "Row 4 already says the same."),
        ("decision", "choice", "A settlements file has the columns"),
    ],
)
@pytest.mark.sqlite_only(reason="refused before anything is written")
def test_settlements_are_held_to_what_can_be(
    app: Flask, run_example: Run, folder: Path, old: str, new: str, told: str | None
) -> None:
    path = settled_by(folder, SETTLEMENTS.replace(old, new, 1))
    result = run_example(folder, "--settlements", path, fails=told is not None)
    assert told is None or told in result.output


def test_the_settlements_say_why_in_words() -> None:
    with (FOLDER / "settlements.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1_282
    assert all(len(row["reason"].split()) >= 3 for row in rows)
