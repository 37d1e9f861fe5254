"""Nothing stands in the product that only tests would call."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
OTHERS = ("templates", "static", "migrations", "benchmarks", "deploy", "wsgi.py", "Makefile", "pyproject.toml")
# Libraries call these by their names.
HOOKS = {
    "_query_count": "Flask-SQLAlchemy asks a list's page how many rows there are",
    "_query_items": "Flask-SQLAlchemy asks a list's page for its rows",
    "base_exceptions": "the limits' library asks its storage",
    "DatabaseStorage": "the limits' library finds it by its scheme",
    "fetch": "WeasyPrint asks for every address",
    "get_id": "Flask-Login names a session by it",
    "log_exception": "Flask tells of what nobody caught",
    "list_commands": "click asks a group for its commands",
    "process_bind_param": "SQLAlchemy writes a value",
    "process_result_value": "SQLAlchemy reads a value",
    "_deserialize": "marshmallow reads a value",
    "_serialize": "marshmallow writes a value",
}
DECORATED = re.compile(
    r"\b(bp|app|cli|event|job|limiter|listens_for)\b|_group\b|(template|before|after|teardown)_|post_load|validates"
)


def defined(tree: ast.AST) -> Iterator[str]:
    """Functions, methods and classes that nothing but their name leads to."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        by_library = any(DECORATED.search(ast.unparse(one)) for one in node.decorator_list)
        if not by_library and not node.name.startswith(("__", "validate_")) and node.name not in HOOKS:
            yield node.name


def mentioned(tree: ast.AST) -> Iterator[str]:
    """Every name that is read, and every word of a text that is no docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ""
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword):
            yield node.arg or ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"\w+", node.value)


def unmentioned(sources: Iterable[str], others: str = "") -> set[str]:
    trees = [ast.parse(source) for source in sources]
    said = {name for tree in trees for name in mentioned(tree)} | set(re.findall(r"\w+", others))
    return {name for tree in trees for name in defined(tree)} - said


def test_no_function_class_or_method_is_there_for_tests_alone() -> None:
    exported = ROOT / "rating/scoring/__init__.py"
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "rating").rglob("*.py") if file != exported]
    files = [file for name in OTHERS for file in [ROOT / name, *(ROOT / name).rglob("*")] if file.is_file()]
    others = " ".join(file.read_text(encoding="utf-8", errors="ignore") for file in files)
    assert unmentioned(sources, others) == set()


def test_what_only_its_own_docstring_names_is_noticed() -> None:
    source = 'def used():\n    "Not dead_one."\n\ndef dead_one():\n    pass\n\nused()\n'
    assert unmentioned([source]) == {"dead_one"}
