"""Opens zip and tar.gz files of strangers: only what is wanted, only in memory, within limits that are counted.

JSON is read item by item: what an export of 227 MB takes is about its size and that of its records.
"""

from __future__ import annotations

import codecs
import gzip
import io
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, Any, BinaryIO, TypeVar

import msgspec
from msgspec.structs import replace

from candor.names.accounts import UnknownAccountError
from candor.scoring.activity import Activity
from candor.scoring.records import People

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


T = TypeVar("T")
MALFORMED = (msgspec.MsgspecError, ValueError, LookupError, RecursionError, OverflowError)

_CHUNK_BYTES = 2**16
_LONGEST_READ_BYTES = 2**20
_SHORTEST_HEADER_BYTES = 30
_DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, UnicodeDecodeError),
)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds. `account` is whose it is, as records name it, null where it does not say.

    `left_out` counts what is not among the records: `private` (not addressed to everybody), `undated`, `malformed`,
    `duplicates`, `other`. `shows` says in words what such an archive can and cannot show.
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
        """Read each thing as `read_item` does and keep the records made of it: all or, if one is wrong, none."""
        for thing in things:
            try:
                made = list(make(read_item(thing, shape)))
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
        """Return what was collected, the newest last, with the one names that accounts have on the network."""
        settled = self._settled(People(network))
        kept = sorted(settled, key=lambda activity: (activity.published, activity.id or ""))
        left_out = {reason: count for reason, count in sorted(self.left_out.items()) if count}
        whose = None if account is None else _named(People(network), account)
        return Reading(network=network, account=whose, activities=tuple(kept), left_out=left_out, shows=shows)

    def _settled(self, people: People) -> Iterator[Activity]:
        """Yield the records; an act towards what can be no account is one towards nobody known."""
        for activity in self._by_id.values():
            towards = activity.target_actor and _named(people, activity.target_actor)
            try:
                yield people.settled(replace(activity, target_actor=towards))
            except UnknownAccountError:
                self.left_out["malformed"] += 1


def _named(people: People, written: str) -> str | None:
    try:
        return people[written]
    except UnknownAccountError:
        return None


def record(**fields: Any) -> Activity:  # noqa: ANN401 whatever the archive holds
    """Make a record, by way of its bytes, so that it is one that could have been uploaded. Raises one of MALFORMED."""
    return msgspec.json.decode(msgspec.json.encode(fields), type=Activity)


def from_json(body: bytes, otherwise: str) -> Any:  # noqa: ANN401 JSON
    """Read JSON. Raises ArchiveError, which says `otherwise`, when the bytes are none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ArchiveError(otherwise) from error


def opened(value: object, otherwise: str) -> Any:  # noqa: ANN401 JSON
    """Read JSON one level deep: fields and items stay as they came, as `msgspec.Raw`; what is no JSON is handed back.

    Raises ArchiveError, which says `otherwise`, when the bytes are no JSON.
    """
    if not isinstance(value, bytes | msgspec.Raw):
        return value
    try:
        if isinstance(value, bytes):
            _check_text(value)
        shape = {b"[": list[msgspec.Raw], b"{": dict[str, msgspec.Raw]}.get(
            bytes(memoryview(value)[:64]).lstrip()[:1], Any
        )
        return msgspec.json.decode(value, type=shape)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ArchiveError(otherwise) from error


def _check_text(body: bytes) -> None:
    """Raise UnicodeError unless the bytes are UTF-8, without a second copy of them."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(body), _CHUNK_BYTES):
        decoder.decode(body[start : start + _CHUNK_BYTES])
    decoder.decode(b"", final=True)


def read_item(thing: Any, shape: type[T]) -> T:  # noqa: ANN401 JSON
    """Read one thing as a shape. Raises one of MALFORMED."""
    if isinstance(thing, msgspec.Raw):
        return msgspec.json.decode(thing, type=shape, strict=False)
    return msgspec.convert(thing, shape, strict=False)


def items(value: object) -> list[Any]:
    """Return a list as it is, and anything else as none."""
    return value if isinstance(value, list) else []


class ArchiveError(ValueError):
    """The file is not an archive that Candor reads, or is built to do harm; the words say which."""


@dataclass(frozen=True)
class Limits:
    """How many entries, how many bytes of those wanted, and how many times larger than packed (exports: 5 to 20).

    Small files may shrink by more, so the ratio counts from `ratio_from_bytes` on.
    """

    entries: int = 100_000
    wanted_bytes: int = 512 * 2**20
    ratio: int = 200
    ratio_from_bytes: int = 2**20

    def check_ratio(self, unpacked: int, packed: int) -> None:
        """Raise ArchiveError when something is too many times larger than packed."""
        if unpacked > self.ratio_from_bytes and unpacked > self.ratio * max(packed, 1):
            raise ArchiveError(f"it unpacks to more than {self.ratio} times its size")


def read_entries(file: BinaryIO, wanted: Callable[[str], bool], limits: Limits = Limits()) -> dict[str, bytes]:
    """Return the wanted entries of a zip or tar.gz file by name. `file` can seek. Raises ArchiveError.

    Refused are links and devices, names that lead out of the folder or stand twice, entries that share bytes, and
    whatever goes beyond the limits, both by what is declared and by what comes out.
    """
    magic = file.read(2)
    file.seek(0)
    basket = _Basket(wanted, limits)
    try:
        if magic == b"PK":
            _empty_zip(file, basket)
        elif magic == b"\x1f\x8b":
            _empty_tar(file, basket)
        else:
            raise ArchiveError("this is neither a zip nor a tar.gz file")
    except _DAMAGE as error:
        raise ArchiveError("the archive is damaged, or packed in a way that is not read here") from error
    return basket.entries


class _Basket:
    """Takes entries one by one, and refuses what is not to be taken."""

    def __init__(self, wanted: Callable[[str], bool], limits: Limits) -> None:
        self.entries: dict[str, bytes] = {}
        self._wanted = wanted
        self.limits = limits
        self._names: set[str] = set()
        self._left = limits.wanted_bytes

    def take(self, name: str, open_entry: Callable[[], IO[bytes] | None], packed: int | None = None) -> None:
        """Read the entry if it is wanted. Where `packed` is known, what comes out is held against it."""
        self._check(name)
        if not self._wanted(name) or (entry := open_entry()) is None:
            return
        body = io.BytesIO()
        while chunk := entry.read(_CHUNK_BYTES):
            body.write(chunk)
            if body.tell() > self._left:
                raise ArchiveError("what is to be read of it is too large")
            if packed is not None:
                self.limits.check_ratio(body.tell(), packed)
        self._left -= body.tell()
        self.entries[name] = body.getvalue()

    def _check(self, name: str) -> None:
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or "\\" in name or "\0" in name or ":" in parts[0]:
            raise ArchiveError(f"the name {name[:100]!r} leads elsewhere")
        if name in self._names:
            raise ArchiveError(f"the name {name[:100]!r} stands there twice")
        self._names.add(name)
        if len(self._names) > self.limits.entries:
            raise ArchiveError(f"it has more than {self.limits.entries} entries")


def _empty_zip(file: BinaryIO, basket: _Basket) -> None:
    with zipfile.ZipFile(file) as archive:
        infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
        end = 0
        for info in infos:
            if info.header_offset < end:
                raise ArchiveError("entries share bytes")
            end = info.header_offset + _SHORTEST_HEADER_BYTES + info.compress_size
            if info.flag_bits & 1:
                raise ArchiveError(f"{info.filename[:100]!r} is encrypted")
            if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
                raise ArchiveError(f"{info.filename[:100]!r} is a link or a device")
            basket.limits.check_ratio(info.file_size, info.compress_size)
        for info in infos:
            basket.take(info.filename.rstrip("/"), partial(_open, archive, info), info.compress_size)


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes] | None:
    return None if info.is_dir() else archive.open(info)


def _empty_tar(file: BinaryIO, basket: _Basket) -> None:
    with gzip.GzipFile(fileobj=file) as unpacked:
        metered: Any = _Metered(unpacked, file, basket.limits)
        with tarfile.open(fileobj=metered, mode="r:") as archive:
            for member in archive:
                if not (member.isfile() or member.isdir()):
                    raise ArchiveError(f"{member.name[:100]!r} is a link or a device")
                basket.take(member.name.removeprefix("./"), partial(archive.extractfile, member))


class _Metered:
    """Goes forward through what gzip unpacks, and holds it against what was packed."""

    def __init__(self, unpacked: gzip.GzipFile, packed: BinaryIO, limits: Limits) -> None:
        self._unpacked = unpacked
        self._packed = packed
        self._limits = limits
        self._done = 0

    def tell(self) -> int:
        """Return how far it has gone."""
        return self._done

    def seek(self, position: int) -> int:
        """Go forward. Raises ReadError when sent back."""
        if position < self._done:
            raise tarfile.ReadError("sent back")
        while position > self._done and self.read(min(_CHUNK_BYTES, position - self._done)):
            pass
        return self._done

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes. A header says itself how long it is, so there is a limit to believing that."""
        if size > _LONGEST_READ_BYTES:
            raise ArchiveError("a header in it is too long")
        chunk = self._unpacked.read(size)
        self._done += len(chunk)
        self._limits.check_ratio(self._done, self._packed.tell())
        return chunk
