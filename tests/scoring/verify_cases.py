"""Documents to verify, as decoded JSON, and every number in them."""

from __future__ import annotations

import copy
import functools
import json
from typing import TYPE_CHECKING, Any

from golden.communities import COMMUNITIES
from golden.documents import scored

from candor.scoring.document import ScoreDocument, encode
from candor.scoring.method import load_method
from candor.scoring.seals import brief
from candor.scoring.trust_root import FACE_VALUE, NO_ROOT
from candor.scoring.verify.points import FORMULAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Json = dict[str, Any]
Path = tuple[str | int, ...]


@functools.cache
def _documents() -> dict[str, ScoreDocument]:
    roots = {"": {}, " at face value": {"trust_root": FACE_VALUE}, " without a root": {"trust_root": NO_ROOT}}
    return {
        f"{profile} {document.account.account}{name}": document
        for profile in COMMUNITIES
        for name, root in roots.items()
        for document in scored(profile, **root)
    }


FULL = tuple(_documents())


def full(name: str) -> Json:
    return json.loads(encode(_documents()[name]))


def short(name: str) -> Json:
    return json.loads(encode(brief(_documents()[name])))


def recomputed(name: str) -> bool:
    """Whether verify knows how every feature of the profile is measured; another test names those it does not."""
    return set(load_method().profiles[name.split(maxsplit=1)[0]].expertise) <= set(FORMULAS)


def numbers(part: Any, path: Path = ()) -> Iterator[Path]:
    """The path to each number, null left out."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from numbers(value, (*path, name))
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from numbers(value, (*path, index))
    elif isinstance(part, (int, float)) and not isinstance(part, bool):
        yield path


def pointer(path: Iterable[str | int]) -> str:
    return "".join(f"/{step}" for step in path)


def value_at(document: Json, path: Path) -> Any:
    part: Any = document
    for step in path:
        part = part[step]
    return part


def changed(document: Json, path: Path, value: Any) -> Json:
    """The document with one value changed."""
    other = copy.copy(document)
    part: Any = other
    for step in path[:-1]:
        part[step] = copy.copy(part[step])
        part = part[step]
    part[path[-1]] = value
    return other
