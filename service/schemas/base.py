"""What all schemas share: fields that check before they build, and the frame of a page."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
import msgspec
from marshmallow import fields, validate

from candor.names import networks as names
from candor.names.account_text import UnknownAccountError
from candor.names.accounts import account_name
from candor.names.networks import NETWORKS

IDENTIFIER_LENGTH = 512
SLUG = r"[a-z0-9]+(?:[-_.][a-z0-9]+)*"
_NAMED = "|".join(network.id for network in NETWORKS if network.argument)
_WHOLE = "|".join(network.id for network in NETWORKS if not network.argument or network.default)
NETWORK = rf"^(?:(?:{_NAMED}):[\s\S]+|{_WHOLE})$"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NO_TIME = "not a time: write it as 2026-10-01T12:00:00Z, or a day as 2026-10-01"
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


_ITEMS = "Must have {min} to {max} items."


class BoundedList(fields.List[Any]):
    """A list that counts its items before it looks at any of them; `few` is said of a list that is too short."""

    def __init__(
        self, inner: fields.Field[Any], *, least: int = 0, most: int, few: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(inner, validate=validate.Length(min=least, max=most, error=few or _ITEMS), **kwargs)
        self._most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > self._most:
            raise ma.ValidationError(f"at most {self._most} items, not {len(value)}")
        return super()._deserialize(value, attr, data, **kwargs)


class RecordList(fields.Field[list[Any]]):
    """A list of records, which are for a faster reader than this one to look at."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ma.ValidationError("Not a valid list.")
        return value


class WholeNumber(fields.Integer):
    """A whole number, however JSON writes it: to JSON Schema 12.0 is one as well. No string, and no other fraction."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        return super()._deserialize(
            int(value) if isinstance(value, float) and value.is_integer() else value, *args, **kwargs
        )


class InstantField(fields.Field[datetime]):
    """A time with an offset (RFC 3339), from 1970 on; of a day its first moment in UTC."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> datetime:
        if isinstance(value, str) and _DAY.fullmatch(value):
            value += "T00:00:00Z"
        try:
            instant = msgspec.convert(value, datetime)
        except msgspec.ValidationError:
            raise ma.ValidationError(_NO_TIME) from None
        if instant.tzinfo is None:
            raise ma.ValidationError("a time needs an offset from UTC, such as Z")
        if instant < _EARLIEST:
            raise ma.ValidationError("a time before 1970")
        try:
            return instant.astimezone(UTC)
        except OverflowError:
            raise ma.ValidationError(_NO_TIME) from None


def show_instant(instant: datetime) -> str:
    """Write a time as RFC 3339 in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def identifier(description: str, **kwargs: Any) -> fields.String:
    """Make the field of an id of somebody else's making: 1 to 512 characters."""
    return text(description, most=IDENTIFIER_LENGTH, **kwargs)


class NetworkName(fields.String):
    """The name of a network that Candor knows, turned into the one that the network has here."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        written = super()._deserialize(value, attr, data, **kwargs)
        if not 1 <= len(written) <= IDENTIFIER_LENGTH:
            raise ma.ValidationError(f"Length must be between 1 and {IDENTIFIER_LENGTH}.")
        try:
            return names.network_name(written)
        except names.UnknownNetworkError as error:
            raise ma.ValidationError(str(error)) from None


def network_name(description: str, **kwargs: Any) -> NetworkName:
    """Make the field of a network's name."""
    length = validate.Length(min=1, max=IDENTIFIER_LENGTH)
    return NetworkName(validate=length, metadata={"description": description, "pattern": NETWORK}, **kwargs)


def canonical_account(network: str, account: str, *where: str | int) -> str:
    """Return the one name of an account, or raise marshmallow's ValidationError about the field at `where`."""
    try:
        return account_name(network, account)
    except UnknownAccountError as error:
        messages: Any = [str(error)]
        for part in reversed(where):
            messages = {part: messages}
        raise ma.ValidationError(messages) from None


def text(description: str, *, most: int = 200, **kwargs: Any) -> fields.String:
    """Make the field of a short text: 1 to `most` characters."""
    return fields.String(validate=validate.Length(min=1, max=most), metadata={"description": description}, **kwargs)


class PageQuerySchema(ma.Schema):
    """How to ask for a page."""

    cursor = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=1000),
        metadata={"description": "`next_cursor` of the page before; leave it out for the first page."},
    )
    limit = fields.Integer(
        load_default=20,
        validate=validate.Range(min=1, max=100),
        metadata={"description": "How many items a page has at most."},
    )
