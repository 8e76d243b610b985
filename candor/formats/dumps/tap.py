"""Lines of Tap and of goat, two tools of Bluesky that read its network as Jetstream does, as events of Jetstream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from candor.formats.dumps.dump import DumpError
from candor.formats.dumps.perceval_threads import object_of
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIGITS, _SIGNS, _CLOCK_BITS = "234567abcdefghijklmnopqrstuvwxyz", 13, 10
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_FIRST_US = 10**15
"""Events on accounts have no time: by their number they come after one another."""
_NOBODY = "these lines of goat do not say whose records they are: bring those of Jetstream or Tap, or repositories"


def written_at(revision: object) -> datetime | None:
    """Return when a repository was changed: its revision is a TID, microseconds since 1970 in base 32."""
    number = 0
    for sign in str(revision)[:_SIGNS]:
        number = number * len(_DIGITS) + _DIGITS.find(sign)
    return time_of(number >> _CLOCK_BITS)[0]


def event_of(line: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a line says as an event; None where it is neither tool's. Raises DumpError."""
    if isinstance(record := line.get("record"), dict) and "collection" in record:
        return _commit(record, _dated(record))
    if isinstance(said := line.get("identity"), dict) and "did" in said:
        return _account(said["did"], said.get("is_active", said.get("isActive", True)), line.get("id"))
    if isinstance(said := line.get("payload"), dict) and line.get("type") == "account":
        return _account(said.get("did"), said.get("active", True), said.get("seq"))
    if "collection" in line and "rkey" in line and "commit" not in line:
        if "did" not in line and "repo" not in line:
            raise DumpError(_NOBODY)
        return _commit({"did": line.get("repo"), **line}, time_of(line.get("time"))[0])
    return None


def _dated(record: Mapping[str, Any]) -> datetime | None:
    """Return when a record was written: of what Tap found in a repository only it itself says so."""
    if record.get("live"):
        return written_at(record.get("rev"))
    at, has_zone = time_of(object_of(record.get("record")).get("createdAt"))
    return at if has_zone else None


def _commit(record: Mapping[str, Any], at: datetime | None) -> dict[str, Any]:
    commit = {"operation": record.get("action"), "record": object_of(record.get("record"))}
    commit |= {name: record.get(name) for name in ("collection", "rkey")}
    return {"did": record.get("did"), "time_us": at and (at - _EPOCH) // _MICROSECOND, "commit": commit}


def _account(did: object, active: object, number: object) -> dict[str, Any]:
    place = number if isinstance(number, int) else 0
    return {"did": did, "time_us": _FIRST_US + place, "account": {"active": active}}
