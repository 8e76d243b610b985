"""Evidence: what a row of a document names, and the people behind it counted by kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from golden.communities import COMMUNITIES
from golden.documents import scored

from candor.scoring import features
from candor.scoring.evidence import Evidence
from candor.scoring.features import acknowledged_help
from candor.scoring.kinds import KINDS
from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.scoring.topics import tag_topic
from candor.scoring.totals import add_up
from candor.scoring.world import build_world

METHOD = load_method()


def test_a_review_is_of_the_change_and_not_of_itself() -> None:
    types = {record.id: record.type for record in COMMUNITIES["forum"]()[0]}
    acts = [act for voice in scored("forum")[0].expertise.evidence for act in voice.acts]
    assert {types[act.of] for act in acts if act.kind == "reviewed"} == {"note"}


@pytest.mark.parametrize("profile", sorted(COMMUNITIES))
def test_each_act_names_the_record_by_which_it_was_done(profile: str) -> None:
    records = {record.id: record for record in COMMUNITIES[profile]()[0]}
    document = scored(profile)[0]
    for voice in document.expertise.evidence:
        for act in voice.acts:
            record, did_it = records[act.record], document.account.account if act.kind == "took" else voice.by
            assert (record.actor, record.published) == (did_it, datetime.fromisoformat(act.at))


def test_the_document_of_a_tag_says_by_which_tag_records_are_found() -> None:
    (document, *_) = scored("qa", topics=(tag_topic("tag:air-travel"),))
    assert document.topic.hashtags == ("air-travel",)


def test_how_often_somebody_was_recognised_is_left_out_where_it_plays_no_part() -> None:
    voices = scored("microblog")[0].expertise.evidence
    left_out = [voice for voice in voices if voice.recognised_by is None]
    assert {voice.by for voice in left_out if voice.scope == "on_topic"} == {"reader10", "reader11"}
    assert {voice.prominence for voice in left_out} == {1.0}


@pytest.mark.parametrize("profile", sorted(COMMUNITIES))
def test_people_are_counted_by_kind_as_the_document_shows_them(profile: str) -> None:
    records, question = COMMUNITIES[profile]()
    world = build_world(records, question, METHOD)
    for document in scored(profile)[:1]:
        subject = world.columns.person_of[document.account.account]
        votes = world.votes(np.array([subject]), 0, world.view(subject))
        evidence = Evidence(votes, add_up(votes, METHOD), METHOD)
        for kind in KINDS:
            shown = {
                voice.by
                for voice in document.expertise.evidence
                if voice.scope == "on_topic" and voice.standing >= METHOD.status.standing_each
                if kind.id in {act.kind for act in voice.acts}
            }
            assert evidence.people(kind.id) == [len(shown)]


def test_a_feature_that_counts_people_has_that_count_in_the_score_and_in_its_limits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counting = replace(acknowledged_help.FEATURE, measure=lambda evidence: evidence.people("accepted"))
    others = [feature for feature in features.EXPERTISE if feature.id != counting.id]
    monkeypatch.setattr(features, "EXPERTISE", (counting, *others))
    records, question = COMMUNITIES["qa"]()
    document = next(score(records, question, METHOD))
    by = {
        voice.by
        for voice in document.expertise.evidence
        if voice.scope == "on_topic" and voice.standing >= METHOD.status.standing_each
        if "accepted" in {act.kind for act in voice.acts}
    }
    assert document.expertise.features[0].raw == len(by) > 0
    assert document.expertise.interval.low < document.expertise.score < document.expertise.interval.high


def test_people_of_several_kinds_are_counted_once_and_those_who_are_silent_not_at_all() -> None:
    records, question = COMMUNITIES["qa"]()
    world = build_world(records, question, METHOD)
    everybody = np.arange(world.people)
    votes = world.votes(everybody, 0, world.shared_view)
    evidence = Evidence(votes, add_up(votes, METHOD), METHOD)
    ada = world.columns.person_of["ada"]
    helping = ("accepted", "thanked", "replied", "consulted")
    by_kind, together = sum(map(evidence.people, helping)), evidence.people(*helping)
    assert by_kind[ada] > together[ada] > 0
    chosen = everybody == ada
    assert evidence.take(chosen).people(*helping) == together[chosen]
    silent = votes.each_voice(lambda voices: voices.without(everybody))
    assert Evidence(silent, evidence.totals, METHOD).people(*helping).sum() == 0
