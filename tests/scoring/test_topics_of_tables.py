"""Topics of a table's texts: words are looked for in all at once, and what is found is what reading each text finds."""

# ruff: noqa: RUF001 -- a look-alike of the number sign begins hashtags, too

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from candor.scoring import table as tables
from candor.scoring.activity import Activity
from candor.scoring.columns import own_topics
from candor.scoring.topics import Matcher, Topic, tag_topic
from candor.scoring.window import text_columns
from candor.store.column_file import made_table
from candor.store.table_builder import TableBuilder
from tests.effort import examples

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

WORDS = (
    "Mars",
    "MARS!",
    "marsh",
    "rover",
    "#mars",
    "＃mars",
    "#rover",
    "мир",
    "C#",
    "machine",
    "learning",
    "-",
    "½",
    "K",
)
TOPICS = (
    tag_topic("tag:mars"),
    Topic(id="one", label="One", terms=("mars",)),
    Topic(id="some", label="Some", terms=("machine learning", "мир", "rover")),
    Topic(id="sign", label="Sign", terms=("🚀", "mars")),
    Topic(id="many", label="Many", terms=("rover", *(f"term{number}" for number in range(30)))),
)
said = st.none() | st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)


def on_topics(texts: Sequence[str | None], window: slice, topics: Sequence[Topic]) -> list[list[bool]]:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    with TableBuilder(None) as builder:  # type: ignore[arg-type] # the system's own folder
        for line, text in enumerate(texts):
            at = begin + timedelta(minutes=line)
            note = Activity(type="note", published=at, id=f"r{line:03}", content=text, tags=("mars", "b"))
            builder.add([line], [note])
        with made_table(None, builder.write) as (table, _, _):  # type: ignore[arg-type]
            columns = text_columns(table, window)
            return own_topics(columns, window.stop - window.start, topics).tolist()


@settings(max_examples=examples(60), deadline=None)
@given(
    texts=st.lists(said, min_size=1, max_size=20),
    bounds=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    at_once=st.sampled_from((1, 7, 2**22)),
)
def test_what_is_found_by_looking_for_words_is_what_reading_each_text_finds(texts, bounds, at_once):
    first, last = sorted(round(bound * len(texts)) for bound in bounds)
    original, tables._BYTES_AT_ONCE = tables._BYTES_AT_ONCE, at_once
    try:
        for topic in TOPICS:
            matcher = Matcher((topic,))
            read = [[bool(matcher.match(text, ("mars", "b")))] for text in texts[first:last]]
            assert on_topics(texts, slice(first, last), (topic,)) == read
    finally:
        tables._BYTES_AT_ONCE = original


def test_texts_without_any_of_the_words_are_not_read(monkeypatch: pytest.MonkeyPatch):
    read = []
    monkeypatch.setattr(Matcher, "reads", lambda _, text: read.append(text) or False)
    on_topics(["about Mars", "about rivers", "für Mars", None], slice(0, 4), TOPICS[1:2])
    assert read == ["about Mars", "für Mars"]
