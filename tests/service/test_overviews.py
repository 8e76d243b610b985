"""What a process remembers of data sets for pages stays small, whatever it is asked."""

from __future__ import annotations

import pytest

from candor.scoring.topics import tag_topic
from service import overviews
from service.overviews import Overviews

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
