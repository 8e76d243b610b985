"""A member's archive of a Discourse forum: posts, what was for some only, and whose it is."""

from __future__ import annotations

import io
import zipfile

import pytest

from candor.formats import ArchiveError, read_archive

HEADER = "topic_title,categories,is_pm,post_raw,post_cooked,like_count,reply_count,url,created_at"
AT = "2026-01-05 08:36:41 UTC"
FIRST = f'Which hops?,Brewing|Hops,No,"Saaz, or\n""Fuggle""?",<p>x</p>,1,2,https://f.example/t/which/7,{AT}'
REPLY = "Which hops?,Brewing,No,Thanks,<p>x</p>,0,0,https://f.example/t/which/7/3,2026-01-06 08:36:41 UTC"
SECRET = "Hi,-,Yes,psst,<p>x</p>,0,0,https://f.example/t/hi/8/1,2026-01-06 08:36:41 UTC"


def alone(*rows: str, header: str = HEADER) -> io.BytesIO:
    return io.BytesIO(("\ufeff" + "\n".join((header, *rows))).encode())


def zipped(*rows: str) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("user_archive.csv", alone(*rows).read())
        archive.writestr("preferences.json", "{}")
    file.seek(0)
    return file


@pytest.mark.parametrize("file", [alone, zipped])
def test_what_a_member_wrote_is_read_and_messages_to_some_are_counted(file):
    reading = read_archive(file(FIRST, REPLY, SECRET), "Ada")
    assert [(each.type, each.id, each.object, each.actor, each.tags) for each in reading.activities] == [
        ("question", "f.example/t/7/1", None, "ada", ("Brewing", "Hops")),
        ("reply", "f.example/t/7/3", "f.example/t/7/1", "ada", None),
    ]
    assert reading.activities[0].content == 'Which hops?\n\nSaaz, or\n"Fuggle"?'
    assert (reading.network, reading.account, reading.left_out) == ("discourse:f.example", "ada", {"private": 1})


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (REPLY.replace("2026-01-06 08:36:41 UTC", "soon"), "undated"),
        (REPLY.replace("https://f.example/t/which/7/3", "https://f.example/about"), "malformed"),
        ("Which hops?,only", "malformed"),
        (REPLY.replace(",No,", ",TRUE,"), "private"),
    ],
)
def test_a_row_that_cannot_be_kept_is_counted_and_loses_no_other(row, reason):
    reading = read_archive(alone(FIRST, row), "ada")
    assert (len(reading.activities), reading.left_out) == (1, {reason: 1})


@pytest.mark.parametrize(
    ("told", "left_out"), [("Non", {}), ("Nein", {}), ("いいえ", {}), ("Sí", {"private": 1}), ("??", {"unclear": 1})]
)
def test_a_forum_says_in_its_language_whether_a_topic_is_for_everybody(told, left_out):
    reading = read_archive(alone(FIRST, REPLY.replace(",No,", f",{told},")), "ada")
    assert (len(reading.activities), reading.left_out) == (1 + (not left_out), left_out)


def test_an_archive_that_excel_saved_with_semicolons_is_read():
    rows = [row.replace(",", ";") for row in (HEADER, REPLY)]
    reading = read_archive(alone(rows[1], header=rows[0]), "ada")
    assert [each.id for each in reading.activities] == ["f.example/t/7/3"]


def test_what_does_not_say_that_it_was_for_everybody_is_not_taken_for_public():
    bare = [row.replace(",No,", ",") for row in (FIRST, REPLY)]
    reading = read_archive(alone(*bare, header=HEADER.replace("is_pm,", "")), "ada")
    assert (len(reading.activities), reading.left_out) == (0, {"unclear": 2})


@pytest.mark.parametrize(
    ("rows", "account", "words"),
    [
        ([FIRST], None, "whose it is"),
        ([], "ada", "which forum"),
        (["x" * 20, '"unfinished'], "ada", "which forum"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(rows, account, words):
    with pytest.raises(ArchiveError, match=words):
        read_archive(alone(*rows), account)


@pytest.mark.parametrize("address", ["http://[", "https://f.example:x/t/a/7/3", "f.example/t/which/7/3", ""])
def test_an_odd_address_loses_no_other_row(address):
    reading = read_archive(alone(REPLY.replace("https://f.example/t/which/7/3", address), FIRST), "ada")
    assert reading.network == "discourse:f.example"
    assert "f.example/t/7/1" in [each.id for each in reading.activities]
