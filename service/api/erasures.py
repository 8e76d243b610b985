"""Erasures: take an account out of everything, suppress it, and follow the work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace
from werkzeug.exceptions import MethodNotAllowed

from candor.scoring.activity import Instant
from candor.store.models import ErasureStatus, Problem
from service.api.jobs import POLL_AFTER_S
from service.auth import may, owner
from service.components import fill
from service.context import context
from service.http import written_path
from service.job_inputs import named
from service.problems import ProblemError
from service.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from candor.store.erasure import Erasure

resource = Resource("erasures", "Accounts that are to be erased, and suppressed.")

_HEADERS = {
    "Location": {"description": "Where the erasure is.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds after which to look again.", "schema": {"type": "integer"}},
}
_MOST_ALIKE = 10
_LISTS = (
    "/scores",
    "/history",
    "/messages",
    "/questions",
    "/topics",
)  # what belongs to an account; an id that ends so has its slash percent-encoded


class ErasureUrls(Struct, frozen=True, kw_only=True):
    """Where the erasure is."""

    self: Annotated[str, Meta(description="Its own address.")]


class ErasureResponse(Struct, frozen=True, kw_only=True):
    """An erasure: how far it is and what was changed. It does not say of whom."""

    id: Annotated[str, Meta(description="Its id.")]
    status: Annotated[ErasureStatus, Meta(description="queued, running, waiting, succeeded or failed.")]
    created_at: Annotated[Instant, Meta(description="When it was asked for; the account is suppressed from then on.")]
    finished_at: Annotated[Instant | None, Meta(description="When it ended, or null.")]
    erased: Annotated[
        dict[str, int],
        Meta(
            description="How much was changed so far: the account's own score `documents` deleted, those of others "
            "`redacted`; the `histories` of its scores and the `disputes`; the `boards`, `datasets`, `jobs` and "
            "`trust_roots` it was taken out of; the `sources` that data sets follow, `followed_boards` and "
            "`dataset_examples` that named it; the `vouches`, the `cached_responses` of networks and the "
            "`idempotent_responses` kept for repeated requests, forgotten; and what was `damaged` and deleted, as "
            "nobody could tell whether the account was in it."
        ),
    ]
    waits_for: Annotated[
        str | None,
        Meta(
            description="Why it goes on later, while the status is waiting. Either the storage of data sets does not "
            "answer; or the account's network could not yet be asked by which other names the account goes, and what "
            "is kept under the names known is erased by then. Null otherwise."
        ),
    ]
    error: Annotated[Problem | None, Meta(description="Why it failed, or null.")]
    note: Annotated[
        str | None,
        Meta(
            description="When it is asked for: which accounts of your data sets are written much like it, or call "
            "themselves so, and are left as they are. Later how many these are, and where nothing was kept of the "
            "account itself, that. Null otherwise; a key that may not read is told of no other accounts."
        ),
    ]
    urls: Annotated[ErasureUrls, Meta(description="Addresses that belong to it.")]


_EXAMPLE = ErasureResponse(
    id="er_8c1f0d6e5b3a49d2",
    status="succeeded",
    created_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
    finished_at=datetime(2026, 11, 1, 9, 0, 2, tzinfo=UTC),
    erased={
        "documents": 3,
        "redacted": 41,
        "histories": 3,
        "disputes": 0,
        "boards": 2,
        "datasets": 1,
        "jobs": 3,
        "trust_roots": 0,
        "account_kinds": 0,
        "vouches": 12,
        "cached_responses": 0,
        "idempotent_responses": 0,
    },
    waits_for=None,
    error=None,
    note=None,
    urls=ErasureUrls(self="/v1/erasures/er_8c1f0d6e5b3a49d2"),
)
_QUEUED = replace(_EXAMPLE, status="queued", finished_at=None, erased={})


@resource.operation(
    "DELETE",
    "/v1/accounts/<network>/<anything:account>",
    scope="erase",
    problems=("invalid",),
)
@resource.response(
    202, ErasureResponse, description="It is suppressed, and will be erased.", example=_QUEUED, headers=_HEADERS
)
def erase_account(network: str, account: str) -> tuple[ErasureResponse, int, dict[str, str]]:
    """Erase an account from everything of yours, and suppress it in this service.

    Its score documents, its rows on boards, its records and what was done to it go; in the evidence of others its name
    and links become `erased`, and their numbers stay. From now on nobody can ask about it here, and its records are
    dropped wherever they are brought. The answer is the same whether anything was known of it or not.
    Case, accents and signs in a name that people chose count: `note` says who is written much like it. An @ before it
    does not.
    """
    if "/" in account and written_path().endswith(_LISTS):
        raise MethodNotAllowed(["GET"])
    whose = named(network, account)
    alike = context().store.datasets.written_alike(whose.network, whose.account, owner()) if may("read") else []
    erasure = context().store.erasures.create(owner(), whose.network, whose.account, left_alike=len(alike))
    return _response(erasure, _left(alike)), 202, {"Location": _address(erasure.id), "Retry-After": POLL_AFTER_S}


@resource.operation("GET", "/v1/erasures/<erasure_id>", scope="erase", problems=("not_found",))
@resource.response(
    200,
    ErasureResponse,
    description="The erasure.",
    example=_EXAMPLE,
    headers={"Retry-After": _HEADERS["Retry-After"]},
)
def read_erasure(erasure_id: str) -> tuple[ErasureResponse, dict[str, str]]:
    """Follow an erasure.

    It ends once the jobs have that were running when it was asked for, and its network has said by which other names
    the account goes; where that cannot be asked for as long as jobs are kept, it fails and says so.
    """
    erasure = context().store.erasures.get(owner(), erasure_id)
    if erasure is None:
        raise ProblemError("not_found", "There is no such erasure, or it is no longer kept.")
    return _response(erasure, _note(erasure)), {} if erasure.ended else {"Retry-After": POLL_AFTER_S}


def _left(alike: Sequence[str]) -> str | None:
    listed = ", ".join(f'"{each}"' for each in alike[:_MOST_ALIKE])
    return f"Left as they are, though written alike or called so: {listed}." if alike else None


def _note(erasure: Erasure) -> str | None:
    """Say what of an erasure its counts do not: that nobody of that name was here, and how many of similar ones are."""
    nothing = erasure.status == "succeeded" and not any(erasure.erased.values())
    left = erasure.left_alike
    said = (
        "Nothing was kept of an account of this name." if nothing else "",
        f"Accounts written alike or called so, which were left as they are: {left}. The answer to the request named "
        "them; asking for it again names them once more."
        if left
        else "",
    )
    return " ".join(filter(None, said)) or None


def _address(erasure_id: str) -> str:
    return f"/v1/erasures/{erasure_id}"


def _response(erasure: Erasure, note: str | None = None) -> ErasureResponse:
    return fill(ErasureResponse, erasure, note=note, urls=ErasureUrls(self=_address(erasure.id)))
