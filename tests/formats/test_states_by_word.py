"""States of posts that a file tells by words: each word counts, and one of which nothing is known is named."""

from __future__ import annotations

import json

import pytest

from candor.formats.rows import records_in
from candor.scoring.record_counts import MAX_NAMED, Counts
from candor.scoring.records import RecordReader

HIDING = (
    *("SYSTEM_WITHHELD", "held", "blocked", "queued", "shadowbanned", "deleted_by_author", "soft_deleted", "in_review"),
    *("removed_by_moderator", "under review", "internal", "censored", "not approved", "not_visible", "is_hidden"),
    *("PendingReview", "auto-draft", "refusé", "modéré", "rejeté", "à valider", "bloqué", "non publié", "abgelehnt"),
    *("zurückgehalten", "nicht freigegeben", "wartet", "rechazado", "no publicado", "respinto", "отклонено"),
)
SHOWN = (
    *("APPROVED", "NONE", "Open", "In Progress", "won't fix", "closed", "not deleted", "approved by moderator", "n/a"),
    *("publié", "veröffentlicht", "publicado", "公開", ""),
)


def read(column: str, states: list[str], rename: dict[str, str] | None = None) -> RecordReader:
    rows = [f'{n},ada,2026-01-05,text,"{state}"' for n, state in enumerate(states, 1)]
    table = "\n".join([f"id,actor,published,content,{column}", *rows])
    reader = RecordReader("custom:c", rename or {}, loose=True)
    reader.feed(records_in([table.encode()], 10**8, rename or {}))
    return reader


@pytest.mark.parametrize("column", ["status", "moderation_status", "comment_status", "Statut", "Zustand"])
@pytest.mark.parametrize("state", HIDING)
def test_a_word_among_others_hides_a_post(column, state):
    reader = read(column, ["published", state])
    assert ([each.id for each in reader.activities], reader.counts.private) == (["1"], 1)


@pytest.mark.parametrize("column", ["status", "Statut"])
def test_words_for_what_everybody_reads_and_words_of_trackers_hide_nothing(column):
    reader = read(column, [*SHOWN])
    assert (len(reader.activities), reader.counts.private, reader.counts.unknown_states) == (len(SHOWN), 0, {})


@pytest.mark.parametrize("column", ["status", "Zustand"])
def test_a_state_of_which_nothing_is_known_is_counted_and_what_it_means_can_be_said(column):
    states = ["approved", "SYSTEM_FOO", "SYSTEM_FOO", "bar"]
    reader = read(column, states)
    assert (len(reader.activities), reader.counts.unknown_states) == (4, {"SYSTEM_FOO": 2, "bar": 1})
    said = read(column, states, {"visibility": column, "SYSTEM_FOO": "private", "bar": "public"})
    assert ([each.id for each in said.activities], said.counts.private, said.bad) == (["1", "4"], 2, [])


def test_of_unknown_states_no_more_than_twenty_are_named():
    many = read("status", [f"foo{chr(97 + n)}" for n in range(25)]).counts
    assert len(many.unknown_states) == MAX_NAMED
    assert Counts(unknown_states={"bar": 1}).plus(Counts(unknown_states={"bar": 2})).unknown_states == {"bar": 3}


def _hidden_with(name: str, value: object) -> bool:
    row = {"id": "1", "type": "note", "actor": "a", "published": "2026-01-05T00:00:00Z", name: value}
    reader = RecordReader("custom:c", {}, loose=True)
    reader.feed(records_in([json.dumps(row).encode()], 10**8, {}))
    return reader.counts.private == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((f"{who}_only", True) for who in ("staff", "moderators", "members")),
        *((name, True) for name in ("internal_note", "secret", "restricted", "dm", "retracted", "withdrawn")),
        *((name, 1) for name in ("hide", "forum_private", "quarantined", "shadowbanned", "opted_out", "noindex")),
        *(("is_confidential", "1"), ("access", "staff"), ("permissions", "staff"), ("permission", "private")),
        *(("audience", "staff only"), ("scope", "internal"), ("privacy", "SELF"), ("privacy", "friends")),
        *(("share", "onlyme"), ("share", "only_me"), ("channel_type", "private"), ("channel_type", "D")),
        *(("chat_type", "private"), ("group_visibility", "private"), ("published_status", "draft")),
        *(("visible_to", ["a"]), ("only_visible_to", "mods"), ("recipients", ["a"])),
    ],
)
def test_marks_of_programs_that_a_post_is_not_for_everybody_hide_it(name, value):
    assert _hidden_with(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("scope", "global"), ("scope", "module"), ("share", 12), ("share", "twitter"), ("access", "open")),
        *(("access", "all members"), ("audience", "developers"), ("permissions", ["read", "write"]), ("dm", False)),
        *(("channel_type", "O"), ("channel_type", "forum"), ("chat_type", "supergroup"), ("privacy", "public")),
        *(("visible_to", []), ("visible_to", ["everyone"]), ("visible_to", "all"), ("hide", 0), ("noindex", "no")),
        *(("recipients", ["hops@list.example"]), ("recipients", 3), ("published_status", "published")),
    ],
)
def test_the_same_fields_hide_nothing_where_they_speak_of_everybody_or_of_something_else(name, value):
    assert not _hidden_with(name, value)
