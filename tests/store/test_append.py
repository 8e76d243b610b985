"""Data sets that are added to: the same table as if all had come at once, whatever came in which order."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candor.scoring.record_digest import digest_of_records
from candor.scoring.records import RecordReader
from candor.store.column_file import interleaved, read_table
from candor.store.dataset_files import DatasetFiles
from candor.store.models import BadDatasetError
from candor.store.table_builder import TableBuilder
from candor.store.table_merge import TableMerge
from lab.speed.community import write_columns
from tests.effort import examples

if TYPE_CHECKING:
    from pathlib import Path

    from candor.scoring.table import Table
    from candor.store import Store
    from candor.store.parts import Part

IDS = st.sampled_from("abcdefgh")
RECORDS = st.lists(
    st.builds(
        lambda key, actor, second, about, tags, more: {
            "id": key,
            "actor": actor,
            "type": "reply" if about else "note",
            "published": f"2026-10-01T00:00:0{second}+0{second}:00",
            "object": about,
            "tags": tags,
            **more,
        },
        IDS,
        st.sampled_from(["u", "v", "w"]),
        st.integers(0, 3),
        st.none() | IDS | st.sampled_from(["elsewhere", "far"]),
        st.lists(st.sampled_from(["x", "y"]), max_size=2),
        st.fixed_dictionaries(
            {}, optional={"content": st.text(max_size=5), "value": st.just(1.0), "url": st.just("l")}
        ),
    ),
    max_size=8,
    unique_by=lambda record: record["id"],
)


def table_of(folder: Path, records: list[dict[str, Any]], name: str) -> Table:
    with TableBuilder(folder) as builder:
        RecordReader(None, keep=builder.add).feed(records)
        list(builder.repeated())
        with write_columns(folder / name) as file:
            builder.write(file)
    return read_table(folder / name)


def objects(table: Table) -> list[int | str | None]:
    """Rows acted on, and ids that no row has."""
    size, rows = len(table), table.object.tolist()
    return [(row if row < size else table.objects.at(row - size)) if row >= 0 else None for row in rows]


@settings(max_examples=examples(40))
@given(RECORDS, RECORDS, st.sets(st.integers(0, 7)))
def test_a_merged_table_is_the_table_of_what_it_holds(tmp_path_factory, before, after, gone):
    folder = tmp_path_factory.mktemp("tables")
    old, new = table_of(folder, before, "old"), table_of(folder, after, "new")
    rows = {row for row in gone if row < len(old)}
    merge = TableMerge(old, new, rows)
    with write_columns(folder / "merged") as file:
        merge.write(file)
    left_out = {old[row].id for row in rows} | {record["id"] for record in after}
    expected = table_of(folder, [record for record in before if record["id"] not in left_out] + after, "expected")
    merged = read_table(folder / "merged")
    assert list(merged) == list(expected)
    assert merged.digest == expected.digest == digest_of_records(merged)
    assert objects(merged) == objects(expected)
    assert set(merged.people.all()) == set(expected.people.all())
    assert merge.references.unmatched == sum(isinstance(each, str) for each in objects(merged))


def test_texts_of_two_tables_that_alternate_are_written_many_at_once():
    sources = [np.frombuffer(b"abcdefgh" * 500, np.uint8), np.frombuffer(b"ABCDEFGH" * 500, np.uint8)]
    which, first = np.tile([0, 1], 2_000), np.repeat(2 * np.arange(2_000), 2)
    (written,) = interleaved(sources, which, first, np.full(4_000, 2))
    assert bytes(written) == b"abABcdCDefEFghGH" * 500


def line(number: int, **more: object) -> bytes:
    record = {"id": f"r{number}", "actor": f"u{number}", "type": "note", "published": "2026-10-01T12:00:00Z", **more}
    return msgspec.json.encode(record)


def put(store: Store, *lines: bytes) -> Any:
    return store.datasets.put("ada", "s", network="custom:c", profile="qa", granted_rights=False, lines=lines)


def ids(store: Store) -> list[str | None]:
    return [record.id for record in store.datasets.activities("ada", "s")]


def test_records_are_added_and_one_sent_again_replaces_itself(store):
    put(store, line(1), line(2))
    made = store.datasets.append("ada", "s", [line(2, content="new"), line(3)])
    assert (made.records, ids(store)) == (3, ["r1", "r2", "r3"])
    assert store.datasets.activities("ada", "s")[1].content == "new"


def test_the_same_again_changes_nothing(store, data_dir):
    before = put(store, line(1), line(2))
    assert store.datasets.append("ada", "s", [line(1)]) == before
    assert len(list((data_dir / "datasets").iterdir())) == 1


def test_an_account_with_an_id_stays_beside_one_without_of_the_same_moment(store):
    with_id, without = (line(1, type="account", id=name, name="Ada") for name in ("a1", None))
    put(store, line(2), with_id)
    added = store.datasets.append("ada", "s", [without])
    at_once = put(store, line(2), with_id, without)
    assert (added.records, added.digest) == (3, at_once.digest)


def test_an_account_seen_again_at_the_same_moment_is_one(store):
    account = line(1, type="account", id=None, name="Ada")
    put(store, line(2), account)
    assert store.datasets.append("ada", "s", [line(1, type="account", id=None, name="Ada L.")]).records == 2


def test_what_was_unmatched_may_be_matched_by_what_comes_later(store):
    assert put(store, line(1, object="r2", type="reply")).references.unmatched == 1
    assert store.datasets.append("ada", "s", [line(2)]).references.unmatched == 0


def test_a_record_is_taken_out_and_what_was_about_it_stays(store):
    put(store, line(1), line(2, type="reply", object="r1"))
    made = store.datasets.remove("ada", "s", "r1")
    assert (made.records, made.references.unmatched, ids(store)) == (1, 1, ["r2"])
    assert store.datasets.activities("ada", "s")[0].object == "r1"
    with pytest.raises(LookupError):
        store.datasets.remove("ada", "s", "r1")


def test_a_data_set_that_was_changed_has_the_digest_of_one_uploaded_as_it_is_now(store):
    put(store, line(1), line(2))
    store.datasets.append("ada", "s", [line(2, content="new"), line(3)])
    changed = store.datasets.remove("ada", "s", "r1")
    assert changed.digest == put(store, line(3), line(2, content="new")).digest


def test_nothing_is_added_to_what_is_not_there_and_nothing_bad_to_what_is(store):
    with pytest.raises(LookupError):
        store.datasets.append("ada", "s", [line(1)])
    before = put(store, line(1))
    for bad in ([b"{}"], []):
        with pytest.raises(BadDatasetError):
            store.datasets.append("ada", "s", bad)
    assert store.datasets.get("ada", "s") == before


def test_what_two_add_at_once_is_all_there(store):
    put(store, line(0))
    both = [
        threading.Thread(
            target=lambda first=first: [store.datasets.append("ada", "s", [line(n)]) for n in range(first, first + 5)]
        )
        for first in (1, 101)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(ids(store)) == 11


def test_data_sets_are_listed_by_id(store):
    put(store, line(1))
    assert [dataset.id for dataset in store.datasets.all_of("ada")] == ["s"]
    assert store.datasets.all_of("eve") == []


def test_a_data_set_replaced_while_it_is_opened_is_read_as_it_is_now(store, monkeypatch):
    put(store, line(1))
    opened = DatasetFiles.table

    def replaced_first(files: DatasetFiles, parts: tuple[Part, ...], is_current: Any) -> Table:
        monkeypatch.setattr(DatasetFiles, "table", opened)
        put(store, line(2))
        return opened(files, parts, is_current)

    monkeypatch.setattr(DatasetFiles, "table", replaced_first)
    assert ids(store) == ["r2"]
