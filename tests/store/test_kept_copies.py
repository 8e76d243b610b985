"""Near-copies are kept beside a data set's table: what is read is what would be found, and nothing of the erased."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from candor.scoring.columns import posts_of
from candor.scoring.copies import Copies, Shingles, find_copies, shingles_of
from candor.scoring.method import load_method
from candor.scoring.originals import Originals
from candor.scoring.redaction import DataSubject
from candor.scoring.window import text_columns
from candor.store import kept_copies

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from candor.scoring.method import CopyRule
    from candor.scoring.table import Table
    from candor.store import Store

FACTS = {"network": "custom:c", "profile": "qa", "granted_rights": False}
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
RULE = load_method().copies


def posts(seed: int, first: int, last: int) -> list[bytes]:
    """Posts of five people and of nobody known, many of which say nearly what others said."""
    chance = random.Random(seed)
    themes = [" ".join(str(chance.randrange(50)) for _ in range(40)) for _ in range(4)]
    lines = []
    for number in range(first, last):
        said = chance.choice(themes).split()
        said[chance.randrange(len(said))] = "changed"
        record = {
            "id": f"r{number}",
            "type": chance.choice(["note", "note", "vote"]),
            "actor": chance.choice([None, *(f"u{person}" for person in range(5))]),
            "published": (BEGIN + timedelta(minutes=number)).isoformat(),
            "content": chance.choice([None, " ".join(said)]),
        }
        lines.append(msgspec.json.encode(record))
    return lines


@pytest.fixture(autouse=True)
def worth_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_copies, "WORTH_KEEPING", 1)


def kept(data_dir: Path) -> list[Path]:
    return sorted((data_dir / "cache").glob("*.copies"))


def of(store: Store) -> tuple[Table, Copies]:
    table = store.datasets.activities("ada", "s")
    return table, store.datasets.copies("ada", "s", table, RULE)


def void(copies: Copies, rows: int) -> list[list[bool]]:
    """Which records copy earlier ones, whoever of some people takes them up, with whatever standing."""
    chance = np.random.default_rng(0)
    found = np.zeros((8, rows), np.bool_)
    for void in found:
        said = np.arange(rows).repeat(chance.integers(0, 4, rows))
        originals = Originals.of(copies, said, chance.integers(0, 6, said.size))
        void[originals.row] = originals.void(chance.integers(0, 3, 6) / 2)
    return found.tolist()


def found_anew(table: Table, window: slice) -> Copies:
    texts = posts_of(text_columns(table, window), table.type[window])
    return find_copies(texts, table.actor[window], RULE)


def rows_cut_up(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note from now on the rows of which texts are cut up."""
    read: list[int] = []

    def cut_up(spoken: Iterable[tuple[int, str]], rule: CopyRule) -> Shingles:
        given = list(spoken)
        read.extend(row for row, _ in given)
        return shingles_of(given, rule)

    monkeypatch.setattr(kept_copies, "shingles_of", cut_up)
    return read


@pytest.mark.parametrize("seed", range(6))
def test_copies_that_were_kept_are_those_of_any_window(store: Store, seed: int, data_dir: Path) -> None:
    store.datasets.put("ada", "s", lines=posts(seed, 0, 80), **FACTS)
    of(store)
    assert len(kept(data_dir)) == 1
    table, copies = of(store)
    for window in (slice(0, 80), slice(0, 40), slice(30, 70), slice(79, 80), slice(50, 50)):
        size = window.stop - window.start
        inside, anew = copies.within(window, table.actor[window]), found_anew(table, window)
        assert void(inside, size) == void(anew, size)
        assert inside.repeats_self.tolist() == anew.repeats_self.tolist()
    assert any(map(any, void(copies, 80)))


def test_copies_that_were_kept_are_read_and_not_found_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.datasets.put("ada", "s", lines=posts(1, 0, 80), **FACTS)
    table, copies = of(store)
    monkeypatch.setattr(kept_copies, "copies_in", lambda *_: pytest.fail("they were looked for again"))
    assert void(of(store)[1], len(table)) == void(copies, len(table))


@pytest.mark.parametrize("place", [0, 40, 200, -1])
def test_damaged_copies_are_found_anew(store: Store, data_dir: Path, place: int) -> None:
    store.datasets.put("ada", "s", lines=posts(1, 0, 80), **FACTS)
    table, copies = of(store)
    raw = bytearray(kept(data_dir)[0].read_bytes())
    raw[place] ^= 1
    kept(data_dir)[0].write_bytes(raw)
    assert void(of(store)[1], len(table)) == void(copies, len(table))
    assert kept(data_dir)[0].read_bytes() != bytes(raw)


def test_copies_of_another_rule_are_not_taken(store: Store) -> None:
    store.datasets.put("ada", "s", lines=posts(1, 0, 80), **FACTS)
    table, _ = of(store)
    strict = msgspec.structs.replace(RULE, least_words=10_000)
    assert store.datasets.copies("ada", "s", table, strict).row.size == 0


def test_records_that_are_added_or_taken_out_are_compared_too(store: Store) -> None:
    store.datasets.put("ada", "s", lines=posts(1, 0, 40), **FACTS)
    of(store)
    for change in (
        lambda: store.datasets.append("ada", "s", posts(1, 0, 80)[40:]),
        lambda: store.datasets.remove("ada", "s", "r0"),
    ):
        change()
        table, copies = of(store)
        assert void(copies, len(table)) == void(found_anew(table, slice(0, len(table))), len(table))


def test_after_an_addition_only_its_texts_are_cut_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.datasets.put("ada", "s", lines=posts(1, 0, 40), **FACTS)
    of(store)
    store.datasets.append("ada", "s", posts(1, 0, 80)[40:])
    read = rows_cut_up(monkeypatch)
    table, copies = of(store)
    assert read
    assert min(read) >= 40
    assert void(copies, len(table)) == void(found_anew(table, slice(0, len(table))), len(table))


@pytest.mark.parametrize("place", [0, 40, 400, -1])
def test_damaged_shingles_are_made_anew(store: Store, data_dir: Path, place: int) -> None:
    store.datasets.put("ada", "s", lines=posts(1, 0, 40), **FACTS)
    of(store)
    (path,) = (data_dir / "cache").glob("*.shingles")
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)
    store.datasets.append("ada", "s", posts(1, 0, 80)[40:])
    table, copies = of(store)
    assert void(copies, len(table)) == void(found_anew(table, slice(0, len(table))), len(table))


def test_short_texts_are_known_to_be_none(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    short = [msgspec.json.encode({**msgspec.json.decode(line), "content": "too short"}) for line in posts(1, 0, 9)]
    store.datasets.put("ada", "s", lines=[*short, *posts(1, 9, 40)], **FACTS)
    of(store)
    store.datasets.append("ada", "s", posts(1, 0, 41)[40:])
    read = rows_cut_up(monkeypatch)
    of(store)
    assert set(read) <= {40}


def test_of_somebody_erased_nothing_is_compared_and_no_copies_are_left(store: Store, data_dir: Path) -> None:
    store.datasets.put("ada", "s", lines=posts(1, 0, 80), **FACTS)
    of(store)
    (before,) = kept(data_dir)
    store.dataset_erasure.erase(DataSubject(network="custom:c", names=("u3",)), None)
    assert kept(data_dir) == list((data_dir / "cache").glob("*.shingles")) == []
    table, copies = of(store)
    assert "u3" not in table.people.all()
    assert void(copies, len(table)) == void(found_anew(table, slice(0, len(table))), len(table))
    assert kept(data_dir) != [before]
    store.datasets.delete("ada", "s")
    assert kept(data_dir) == list((data_dir / "cache").glob("*.shingles")) == []


def test_while_somebody_suppressed_is_still_in_the_parts_copies_are_those_without_them(store: Store) -> None:
    store.datasets.put("ada", "s", lines=posts(1, 0, 80), **FACTS)
    of(store)
    store.suppression.add("custom:c", ["u3"])
    table, copies = of(store)
    assert "u3" not in table.people.all()
    assert void(copies, len(table)) == void(found_anew(table, slice(0, len(table))), len(table))


def test_kept_copies_hold_no_text_and_no_name(store: Store, data_dir: Path) -> None:
    store.datasets.put("ada", "s", lines=posts(1, 0, 80), **FACTS)
    of(store)
    raw = kept(data_dir)[0].read_bytes()
    assert b"changed" not in raw
    assert b"u3" not in raw
