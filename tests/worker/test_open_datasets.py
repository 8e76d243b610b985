"""Data sets that a worker has opened: the next question is answered from them, unless anything about them changed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from msgspec.structs import replace

from candor.scoring.document import ScoreDocument
from candor.scoring.gaps import add_absent_gaps
from candor.scoring.method import load_method
from candor.scoring.redaction import DataSubject
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.window import window_of
from candor.store.dataset_cache import LONGEST_IDLE_S, array_bytes
from worker import jobs, open_datasets
from worker.context import CURRENT, WorkerContext
from worker.open_datasets import OpenDatasets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from candor.store import Store
    from tests.conftest import NewJob

FACTS = {"network": "custom:demo", "profile": "forum", "granted_rights": False}
POST = '{"id": "p-%s", "type": "note", "actor": "%s", "published": "2026-10-01T00:00:00Z", "content": "my rocket"}'
RESHARE = '{"id": "r-%s", "type": "reshare", "actor": "%s", "object": "p-u1", "published": "2026-10-02T00:00:00Z"}'


def community(*people: str) -> list[bytes]:
    """A post of u1 that these people reshared, and a post of each."""
    return [(line % (who, who)).encode() for who in people for line in (POST, RESHARE)] + [
        (POST % ("u1", "u1")).encode()
    ]


@pytest.fixture
def context(store: Store) -> Iterator[WorkerContext]:
    context = WorkerContext(store, load_method(), score)
    token = CURRENT.set(context)
    yield context
    CURRENT.reset(token)


@pytest.fixture
def document(store: Store, new_job: NewJob, context: WorkerContext) -> Callable[..., bytes]:
    """The document of an account, made by the one worker from the data set."""
    store.datasets.put("local", "town", lines=community("u2", "u3"), **FACTS)

    def make(account: str = "u1", *topics: str, **asked: object) -> bytes:
        job = new_job(*topics, accounts=(account,), dataset="town", **asked)
        store.jobs.create(job, None)
        jobs.score(job.owner, job.id)
        return store.scores.evidence("local", store.jobs.find(job.id).results[0].score_id).body

    return make


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Each community that is prepared."""
    made: list[object] = []
    prepare = open_datasets.build_world
    monkeypatch.setattr(
        open_datasets, "build_world", lambda *given, **known: made.append(given) or prepare(*given, **known)
    )
    return made


def test_a_community_is_prepared_once_for_all_who_are_asked_about_in_it(document, builds) -> None:
    for account, topic in (("u1", "rockets"), ("u2", "rockets"), ("u1", "space")):
        document(account, topic)
    assert len(builds) == 1


def test_what_is_at_hand_gives_the_same_bytes_as_what_is_read_anew(document, store, context) -> None:
    other, whole = document("u2"), document("u1")
    object.__setattr__(context, "open_datasets", OpenDatasets(store.datasets))
    assert (document("u2"), document("u1")) == (other, whole)


def test_another_time_within_the_same_records_has_its_own_ages(document, new_job, builds) -> None:
    as_of = new_job().request.as_of
    later = document("u1", as_of=as_of + timedelta(days=20))
    assert later != document("u1", as_of=as_of)
    assert (b'"as_of":"2026-11-21T00:00:00Z"' in later, len(builds)) == (True, 1)


def test_who_is_in_no_record_has_the_document_of_a_community_prepared_for_them(document, store, builds) -> None:
    document("u1")
    found = msgspec.json.decode(document("stranger"), type=ScoreDocument)
    topic = Topic(id="rockets", label="rockets", terms=("rocket",))
    question = replace(builds[0][1], accounts=("stranger",), topics=(topic,))
    columns = window_of(store.datasets.activities("local", "town"), question)
    alone = next(score(columns, add_absent_gaps(question, columns), load_method()))
    assert found.account.account == "stranger"
    assert (found, len(builds)) == (alone, 1)


def test_who_is_suppressed_meanwhile_is_no_voice(document, store) -> None:
    assert b'"by":"u3"' in document("u1")
    store.suppression.add("custom:demo", ["u3"])
    assert b"u3" not in document("u1")


def test_who_is_no_longer_suppressed_is_a_voice_again(document, store) -> None:
    store.suppression.add("custom:demo", ["u3"])
    assert b"u3" not in document("u1")
    store.suppression.remove("custom:demo", "u3")
    assert b'"by":"u3"' in document("u1")


def test_a_data_set_uploaded_anew_is_read_anew(document, store) -> None:
    before = document("u1")
    made = store.datasets.put("local", "town", lines=community("u2"), **FACTS)
    assert before != (after := document("u1"))
    assert made.digest.encode() in after


def test_an_idle_worker_forgets_a_data_set_from_which_somebody_was_erased(document, store, context) -> None:
    document("u1")
    context.open_datasets.drop_changed()
    assert len(context.open_datasets) == 1
    store.dataset_erasure.erase(DataSubject(network="custom:demo", names=("u3",)), None)
    context.open_datasets.drop_changed()
    assert len(context.open_datasets) == 0


def test_a_data_set_that_nobody_asks_of_for_long_is_forgotten(document, store, context) -> None:
    now_s = [0.0]
    opened = OpenDatasets(store.datasets, lambda: now_s[0])
    object.__setattr__(context, "open_datasets", opened)
    document("u1")
    now_s[0] = LONGEST_IDLE_S + 1
    opened.drop_changed()
    assert len(opened) == 0


def test_what_does_not_fit_in_the_memory_set_for_it_is_forgotten(document, store, context) -> None:
    opened = OpenDatasets(store.datasets, most_mb=0)
    object.__setattr__(context, "open_datasets", opened)
    document("u1")
    opened.drop_changed()
    assert len(opened) == 0


def test_questions_are_forgotten_before_data_sets_and_the_oldest_first(document, store, context) -> None:
    document("u1", "rockets")
    opened = context.open_datasets
    rockets = held(opened)
    document("u1", "space")
    assert held(opened) > rockets
    (town,) = opened._cache._entries.values()
    latest = list(town.made.asked)[-1]
    opened._cache._most_bytes = rockets
    opened.drop_changed()
    assert list(town.made.asked) == [latest]
    assert held(opened) <= rockets


def held(opened: OpenDatasets) -> int:
    return array_bytes([entry.made for entry in opened._cache._entries.values()])
