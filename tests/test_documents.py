"""What the documents point to is there."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

from rating.rulebooks.content import Gaps
from rating.scoring import ScoringRules

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
CODE = re.compile(r"`(rating/[\w/]+\.py)(?:::([\w.]+))?`")
MODULE = re.compile(r"`(\w+(?:/\w+)+\.py)")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
FORMULAS = re.compile(r"\bformulas? (\d+(?:(?:, | and )\d+)*)")
HEADING = re.compile(r"(\w+\.md), '([^']+)'")
NUMBERED = re.compile(r"^### (\d+)\. ", re.MULTILINE)
A_DOCUMENT = re.compile(r"\b[\w./-]*\w\.md\b")
# A section by its number is one of a document that nobody can look up: ours are cited by formula or by heading.
A_SECTION = re.compile(r"\bsections? \d", re.IGNORECASE)
WRITTEN = [
    path
    for folder in ("rating", "tests", "templates", "static", "benchmarks", "deploy", "docs", "migrations")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".md", ".html", ".txt", ".yaml", ".css", ".js", ".conf", ".mako"}
    and "vendor" not in path.parts
    and path != Path(__file__)
] + [*ROOT.glob("*.md"), ROOT / "Makefile", ROOT / "pyproject.toml"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_picture_exists(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_that_is_named_exists(document: Path) -> None:
    named = NAMED.findall(document.read_text(encoding="utf-8"))
    assert [pair for pair in named if not _is_there(*pair)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_and_function_that_is_named_exists(document: Path) -> None:
    text = _text(document)
    missing = [
        name for name in MODULE.findall(text) if not any((at / name).is_file() for at in (ROOT, ROOT / "rating"))
    ]
    unknown = [pair for pair in CODE.findall(text) if pair[1] and pair[1] not in _names_in(ROOT / pair[0])]
    assert (missing, unknown) == ([], [])


def test_twenty_questions_and_more_say_where_they_are_decided() -> None:
    table = _text(ROOT / "docs" / "development.md").split("## Where is it decided")[1].split("## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 20
    assert [row for row in rows if not CODE.search(row)] == []


def _names_in(path: Path) -> set[str]:
    """What a module defines, methods as Class.method."""
    found: set[str] = set()
    for node in ast.parse(_text(path)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
        for target in [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", []):
            found |= {target.id} if isinstance(target, ast.Name) else set()
    return found


def _is_there(file: str, test: str) -> bool:
    path = ROOT / file
    return path.is_file() and (
        not test or re.search(rf"^def {test}\(", path.read_text("utf-8"), re.MULTILINE) is not None
    )


def test_every_document_that_is_cited_stands_in_the_repository() -> None:
    names = {path.name for path in DOCUMENTS}
    cited = [(_name(path), found) for path in WRITTEN for found in A_DOCUMENT.findall(_text(path))]
    assert len(cited) > 50
    assert [pair for pair in cited if Path(pair[1]).name not in names] == []


def test_no_section_is_cited_by_a_number_that_no_document_has() -> None:
    assert [(_name(path), found) for path in WRITTEN for found in A_SECTION.findall(_text(path))] == []


def test_every_formula_that_is_cited_stands_in_the_method() -> None:
    there = NUMBERED.findall(_text(ROOT / "docs" / "method.md"))
    assert there == [str(number) for number in range(1, len(there) + 1)]
    cited = [
        (_name(path), number)
        for path in WRITTEN
        for numbers in FORMULAS.findall(_text(path))
        for number in re.findall(r"\d+", numbers)
    ]
    assert len({number for _, number in cited}) > 15
    assert [pair for pair in cited if pair[1] not in there] == []


def test_the_formulas_name_every_setting_of_a_rulebook_and_no_other() -> None:
    formulas = _text(ROOT / "docs" / "method.md").split("## Formulas")[1].split("<!-- proof")[0]
    words = {word for bracket in re.findall(r"\[([^]]+)\]", formulas) for word in re.findall(r"[a-z_]+", bracket)}
    settings = {setting.name for kind in (ScoringRules, Gaps) for setting in fields(kind)} - {"questionnaires"}
    assert settings - words == set()
    assert {word for word in words if "_" in word} - settings == set()


def test_every_heading_that_is_cited_stands_in_its_document() -> None:
    cited = [(_name(path), *found) for path in WRITTEN for found in HEADING.findall(_text(path))]
    headings = {path.name: re.findall(r"^#+ (.+)$", _text(path), re.MULTILINE) for path in DOCUMENTS}
    assert cited
    assert [found for found in cited if found[2] not in headings[found[1]]] == []


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))
