"""What can be wrong with a request is said in French too: every message that the code knows, collected from it."""

from __future__ import annotations

import ast
import itertools
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import marshmallow as ma
import pytest
from marshmallow import validate

import candor
import service
from candor.names import accounts, social_accounts, work_accounts
from candor.names.followed import PARTS
from service.api import questions, webhooks  # noqa: F401 # for the schemas that they bring
from service.description import RESOURCES  # noqa: F401 # as above
from service.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGE_AT = {"ValidationError": 0, "Fault": 1, "ProblemError": 1, "UnknownNetworkError": 0, "UnknownAccountError": 0}
OURS = [
    *(path for path in Path(service.__file__).parent.rglob("*.py") if "commands" not in path.parts),
    *Path(candor.__file__).parent.joinpath("names").glob("*.py"),
]
OF_OTHERS = {"x.", "x"}  # nothing but what another message says


def written(node: ast.expr, names: dict[str, list[ast.expr]]) -> Iterator[str]:
    """Yield what an expression can say; whatever is filled in is x."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from map("".join, itertools.product(*(list(part_of(part, names)) for part in node.values)))
    elif isinstance(node, ast.IfExp):
        yield from (*written(node.body, names), *written(node.orelse, names))
    elif isinstance(node, ast.List):
        yield from itertools.chain.from_iterable(written(each, names) for each in node.elts)
    elif isinstance(node, ast.Name):
        yield from itertools.chain.from_iterable(written(each, {}) for each in names.get(node.id, ()))


def part_of(part: ast.expr, names: dict[str, list[ast.expr]]) -> Iterator[str]:
    """Yield what stands at one place of a text."""
    if isinstance(part, ast.FormattedValue):
        chosen = list(written(part.value, {})) if isinstance(part.value, ast.IfExp) else []
        yield from chosen or ["x"]
    else:
        yield from written(part, names)


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """What a file is made of, found once for all that look through it."""
    return tuple(ast.walk(ast.parse(path.read_text())))


def raised(path: Path, message_at: dict[str, int] = MESSAGE_AT) -> Iterator[str]:
    """Yield the messages of a file's errors, which stand at a place of the call by its name: those of requests."""
    names: dict[str, list[ast.expr]] = {}
    for node in nodes_of(path):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names.setdefault(node.targets[0].id, []).append(node.value)
    for node in nodes_of(path):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = message_at.get(called)
            if place is not None and len(node.args) > place:
                yield from written(node.args[place], names)


def schemas(above: type[ma.Schema] = ma.Schema) -> Iterator[type[ma.Schema]]:
    """Yield every schema of requests."""
    for schema in above.__subclasses__():
        if schema.__module__.startswith("service."):
            yield schema
        yield from schemas(schema)


def of_field(field: ma.fields.Field) -> Iterator[str]:
    """Yield what marshmallow says where a field is wrong."""
    yield from field.error_messages.values()
    for rule in field.validators:
        if isinstance(rule, validate.OneOf):
            yield rule.error.format(input="x", choices="x", labels="x")
        if isinstance(rule, validate.Range):
            both = rule.min is not None and rule.max is not None
            said = rule.message_all if both else rule.message_min if rule.max is None else rule.message_max
            yield (rule.error or said).format(input="x", min="x", max="x")
        if isinstance(rule, validate.Length):
            yield rule.message_all.format(input="x", min="x", max="x", equal="x")
    for inner in ("inner", "key_field", "value_field"):
        if isinstance(getattr(field, inner, None), ma.fields.Field):
            yield from of_field(getattr(field, inner))


def test_what_we_refuse_is_said_in_french():
    messages = sorted({text for path in OURS for text in raised(path)} - OF_OTHERS)
    assert len(messages) > 120
    assert [each for each in messages if words("fr").translate(each) == each] == [], "for service/words/errors_fr.toml"


def test_what_marshmallow_says_of_a_field_is_said_in_french():
    of_fields = {text for schema in schemas() for field in schema().fields.values() for text in of_field(field)}
    messages = sorted(of_fields | {text for schema in schemas() for text in schema().error_messages.values()})
    assert len(messages) > 20
    untold = [message for message in messages if words("fr").translate(message) == message]
    assert untold == [], "say it in French, in service/words/errors_fr.toml"


@pytest.mark.parametrize("expected", [part.expected for parts in PARTS.values() for part in parts.values()])
def test_how_a_part_of_a_network_is_written_is_said_in_french(expected):
    assert words("fr").translate(f"not {expected}") != f"not {expected}"


EXPECTED = [
    value
    for module in (accounts, social_accounts, work_accounts)
    for name, value in vars(module).items()
    if name.endswith("_EXPECTED")
]


@pytest.mark.parametrize("expected", EXPECTED)
def test_how_an_account_is_written_is_said_in_french(expected):
    said = words("fr").translate(expected)
    assert said != expected
    assert " or " not in said
