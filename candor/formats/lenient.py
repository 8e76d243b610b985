"""Decoding of what strangers' software answers: a null reads as absent, and one odd field or item loses no more."""

from __future__ import annotations

import types
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from candor.scoring.loose_values import is_no
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEEDED = msgspec.Meta(extra={"needed": True})
"""On a field that says what may be read: where it is unexpected, the thing is left out as a whole.

Where that is an object, its own fields say which of them are needed.
"""


def hidden_by(flag: object) -> str | None:
    """Return why something is left out that says whether it is for some only; None where it says that it is not."""
    if flag is None or flag == "":
        return "unclear"
    return None if is_no(flag) else "private"


def decode(encoded: bytes | msgspec.Raw, kind: type[T]) -> T:
    """Decode foreign JSON into a shape: numbers may stand for times and texts for numbers. Raises one of MALFORMED."""
    return msgspec.json.decode(encoded, type=kind, strict=False)


def since_1970(seconds: float) -> datetime:
    """Return the time so many seconds after 1970 began in UTC. Raises one of MALFORMED where there is no such time.

    `datetime.fromtimestamp` raises an OSError for the longest, as if a file could not be read.
    """
    return _EPOCH + timedelta(seconds=seconds)


def decode_list(encoded: bytes | msgspec.Raw) -> list[msgspec.Raw]:
    """Decode what should be a list: PHP writes one as an object with numbers for names once items were taken out.

    Raises one of MALFORMED.
    """
    try:
        return decode(encoded, list[msgspec.Raw])
    except msgspec.ValidationError:
        numbered = decode(encoded, dict[str, msgspec.Raw])
        if not numbered or not all(name.isascii() and name.isdigit() for name in numbered):
            raise
        return list(numbered.values())


def decode_leniently(encoded: bytes | msgspec.Raw, kind: type[T]) -> tuple[T, list[str]]:
    """Decode into a shape, without what can be spared; return the names of fields that were unexpected.

    A null in a field with a default reads as absent and is not named, unless the field may hold it; a number reads as
    the text that it is written as, and a time as any program writes it, in UTC where it says no offset. Raises one of
    MALFORMED where a field that is needed is not as it should be.
    """
    try:
        return decode(encoded, kind), []
    except msgspec.ValidationError:
        left_out: list[str] = []
        mended = _mended(msgspec.Raw(encoded), kind, "", left_out)
        return decode(mended, kind), list(dict.fromkeys(left_out))


def _mended(encoded: msgspec.Raw, kind: Any, name: str, left_out: list[str]) -> msgspec.Raw:  # noqa: ANN401 a type
    """Return JSON that decodes into `kind`. Raises msgspec.ValidationError."""
    try:
        decode(encoded, kind)
    except msgspec.ValidationError:
        for each in _alternatives(kind):
            met: list[str] = []
            with suppress(msgspec.ValidationError):
                mended = msgspec.Raw(msgspec.json.encode(_without_odd(encoded, each, name, met)))
                decode(mended, kind)
                left_out += met
                return mended
        raise
    return encoded


def _without_odd(encoded: msgspec.Raw, kind: Any, name: str, left_out: list[str]) -> object:  # noqa: ANN401 a type
    """Return what can be read of an object, a list or a number. Raises msgspec.ValidationError."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return dict(_fields(decode(encoded, dict[str, msgspec.Raw]), kind, left_out))
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list:
        return [each for item in decode_list(encoded) for each in _spared(item, arguments[0], name, left_out)]
    if origin is dict:
        values = decode(encoded, dict[str, msgspec.Raw])
        return {key: each for key, raw in values.items() for each in _spared(raw, arguments[1], key, left_out)}
    if kind is str:
        msgspec.json.decode(encoded, type=int | float)
        return bytes(encoded).decode().strip()
    if kind is datetime:
        return _time(msgspec.json.decode(encoded, type=str | int | float))
    raise msgspec.ValidationError(f"unexpected {name}")


def _time(written: str | float) -> datetime:
    """Return a time in any way in which programs write one; servers keep time in UTC, and some leave that out."""
    if (at := time_of(written)[0]) is None:
        raise msgspec.ValidationError("unexpected time")
    return at


def _fields(
    found: dict[str, msgspec.Raw], kind: type[msgspec.Struct], left_out: list[str]
) -> Iterator[tuple[str, msgspec.Raw]]:
    """Yield the fields of an object that can be read. Raises msgspec.ValidationError where one is needed and cannot."""
    for name, hint, is_needed, has_default in _hints(kind):
        if name not in found or (has_default and bytes(found[name]) == b"null" and not _takes_null(hint)):
            continue
        if is_needed:
            met: list[str] = []
            yield name, _mended(found[name], hint, name, met)
            if met and has_default and not _is_object(hint):
                raise msgspec.ValidationError(f"unexpected {met[0]}")
            left_out += met
        else:
            yield from ((name, each) for each in _spared(found[name], hint, name, left_out))


def _spared(encoded: msgspec.Raw, kind: Any, name: str, left_out: list[str]) -> Iterator[msgspec.Raw]:  # noqa: ANN401 a type
    """Yield JSON that decodes into `kind`, or nothing, with its name among those left out."""
    try:
        yield _mended(encoded, kind, name, left_out)
    except msgspec.ValidationError:
        left_out.append(name)


def _alternatives(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401 a type
    """Return the types that a hint allows, without what is said beside them."""
    if get_origin(kind) is Annotated:
        return _alternatives(get_args(kind)[0])
    if get_origin(kind) in {Union, types.UnionType}:
        return tuple(each for part in get_args(kind) for each in _alternatives(part))
    return (kind,)


def _is_object(kind: Any) -> bool:  # noqa: ANN401 a type
    return any(isinstance(each, type) and issubclass(each, msgspec.Struct) for each in _alternatives(kind))


def _takes_null(kind: Any) -> bool:  # noqa: ANN401 a type
    """Say whether a null is told apart from an absent field."""
    return not {types.NoneType, Any}.isdisjoint(_alternatives(kind))


@lru_cache(maxsize=256)
def _hints(kind: type[msgspec.Struct]) -> tuple[tuple[str, Any, bool, bool], ...]:
    """Return of each field the name in JSON, the type, whether the thing is nothing without it, and has a default."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(
        (
            field.encode_name,
            hints[field.name],
            field.required or NEEDED in getattr(hints[field.name], "__metadata__", ()),
            not field.required,
        )
        for field in msgspec.structs.fields(kind)
    )
