"""Erasures: take an account out of everything, suppress it, and follow the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import MethodNotAllowed

from service.account_names import named
from service.auth import owner
from service.context import context
from service.http import written_path
from service.problems import ProblemError, stored_problem
from service.resource import Resource
from service.schemas.erasures import ERASURE_EXAMPLE, ErasureSchema

if TYPE_CHECKING:
    from candor.store.erasure import Erasure

resource = Resource("erasures", "Accounts that are to be erased, and suppressed.")

_POLL_AFTER_S = "1"
_HEADERS = {
    "Location": {"description": "Where the erasure is.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds after which to look again.", "schema": {"type": "integer"}},
}
_LISTS = ("/scores", "/history")  # what belongs to an account; an id that ends so has its slash percent-encoded
_QUEUED = ERASURE_EXAMPLE | {"status": "queued", "finished_at": None, "erased": {}}


@resource.operation(
    "DELETE",
    "/v1/accounts/<network>/<anything:account>",
    scope="erase",
    problems=("invalid",),
)
@resource.response(
    202, ErasureSchema, description="It is suppressed, and will be erased.", example=_QUEUED, headers=_HEADERS
)
def erase_account(network: str, account: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Erase an account from everything of yours, and suppress it in this service.

    Its score documents, its rows on boards, its records and what was done to it go; in the evidence of others its name
    and links become `erased`, and their numbers stay. From now on nobody can ask about it here, and its records are
    dropped wherever they are brought. The answer is the same whether anything was known of it or not.
    """
    if "/" in account and written_path().endswith(_LISTS):
        raise MethodNotAllowed(["GET"])
    whose = named(network, account)
    erasure = context().store.erasures.create(owner(), whose.network, whose.account)
    return _show(erasure), 202, {"Location": _address(erasure.id), "Retry-After": _POLL_AFTER_S}


@resource.operation("GET", "/v1/erasures/<erasure_id>", scope="erase", problems=("not_found",))
@resource.response(
    200,
    ErasureSchema,
    description="The erasure.",
    example=ERASURE_EXAMPLE,
    headers={"Retry-After": _HEADERS["Retry-After"]},
)
def read_erasure(erasure_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Follow an erasure. It ends once the jobs have that were running when it was asked for."""
    erasure = context().store.erasures.get(owner(), erasure_id)
    if erasure is None:
        raise ProblemError("not_found", "There is no such erasure, or it is no longer kept.")
    return _show(erasure), {} if erasure.ended else {"Retry-After": _POLL_AFTER_S}


def _address(erasure_id: str) -> str:
    return f"/v1/erasures/{erasure_id}"


def _show(erasure: Erasure) -> dict[str, Any]:
    return {
        **{name: getattr(erasure, name) for name in ("id", "status", "created_at", "finished_at", "erased")},
        "error": stored_problem(erasure.error),
        "urls": {"self": _address(erasure.id)},
    }
