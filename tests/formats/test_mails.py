"""Mails as programs, lists and archives of forty years write them: who sent them, when, what they answer and say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from candor.formats.dumps.dump import Run
from candor.formats.dumps.mbox import own_subject, own_text
from candor.formats.dumps.recognised import format_of_head
from candor.formats.dumps.registry import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from candor.scoring.activity import Activity

BEFORE = "From ada@a.example Mon Jan  5 08:36:41 2026"
HEADS = {"From": "Ada <ada@a.example>", "Date": "Mon, 5 Jan 2026 08:36:41 +0000", "Message-ID": "<2@a>", "Subject": "S"}


def mail(heads: dict[str, str | None], body: str = "hops", before: str = BEFORE) -> bytes:
    told = "".join(f"{name}: {value}\n" for name, value in {**HEADS, **heads}.items() if value is not None)
    return f"{before}\n{told}\n{body}\n".encode("utf-8", "surrogateescape")


def read(tmp_path: Path, content: bytes, name: str = "list.mbox") -> tuple[list[Activity], dict[str, int]]:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    run = Run("custom:list")
    return list(FORMATS["mbox"].records([tmp_path], run)), dict(run.left_out)


@pytest.mark.parametrize(
    ("heads", "object_id"),
    [
        ({"In-Reply-To": "Message from Ada of Monday", "References": "<0@a> <1@a>"}, "1@a"),
        ({"In-Reply-To": '<1@a> from "Bo" <bo@b.example> at Jan 5', "References": "<0@a> <1@a>"}, "1@a"),
        ({"In-Reply-To": 'Message from Bo <bo@b.example> of "Mon" <1@a>'}, "1@a"),
        ({"In-Reply-To": "< 1@a >"}, "1@a"),
        ({"In-Reply-To": "Message of Monday"}, None),
    ],
)
def test_a_mail_answers_the_mail_that_its_heads_name_whatever_stands_beside_it(tmp_path, heads, object_id):
    made, _ = read(tmp_path, mail(heads))
    assert made[0].object == object_id


@pytest.mark.parametrize(
    ("date", "before", "received"),
    [
        ("2026-01-05 08:36:41", BEFORE, None),
        ("Mo, 5 Januar 2026 08.36.41 GMT", BEFORE, None),
        ("yesterday", BEFORE, None),
        (None, BEFORE, None),
        (None, "From mboxrd@z Thu Jan  1 00:00:00 1970", "by m.example; Mon, 5 Jan 2026 08:36:41 +0000"),
    ],
)
def test_a_mail_whose_date_cannot_be_read_is_dated_as_it_came(tmp_path, date, before, received):
    made, _ = read(tmp_path, mail({"Date": date, "Received": received}, before=before))
    assert f"{made[0].published:%Y-%m-%d %H:%M}" == "2026-01-05 08:36"


def test_a_mail_without_any_time_is_counted(tmp_path):
    assert read(tmp_path, mail({"Date": None}, before="From mboxrd@z Thu Jan  1 00:00:00 1970")) == (
        [],
        {"malformed": 1},
    )


@pytest.mark.parametrize(
    ("sender", "more", "actor", "name"),
    [
        ("=?utf-8?q?Byron=2C_Ada?= <ada@a.example>", {}, "ada@a.example", "Byron, Ada"),
        ('"Ada via groups.io" <ada=a.example@groups.io>', {"Reply-To": "l@groups.io"}, "ada@a.example", "Ada"),
        ("Ada <ada=40a.example@gateway.example>", {}, "ada@a.example", "Ada"),
        ('"Ada via L" <l@l.example>', {"Reply-To": "l@l.example", "List-Id": "<l.l.example>"}, None, None),
        ("ada en a.example (Ada)", {}, "ada@a.example", "Ada"),
        ("Ada <ada () a ! example ! org>", {}, "ada@a.example.org", "Ada"),
        ("Ada Byron", {}, None, None),
        (None, {}, None, None),
    ],
)
def test_a_sender_is_found_as_lists_and_archives_write_them(tmp_path, sender, more, actor, name):
    made, _ = read(tmp_path, mail({"From": sender, **more}))
    assert (made[0].actor, next((each.name for each in made if each.type == "account"), None)) == (actor, name)


def test_a_mail_without_an_id_is_read_under_one_that_stays(tmp_path):
    made, _ = read(tmp_path, mail({"Message-ID": None}) + b"\n" + mail({"Message-ID": None, "Subject": "T"}))
    again, _ = read(tmp_path, mail({"Message-ID": None}))
    assert made[0].id == again[0].id != made[1].id
    assert made[0].id is not None


def test_letters_are_read_also_where_nothing_says_how_they_are_written(tmp_path):
    body = mail({"Subject": "Caf\xe9", "From": "Zo\xeb <ada@a.example>"}, "\xfcber hops").decode().encode("latin-1")
    made, _ = read(tmp_path, body)
    assert made[0].content == "Caf\xe9\n\n\xfcber hops"
    made, _ = read(tmp_path, mail({"Subject": "Caf\xe9", "Content-Type": "text/plain; charset=us-ascii"}, "\xfcber"))
    assert made[0].content == "Caf\xe9\n\n\xfcber"


@pytest.mark.parametrize("charset", ["utf-\udcff8", "utf-\xff8"])
@pytest.mark.parametrize("head", ["Subject", "From"])
def test_a_mail_with_an_odd_letter_in_the_charset_of_a_header_loses_no_other(tmp_path, charset, head):
    odd = mail({"Message-ID": "<2@a>", head: f"=?{charset}?b?aG9w?= <ada@a.example>"})
    made, _ = read(tmp_path, mail({"Message-ID": "<1@a>"}) + b"\n" + odd)
    assert [each.id for each in made if each.type != "account"] == ["1@a", "2@a"]
    assert "aG9w" in str(made[1].content if head == "Subject" else made[-1].name)


@pytest.mark.parametrize(
    ("heads", "reason"),
    [
        ({"X-No-Archive": "Yes"}, "private"),
        ({"Auto-Submitted": "auto-replied"}, "other"),
        ({"Control": "cancel <1@a>"}, "other"),
    ],
)
def test_what_asks_not_to_be_archived_and_what_programs_send_is_counted(tmp_path, heads, reason):
    assert read(tmp_path, mail(heads)) == ([], {reason: 1})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("cur/1700.M1.h:2,ST", "deleted"),
        ("cur/1700.M1.h:2,DS", "private"),
        ("dovecot-uidlist", "files"),
        ("maildirfolder", "files"),
    ],
)
def test_of_a_maildir_the_trash_the_drafts_and_what_the_server_notes_are_counted(tmp_path, name, reason):
    assert read(tmp_path, mail({}).partition(b"\n")[2], name) == ([], {reason: 1})


@pytest.mark.parametrize(
    "text",
    [
        "Mine.\n\n-----Original Message-----\nFrom: Bo\nSent: Monday\n\nTheirs.",
        "Mine.\n\n-----Urspr\xfcngliche Nachricht-----\nVon: Bo\n\nTheirs.",
        "Mine.\n\n---------- Forwarded message ---------\nFrom: Bo\n\nTheirs.",
        "Mine.\n________________________________\nFrom: Bo <bo@b.example>\n\nTheirs.",
        "Mine.\n_______________________________________________\nHops mailing list\nHops@l.example\nhttps://l.example/",
        "On Mon, 5 Jan 2026 at 08:36, Bo via Hops\n<hops@l.example> wrote:\n\n> Theirs.\n\nMine.",
        "Am 05.01.2026 um 08:36 schrieb Bo:\n> Theirs.\n>\n> Theirs.\nMine.",
        "> Theirs.\nMine.\n-- \nAda, space engineer",
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nMine.\n-----BEGIN PGP SIGNATURE-----\n\niQIz\n=ab",
        "Mine.\r\n> Theirs.\r\n",
    ],
)
def test_a_mail_says_what_its_sender_wrote_and_nothing_of_others(text):
    assert own_text(text) == "Mine."


@pytest.mark.parametrize(
    "text",
    [
        "As section 3 says:\n> Theirs.",
        "A table:\n\n--- Results ---\n1 2 3",
        "Two parts\n____________________\nand no mail",
        "Hops:\n- Cascade\n- Saaz",
    ],
)
def test_a_mail_keeps_what_only_looks_like_the_words_of_others(text):
    assert own_text(text) == text.partition("\n>")[0]


@pytest.mark.parametrize(
    "subject",
    ["Re: Hops", "RE: AW: [beer] Fwd: Hops", "SV: Antwort: Hops", "Re[2]: Hops", "\u56de\u590d: Hops", "R\xe9f : Hops"],
)
def test_a_subject_is_read_without_marks_of_answers_and_lists(subject):
    assert own_subject(subject) == "Hops"


def test_a_page_says_nothing_of_what_it_quotes(tmp_path):
    made, _ = read(tmp_path, mail({"Content-Type": "text/html"}, "<pre>Mine.</pre><blockquote>Theirs.</blockquote>"))
    assert made[0].content == "S\n\nMine."


def test_mails_of_google_groups_are_known_by_their_first_line():
    head = b"From 1234567890\nX-Received: by 10.0.0.1\nFrom: Ada <ada@a.example>\n"
    assert format_of_head(head) == "mbox"
    assert format_of_head(b"From my point of view\nthis: is no mail\n") is None
