"""Parts of data sets: the same table whatever came in which part, and none of anybody who was taken out."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import msgspec
import numpy as np
import pytest

from candor.scoring.method import load_method
from candor.scoring.record_digest import digest_of_records
from candor.scoring.redaction import DataSubject, without_people
from candor.scoring.score import score
from candor.store import dataset_files, datasets, open_store, parts
from candor.store.dataset_files import DatasetFiles
from candor.store.datasets import MOST_SMALL
from candor.store.storage import DamagedFileError
from tests.effort import examples
from worker.context import CURRENT, WorkerContext
from worker.findings import index_records, merge_parts

if TYPE_CHECKING:
    from pathlib import Path

    from candor.store import Store

FACTS = {"network": "custom:c", "profile": "qa", "granted_rights": False}
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
SEEDS = range(examples(3))


def records(seed: int, first: int, last: int) -> list[bytes]:
    """Posts, answers to them and accounts, of every shape that a part has to keep."""
    chance = random.Random(seed)
    lines = []
    for number in range(first, last):
        record: dict[str, Any] = {
            "id": f"r{number}",
            "type": chance.choice(["note", "reply", "like", "list"]),
            "actor": f"u{number * 7 % 9}",
            "published": (BEGIN + timedelta(minutes=chance.randrange(300))).isoformat(),
            "object": chance.choice([None, "elsewhere", f"r{chance.randrange(last)}"]),
            "target_actor": chance.choice([None, f"u{chance.randrange(9)}"]),
            "content": chance.choice([None, "", "Hopfen ✓", "with a \x00 in it"]),
            "tags": chance.choice([None, [], ["a", "b"]]),
            "visibility": chance.choice([None, "public", "unlisted"]),
            "url": chance.choice([None, "https://example.org/1"]),
            "value": chance.choice([None, -1.0, 0.5]),
            "via": chance.choice([None, f"r{chance.randrange(last)}"]),
        }
        lines.append(msgspec.json.encode(record))
    account = {"type": "account", "actor": f"u{seed}", "published": "2026-10-01T02:00:00+05:00", "followers": seed}
    return [*lines, msgspec.json.encode(account)]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_ROWS", 20)
    monkeypatch.setattr(parts, "_ROWS_AT_ONCE", 30)


def files(data_dir: Path) -> set[str]:
    return {path.name for path in (data_dir / "datasets").iterdir()}


def same(here: Store, there: Store) -> bool:
    """Whether two machines have the same table, and it is as it is described."""
    ours, theirs = here.datasets.activities("ada", "s"), there.datasets.activities("ada", "s")
    known = here.datasets.get("ada", "s")
    objects = [[table.object_of(row) for row in range(len(table))] for table in (ours, theirs)]
    rows = [np.where(table.object < len(table), table.object, -2).tolist() for table in (ours, theirs)]
    return (
        list(ours) == list(theirs)
        and objects[0] == objects[1]
        and rows[0] == rows[1]
        and ours.digest == theirs.digest == known.digest == digest_of_records(theirs)
        and len(theirs) == known.records
    )


def strays(store: Store) -> tuple[int, set[str]]:
    """How many records act on what is no record's id, and which ids these are."""
    table = store.datasets.activities("ada", "s")
    return int((table.object >= len(table)).sum()), set(table.objects.all())


def answering(store: Store) -> int:
    """How many records act on one of theirs."""
    table = store.datasets.activities("ada", "s")
    return int(((table.object >= 0) & (table.object < len(table))).sum())


def indexes(data_dir: Path) -> list[Path]:
    return sorted((data_dir / "cache").glob("*.index"))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_made_of_parts_is_what_was_uploaded(store: Store, elsewhere: Store, data_dir: Path, seed: int) -> None:
    store.datasets.put("ada", "s", lines=records(seed, 0, 50), **FACTS)
    assert len(files(data_dir)) == 3
    assert same(store, elsewhere)


@pytest.mark.parametrize("seed", SEEDS)
def test_of_records_sent_again_the_newest_count_whoever_reads_them(store: Store, elsewhere: Store, seed: int) -> None:
    store.datasets.put("ada", "s", lines=records(seed, 0, 50), **FACTS)
    store.datasets.append("ada", "s", records(seed + 1, 30, 70))
    store.datasets.append("ada", "s", records(seed, 60, 90))
    assert same(store, elsewhere)
    store.datasets.remove("ada", "s", "r65")
    store.datasets.append("ada", "s", records(seed + 2, 64, 66))
    assert same(store, elsewhere)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_adding_says_is_what_a_look_at_all_records_says(store: Store, elsewhere: Store, seed: int) -> None:
    store.datasets.put("ada", "s", lines=records(seed, 0, 50), **FACTS)
    for number in range(4):
        said = store.datasets.append("ada", "s", records(seed + number, 20 + number * 20, 50 + number * 20))
        unmatched, objects = strays(elsewhere)
        assert (said.references.unmatched, said.references.answering) == (unmatched, answering(elsewhere))
        assert set(said.references.unmatched_examples) <= objects
        assert (said.records, said.digest) == (
            len(elsewhere.datasets.activities("ada", "s")),
            digest_of_records(elsewhere.datasets.activities("ada", "s")),
        )


def test_adding_reads_no_table_and_writes_none(store: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.datasets.put("ada", "s", lines=records(1, 0, 50)[:-1], **FACTS)
    store.datasets.append("ada", "s", records(2, 40, 60)[:-1])
    before = {path: path.stat().st_mtime_ns for path in (data_dir / "cache").glob("*.*")}
    monkeypatch.setattr(DatasetFiles, "table", lambda *_: pytest.fail("the table was read"))
    added = store.datasets.append("ada", "s", records(3, 55, 90)[:-1])
    monkeypatch.undo()
    assert before.keys() == set((data_dir / "cache").glob("*.*"))
    assert added.digest == digest_of_records(store.datasets.activities("ada", "s"))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_new_index_is_made_of_the_last_and_of_what_came_since(
    store: Store, elsewhere: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(dataset_files, "MOST_SINCE", 40)
    store.datasets.put("ada", "s", lines=records(seed, 0, 50)[:-1], **FACTS)
    store.datasets.append("ada", "s", records(seed, 40, 60)[:-1])
    monkeypatch.setattr(dataset_files, "write_index", lambda *_: pytest.fail("all records were read again"))
    made = set(indexes(data_dir))
    for number in range(6):
        said = store.datasets.append("ada", "s", records(seed + number, 20 + number * 9, 50 + number * 9)[:-1])
        unmatched, objects = strays(elsewhere)
        assert (said.references.unmatched, set(said.references.unmatched_examples) <= objects) == (unmatched, True)
        assert said.digest == digest_of_records(elsewhere.datasets.activities("ada", "s"))
        assert len(indexes(data_dir)) == 1
        made |= set(indexes(data_dir))
    assert len(made) > 2


@pytest.mark.parametrize("place", [0, 12, 120, 300, 900, -900, -300, -1])
def test_a_damaged_index_is_made_anew(store: Store, elsewhere: Store, data_dir: Path, place: int) -> None:
    store.datasets.put("ada", "s", lines=records(1, 0, 50)[:-1], **FACTS)
    store.datasets.append("ada", "s", records(2, 40, 60)[:-1])
    (index,) = indexes(data_dir)
    raw = bytearray(index.read_bytes())
    raw[place] ^= 1
    index.write_bytes(raw)
    said = store.datasets.append("ada", "s", records(3, 0, 90)[:-1])
    assert same(store, elsewhere)
    assert (said.references.unmatched, said.references.answering) == (strays(elsewhere)[0], answering(elsewhere))


@pytest.mark.parametrize("seed", SEEDS)
def test_after_an_erasure_what_was_uploaded_stays_told_and_what_acts_on_what_is_told_as_it_is_now(
    store: Store, elsewhere: Store, seed: int
) -> None:
    uploaded = store.datasets.put("ada", "s", lines=records(seed, 0, 50), **FACTS)
    store.dataset_erasure.erase(DataSubject(network="custom:c", names=("u3",)), None)
    left = store.datasets.get("ada", "s")
    assert left is not None
    assert (left.counts, left.records < uploaded.records) == (uploaded.counts, True)
    assert (left.references.unmatched, left.references.answering) == (strays(elsewhere)[0], answering(elsewhere))
    said = store.datasets.append("ada", "s", records(seed + 1, 40, 60))
    assert (said.references.unmatched, said.references.answering) == (strays(elsewhere)[0], answering(elsewhere))


def test_no_index_of_what_was_erased_is_left(store: Store, data_dir: Path) -> None:
    store.datasets.put("ada", "s", lines=records(1, 0, 50)[:-1], **FACTS)
    store.datasets.append("ada", "s", records(2, 40, 60)[:-1])
    assert len(indexes(data_dir)) == 1
    store.dataset_erasure.erase(DataSubject(network="custom:c", names=("u3",)), None)
    assert indexes(data_dir) == []
    assert len(list((data_dir / "cache").glob("*.*"))) == 1


def test_adding_records_leaves_the_parts_that_were_there(store: Store, data_dir: Path) -> None:
    store.datasets.put("ada", "s", lines=records(1, 0, 50), **FACTS)
    before = files(data_dir)
    store.datasets.append("ada", "s", records(2, 40, 60))
    assert before < files(data_dir)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("first", [30, 50], ids=["some sent again", "none sent again"])
def test_an_erasure_leaves_nothing_in_any_part_and_what_others_did(
    store: Store, elsewhere: Store, data_dir: Path, seed: int, first: int
) -> None:
    store.datasets.put("ada", "s", lines=records(seed, 0, 50), **FACTS)
    store.datasets.append("ada", "s", records(seed + 1, first, 70))
    others = without_people(list(store.datasets.activities("ada", "s")), {"u3"})
    assert store.dataset_erasure.erase(DataSubject(network="custom:c", names=("u3",)), None) == {"datasets": 1}
    with duckdb.connect() as connection:
        said = connection.execute(f"select * from read_parquet('{data_dir}/datasets/*.parquet')").fetchall()
    assert "'u3'" not in repr(said)
    assert len(said) == store.datasets.get("ada", "s").records
    assert list(elsewhere.datasets.activities("ada", "s")) == others
    assert same(store, elsewhere)


def test_an_erasure_leaves_parts_without_the_person_as_they_are(store: Store, data_dir: Path) -> None:
    alone = [msgspec.json.encode({"id": "x", "type": "note", "actor": "eve", "published": "2026-11-01T00:00:00Z"})]
    store.datasets.put("ada", "s", lines=[*records(1, 0, 50), *alone], **FACTS)
    before = files(data_dir)
    store.dataset_erasure.erase(DataSubject(network="custom:c", names=("eve",)), None)
    assert len(before & files(data_dir)) == 2


def test_who_stood_in_what_was_sent_again_is_in_no_part_after_an_erasure(store: Store, data_dir: Path) -> None:
    post = {"id": "x", "type": "note", "actor": "ada", "published": "2026-11-01T00:00:00Z"}
    store.datasets.put("ada", "s", lines=[msgspec.json.encode(post | {"target_actor": "eve"})], **FACTS)
    store.datasets.append("ada", "s", [msgspec.json.encode(post)])
    assert store.dataset_erasure.erase(DataSubject(network="custom:c", names=("eve",)), None) == {"datasets": 0}
    with duckdb.connect() as connection:
        said = connection.execute(f"select * from read_parquet('{data_dir}/datasets/*.parquet')").fetchall()
    assert (len(said), "eve" in repr(said)) == (1, False)


def test_a_data_set_from_which_all_is_taken_out_is_empty_and_can_be_added_to(store: Store, elsewhere: Store) -> None:
    store.datasets.put("ada", "s", lines=records(1, 0, 1)[:1], **FACTS)
    assert store.datasets.remove("ada", "s", "r0").records == 0
    assert same(store, elsewhere)
    assert store.datasets.append("ada", "s", records(1, 0, 3)).records == 3  # r0 stays out
    assert store.datasets.append("ada", "s", records(1, 0, 3), restore=True).records == 4


def test_a_missing_part_is_damage_and_not_another_data_set(store: Store, data_dir: Path) -> None:
    store.datasets.put("ada", "s", lines=records(1, 0, 50), **FACTS)
    (data_dir / "datasets" / min(files(data_dir))).unlink()
    with pytest.raises(DamagedFileError, match="is gone"):
        store.datasets.activities("ada", "s")


def test_a_damaged_table_at_hand_is_made_anew(store: Store, data_dir: Path) -> None:
    store.datasets.put("ada", "s", lines=records(1, 0, 50), **FACTS)
    whole = list(store.datasets.activities("ada", "s"))
    for damaged in (lambda said: said[:0], lambda said: said[:-100], lambda said: b"x" + said[1:]):
        (at_hand,) = (data_dir / "cache").glob("*.*")
        at_hand.write_bytes(damaged(at_hand.read_bytes()))
        assert list(store.datasets.activities("ada", "s")) == whole


def test_a_table_in_use_is_whole_although_its_file_is_cut_off(store: Store, data_dir: Path) -> None:
    store.datasets.put("ada", "s", lines=records(1, 0, 50), **FACTS)
    table = store.datasets.activities("ada", "s")
    for path in data_dir.rglob("*.*"):
        os.truncate(path, 0)
    assert digest_of_records(table) == table.digest


def test_of_tables_at_hand_the_oldest_go_when_there_is_no_room(redis_url: str, data_dir: Path) -> None:
    store = open_store(redis_url, data_dir, cache_mb=0)
    store.datasets.put("ada", "s", lines=records(1, 0, 50), **FACTS)
    assert list((data_dir / "cache").glob("*.*")) == []
    assert len(store.datasets.activities("ada", "s")) == 51
    store.close()


def test_another_machine_drops_its_table_after_an_erasure(
    store: Store, elsewhere: Store, tmp_path: Path, data_dir: Path
) -> None:
    store.datasets.put("ada", "s", lines=records(1, 0, 50), **FACTS)
    elsewhere.dataset_erasure.drop_erased()
    elsewhere.datasets.activities("ada", "s")
    assert len(list((tmp_path / "other" / "cache").glob("*.*"))) == 1
    store.dataset_erasure.erase(DataSubject(network="custom:c", names=("u3",)), None)
    elsewhere.dataset_erasure.drop_erased()
    assert list((tmp_path / "other" / "cache").glob("*.*")) == []


def test_small_parts_are_merged_once_there_are_many_and_the_data_set_says_what_it_said(
    store: Store, elsewhere: Store, data_dir: Path
) -> None:
    store.datasets.put("ada", "s", lines=records(1, 0, 50), **FACTS)
    for number in range(MOST_SMALL):
        said = store.datasets.append("ada", "s", records(number, number * 3, number * 3 + 5))
    ((merge,),) = (store.queue.waiting(),)
    assert merge.startswith("merge_")
    token = CURRENT.set(WorkerContext(store, load_method(), score))
    merge_parts("ada", "s")
    CURRENT.reset(token)
    assert store.datasets.get("ada", "s").digest == said.digest
    assert len(files(data_dir)) == -(-said.records // 20)
    assert same(store, elsewhere)


def test_a_worker_makes_the_index_of_a_large_data_set_before_anybody_adds_to_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "LARGE", 50)
    store.datasets.put("ada", "small", lines=records(1, 0, 20), **FACTS)
    store.datasets.put("ada", "s", lines=records(1, 0, 50), **FACTS)
    (asked,) = store.queue.waiting()
    token = CURRENT.set(WorkerContext(store, load_method(), score))
    index_records("ada", "s")
    index_records("ada", "gone")
    CURRENT.reset(token)
    read: list[object] = []
    monkeypatch.setattr(DatasetFiles, "table", lambda *given: read.append(given))
    before = store.datasets.get("ada", "s").records
    assert store.datasets.append("ada", "s", records(2, 50, 60)).records == before + 11
    assert (asked[:6], read) == ("index_", [])


def test_what_is_added_while_parts_are_merged_stays(
    store: Store, elsewhere: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge = DatasetFiles.merge

    def slow(*given: object) -> object:
        made = merge(*given)
        store.datasets.append("ada", "s", records(7, 40, 60))
        return made

    store.datasets.put("ada", "s", lines=records(1, 0, 50), **FACTS)
    store.datasets.append("ada", "s", records(2, 10, 20))
    monkeypatch.setattr(DatasetFiles, "merge", slow)
    assert store.datasets.merge_parts("ada", "s")
    assert same(store, elsewhere)


def test_what_replaces_a_data_set_while_its_parts_are_merged_stays(
    store: Store, elsewhere: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge = DatasetFiles.merge

    def slow(*given: object) -> object:
        made = merge(*given)
        store.dataset_erasure.erase(DataSubject(network="custom:c", names=("u3",)), None)
        return made

    store.datasets.put("ada", "s", lines=records(1, 0, 50), **FACTS)
    monkeypatch.setattr(DatasetFiles, "merge", slow)
    assert not store.datasets.merge_parts("ada", "s")
    assert same(store, elsewhere)
    with duckdb.connect() as connection:
        said = connection.execute(f"select * from read_parquet('{data_dir}/datasets/*.parquet')").fetchall()
    assert "'u3'" not in repr(said)


def test_parts_merged_while_records_are_added_are_not_lost(store: Store, elsewhere: Store, monkeypatch) -> None:
    write = DatasetFiles.write

    def slow(*given: object, **more: object) -> object:
        monkeypatch.setattr(DatasetFiles, "write", write)
        made = write(*given, **more)
        assert store.datasets.merge_parts("ada", "s")
        return made

    store.datasets.put("ada", "s", lines=records(1, 0, 50), **FACTS)
    monkeypatch.setattr(DatasetFiles, "write", slow)
    store.datasets.append("ada", "s", records(2, 10, 20))
    assert same(store, elsewhere)
