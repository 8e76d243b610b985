"""Who is written alike: the same people as by a look at all names, of which hardly any is read for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from candor.scoring.table import Table
from candor.scoring.window import newest_claims
from candor.scoring.words import fold

if TYPE_CHECKING:
    from candor.store import Store

FACTS = {"network": "custom:c", "profile": "qa", "granted_rights": False}
NAMES = (
    *("José Álvarez", "jose  alvarez", "JOSE ALVAREZ", "Strasse", "straße", "Łukasz", "lukasz", '"', "a\\b", "A\\B"),
    *('say "hi"', 'SAY "HI"', "Ада", "ада", "_", "plain", "Plain text", "x\ty", "x y", "mira.holm", "Mira Holm"),
)


def letters(name: str) -> str:
    """A name without what is between its letters, and without case and accents; a sign alone stays."""
    return "".join(filter(str.isalnum, fold(name))) or name


def keep(store: Store) -> Table:
    lines = []
    for number, name in enumerate(NAMES):
        others = NAMES[(number * 8 + 3) % len(NAMES)]
        at = {"published": f"2026-10-{1 + number:02}T00:00:00Z"}
        lines += [
            {"type": "note", "id": f"n{number}", "actor": f"p{number}", **at},
            {"type": "account", "actor": f"p{number}", "name": name, "published": "2026-09-01T00:00:00Z"},
            {"type": "account", "actor": f"p{number}", "name": others, "published": "2026-09-02T00:00:00Z"},
        ]
        if name.isascii() and name.isalnum():
            lines.append({"type": "note", "id": f"m{number}", "actor": name, **at})
    store.datasets.put("ada", "s", lines=map(msgspec.json.encode, lines), **FACTS)
    return store.datasets.activities("ada", "s")


@pytest.mark.parametrize("name", NAMES)
def test_they_are_those_whom_a_look_at_all_names_finds(store: Store, name: str) -> None:
    table, wanted = keep(store), letters(name)
    called = {account for account, claim in newest_claims(table).items() if letters(claim.name or "") == wanted}
    written = {account for account in table.people.all() if letters(account) == wanted}
    found = store.datasets.written_alike("custom:c", name, "ada")
    assert found == sorted((called | written) - {name})
    assert found


@pytest.mark.parametrize(
    "written",
    [
        *(
            "miraholm",
            "MIRA_HOLM",
            "mira-holm",
            "Mïra Holm.",
            "\u041c\u0456r\u0430 H\u043elm",
            "acct:mira.holm@forum.example",
        ),
        *("https://forum.example/u/miraholm", "forum.example/@Mira.Holm?tab=posts", "miraholm@forum.example"),
    ],
)
def test_whoever_is_written_in_other_ways_is_found(store: Store, written: str) -> None:
    line = {"type": "note", "id": "n", "actor": "mira.holm", "published": "2026-10-01T00:00:00Z"}
    store.datasets.put("ada", "s", lines=[msgspec.json.encode(line)], **FACTS)
    assert store.datasets.written_alike("custom:c", written, "ada") == ["mira.holm"]


def test_no_records_are_put_together_but_those_of_whom_it_may_be(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    table, read = keep(store), []
    record = Table.record
    monkeypatch.setattr(Table, "record", lambda self, row: read.append(row) or record(self, row))
    assert store.datasets.written_alike("custom:c", "PLAIN TEXT", "ada")
    assert 0 < len(read) < len(table) // 4
