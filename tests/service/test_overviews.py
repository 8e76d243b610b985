"""What a process remembers of data sets for pages stays small, whatever it is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from candor.scoring.topics import tag_topic
from service import overviews
from service.overviews import Overviews

PATIENCE_S = 20
LINE = b'{"type":"note","id":"1","actor":"a","published":"2026-10-01T00:00:00Z","content":"Honey.","tags":["honey"]}'


@pytest.fixture
def counted(monkeypatch):
    """The topics whose posts were counted, in that order."""
    found = []
    count = overviews.posts_on
    monkeypatch.setattr(overviews, "posts_on", lambda table, topic: found.append(topic.id) or count(table, topic))
    return found


def test_posts_on_so_many_topics_are_remembered_and_no_more(store, counted, monkeypatch):
    monkeypatch.setattr(overviews, "MOST_TOPICS", 2)
    store.datasets.put("local", "garden", network="custom:g", profile="forum", granted_rights=False, lines=[LINE])
    made, (honey, wax, comb) = Overviews(store), map(tag_topic, ("tag:honey", "tag:wax", "tag:comb"))
    posts = [made.posts_on("local", "garden", topic) for topic in (honey, honey, wax, honey, comb, comb, honey)]
    assert posts == [1, 1, 0, 1, 0, 0, 1]
    assert counted == [honey.id, wax.id, comb.id, honey.id]


def test_whoever_asks_of_one_data_set_does_not_wait_for_another_that_is_being_read(store, monkeypatch):
    for name, line in (("large", LINE), ("small", LINE.replace(b"Honey.", b"Wax."))):
        store.datasets.put("local", name, network="custom:g", profile="forum", granted_rights=False, lines=[line])
    make, begun, may_end = overviews.make_overview, Event(), Event()

    def make_slowly(table):
        if table.contents.at(0) == "Honey.":
            begun.set()
            assert may_end.wait(PATIENCE_S)
        return make(table)

    monkeypatch.setattr(overviews, "make_overview", make_slowly)
    made = Overviews(store)
    with ThreadPoolExecutor(4) as threads:
        twice = [threads.submit(made.of, "local", "large") for _ in range(2)]
        assert begun.wait(PATIENCE_S)
        others = [
            threads.submit(made.of, "local", "small"),
            threads.submit(made.posts_on, "local", "small", tag_topic("tag:honey")),
        ]
        ended = [each.result(PATIENCE_S) for each in others]
        assert not any(each.done() for each in twice)
        may_end.set()
        first, second = (each.result(PATIENCE_S) for each in twice)
    assert (len(ended[0].people), ended[1]) == (1, 1)
    assert first is second  # which both asked of, and one made
