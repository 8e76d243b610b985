"""Evidence: what a row of a document names."""

from __future__ import annotations

from golden.communities import COMMUNITIES
from golden.documents import scored


def test_a_review_is_of_the_change_and_not_of_itself() -> None:
    types = {record.id: record.type for record in COMMUNITIES["forum"]()[0]}
    acts = [act for voice in scored("forum")[0].expertise.evidence for act in voice.acts]
    assert {types[act.of] for act in acts if act.kind == "reviewed"} == {"note"}


def test_how_often_somebody_was_recognised_is_left_out_where_it_plays_no_part() -> None:
    voices = scored("microblog")[0].expertise.evidence
    left_out = [voice for voice in voices if voice.recognised_by is None]
    assert {voice.by for voice in left_out if voice.scope == "on_topic"} == {"reader10", "reader11"}
    assert {voice.prominence for voice in left_out} == {1.0}
