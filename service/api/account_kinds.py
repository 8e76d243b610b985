"""Account kinds: what the operator, or the person behind it, says an account is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

import marshmallow as ma
import msgspec
from marshmallow import fields, validate

from candor.scoring.activity import AccountKind
from candor.store.account_kinds import MOST_WHY, AccountKindRecord, SaidBy
from service.auth import owner
from service.context import context
from service.etags import tagged
from service.job_inputs import named, reject_suppressed
from service.paging import Listed, Page, page_of
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.base import PageQuerySchema, text
from service.schemas.parameters import ETAG_HEADER, IF_NONE_MATCH

if TYPE_CHECKING:
    from flask import Response

resource = Resource("account kinds", "What accounts are by your word: people, organisations or bots.")

_ADDRESS = "/v1/accounts/<network>/<anything:account>/kind"
_EXAMPLE = AccountKindRecord(
    network="mastodon",
    account="@agency@example.social",
    kind="organisation",
    said_by="operator",
    why="its profile says that a press office writes it",
    at=datetime(2026, 11, 2, 9, tzinfo=UTC),
)


class KindBodySchema(ma.Schema):
    """What an account is."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(get_args(AccountKind)),
        metadata={"description": "person, organisation or bot; unknown takes the word of nobody."},
    )
    said_by = fields.String(
        load_default="operator",
        validate=validate.OneOf(get_args(SaidBy)),
        metadata={"description": "operator, or person where whoever is behind the account has said so."},
    )
    why = text("By what it is known, in words. Documents show it.", most=MOST_WHY, required=True)


@resource.operation(
    "PUT",
    _ADDRESS,
    scope="admin",
    problems=("suppressed", "too_large", "unsupported_media_type", "invalid", "timeout"),
)
@resource.body(KindBodySchema, example={"kind": "organisation", "said_by": "operator", "why": _EXAMPLE.why})
@resource.response(
    200, AccountKindRecord, description="It is on record instead.", example=_EXAMPLE, headers=ETAG_HEADER
)
@resource.other_response(201, AccountKindRecord, description="It is on record.", example=_EXAMPLE, headers=ETAG_HEADER)
def write_account_kind(given: dict[str, Any], network: str, account: str) -> Response:
    """Say what an account is, in place of what its network or the records say.

    The next document and board of yours take it, with the reason; those made before stay. The person can dispute it
    with you: their word goes here as well.
    """
    whose = named(network, account)
    reject_suppressed(whose.network, {"/account": whose.account})
    record = AccountKindRecord(network=whose.network, account=whose.account, at=context().now(), **given)
    is_new = context().store.account_kinds.put(owner(), record)
    return tagged(msgspec.json.encode(record), status=201 if is_new else 200)


@resource.operation(
    "GET",
    _ADDRESS,
    scope="read",
    problems=("not_found", "invalid", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
)
@resource.response(200, AccountKindRecord, description="What is on record.", example=_EXAMPLE, headers=ETAG_HEADER)
@resource.other_response(304, description="You have it already.", headers=ETAG_HEADER)
def read_account_kind(network: str, account: str) -> Response:
    """Read what you have put on record of an account."""
    whose = named(network, account)
    record = context().store.account_kinds.get(owner(), whose.network, whose.account)
    if record is None:
        raise _nothing()
    return tagged(msgspec.json.encode(record))


@resource.operation("DELETE", _ADDRESS, scope="admin", problems=("not_found", "invalid"))
@resource.response(204, description="It is no longer on record.")
def delete_account_kind(network: str, account: str) -> None:
    """Take back what you have put on record of an account."""
    whose = named(network, account)
    if not context().store.account_kinds.delete(owner(), whose.network, whose.account):
        raise _nothing()


@resource.operation("GET", "/v1/account-kinds", scope="read", problems=("invalid",))
@resource.query(PageQuerySchema)
@resource.response(200, Page[AccountKindRecord], description="What is on record.", example=Page(data=[_EXAMPLE]))
def list_account_kinds(query: dict[str, Any]) -> Listed[AccountKindRecord]:
    """List what you have put on record of accounts."""
    records = context().store.account_kinds.list(owner())
    return page_of(records, lambda each: f"{each.network} {each.account}", query, lambda each: each)


def _nothing() -> ProblemError:
    return ProblemError("not_found", "Nothing is on record of what this account is.")
