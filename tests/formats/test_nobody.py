"""Who is gone or was never named is nobody, in every way in which forums and programs write that."""

from __future__ import annotations

import pytest

from candor.formats.dumps.dump import Run
from candor.formats.dumps.registry import FORMATS
from candor.formats.rows import records_in
from candor.scoring.records import RecordReader

GONE = [
    *("Deleted User", "deleted-user", "[deleted]", "Gelöschter Benutzer", "Gelöschter Nutzer", "utilisateur supprimé"),
    *("Compte supprimé", "Cuenta eliminada", "Slettet bruker", "Borttagen användare", "usunięty użytkownik"),
    *("Удалённый пользователь", "已注销用户", "削除されたユーザー", "Poistettu käyttäjä"),
    *("Gast", "Gość", "Gæst", "Unregistered", "Ehemaliges Mitglied", "Usunięty", "Unbekannt", "-1"),
    *("[supprimé]", "[gelöscht]", "[removed]", "Nutzer gelöscht", "Anonymer Nutzer", "visiteur", "Visitor", "Guest 12"),
    *("-", "—", "?", "…", "***", "(Guest_7)"),
]


@pytest.mark.parametrize("name", GONE)
def test_who_is_gone_is_nobody_in_any_language(name):
    reader = RecordReader("custom:c", loose=True)
    table = f"id,actor,published,content\n1,{name},2026-01-05T10:00:00Z,hi\n2,ada,2026-01-05T11:00:00Z,hi\n"
    reader.feed(records_in([table.encode()], 10**8, {}))
    assert [each.actor for each in reader.activities] == [None, "ada"]
    assert reader.counts.nameless == 1


@pytest.mark.parametrize(
    ("author", "account"),
    [
        ("ada <>", "ada"),
        ("ada <ada>", "ada"),
        ("Ada Love <none@none>", "Ada Love"),
        ("Ada Love", "Ada Love"),
        ("(no author) <(no author)@0f1e>", None),
        ("unknown <unknown>", None),
        ("<>", None),
    ],
)
def test_a_commit_whose_author_has_no_address_is_read(tmp_path, author, account):
    log = f"commit abcdef1\nAuthor: {author}\nDate:   2026-01-05T10:00:00Z\n\n    fix it\n"
    (tmp_path / "log").write_text(f"{log}    Reviewed-by: Bo <bo@b.example>\n")
    run = Run("git:c")
    note, review = (each for each in FORMATS["git"].records([tmp_path / "log"], run) if each.type != "account")
    assert (note.actor, review.actor, +run.left_out) == (account, "bo@b.example", {})


def test_whoever_has_the_number_0_in_a_community_that_counts_from_there_is_somebody():
    reader = RecordReader("custom:c", loose=True)
    reader.feed(records_in([b"id,actor,published,content\n1,0,2026-01-05T10:00:00Z,hi\n"], 10**8, {}))
    assert [each.actor for each in reader.activities] == ["0"]


@pytest.mark.parametrize("name", ["🌱", "Guest12x", "李", "e_", "[ada]", "Мария"])
def test_a_name_that_somebody_may_have_chosen_is_theirs(name):
    reader = RecordReader("custom:c", loose=True)
    reader.feed(records_in([f"id,actor,published,content\n1,{name},2026-01-05T10:00:00Z,hi\n".encode()], 10**8, {}))
    assert [each.actor for each in reader.activities] == [name]
