"""What people take home from a network: their own exports, turned into records. Reads bytes and asks nobody."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
from codecs import BOM_UTF8
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, cast

from msgspec.structs import replace

from candor.formats import discourse, instagram, linkedin, reddit, x, youtube
from candor.formats.activitystreams import read_streams
from candor.formats.archive import TAR, TAR_AT, ArchiveError, ArchiveLimits, heads_in, names_in, read_entries
from candor.formats.bare import bare_file
from candor.formats.columns import OF_DISCORD
from candor.formats.compression import GZIP, UnreadableError, unpacked_head
from candor.formats.delimited import header_in
from candor.formats.encodings import as_utf_8, text_of_head
from candor.formats.reading import SMALL_BYTES, Entry, Reading, from_json
from candor.formats.streams_lists import NO_JSON
from candor.formats.workbook import OPEN_DOCUMENT, is_open_document
from candor.names.account_text import UnknownAccountError
from candor.names.accounts import account_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = [
    "MEDIA_TYPES",
    "ArchiveError",
    "Reading",
    "holds_records",
    "is_archive",
    "is_record_file",
    "pack_wanted",
    "read_archive",
    "read_streams",
]

MEDIA_TYPES = ("application/zip", "application/gzip", "application/activity+json")
_OUTBOX, _ACTOR, _LIKES = "outbox.json", "actor.json", "likes.json"
_OF_ANOTHER = "the export says itself whose it is, and the account that was named is another"
_SEVERAL = "there are several exports in it, and the first by name was read: bring them one by one"
_START_BYTES = 1_000
_HEAD_BYTES = 64 * 1024
_LARGEST_JSON_BYTES = ArchiveLimits().wanted_bytes
_ALWAYS_ARCHIVES = ("application/zip", "application/activity+json")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""A zip, also one with nothing in it."""
_RECORDS = re.compile(r"\.(csv|tsv|txt|ndjson|jsonl|json|parquet|xlsx)(?:\.(?:gz|zst))?$", re.IGNORECASE)
_LINES = frozenset({"ndjson", "jsonl"})
_TOLD_BY_NAME = frozenset({"csv", "tsv", "parquet", "xlsx", *_LINES})
_TABLES, _JSON = frozenset({"csv", "tsv", "txt"}), frozenset({"json", *_LINES})
_BINARY = (frozenset({"parquet"}), frozenset({"xlsx"}))
_BESIDE = re.compile(
    r"(?:^|/)(?:_\w*|\.[^/]*|thumbs\.db|desktop\.ini|(?:readme|licen[cs]e)[^/]*|[^/]*\.(?:crc|md|png|jpe?g|pdf))$",
    re.IGNORECASE,
)
"""What lies beside records: marks of Spark and of desktops, words about them."""
_OF_STREAMS = (b'"orderedItems"', b'"@context"', b'"https://www.w3.org/ns/activitystreams')
_OF_OTHER_POSTS, _OF_RECORDS = (b'"in_reply_to_id"', b'"replyId"'), b'"actor"'
_OF_X = (b"window.YTD.", b"Grailbird.")


def is_archive(head: bytes, media_type: str, *, renamed: bool = False) -> bool:
    """Say by its first bytes, and the type it was sent as, whether a file is somebody's own export, not records.

    Posts as other programs write them are no records, unless their fields are `renamed`.
    """
    head = unpacked_head(head, _HEAD_BYTES)
    if media_type in _ALWAYS_ARCHIVES or head.startswith(_ZIP) or head[TAR_AT:].startswith(TAR):
        return True
    text = text_of_head(head).lstrip()
    if text.startswith(_OF_X) or x.file_alone(text) or (not renamed and _file_alone(text)):
        return True
    if text[:1] not in {b"{", b"["} or b'"@graph"' in text:  # of JSON-LD, which ActivityStreams have not
        return False
    others = not renamed and _OF_RECORDS not in text and any(sign in text for sign in _OF_OTHER_POSTS)
    return others or any(sign in text for sign in _OF_STREAMS)


def _file_alone(start: bytes) -> str | None:
    """Return under which name a file is read that comes without the rest of an export; None where none begins so."""
    return (
        linkedin.file_alone(start)
        or instagram.file_alone(start)
        or next((name for is_alone, name in _ALONE if is_alone(start)), None)
    )


def holds_records(file: BinaryIO, rename: Mapping[str, str]) -> bool:
    """Say whether a zip is nobody's export, but holds a file of records, or parts of one kind.

    Of several tables, and of JSON, one has to have our fields, or those that `rename` gives them. Raises ArchiveError.
    """
    is_zip = file.read(len(_ZIP[0])).startswith(_ZIP)
    file.seek(0)
    if not is_zip:
        return False
    names, wanted = names_in(file), _Wanted()
    claimed = [name for name in names if wanted(name)]
    tables = list(filter(reddit.is_ours, claimed))  # which others call so too
    if len(tables) < len(claimed) or wanted.is_told or any(map(reddit.is_table, heads_in(file, tables))):
        return False
    names = [name for name in names if not _BESIDE.search(name)]
    kinds = {found[1].lower() if (found := _RECORDS.search(name)) else "" for name in names}
    if "" in kinds or (len(names) <= 1 and kinds <= _TOLD_BY_NAME) or kinds <= _LINES or kinds in _BINARY:
        return bool(names) and "" not in kinds
    is_one_kind = kinds <= _TABLES or kinds <= _JSON
    return is_one_kind and any(_is_ours(head, rename) for head in heads_in(file, names))


def _is_ours(head: bytes, rename: Mapping[str, str]) -> bool:
    try:
        head = b"".join(as_utf_8([unpacked_head(head, len(head))]))
    except UnreadableError:
        return False
    if is_archive(head, "", renamed=bool(rename)):
        return True
    named = f'"{rename.get("published", "published")}"'.encode()
    return named in head if head.lstrip()[:1] in {b"{", b"["} else header_in(head, rename) is not None


def is_record_file(name: str) -> bool:
    """Say of a file in a zip that holds records whether it is one of them."""
    return _BESIDE.search(name) is None and _RECORDS.search(name) is not None


def read_archive(file: BinaryIO, account: str | None = None, folder: Path | None = None) -> Reading:
    """Return what an export holds: of Mastodon (zip, tar.gz or its outbox.json), Discourse or one of `_READERS`.

    `file` can seek; what is large waits in files without a name in `folder`. `account` says whose it is where the
    export does not; where it does and says another, a note tells. Raises ArchiveError, with words for whoever uploaded
    it.
    """
    with bare_file(file, folder) as bare:
        reading = _read_archive(bare, account, folder)
    if account is None or reading.account is None or _settled(reading.network, account) == reading.account:
        return reading
    return replace(reading, notes=(*reading.notes, _OF_ANOTHER))


def _read_archive(file: BinaryIO, account: str | None, folder: Path | None) -> Reading:
    start = file.read(_START_BYTES).removeprefix(BOM_UTF8).lstrip()
    file.seek(0)
    if alone := x.file_alone(start):
        return x.read_x({alone: _alone(file)}, _settled("x", account), folder)
    if alone := _file_alone(start):
        return _read_known({alone: _alone(file)}, account, folder)
    if start[:1] in {b"{", b"["}:
        return _read_streams(file, account=account, folder=folder)
    if is_open_document(start):
        raise ArchiveError(OPEN_DOCUMENT)
    if start[:1] == b"<":
        raise ArchiveError("this is no export of one person: bring the dump of a community with --activities or import")
    with _Files(folder) as files:
        wanted = _Wanted()
        entries = read_entries(file, wanted, aside=files.of)
        if outbox := files.outbox:
            told, likes = _named(entries, _ACTOR), _named(entries, _LIKES)
            reading = _read_streams(outbox, _actor_in(told), likes=likes, account=account, folder=folder)
            return reading if files.other_outboxes == 0 else _without_others(reading, files.other_outboxes)
        if _named(entries, _ACTOR):
            raise ArchiveError(
                "this part of an export of Mastodon has no outbox.json, which holds the posts: bring that"
            )
        found = {name: Entry(body) for name, body in entries.items()}
        found |= {name: Entry(large) for name, large in files.large.items()}
        return _read_known(found, account, folder, wanted.why_not)


def _actor_in(told: bytes | None) -> object:
    """Return what actor.json says, None where that is nothing: the posts name their author too."""
    try:
        return from_json(told, NO_JSON) if told else None
    except ArchiveError:
        return None


def _read_known(
    found: Mapping[str, Entry], account: str | None, folder: Path | None, why_not: str | None = None
) -> Reading:
    """Read what has entries by the names that one of the readers knows. Raises ArchiveError, as `why_not` says."""
    for network, is_ours, read in _READERS:
        ours = {name: entry for name, entry in found.items() if is_ours(name)}
        if ours and not (network == "reddit" and not any(map(_is_of_reddit, ours.values()))):
            return read(ours, _settled(network, account), folder)
    raise ArchiveError(
        why_not
        or "this is no export of Mastodon, X, LinkedIn, Instagram, Reddit, YouTube or Discourse that Candor knows"
    )


def _is_of_reddit(entry: Entry) -> bool:
    return reddit.is_table(next(entry.chunks(), b"").removeprefix(BOM_UTF8))


def _read_streams(
    outbox: BinaryIO, actor: object = None, *, likes: bytes | None = None, account: str | None, folder: Path | None
) -> Reading:
    """Read an outbox: a small one at once, a large one item by item."""
    is_small = outbox.seek(0, io.SEEK_END) <= SMALL_BYTES
    outbox.seek(0)
    document = outbox.read() if is_small else outbox
    return read_streams(document, actor, likes=likes, account=_settled("mastodon", account), folder=folder)


class _Files(ExitStack):
    """Files without a name for the entries of an archive that may be large."""

    def __init__(self, folder: Path | None) -> None:
        super().__init__()
        self._folder = folder
        self.large: dict[str, BinaryIO] = {}

    def of(self, name: str, size: int) -> BinaryIO | None:
        """Return a file for an entry of that size, None where it can be held; an outbox has one always."""
        if size <= SMALL_BYTES and name.rpartition("/")[2] != _OUTBOX:
            return None
        file = self.enter_context(tempfile.TemporaryFile(dir=self._folder))  # noqa: SIM115 it is closed with the stack
        return self.large.setdefault(name, cast("BinaryIO", file))

    @property
    def outbox(self) -> BinaryIO | None:
        """Return the outbox, of several the first by name."""
        found = min(self._outboxes(), default=None)
        return None if found is None else self.large[found]

    @property
    def other_outboxes(self) -> int:
        """Return how many more there are."""
        return len(self._outboxes()) - 1

    def _outboxes(self) -> list[str]:
        return [name for name in self.large if name.rpartition("/")[2] == _OUTBOX]


def _without_others(reading: Reading, others: int) -> Reading:
    """Say of an export in which there are several that one was read."""
    return replace(reading, left_out={**reading.left_out, "files": others}, notes=(*reading.notes, _SEVERAL))


def _alone(file: BinaryIO) -> Entry:
    """Return a file that comes by itself. Raises ArchiveError where it is too large."""
    if file.seek(0, io.SEEK_END) > _LARGEST_JSON_BYTES:
        raise ArchiveError(f"what is to be read of it is too large: more than {_LARGEST_JSON_BYTES:,} bytes")
    return Entry(file)


def pack_wanted(path: Path, into: BinaryIO) -> int:
    """Write what is read of an export, to be read from there again, and return how many bytes; media stay behind.

    Raises ArchiveError, OSError.
    """
    with path.open("rb") as opened, bare_file(opened, None) as file:
        head = file.read(_START_BYTES)
        file.seek(0)
        if not head.startswith((b"PK", GZIP)) and not head[TAR_AT:].startswith(TAR):
            shutil.copyfileobj(file, into)
        else:
            with (
                zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
                _Files(None) as files,
            ):
                for name, body in read_entries(file, _Wanted(), aside=files.of).items():
                    packed.writestr(name, body)
                for name, large in files.large.items():
                    large.seek(0)
                    with packed.open(name, "w") as entry:
                        shutil.copyfileobj(large, entry)
    size = into.tell()
    into.seek(0)
    return size


def _settled(network: str, account: str | None) -> str | None:
    """Return the one name of an account, or None where no account of the network is written like that."""
    try:
        return None if account is None else account_name(network, account)
    except UnknownAccountError:
        return None


_Read: TypeAlias = "Callable[[Mapping[str, Entry], str | None, Path | None], Reading]"

# The last is of a network that only its posts name: until then an account stays as it is written.
_READERS: tuple[tuple[str, Callable[[str], bool], _Read], ...] = (
    ("x", x.is_ours, x.read_x),
    ("linkedin", linkedin.is_ours, linkedin.read_linkedin),
    ("instagram", instagram.is_ours, instagram.read_instagram),
    ("youtube", youtube.is_ours, youtube.read_youtube),
    ("reddit", reddit.is_ours, reddit.read_reddit),
    ("custom:forum", discourse.is_ours, discourse.read_discourse),
)

_ALONE: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (discourse.is_alone, "user_archive.csv"),
    (reddit.is_alone, "posts.csv"),
    (youtube.is_alone, "comments/comments.csv"),
)


def _ending(*ends: str) -> Callable[[str], bool]:
    return lambda name: name.lower().endswith(ends)


_OF_FACEBOOK = re.compile(
    r"(?:^|/)(?:your_(?:facebook_activity|activity_across_facebook)/|posts/your_posts|profile_information/)"
)
_BACKUP = re.compile(r"(?:^|/)dump\.sql(?:\.gz)?$")
_PACKAGE_OF_DISCORD = re.compile(r"(?:^|/)(?:c\d+|\d{15,20})/(?:channel\.json|messages\.(?:json|csv))$")
_TELLING: tuple[tuple[Callable[[str], object], str], ...] = (
    (instagram.is_html, "this export is written as HTML: ask Instagram for JSON, not HTML"),
    (_OF_FACEBOOK.search, "this is an export of Facebook, whose posts are for friends: it is not read"),
    (youtube.is_page, youtube.HTML),
    (youtube.is_other, youtube.WITHOUT),
    (_PACKAGE_OF_DISCORD.search, OF_DISCORD),
    (reddit.is_other, reddit.WITHOUT),
    (instagram.is_other, instagram.WITHOUT),
    (linkedin.is_other, linkedin.LARGER),
    (
        _BACKUP.search,
        "this is a backup of a whole site, with its passwords: bring the JSON of its topics, with format=discourse",
    ),
    (_ending("xl/workbook.xml"), "this is a workbook of Excel: save its table as CSV in UTF-8"),
    (_ending("meta-inf/manifest.xml"), "this is a document of LibreOffice or alike: save its table as CSV in UTF-8"),
    (_ending(".zip", ".7z", ".rar", ".tar", ".tgz", ".tar.gz"), "what is in it is packed itself: unpack it first"),
    (
        _ending(".csv", ".json", ".ndjson", ".jsonl", ".parquet", ".xml", ".mbox"),
        "this is no export of one person: send records by themselves or as parts of one kind, a dump with its `format`",
    ),
)


class _Wanted:
    """Says which entries are read, and remembers what the others tell of an export of which none is."""

    def __init__(self) -> None:
        self._told, self._is_empty = len(_TELLING), True

    @property
    def why_not(self) -> str | None:
        """Say what the export is, by the first of what tells it."""
        if self._is_empty:
            return "there is no file in it"
        return _TELLING[self._told][1] if self._told < len(_TELLING) else None

    @property
    def is_told(self) -> bool:
        """Say whether it is known what the export is, beyond that it has files."""
        return self._told < len(_TELLING) - 1

    def __call__(self, name: str) -> bool:
        self._is_empty = False
        telling = (place for place, (is_telling, _) in enumerate(_TELLING[: self._told]) if is_telling(name))
        self._told = next(telling, self._told)
        last = name.rpartition("/")[2]
        return last in {_OUTBOX, _ACTOR, _LIKES} or any(is_ours(name) for _, is_ours, _ in _READERS)


def _named(entries: Mapping[str, bytes], name: str) -> bytes | None:
    return next((body for key, body in sorted(entries.items()) if key.rpartition("/")[2] == name), None)
