"""How many posts of a data set speak of a topic: exactly where few may, and about as many where many do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from candor import sample
from candor.evaluation.inputs import read_activities
from candor.messages import overview
from candor.messages.overview import posts_on
from candor.scoring.activity import POSTS
from candor.scoring.columns import of_types, own_topics
from candor.scoring.topics import Topic, load_catalogue, tag_topic
from candor.scoring.window import text_columns
from tests.boards.test_queries import table_of

if TYPE_CHECKING:
    from candor.scoring.table import Table

TOPICS = {
    "of the catalogue": load_catalogue()[sample.TOPIC],
    "of few words": Topic(id="engines", label="Engines", terms=("rocket engine", "thruster")),
    "a tag": tag_topic("tag:space"),
    "of other letters": Topic(id="station", label="Station", terms=("вокзал",)),
}


@pytest.fixture(scope="module")
def records() -> Table:
    return table_of(list(read_activities(str(sample.records_path()))))


def exactly(table: Table, topic: Topic) -> int:
    rows = table.acts
    matched = own_topics(text_columns(table, slice(0, rows)), rows, (topic,))[:, 0]
    return int(np.count_nonzero(matched & of_types(table.type[:rows], *POSTS)))


@pytest.mark.parametrize("name", TOPICS)
def test_where_few_texts_may_speak_of_it_the_count_is_exact(records, monkeypatch, name):
    monkeypatch.setattr(overview, "_TEXTS_READ", len(records))
    assert posts_on(records, TOPICS[name]) == exactly(records, TOPICS[name])


def test_of_many_texts_some_are_read(records, monkeypatch):
    monkeypatch.setattr(overview, "_TEXTS_READ", 300)
    topic = TOPICS["of the catalogue"]
    assert posts_on(records, topic) == pytest.approx(exactly(records, topic), rel=0.15)
