"""What people take home from a network: their own exports, turned into records. Reads bytes and asks nobody."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, BinaryIO

from candor.formats import instagram, linkedin, x
from candor.formats.activitystreams import read_streams
from candor.formats.archive import ArchiveError, Limits, Reading, from_json, read_entries
from candor.formats.compression import GZIP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["MEDIA_TYPES", "ArchiveError", "Reading", "is_archive", "read_archive", "read_streams"]

MEDIA_TYPES = ("application/zip", "application/gzip", "application/activity+json")
_OUTBOX, _ACTOR = "outbox.json", "actor.json"
_NO_JSON = "what it holds is not JSON"
_LARGEST_JSON_BYTES = Limits().wanted_bytes
_ALWAYS_ARCHIVES = ("application/zip", "application/activity+json")
_ZIP, _TAR, _TAR_AT = b"PK\x03\x04", b"ustar", 257
_OF_STREAMS = (b'"orderedItems"', b'"@context"', b'"https://www.w3.org/ns/activitystreams')
_OF_X = (b"window.YTD.", b"Grailbird.")


def is_archive(head: bytes, media_type: str) -> bool:
    """Say by its first bytes, and the type it was sent as, whether a file is somebody's own export, not records."""
    if media_type in _ALWAYS_ARCHIVES or head.startswith(_ZIP):
        return True
    if head.startswith(GZIP):
        return _unpacked_head(head)[_TAR_AT:].startswith(_TAR)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(_OF_X):
        return True
    return text[:1] in {b"{", b"["} and any(sign in text for sign in _OF_STREAMS)


def _unpacked_head(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, _TAR_AT + len(_TAR))
    except zlib.error:
        return b""


def read_archive(file: BinaryIO) -> Reading:
    """Return what an export holds: of Mastodon (zip, tar.gz or its outbox.json), X, LinkedIn or Instagram.

    `file` can seek; nothing is written. Raises ArchiveError, with words for whoever uploaded it.
    """
    start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    file.seek(0)
    if start in {b"{", b"["}:
        return read_streams(file.read(_LARGEST_JSON_BYTES))
    entries = read_entries(file, _is_wanted)
    if outbox := _named(entries, _OUTBOX):
        actor = _named(entries, _ACTOR)
        return read_streams(outbox, from_json(actor, _NO_JSON) if actor else None)
    for is_ours, read in _READERS:
        ours = {name: body for name, body in entries.items() if is_ours(name)}
        if ours:
            return read(ours)
    raise ArchiveError("this is no export of Mastodon, X, LinkedIn or Instagram that Candor knows")


_READERS: tuple[tuple[Callable[[str], bool], Callable[[Mapping[str, bytes]], Reading]], ...] = (
    (x.is_ours, x.read_x),
    (linkedin.is_ours, linkedin.read_linkedin),
    (instagram.is_ours, instagram.read_instagram),
)


def _is_wanted(name: str) -> bool:
    return name.rpartition("/")[2] in {_OUTBOX, _ACTOR} or any(is_ours(name) for is_ours, _ in _READERS)


def _named(entries: Mapping[str, bytes], name: str) -> bytes | None:
    return next((body for key, body in sorted(entries.items()) if key.rpartition("/")[2] == name), None)
