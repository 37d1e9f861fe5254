"""What the import contracts can't say about the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
CLOCKS = {"now", "today", "utcnow", "fromtimestamp"}
NAMELESS = {"utils.py", "util.py", "helpers.py", "helper.py", "misc.py", "common.py"}


def calls(folder: str, names: set[str]) -> Iterator[str]:
    for file in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
                yield f"{file.relative_to(ROOT)}:{node.lineno}"


def test_scoring_never_asks_what_time_it_is() -> None:
    assert list(calls("rating/scoring", CLOCKS)) == []


def test_services_and_queries_never_commit() -> None:
    below = [line for line in calls("rating", {"commit"}) if line.split(":")[0].endswith(("service.py", "queries.py"))]
    assert below == []


def test_a_file_is_named_for_its_subject() -> None:
    assert [file.name for file in (ROOT / "rating").rglob("*.py") if file.name in NAMELESS] == []
