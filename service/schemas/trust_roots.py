"""Schemas of trust roots: whose word counts."""

from __future__ import annotations

from functools import cache
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from candor.scoring.trust_root import FACE_VALUE, NO_ROOT, NamedTwiceError, RootAccount, TrustRoot, named_once
from service.schemas.base import BoundedList, canonical_account, identifier, network_name, text

MAX_ROOT_ACCOUNTS = 100_000
MAX_ROOT_TOPICS = 100
ROOT_BODY_EXAMPLE = {
    "kind": "accounts",
    "network": "custom:my-forum",
    "accounts": [{"account": "u7"}, {"account": "u8", "weight": 0.5, "topics": ["space-technology"]}],
}


def _check_above_zero(value: float) -> None:
    if value <= 0:
        raise ma.ValidationError("Must be greater than 0.")


class RootAccountBodySchema(ma.Schema):
    """An account whose word counts."""

    error_messages = {  # noqa: RUF012 # as marshmallow declares it
        "type": 'write an account as an object, such as {"account": "p1"}'
    }
    account = identifier("The account's id on its network.", required=True)
    weight = fields.Float(
        load_default=1.0,
        validate=(_check_above_zero, validate.Range(max=1)),  # a Range above 0 would be described as one from 0
        metadata={"description": "How much it is trusted: above 0, at most 1.", "exclusiveMinimum": 0},
    )
    topics = BoundedList(
        text("Id of a topic."),
        most=MAX_ROOT_TOPICS,
        load_default=None,
        allow_none=True,
        metadata={"description": "Topics for which the account is named; null for none."},
    )


class TrustRootBodySchema(ma.Schema):
    """A declared trust root, without its id."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(["accounts", "list", "network", "none"]),
        metadata={
            "description": "accounts: those named; list: whoever is on a list of the network when the job runs; "
            "network: everybody (face value); none: nobody."
        },
        error_messages={"required": "missing: accounts, list, network or none"},
    )
    network = network_name(
        "The network that the accounts or the list are on; required with these kinds.",
        load_default=None,
        allow_none=True,
    )
    accounts = BoundedList(
        fields.Nested(RootAccountBodySchema),
        most=MAX_ROOT_ACCOUNTS,
        load_default=list,
        metadata={
            "description": "The accounts; with kind accounts only. One that is named again in the same way, in "
            "whatever spelling, counts once."
        },
    )
    list_ = text(
        "The list; with kind list only. At Bluesky the address of a list or starter pack, at Mastodon "
        "`HOST/lists/ID` or `HOST/collections/ID`, at GitHub an organisation or `ORGANISATION/TEAM`, at Stack Exchange "
        "a tag, or `TAG:gold`, for who holds its badge.",
        most=512,
        data_key="list",
        attribute="list",
        load_default=None,
        allow_none=True,
    )

    @ma.validates_schema(skip_on_field_errors=True)
    def _check(self, data: dict[str, Any], **_kwargs: Any) -> None:
        kind = data["kind"]
        if data["accounts"] and kind != "accounts":
            raise ma.ValidationError(f"kind {kind} names no accounts", "accounts")
        if data["list"] is not None and kind != "list":
            raise ma.ValidationError(f"kind {kind} names no list", "list")
        if data["network"] is None and kind in {"accounts", "list"}:
            raise ma.ValidationError(f"missing: a root of kind {kind} names a network", "network")
        if data["list"] is None and kind == "list":
            raise ma.ValidationError("missing: a root of this kind names a list", "list")
        if not data["accounts"] and kind == "accounts":
            raise ma.ValidationError("missing: a root of this kind names at least one account", "accounts")

    @ma.post_load
    def _settle(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        accounts = [
            {**named, "account": canonical_account(data["network"], named["account"], "accounts", index, "account")}
            for index, named in enumerate(data["accounts"])
        ]
        try:
            once = named_once((named["account"], named) for named in accounts)
        except NamedTwiceError as error:
            raise ma.ValidationError({"accounts": {error.place: [str(error)]}}) from None
        return {**data, "accounts": list(once.values())}


class TrustRootChoice(fields.Field[Any]):
    """A trust root by id, as an object, or one of the words network and none."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str | TrustRoot:
        if value == "network":
            return FACE_VALUE
        if value == "none":
            return NO_ROOT
        if isinstance(value, str):
            if not 1 <= len(value) <= 200:
                raise ma.ValidationError("the id of a trust root has 1 to 200 characters")
            return value
        if not isinstance(value, dict):
            raise ma.ValidationError("neither the id of a trust root nor a trust root")
        return make_root(_body_schema().load(value))


@cache
def _body_schema() -> TrustRootBodySchema:
    return TrustRootBodySchema()


def make_root(given: dict[str, Any], root_id: str | None = None) -> TrustRoot:
    """Make a trust root from what the schema has loaded."""
    accounts = tuple(
        RootAccount(
            account=named["account"],
            weight=named["weight"],
            topics=None if named["topics"] is None else tuple(named["topics"]),
        )
        for named in given["accounts"]
    )
    return TrustRoot(kind=given["kind"], network=given["network"], accounts=accounts, list=given["list"], id=root_id)
