"""What was begun before an erasure and ends after it keeps nothing of who was erased, and takes nothing of others."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from candor.scoring.redaction import DataSubject
from candor.store import question_indexes, redis_keys
from candor.store.dataset_files import DatasetFiles
from candor.store.idempotency import IdempotentResponse
from candor.store.question_indexes import QuestionIndexes
from candor.store.sources import AskedSource
from candor.store.table_cache import TableCache

if TYPE_CHECKING:
    from pathlib import Path

    from candor.store import Store

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EVA = "evapopova"
SUBJECT = DataSubject(network="custom:c", names=(EVA,))
HOUR_S, DAY_S = 3_600, 86_400


def line(number: int, actor: str, content: str = "how do I mash hops?") -> bytes:
    """An opening post."""
    at = f"2026-10-{1 + number % 28:02}T12:00:00Z"
    said = {"id": f"q{number}", "actor": actor, "type": "question", "published": at, "content": content}
    return msgspec.json.encode(said)


LINES = [*(line(number, f"u{number}") for number in range(9)), line(9, EVA, "how do zeppelins brew?")]


def put(store: Store, lines: list[bytes] = LINES, name: str = "c") -> Any:
    """Upload."""
    return store.datasets.put("ada", name, network="custom:c", profile="qa", granted_rights=False, lines=lines)


def erase(store: Store) -> None:
    """Erase Eva from everything, as a worker does."""
    asked = store.erasures.create(None, "custom:c", EVA)
    begun = store.erasures.start(asked.id)
    assert begun is not None
    assert store.eraser.run(begun).status == "succeeded"


def holding(data_dir: Path, *words: bytes) -> list[str]:
    """The files that hold one of the words."""
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    return [path.name for path in files if any(word in path.read_bytes() for word in words)]


@pytest.fixture
def before_index(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What happens after the texts of a data set were read, and before their words are found."""
    then: list[Any] = []
    build = question_indexes.build_index

    def late(*given: Any) -> Any:
        for happen in then:
            happen()
        return build(*given)

    monkeypatch.setattr(question_indexes, "build_index", late)
    return then


@pytest.mark.parametrize("way", ["by a worker", "by who asks"])
@pytest.mark.parametrize("what", ["erased", "replaced", "deleted"])
def test_words_of_a_state_that_was_replaced_are_not_kept(
    store: Store, data_dir: Path, before_index: list[Any], monkeypatch: pytest.MonkeyPatch, way: str, what: str
) -> None:
    dataset, indexes = put(store), QuestionIndexes(store)
    monkeypatch.setattr(question_indexes, "READ_AT_ONCE", 0)
    happen = {
        "erased": erase,
        "replaced": lambda store: put(store, LINES[:3]),
        "deleted": lambda store: store.datasets.delete("ada", "c"),
    }
    before_index.append(lambda: happen[what](store))
    (indexes.keep_words if way == "by a worker" else indexes.index)(dataset, NOW)
    assert list((data_dir / "questions").iterdir()) == []


def test_words_of_the_state_that_is_are_kept(store: Store, data_dir: Path) -> None:
    QuestionIndexes(store).keep_words(put(store), NOW)
    assert len(list((data_dir / "questions").iterdir())) == 1


def test_a_table_made_on_another_machine_while_somebody_is_erased_is_not_kept_there(
    store: Store, elsewhere: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store)
    keep = TableCache.keep

    def late(cache: TableCache, key: str, file: Any) -> None:
        if not store.redis.exists(redis_keys.SUPPRESSED):
            erase(store)
            elsewhere.drop_erased()
        keep(cache, key, file)

    monkeypatch.setattr(TableCache, "keep", late)
    elsewhere.datasets.activities("ada", "c")
    assert holding(tmp_path, EVA.encode(), b"zeppelin") == []
    assert len(elsewhere.datasets.activities("ada", "c")) == 9


def test_a_table_that_is_moved_while_somebody_is_erased_is_not_kept(
    store: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, LINES[:5])
    store.datasets.append("ada", "c", LINES[5:])
    move = DatasetFiles.move_table

    def late(files: DatasetFiles, *given: Any) -> None:
        erase(store)
        move(files, *given)

    monkeypatch.setattr(DatasetFiles, "move_table", late)
    assert store.datasets.merge_parts("ada", "c")
    assert holding(data_dir, EVA.encode(), b"zeppelin") == []
    assert len(store.datasets.activities("ada", "c")) == 9


@pytest.fixture
def replaced_before_rewriting(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a data set uploaded anew, once, right before its parts are read to be written anew."""
    rewrite, left = DatasetFiles.rewrite, [True]

    def late(files: DatasetFiles, *given: Any, **more: Any) -> Any:
        if left:
            left.clear()
            put(store, [*LINES[3:], line(20, "u20")])
        return rewrite(files, *given, **more)

    monkeypatch.setattr(DatasetFiles, "rewrite", late)


@pytest.mark.usefixtures("replaced_before_rewriting")
def test_an_erasure_goes_on_where_a_data_set_is_uploaded_anew_while_it_reads(store: Store, data_dir: Path) -> None:
    put(store)
    erase(store)
    assert store.datasets.get("ada", "c").records == 7
    assert holding(data_dir, EVA.encode(), b"zeppelin") == []


@pytest.mark.usefixtures("replaced_before_rewriting")
def test_a_record_is_taken_out_of_what_was_uploaded_anew_meanwhile(store: Store) -> None:
    put(store)
    assert store.datasets.remove("ada", "c", "q5").records == 7


@pytest.mark.usefixtures("replaced_before_rewriting")
def test_parts_of_what_was_uploaded_anew_meanwhile_are_not_merged(store: Store) -> None:
    put(store, LINES[:5])
    store.datasets.append("ada", "c", LINES[5:])
    assert not store.datasets.merge_parts("ada", "c")
    assert store.datasets.get("ada", "c").records == 8


@pytest.mark.usefixtures("replaced_before_rewriting")
def test_somebody_suppressed_is_left_out_of_what_is_added_to_a_data_set_uploaded_anew(store: Store) -> None:
    put(store, LINES[:5])
    store.suppression.add("custom:c", [EVA])
    assert store.datasets.append("ada", "c", [line(30, "u30"), line(31, EVA)]).records == 8


def test_an_erasure_that_misses_a_file_of_a_data_set_that_is_as_it_was_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store)

    def lacks(*_: Any, **__: Any) -> None:
        raise FileNotFoundError("scratch")

    monkeypatch.setattr(DatasetFiles, "rewrite", lacks)
    with pytest.raises(FileNotFoundError, match="scratch"):
        erase(store)


def test_tables_of_a_data_set_that_was_replaced_before_the_erasure_go_on_other_machines_too(
    store: Store, elsewhere: Store, tmp_path: Path
) -> None:
    put(store)
    elsewhere.datasets.activities("ada", "c")
    elsewhere.drop_erased()
    put(store, LINES[:9])
    assert holding(tmp_path / "other", EVA.encode()) != []
    erase(store)
    elsewhere.drop_erased()
    assert holding(tmp_path / "other", EVA.encode()) == []


@pytest.mark.parametrize("work", ["merge", "erase"])
def test_parts_that_are_written_anew_are_not_swept_before_their_data_set_has_them(
    store: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    put(store, LINES[:5])
    store.datasets.append("ada", "c", LINES[5:])
    for path in (data_dir / "datasets").iterdir():
        os.utime(path, (time.time() - DAY_S, time.time() - DAY_S))
    at_work = store.datasets if work == "merge" else store.dataset_erasure
    replace = at_work._replace

    def late(*given: Any) -> bool:
        store.datasets._files.delete_unclaimed(store.datasets._claimed())  # as another erasure does
        return replace(*given)

    monkeypatch.setattr(at_work, "_replace", late)
    if work == "merge":
        assert store.datasets.merge_parts("ada", "c")
    else:
        erase(store)
    assert len(store.datasets.activities("ada", "c")) == (10 if work == "merge" else 9)


def test_parts_of_work_that_was_killed_while_somebody_was_erased_go_within_hours(
    store: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store)
    (part,) = (data_dir / "datasets").iterdir()
    left = part.with_name(part.name.replace("-", "-0"))
    left.write_bytes(part.read_bytes())
    store.datasets.delete_expired()
    erase(store)
    store.datasets.delete_expired()
    assert left.exists()
    now_s = time.time()
    monkeypatch.setattr("candor.store.storage.time.time", lambda: now_s + 3 * HOUR_S)
    monkeypatch.setattr(store.datasets, "_clock", lambda: datetime.fromtimestamp(now_s + 3 * HOUR_S, UTC))
    store.datasets.delete_expired()
    assert not left.exists()
    assert len(store.datasets.activities("ada", "c")) == 9


def test_without_an_erasure_parts_that_no_data_set_has_wait_for_a_backup(
    store: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store)
    store.redis.delete(redis_keys.dataset("ada", "c"))
    now_s = time.time()
    monkeypatch.setattr("candor.store.storage.time.time", lambda: now_s + 3 * HOUR_S)
    store.datasets.delete_expired()
    assert len(list((data_dir / "datasets").iterdir())) == 1


def test_an_erasure_looks_again_once_a_request_that_was_being_handled_has_kept_its_answer(store: Store) -> None:
    lock = store.idempotency.begin("ada", "k", "f", 60)
    asked = store.erasures.create(None, "custom:c", EVA)
    assert store.eraser.run(store.erasures.start(asked.id)).status == "running"
    store.idempotency.keep(lock, IdempotentResponse(200, {}, b'{"account": "%b"}' % EVA.encode()))
    later = store.idempotency.begin("ada", "later", "f", 60)
    assert store.eraser.run(store.erasures.start(asked.id)).status == "succeeded"
    assert list(store.idempotency.kept_of(SUBJECT, None)) == []
    store.idempotency.forget(later)


def test_an_erasure_looks_again_once_a_claim_in_hand_has_gathered(store: Store) -> None:
    _, claim = store.claims.begin("custom:c", "bo")
    store.workers.heartbeat("w")
    store.workers.hold("w", claim.id)
    asked = store.erasures.create(None, "custom:c", EVA)
    assert store.eraser.run(store.erasures.start(asked.id)).status == "running"
    store.workers.release("w", claim.id)
    store.workers.hold("w", asked.id)
    assert store.eraser.run(store.erasures.start(asked.id)).status == "succeeded"


def test_a_reading_in_hand_does_not_write_a_name_back_that_was_taken_out(store: Store) -> None:
    store.sources.follow("ada", "c", AskedSource(network="custom:c", max_requests=9, window_days=9))
    reading = store.sources.start("ada", store.sources.get("ada", "c").id)
    store.queue.remove("batch", reading.id)
    said = msgspec.structs.replace(reading.state, gaps=(f"{EVA}: not found",), cursor={"at": EVA})
    reading = msgspec.structs.replace(reading, state=said)
    assert store.sources.save(reading)
    erase(store)
    assert not store.sources.save(reading)
    left = store.sources.get("ada", "c")
    assert (left.state.gaps, left.state.cursor) == (("erased: not found",), {})
    assert store.sources.orphans() == {left.id}
    assert store.sources.start("ada", left.id) is not None
