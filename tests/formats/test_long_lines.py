"""Lines that are too long to be held: one entry is cut or left out, counted, and the rest is read."""

from __future__ import annotations

from candor.formats.lines import LONGEST_LINE_BYTES

LONG = "x" * 2 * LONGEST_LINE_BYTES
COMMIT = "commit {}\nAuthor: Ada <ada@a.example>\nDate:   2026-01-05T08:36:41Z\n\n    {}\n\n"
MAIL = (
    "From ada@a.example Mon Jan  5 08:36:41 2026\nFrom: a@a.example\nSubject: {0}\nMessage-ID: <{0}@a>\n{1}\n\n{2}\n\n"
)
DATED = "Date: Mon, 5 Jan 2026 08:36:41 +0000"
ROW = '<row Id="{}" PostTypeId="1" CreationDate="2026-01-05T10:00:00.000" OwnerUserId="7" Title="Hops?" Body="{}" />'


def test_a_commit_with_a_long_line_stays_without_that_line(made_of):
    log = COMMIT.format("a" * 40, f"fix\n    {LONG}\n    it") + COMMIT.format("b" * 40, "more")
    made, run = made_of("git", log, "log.txt")
    assert [each.content for each in made if each.type == "note"] == ["fix\nit", "more"]
    assert run.left_out == {"cut": 1}


def test_a_long_line_of_a_patch_is_nothing_that_is_missed(read):
    patch = f"diff --git a/lib/x.js b/lib/x.js\n--- a/lib/x.js\n+++ b/lib/x.js\n+{LONG}\n"
    made, run = read("git", COMMIT.format("a" * 40, "fix") + patch + COMMIT.format("b" * 40, "more"), "log.txt")
    assert ([each for each in made if each.startswith("note")], run.left_out) == (["note ada@a.example"] * 2, {})


def test_a_mail_with_a_long_line_is_read_up_to_it(made_of):
    mails = MAIL.format("one", DATED, f"Saaz.\n{LONG}\nrest") + MAIL.format("two", DATED, "Hallertau")
    made, run = made_of("mbox", mails, "list.mbox")
    assert [each.content for each in made if each.type == "note"] == ["one\n\nSaaz.", "two\n\nHallertau"]
    assert run.left_out == {"cut": 1}


def test_a_post_that_is_too_long_is_left_out_of_a_dump(read):
    rows = "\n".join([ROW.format(1, "a"), ROW.format(2, LONG), ROW.format(3, "b")])
    made, run = read("stackexchange", {"Posts.xml": f"<posts>\n{rows}\n</posts>"}, "dump")
    assert (made, run.left_out) == (["question 7"] * 2, {"malformed": 1})


def test_a_dump_on_one_line_is_read_whole(read):
    rows = "".join(ROW.format(number, "b" * 2_000) for number in range(3_000))
    made, run = read("stackexchange", {"Posts.xml": f"<posts>{rows}</posts>"}, "dump")
    assert (len(made), run.left_out) == (3_000, {})


def test_a_row_that_is_broken_between_others_is_counted(read):
    broken = ROW.format(2, "b").replace('Title="', "Title=")
    rows = "\n".join([ROW.format(1, "a"), broken, ROW.format(3, "b")])
    made, run = read("stackexchange", {"Posts.xml": f"<posts>\n{rows}\n</posts>"}, "dump")
    assert (len(made), run.left_out) == (2, {"malformed": 1})
