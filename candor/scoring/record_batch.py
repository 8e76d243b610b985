"""Records some at a time, with what they say field by field: read once for all who check, number or keep them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, overload

import msgspec
import numpy as np
from msgspec.structs import astuple

from candor.scoring.activity import Activity
from candor.scoring.columns import EPOCH, MICROSECOND

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from numpy.typing import NDArray

_encode = msgspec.json.Encoder().encode


class RecordBatch(Sequence[Activity]):
    """Some records, one at least, in the order in which they came."""

    def __init__(self, records: Sequence[Activity]) -> None:
        self.records = records

    @classmethod
    def of(cls, records: Sequence[Activity]) -> RecordBatch:
        """Return records as a batch, which they may be already."""
        return records if isinstance(records, cls) else cls(records)

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Activity]:
        return iter(self.records)

    @overload
    def __getitem__(self, index: int) -> Activity: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Activity]: ...
    def __getitem__(self, index: int | slice) -> Activity | Sequence[Activity]:
        """Return a record, or several."""
        return self.records[index]

    @cached_property
    def columns(self) -> dict[str, tuple[Any, ...]]:
        """By field of Activity, what each record says there, in the order of the records.

        All fields at once take three fifths of what they take one after the other.
        """
        return dict(zip(Activity.__struct_fields__, zip(*map(astuple, self.records), strict=True), strict=True))

    @property
    def published(self) -> NDArray[np.int64]:
        """When each was, in microseconds since 1970; one for each record."""
        return self._times[0]

    @property
    def in_utc(self) -> bool:
        """Whether all times are written in UTC."""
        return self._times[1]

    @cached_property
    def _times(self) -> tuple[NDArray[np.int64], bool]:
        return microseconds_of(self.columns["published"])


@cache
def _time_of(size: int) -> np.dtype[np.void]:
    """Describe a time in UTC among others in JSON: a comma or bracket, a quotation mark, the time, Z and a mark."""
    return np.dtype({"names": ["at"], "formats": [f"S{size - 4}"], "offsets": [2], "itemsize": size})


def microseconds_of(times: Sequence[datetime]) -> tuple[NDArray[np.int64], bool]:
    """Return microseconds since 1970, and whether all times are in UTC: these are read as they are written, at once."""
    written, count = _encode(times), len(times)
    each, rest = divmod(len(written) - 1, count)
    if not rest and written[each - 2 :: each] == b"Z" * count and written[each:-1:each] == b"," * (count - 1):
        found = np.frombuffer(written, _time_of(each), count)["at"]  # all of one length
        return found.astype("M8[us]").view(np.int64), True
    in_utc = {UTC}.issuperset([at.tzinfo for at in times])
    return np.array([(at - EPOCH) // MICROSECOND for at in times], np.int64), in_utc
