"""What the import contracts can't say about the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
CLOCKS = {"now", "today", "utcnow", "fromtimestamp"}
ROLES = {"models", "queries", "service", "schemas", "forms", "views", "wording", "commands"}
RANK = {"models": 0, "queries": 1, "service": 2, "wording": 3, "forms": 3, "schemas": 3, "views": 4, "commands": 4}
NO_ROOMS = {"scoring", "server", "storage", "tries", "web", "workbooks", "demo"}
WEB = re.compile(
    r"(flask\w*|werkzeug|wtforms)(\.|$)"
    r"|rating\.web\.(access|addresses|caching|downloads|errors|fields|language|paging|request)"
)
# Each with its reason.
READ_SCHEMAS = {
    ("results/service.py", "rating.results.schemas"): "what is frozen is what is published of it, byte for byte",
    ("registry/imports/service.py", "rating.registry.schemas"): "a row of a file is what its schema makes of it",
    ("rulebooks/models.py", "rating.rulebooks.schemas"): "the model keeps the file, whose form the schemas are",
    ("rulebooks/service.py", "rating.rulebooks.schemas"): "loading a file is reading it by its schemas",
}
COMMIT_THEMSELVES = {
    "accounts/watching.py": "what a sign-in leaves behind is written after its answer is made, whatever that was",
    "jobs/working.py": "a worker has no view: each step of a job is committed where it ends",
}
KNOW_THE_WEB = {
    "accounts/models.py": "a user is Flask-Security's user",
    "accounts/passwords.py": "a password is judged by Flask-Security's own check",
    "accounts/security.py": "sets Flask-Security up",
    "accounts/service.py": "passwords are hashed as Flask-Security will check them",
    "accounts/sessions.py": "is the session that Flask opens with each request",
    "accounts/watching.py": "hears Flask-Security's signals",
    "cases/prefill.py": "is what a form begins with, in the page's language",
    "daysoff/current.py": "asks whether an application is there to have notices",
    "evaluations/checking.py": "puts what is wrong beside the fields of a form",
    "evaluations/page_cache.py": "draws pages from templates",
    "evaluations/tickets.py": "signs a cookie",
    "jobs/working.py": "runs a job within the application's context, by its clock",
    "rounds/posters.py": "a job draws the pages of a file from templates",
    "sheets/deductions.py": "reads the fields and files that a form sent",
    "upkeep/service.py": "a copy is taken of the application's own data folder",
}
NAMELESS = {"utils.py", "util.py", "helpers.py", "helper.py", "misc.py", "common.py"}


def calls(folder: str, names: set[str]) -> Iterator[str]:
    for file in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
                yield f"{file.relative_to(ROOT)}:{node.lineno}"


def test_scoring_never_asks_what_time_it_is() -> None:
    assert list(calls("rating/scoring", CLOCKS)) == []


def room_files() -> Iterator[Path]:
    """The files of all rooms that read and write rows; the others are below the web, or are the web."""
    for file in sorted((ROOT / "rating").rglob("*.py")):
        place = file.relative_to(ROOT / "rating").parts
        if len(place) > 1 and place[0] not in NO_ROOMS and file.name != "__init__.py":
            yield file


def role_of(file: Path) -> str:
    """Its name or the name's last word; a file without a role says what it computes, and obeys what services obey."""
    last = file.stem.rpartition("_")[2]
    return last if last in ROLES else "service"


def imports_of(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    found = {one.name for node in nodes if isinstance(node, ast.Import) for one in node.names}
    return found | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def place_of(file: Path) -> str:
    return file.relative_to(ROOT / "rating").as_posix()


def test_inside_a_room_views_know_forms_forms_the_service_and_none_the_other_way() -> None:
    """Also where a role is parted by subject (talk_service, queue_views); who has no role may be used by all."""
    backward = set()
    for file in room_files():
        room = f"rating.{place_of(file).partition('/')[0]}."
        for name in imports_of(file):
            used = ROOT / f"{name.replace('.', '/')}.py"
            if (
                name.startswith(room)
                and is_named(file)
                and is_named(used)
                and RANK[role_of(used)] > RANK[role_of(file)]
            ):
                backward.add((place_of(file), name))
    assert backward == READ_SCHEMAS.keys()


def is_named(file: Path) -> bool:
    return file.stem.rpartition("_")[2] in ROLES


def test_nothing_commits_but_views_and_commands() -> None:
    committing = {line.split(":")[0].removeprefix("rating/") for line in calls("rating", {"commit"})}
    below = {place_of(file) for file in room_files() if role_of(file) not in {"views", "commands"}}
    assert committing & below == COMMIT_THEMSELVES.keys()


def test_nothing_below_views_forms_and_wording_knows_the_web() -> None:
    below = [file for file in room_files() if role_of(file) not in {"views", "forms", "commands", "wording"}]
    knowing = {place_of(file) for file in below if any(WEB.match(name) for name in imports_of(file))}
    assert knowing == KNOW_THE_WEB.keys()


def test_a_file_is_named_for_its_subject() -> None:
    assert [file.name for file in (ROOT / "rating").rglob("*.py") if file.name in NAMELESS] == []


def test_style_sheets_have_one_declaration_a_line() -> None:
    crowded = {
        f"{path.name}:{number}"
        for path in (ROOT / "static" / "css").glob("*.css")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(re.findall(r";|\{|\}", re.sub(r'"[^"]*"', "", line))) > 1
    }
    assert crowded == set()


def test_a_sentence_is_made_by_one_of_three_names_each_with_one_meaning() -> None:
    """`_` translates at once, `_t` when it is shown, `_l` makes a Message for whoever tells it (rating.wording)."""
    meanings = {
        (one.asname or one.name, f"{node.module}.{one.name}")
        for file in (ROOT / "rating").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for one in node.names
        if re.fullmatch(r"_[a-z]?|lazy_gettext|gettext", one.asname or one.name)
    }
    assert meanings == {
        ("_", "flask_babel.gettext"), ("gettext", "flask_babel.gettext"), ("_t", "flask_babel.lazy_gettext"),
        ("_l", "rating.wording._l"),
    }  # fmt: skip
