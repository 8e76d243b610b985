"""Trust roots: whose word counts, declared by the caller."""

from __future__ import annotations

import re
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store.scores import etag_of
from candor.store.storage import DamagedFileError
from candor.store.trust_roots import TrustRootFacts
from service.auth import owner
from service.components import fill
from service.context import context
from service.http import match_checker, tagged
from service.job_inputs import pointers, reject_suppressed
from service.missing_accounts import named_missing
from service.paging import Listed, Page, page_of
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.sample import find_root, keep_sample, refuse_change
from service.schemas.base import SLUG, PageQuerySchema
from service.schemas.parameters import ETAG_HEADER, IF_MATCH, IF_NEW, IF_NONE_MATCH
from service.schemas.trust_roots import ROOT_BODY_EXAMPLE, TrustRootBodySchema, make_root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

    from candor.store.sealed import Check

MOST_LOOKED_THROUGH = 20  # data sets
resource = Resource("trust-roots", "Whose word counts. Without a root there is no expertise number.")


class TrustRootResponse(TrustRoot, frozen=True, kw_only=True):
    """A trust root."""

    id: Annotated[str, Meta(description="Its id.")]
    size: Annotated[int, Meta(description="How many accounts it names; 0 for a list.")]
    digest: Annotated[str, Meta(description="Digest of what it says; it is in every score made with it.")]


class WrittenTrustRootResponse(TrustRootResponse, frozen=True, kw_only=True):
    """A trust root that was just kept, and where the accounts it names occur."""

    seen: Annotated[
        dict[str, int] | None,
        Meta(
            description="How many of the accounts named occur in each of your data sets of this network, of the "
            f"{MOST_LOOKED_THROUGH} made last; null where the root names no accounts. If a data set that should have "
            "all of them has few, look whether they are written as its records write them."
        ),
    ]
    note: Annotated[
        str | None,
        Meta(
            description="Which of the accounts do not occur in the data set that has most of them, up to five, and "
            "what is written much like each there; null where all do, or there is no such data set."
        ),
    ]


_EXAMPLE = TrustRootResponse(
    id="brewers",
    kind="accounts",
    network="custom:beer",
    accounts=(RootAccount(account="p1"),),
    size=1,
    digest="sha256:8a02…",
)
_WRITTEN = fill(WrittenTrustRootResponse, _EXAMPLE, seen={"beer": 1}, note=None)
_FACTS = fill(TrustRootFacts, _EXAMPLE)
RESERVED = ("network", "none")


@resource.operation("GET", "/v1/trust-roots", scope="read", problems=("invalid",))
@resource.query(PageQuerySchema)
@resource.response(200, Page[TrustRootFacts], description="Your trust roots, by id.", example=Page(data=[_FACTS]))
def list_trust_roots(query: dict[str, Any]) -> Listed[TrustRootFacts]:
    """List your trust roots, and the built-in `sample`; each says at its own address whom it names."""
    keep_sample()
    return page_of(context().store.trust_roots.facts(owner()), lambda root: root.id, query, lambda root: root)


@resource.operation(
    "GET",
    "/v1/trust-roots/<root_id>",
    scope="read",
    problems=("not_found", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
)
@resource.response(200, TrustRootResponse, description="The trust root.", example=_EXAMPLE, headers=ETAG_HEADER)
@resource.other_response(304, description="You have it already.", headers=ETAG_HEADER)
def read_trust_root(root_id: str) -> Response:
    """Read a trust root."""
    root = find_root(root_id)
    if root is None:
        raise unknown_root(root_id)
    return tagged(_bytes(root))


@resource.operation(
    "PUT",
    "/v1/trust-roots/<root_id>",
    scope="write",
    problems=("precondition_failed", "too_large", "unsupported_media_type", "invalid", "timeout", "built_in"),
    parameters=[IF_MATCH, IF_NEW],
)
@resource.body(TrustRootBodySchema, example=ROOT_BODY_EXAMPLE)
@resource.response(
    200, WrittenTrustRootResponse, description="The root was replaced.", example=_WRITTEN, headers=ETAG_HEADER
)
@resource.other_response(
    201, WrittenTrustRootResponse, description="The root was made.", example=_WRITTEN, headers=ETAG_HEADER
)
def write_trust_root(given: dict[str, Any], root_id: str) -> Response:
    """Make or replace a trust root, and count where its accounts occur. Scores made before keep the root as it was."""
    root, is_new = keep_root(root_id, given, _check_match)
    found = _found(root)
    seen = None if found is None else {dataset: len(accounts) for dataset, accounts in found.items()}
    written = fill(WrittenTrustRootResponse, _response(root), seen=seen, note=_absent(root, found or {}))
    return tagged(msgspec.json.encode(written), etag_of(_bytes(root)), status=201 if is_new else 200)


def _found(root: TrustRoot) -> dict[str, set[str]] | None:
    """Find the accounts of a root in each data set of the caller's that is of its network; damaged ones left out."""
    if root.kind != "accounts":
        return None
    store, named = context().store, {each.account for each in root.accounts}
    there = [each for each in store.datasets.all_of(owner()) if each.network == root.network]
    there.sort(key=lambda dataset: dataset.created_at, reverse=True)
    found = {}
    for dataset in there[:MOST_LOOKED_THROUGH]:
        with suppress(LookupError, DamagedFileError):
            found[dataset.id] = store.datasets.people_among(owner(), dataset.id, named)
    return found


def _absent(root: TrustRoot, found: Mapping[str, set[str]]) -> str | None:
    """Say which accounts of a root the data set does not have that has most, and what is written much like them."""
    dataset = max(found, key=lambda each: len(found[each]), default=None)
    if dataset is None:
        return None
    named = named_missing(owner(), dataset, [each.account for each in root.accounts], found[dataset])
    absent = len(root.accounts) - len(found[dataset])
    return named and f"Not in the records of {dataset!r}: {absent} of {len(root.accounts)} accounts: {named}."


def keep_root(root_id: str, given: dict[str, Any], check: Check[TrustRoot]) -> tuple[TrustRoot, bool]:
    """Keep a trust root, and say whether it is new; `check` is asked about the one that is there, and may raise.

    Raises ProblemError for an id that cannot be, and where somebody named is suppressed.
    """
    refuse_change(root_id)
    if root_id in RESERVED or len(root_id) > 200 or not re.fullmatch(SLUG, root_id):
        detail = "an id is a slug of at most 200 characters (a-z, 0-9, joined by - _ .), and neither network nor none"
        raise invalid(Fault("/root_id", detail))
    root = make_root(given, root_id)
    if root.network is not None:
        reject_suppressed(root.network, pointers("/accounts", (account.account for account in root.accounts)))
    return root, context().store.trust_roots.put(owner(), root_id, root, check)


@resource.operation(
    "DELETE",
    "/v1/trust-roots/<root_id>",
    scope="write",
    problems=("not_found", "precondition_failed", "built_in"),
    parameters=[IF_MATCH],
)
@resource.response(204, description="The root is gone.")
def delete_trust_root(root_id: str) -> None:
    """Delete a trust root. Scores made before stay."""
    refuse_change(root_id)
    if not context().store.trust_roots.delete(owner(), root_id, _check_match):
        raise unknown_root(root_id)


def unknown_root(root_id: str) -> ProblemError:
    """Make the error for a trust root that the caller does not have; it says which may have been meant."""
    near = get_close_matches(root_id, [str(each.id) for each in context().store.trust_roots.facts(owner())], n=1)
    if near:
        return ProblemError("not_found", f"You have no trust root {root_id!r}: did you mean {near[0]!r}?")
    return ProblemError("not_found", f"You have no trust root {root_id!r}.")


def _response(root: TrustRoot) -> TrustRootResponse:
    return fill(TrustRootResponse, root)


def _bytes(root: TrustRoot) -> bytes:
    return msgspec.json.encode(_response(root))


_check_match = match_checker(_bytes)
