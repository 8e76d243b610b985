"""What strangers pack: only what is wanted is read, and what is built to do harm is refused."""

from __future__ import annotations

import contextlib
import gzip
import io
import stat
import struct
import tarfile
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.formats.archive import ArchiveError, ArchiveLimits, read_entries

SMALL = ArchiveLimits(wanted_bytes=10_000, ratio=20, ratio_from_bytes=1_000)


def everything(name: str) -> bool:
    return True


def nothing(name: str) -> bool:
    return False


def test_only_what_is_wanted_is_read(zipped, tarred):
    for pack in (zipped, tarred):
        file = pack({"a/outbox.json": b"1", "media/cat.png": b"2"})
        assert read_entries(file, lambda name: name.endswith(".json")) == {"a/outbox.json": b"1"}


def test_what_macos_packs_beside_the_files_is_not_read(zipped, tarred):
    for pack in (zipped, tarred):
        file = pack({"a/outbox.json": b"1", "__MACOSX/a/._outbox.json": b"\0\5", "a/._outbox.json": b"\0\5"})
        assert read_entries(file, everything) == {"a/outbox.json": b"1"}


@pytest.mark.parametrize("name", ["../outbox.json", "a/../../x", "/etc/passwd", "a\\..\\b", "\\x", "c:/x"])
def test_a_name_that_leads_elsewhere_is_refused(zipped, tarred, name):
    for pack in (zipped, tarred):
        with pytest.raises(ArchiveError, match="leads elsewhere"):
            read_entries(pack({name: b"1"}), nothing)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(tarred):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("a", b"2")
    twice = tarred({"a": b"1"}, tarfile.TarInfo("a"))
    for packed in (file, twice):
        packed.seek(0)
        with pytest.raises(ArchiveError, match="twice"):
            read_entries(packed, nothing)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_a_link_or_device_in_a_zip_is_refused(kind):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo("outbox.json")
        info.external_attr = (kind | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    file.seek(0)
    with pytest.raises(ArchiveError, match="link or a device"):
        read_entries(file, everything)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_a_link_or_device_in_a_tar_is_refused(tarred, kind):
    member = tarfile.TarInfo("outbox.json")
    member.type, member.linkname = kind, "/etc/passwd"
    with pytest.raises(ArchiveError, match="link or a device"):
        read_entries(tarred({}, member), everything)


def test_a_zip_that_declares_too_much_is_refused_before_anything_is_unpacked(zipped):
    bomb = zipped({"a.json": b"0" * 500_000})
    with pytest.raises(ArchiveError, match="times its size"):
        read_entries(bomb, nothing, SMALL)


def test_a_zip_that_declares_little_gives_no_more_than_it_declares(zipped):
    lying = bytearray(zipped({"a.json": b"0" * 500_000}).getvalue())
    place = lying.index(b"PK\x01\x02")
    lying[place + 24 : place + 28] = struct.pack("<L", 900)
    with pytest.raises(ArchiveError, match="damaged"):
        read_entries(io.BytesIO(bytes(lying)), everything, SMALL)


def test_a_tar_that_unpacks_without_end_is_refused_on_the_way(tarred):
    bomb = tarred({"a.json": b"0" * 5_000_000})
    with pytest.raises(ArchiveError, match="times its size"):
        read_entries(bomb, nothing, SMALL)


def test_what_is_wanted_may_not_be_too_large_even_if_packed_honestly(zipped, tarred):
    honest = bytes(range(256)) * 50
    limits = ArchiveLimits(wanted_bytes=10_000)
    for pack in (zipped, tarred):
        with pytest.raises(ArchiveError, match="too large"):
            read_entries(pack({"a": honest}), everything, limits)


def test_what_is_wanted_is_counted_together(zipped):
    with pytest.raises(ArchiveError, match="too large"):
        read_entries(zipped({"a": b"x" * 6_000, "b": b"y" * 6_000}), everything, ArchiveLimits(wanted_bytes=10_000))


def test_too_many_entries_are_refused(zipped, tarred):
    for pack in (zipped, tarred):
        with pytest.raises(ArchiveError, match="more than 5 entries"):
            read_entries(pack({str(n): b"" for n in range(6)}), nothing, ArchiveLimits(entries=5))


def test_entries_that_share_bytes_are_refused(zipped):
    shared = bytearray(zipped({"a": b"1" * 100, "b": b"2" * 100}).getvalue())
    first = shared.index(b"PK\x01\x02")
    second = shared.index(b"PK\x01\x02", first + 4)
    shared[second + 42 : second + 46] = struct.pack("<L", 10)
    with pytest.raises(ArchiveError, match="share bytes"):
        read_entries(io.BytesIO(bytes(shared)), nothing)


def test_an_encrypted_entry_is_refused(zipped):
    locked = bytearray(zipped({"a": b"1"}).getvalue())
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveError, match="locked with a password"):
        read_entries(io.BytesIO(bytes(locked)), everything)


def test_a_header_that_claims_to_be_huge_takes_no_memory():
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 2**32
    file = io.BytesIO(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + b"0" * 4096))
    tracemalloc.start()
    with pytest.raises(ArchiveError, match="header in it is too long"):
        read_entries(file, everything)
    assert tracemalloc.get_traced_memory()[1] < 2**22
    tracemalloc.stop()


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"PK", b"PK\x03\x04 and no more", b"\x1f\x8b", gzip.compress(b"no tar", mtime=0)]
)
def test_what_is_no_archive_is_refused(body):
    with pytest.raises(ArchiveError):
        read_entries(io.BytesIO(body), everything)


def test_a_file_that_breaks_off_is_refused(zipped, tarred):
    for pack in (zipped, tarred):
        body = pack({"a.json": bytes(range(256)) * 20}).getvalue()
        with pytest.raises(ArchiveError):
            read_entries(io.BytesIO(body[: len(body) // 2]), everything)


def test_a_name_that_is_no_text_is_refused(zipped):
    body = zipped({"é.json": b"{}"}).getvalue().replace("é".encode(), b"\x80\x80")
    with pytest.raises(ArchiveError, match="damaged"):
        read_entries(io.BytesIO(body), everything)


@given(st.binary(max_size=300), st.sampled_from([b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"\x1f\x8b\x08\0"]))
def test_whatever_the_bytes_are_nothing_but_a_refusal_comes_of_it(body, start):
    with contextlib.suppress(ArchiveError):
        read_entries(io.BytesIO(start + body), everything)
