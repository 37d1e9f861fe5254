"""The catalogue of translations: `python -m tests.support.catalogue` names its faults, `… update` gathers new texts."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

ROOT = Path(__file__).parent.parent.parent
CATALOGUE = ROOT / "rating/translations/zh_Hans_CN/LC_MESSAGES/messages.po"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "_t": None, "ngettext": (1, 2), "_n": (1, 2)}
PLACE = re.compile(r"%\(\w+\)[sd]|%%")
METADATA = {
    "Project-Id-Version": "rating",
    "Language": "zh_Hans_CN",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


def texts() -> dict[str, str]:
    """Every text of the code and the templates, with its plural form ('' where it has none)."""
    with (ROOT / "rating/babel.cfg").open() as file:
        mapping, options = parse_mapping_cfg(file)
    found: dict[str, str] = {}
    for folder in ("rating", "templates"):
        inside = [(re.sub(f"^{folder}/", "", pattern), how) for pattern, how in mapping if pattern.startswith(folder)]
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, inside, {re.sub(f"^{folder}/", "", key): value for key, value in options.items()}, KEYWORDS
        ):
            one, many = message if isinstance(message, tuple) else (message, "")
            found[one] = many or found.get(one, "")
    return found


def faults() -> Iterator[str]:
    """What keeps the catalogue from being whole: texts without translation, leftovers, places that differ."""
    wanted = texts()
    catalogue = {entry.msgid: entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete}
    yield from (f"not in the catalogue: {text!r}" for text in sorted(wanted.keys() - catalogue.keys()))
    yield from (f"no longer used: {text!r}" for text in sorted(catalogue.keys() - wanted.keys()))
    for entry in catalogue.values():
        said = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if entry.fuzzy or not said or not all(said):
            yield f"not translated: {entry.msgid!r}"
        places = set(PLACE.findall(entry.msgid)) | set(PLACE.findall(entry.msgid_plural or ""))
        for text in filter(None, said):
            if set(PLACE.findall(text)) != places:
                yield f"places differ: {entry.msgid!r} and {text!r}"


def update() -> None:
    """Write the catalogue anew from the texts in use, with the translations that are known."""
    known = {entry.msgid: entry for entry in polib.pofile(str(CATALOGUE))} if CATALOGUE.exists() else {}
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = METADATA
    for text, plural in sorted(texts().items()):
        entry = polib.POEntry(
            msgid=text, msgid_plural=plural, flags=["python-format"] if Message(text).python_format else []
        )
        old = known.get(text)
        if plural:
            entry.msgstr_plural = {0: (old.msgstr_plural.get(0) or old.msgstr) if old else ""}
        else:
            entry.msgstr = old.msgstr if old else ""
        catalogue.append(entry)
    catalogue.save(str(CATALOGUE))


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    found = list(faults())
    print("\n".join(found) or "translations: complete")  # noqa: T201  # a command's output
    sys.exit(bool(found))
