"""Reading a rulebook's YAML so that every fault can name its line, and nothing in it can be hidden or huge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from rating.errors import Invalid
from rating.rulebooks.faults import BadRulebook, Fault
from rating.wording import _l

DEEPEST = 20
LARGEST = 200 * 1024  # bytes


def read_yaml(text: str) -> tuple[Any, yaml.Node | None]:
    """The document and its nodes, which know their lines.

    Raises Invalid for what is not YAML or too large, and BadRulebook for duplicate keys and for references.
    """
    if len(text.encode(errors="replace")) > LARGEST:
        raise Invalid(_l("The file is larger than %(n)s KB.", n=LARGEST // 1024), field="file")
    try:
        loader = yaml.SafeLoader(text)
    except yaml.YAMLError as error:  # a character that YAML doesn't allow
        raise Invalid(_l("This is not a readable YAML file: %(why)s", why=str(error)), field="file") from error
    try:
        node = loader.get_single_node()
        if found := list(_odd(node, "", set(), 0)) if node is not None else []:
            raise BadRulebook(found)
        return (loader.construct_document(node) if node is not None else None), node
    except RecursionError as error:
        raise Invalid(_l("The file is nested too deeply."), field="file") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Invalid(
            _l("Line %(line)s is not readable as YAML: %(why)s", line=line, why=error.problem or error.context or ""),
            field="file",
        ) from error
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise Invalid(_l("This is not a readable YAML file: %(why)s", why=str(error)), field="file") from error
    finally:
        loader.dispose()


def _odd(node: yaml.Node, place: str, seen: set[int], depth: int) -> Iterator[Fault]:
    line = node.start_mark.line + 1
    if id(node) in seen:
        yield Fault(place, _l("References (& and *) are not taken; write the text out."), line)
        return
    seen.add(id(node))
    if depth > DEEPEST:
        yield Fault(place, _l("The file is nested too deeply."), line)
    elif isinstance(node, yaml.MappingNode):
        names: set[str] = set()
        for key, value in node.value:
            inner = f"{place}.{key.value}".lstrip(".") if isinstance(key, yaml.ScalarNode) else place
            if inner in names:
                yield Fault(inner, _l("This appears twice."), key.start_mark.line + 1)
            names.add(inner)
            yield from _odd(value, inner, seen, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _odd(value, f"{place}.{number}", seen, depth + 1)


def line_of(node: yaml.Node | None, place: str) -> int | None:
    """The line of a place such as 'residents.dimensions.0.key', or of what ought to contain it."""
    line = None
    for part in place.split("."):
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == part), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
        else:
            break
    return line
