"""What is read of an archive: records, and what was left out, counted by reason."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from candor.formats.container import ArchiveError
from candor.scoring.activity import Activity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
MALFORMED = (msgspec.MsgspecError, ValueError, LookupError, RecursionError, OverflowError)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds. `account` is whose it is, as records name it, null where it does not say.

    `left_out` counts what is not among the records: `private` (not addressed to everybody), `undated`, `malformed`,
    `duplicates`, `other`. `shows` says in words what such an archive can and can not show.
    """

    network: str
    account: str | None
    activities: tuple[Activity, ...]
    left_out: dict[str, int]
    shows: str


class Records:
    """Collects records; what is malformed or stands there twice is counted."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self._by_id: dict[str, Activity] = {}

    def each(self, things: Iterable[Any], shape: type[T], make: Callable[[T], Iterable[Activity]]) -> None:
        """Read each thing as a shape and keep the records made of it: all of them or, if one is wrong, none."""
        for thing in things:
            try:
                made = list(make(msgspec.convert(thing, shape, strict=False)))
            except MALFORMED:
                self.left_out["malformed"] += 1
                continue
            for activity in made:
                self.keep(activity)

    def keep(self, activity: Activity) -> None:
        """Keep a record; the first of an id stays."""
        key = activity.id or f"account {activity.actor}"
        if self._by_id.setdefault(key, activity) is not activity:
            self.left_out["duplicates"] += 1

    def reading(self, network: str, account: str | None, shows: str) -> Reading:
        """Return what was collected, the newest last."""
        kept = sorted(self._by_id.values(), key=lambda activity: (activity.published, activity.id or ""))
        left_out = {reason: count for reason, count in sorted(self.left_out.items()) if count}
        return Reading(network=network, account=account, activities=tuple(kept), left_out=left_out, shows=shows)


def record(**fields: Any) -> Activity:  # noqa: ANN401 whatever the archive holds
    """Make a record, by way of its bytes, so that it is one that could have been uploaded. Raises one of MALFORMED."""
    return msgspec.json.decode(msgspec.json.encode(fields), type=Activity)


def from_json(body: bytes, otherwise: str) -> Any:  # noqa: ANN401 JSON
    """Read JSON. Raises ArchiveError, which says `otherwise`, when the bytes are none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ArchiveError(otherwise) from error


def items(value: object) -> list[Any]:
    """Return a list as it is, and anything else as none."""
    return value if isinstance(value, list) else []
