"""Problem documents (RFC 9457): how what went wrong is raised, and said."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import msgspec
from flask import Response, request
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from candor.store.models import Problem
from service.context import request_id
from service.problem_kinds import BY_CODE, problem_type
from service.words import language_of, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.words import Words

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 100
RETRY_AFTER_S = "5"
_MOST_NAMED = 5


class Fault(Struct, frozen=True):
    """One thing that is wrong."""

    pointer: Annotated[
        str, Meta(description="JSON pointer (RFC 6901) to what is wrong: in the body, or `/name` of a parameter.")
    ]
    detail: Annotated[str, Meta(description="What is wrong with it.")]


class ProblemDocument(Problem, frozen=True, kw_only=True):
    """Every error is one of these (RFC 9457); its words are in French where `Accept-Language` prefers that."""

    request_id: Annotated[str, Meta(description="Tell the operator this; also in the header `X-Request-Id`.")]
    errors: Annotated[
        tuple[Fault, ...] | UnsetType, Meta(description="What exactly is wrong, at most a hundred entries.")
    ] = UNSET


@dataclass
class ProblemError(Exception):
    """Raised anywhere in the service; leaves as a problem document."""

    code: str
    detail: str
    errors: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def invalid(*errors: Fault) -> ProblemError:
    """Make the error for a request with values that are missing or invalid."""
    return ProblemError("invalid", f"Please correct {_named(errors)}.", errors)


def no_dataset(name: str, known: Iterable[str] = ()) -> str:
    """Say that the caller has no data set of that id: which of the `known` was meant, or where they are listed."""
    return _missing(f"there is no data set {name!r}", name, known, "/v1/datasets")


def no_trust_root(name: str, known: Iterable[str] = ()) -> str:
    """Say that the caller has no trust root of that id: which of the `known` was meant, or where they are listed."""
    return _missing(f"there is no trust root {name!r}", name, known, "/v1/trust-roots")


def _missing(said: str, name: str, known: Iterable[str], listed_at: str) -> str:
    near = get_close_matches(name, [*known], n=1)
    return f"{said}: did you mean {near[0]!r}?" if near else f"{said} (GET {listed_at} lists yours)"


def _named(errors: tuple[Fault, ...]) -> str:
    """Name the fields that are wrong, the first of many."""
    fields = list(dict.fromkeys(f"`{fault.pointer[1:]}`" if fault.pointer else "the request" for fault in errors))
    if len(fields) <= _MOST_NAMED:
        return ", ".join(fields)
    return f"{', '.join(fields[: _MOST_NAMED - 1])} and {len(fields) - _MOST_NAMED + 1} more"


def problem_document(code: str, detail: str, errors: Iterable[Fault], request_id: str) -> ProblemDocument:
    """Make the document of a problem; of many errors it has the first hundred."""
    kind = BY_CODE[code]
    return ProblemDocument(
        type=problem_type(code),
        title=kind.title,
        status=kind.status,
        detail=detail,
        code=code,
        request_id=request_id,
        errors=tuple(errors)[:MAX_ERRORS] or UNSET,
    )


def problem_response(error: ProblemError) -> Response:
    """Turn an error into an answer."""
    document = problem_document(error.code, error.detail, error.errors, request_id())
    spoken = _language()
    answer = Response(msgspec.json.encode(_said(document, spoken)), document.status, mimetype=MEDIA_TYPE)
    answer.headers.update({**error.headers, "Content-Language": spoken.language})
    answer.vary.add("Accept-Language")
    return answer


def _language() -> Words:
    """Return the words to answer in: programs are answered in their language, pages translate by themselves."""
    is_program = request.path.startswith("/v1/")
    return words(language_of(request.headers.get("Accept-Language") if is_program else None))


def _said(document: ProblemDocument, spoken: Words) -> ProblemDocument:
    """Return the document with its words in a language."""
    faults = [replace(fault, detail=spoken.translate(fault.detail)) for fault in document.errors or ()]
    said = {"title": spoken.translate(document.title), "detail": spoken.translate(document.detail)}
    return replace(document, errors=tuple(faults) or UNSET, **said)
