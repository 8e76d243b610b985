"""The components of the API's description that msgspec structs make: what is answered is described by its struct."""

from __future__ import annotations

from collections import Counter
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

import msgspec

from candor.scoring.activity import Activity
from candor.scoring.document import ScoreDocument

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = TypeVar("Kind", bound=msgspec.Struct)
_REFERENCE = "#/components/schemas/"
_AS_KEPT = (ScoreDocument, Activity)
"""Served or taken byte for byte: what has a default may be missing. Other answers have all fields that can be set."""


def fill(kind: type[Kind], kept: msgspec.Struct, **others: Any) -> Kind:
    """Make a struct of another kind from something kept: with the fields that are not given, which both have."""
    shared = {name: getattr(kept, name) for name in kind.__struct_fields__ if name not in others}
    return kind(**shared, **others)


def component_name(kind: Any) -> str:
    """Return what a struct is called in the description: JobResponse is Job, Page[JobResponse] is JobPage."""
    name: str = getattr(get_origin(kind) or kind, "__name__")  # noqa: B009 # mypy knows no name of Any
    return "".join(map(component_name, get_args(kind))) + name.removesuffix("Response")


def make_components(kinds: Iterable[Any]) -> dict[str, Any]:
    """Return the schemas of the structs, and of all that they are made of, by name."""
    kinds = tuple(kinds)
    references, schemas = msgspec.json.schema_components(kinds, ref_template="{name}")
    names = {reference["$ref"]: component_name(kind) for reference, kind in zip(references, kinds, strict=True)}
    _, as_kept = msgspec.json.schema_components(_AS_KEPT, ref_template="{name}")
    for name, schema in schemas.items():
        if name not in as_kept:
            _require(schema)
        schema["additionalProperties"] = False
        if name == Activity.__name__:  # fields of a record that are not known are counted, and ignored
            del schema["additionalProperties"]
        schema["description"] = cleandoc(schema.get("description", ""))
        schema["title"] = names.setdefault(name, name.removesuffix("Response"))
    called = Counter(names[name] for name in schemas)
    if twice := [name for name, times in called.items() if times > 1]:
        raise ValueError(f"several structs are called {', '.join(twice)} in the description: rename one")
    return {names[name]: _finished(schema, names) for name, schema in schemas.items()}


def _require(schema: dict[str, Any]) -> None:
    """Say that fields with a default are there."""
    always = {name for name, field in schema["properties"].items() if "default" in field} | {*schema["required"]}
    schema["required"] = [name for name in schema["properties"] if name in always]
    for field in schema["properties"].values():
        field.pop("default", None)


def _finished(part: Any, names: dict[str, str]) -> Any:
    """Have every reference lead to the component of that name, and say that a choice among texts is a text."""
    if isinstance(part, list):
        return [_finished(inner, names) for inner in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return part | {"$ref": f"{_REFERENCE}{names[part['$ref']]}"}
    return {
        **({"type": "string"} if "enum" in part else {}),
        **{key: _finished(inner, names) for key, inner in part.items()},
    }
