"""compose.yaml as its engine reads it: anchors resolved, variables filled in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = Path(__file__).parents[1] / "compose.yaml"
CONTACT = {"CANDOR_OPERATOR_CONTACT": "ops@example.org"}
"""The one variable that has to be given."""
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^${}]*))?\}")


def compose(variables: Mapping[str, str] = CONTACT) -> dict[str, Any]:
    """Return compose.yaml with the variables filled in. Raises KeyError for one that has to be given and is not."""
    found: dict[str, Any] = _filled_in(yaml.safe_load(PATH.read_text("utf-8")), variables)
    return found


def _filled_in(part: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(part, dict):
        return {name: _filled_in(inner, variables) for name, inner in part.items()}
    if isinstance(part, list):
        return [_filled_in(inner, variables) for inner in part]
    while isinstance(part, str) and _VARIABLE.search(part):  # one may stand in the default of another
        part = _VARIABLE.sub(lambda found: _value(found, variables), part)
    return part


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name, kind, words = found.groups()
    if variables.get(name):
        return variables[name]
    if kind != "-":
        raise KeyError(f"{name}: {words}")
    return words
