"""A person's topics: the numbers that score documents give, on every topic at once, broader topics added up."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest

from candor import sample
from candor.messages.person_topics import person_topics
from candor.messages.topic_table import narrower_of, topic_table
from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from candor.scoring.question import Contested, Question
from candor.scoring.record_columns import build_columns
from candor.scoring.score import score
from candor.scoring.topics import Topic, load_catalogue, tag_topic
from candor.scoring.world import build_world
from lab.speed.community import community

SPACE = load_catalogue()[sample.TOPIC]
CATALOGUE = tuple(load_catalogue().values())


@cache
def records() -> tuple[Activity, ...]:
    return tuple(msgspec.json.Decoder(Activity).decode_lines(sample.records_path().read_bytes()))


def question(*topics: Topic, profile: str = "forum", accounts: tuple[str, ...] = ()) -> Question:
    return Question(
        network=sample.NETWORK,
        accounts=accounts,
        topics=topics,
        trust_root=sample.trust_root(),
        as_of=sample.AS_OF,
        profile=profile,
    )


@pytest.mark.parametrize("profile", ["qa", "forum", "microblog"])
@pytest.mark.parametrize("account", [sample.EXPERT, sample.BRAND, sample.ENTHUSIAST, "p01", "p26"])
def test_both_numbers_are_those_of_the_score_documents(account, profile):
    world = build_world(records(), question(profile=profile), load_method())
    rows = person_topics(world, account, CATALOGUE)
    topics = tuple(load_catalogue().get(row.topic) or tag_topic(row.topic) for row in rows)
    documents = score(records(), question(*topics, profile=profile, accounts=(account,)), load_method())
    for row, document in zip(rows, documents, strict=True):
        assert (row.expertise.status, row.interest.status) == (document.expertise.status, document.interest.status)
        assert row.expertise.score == pytest.approx(document.expertise.score, abs=2e-6)
        assert row.interest.score == pytest.approx(document.interest.score, abs=2e-6)
        assert row.people == document.expertise.people
    assert sample.TOPIC in {row.topic for row in rows}


def test_evidence_that_was_disputed_with_success_is_left_out_of_its_topic():
    asked = question(SPACE, accounts=(sample.EXPERT,))
    document = next(score(records(), asked, load_method()))
    contested = (Contested(account=sample.EXPERT, topic=SPACE.id, by=document.expertise.evidence[0].by),)
    left = next(score(records(), msgspec.structs.replace(asked, contested=contested), load_method()))
    rows = person_topics(build_world(records(), question(), load_method()), sample.EXPERT, CATALOGUE, contested)
    row = next(row for row in rows if row.topic == SPACE.id)
    assert row.expertise.score == pytest.approx(left.expertise.score, abs=2e-6)
    assert left.expertise.score < document.expertise.score


def test_a_broader_topic_adds_narrower_ones_up():
    engines = Topic(id="engines", label="Engines", terms=("rocket engine", "injector"), broader=("propulsion",))
    tanks = Topic(id="tanks", label="Tanks", terms=("cubesat",), broader=("propulsion",))
    broad = Topic(id="propulsion", label="Propulsion", terms=("nothing of the kind",))
    both = Topic(id="both", label="Both", terms=(*engines.terms, *tanks.terms))
    world = build_world(records(), question(), load_method())
    rows = {row.topic: row for row in person_topics(world, sample.EXPERT, (engines, tanks, broad, both))}
    whole = rows["propulsion"].with_narrower
    assert whole is not None
    assert whole.expertise == rows["both"].expertise
    assert whole.interest == rows["both"].interest
    assert rows["both"].with_narrower is None


def test_edges_may_run_in_a_circle():
    circle = [Topic(id=f"t{n}", label="T", terms=("x",), broader=(f"t{(n + 1) % 3}",)) for n in range(3)]
    assert narrower_of(circle) == {0: {1, 2}, 1: {0, 2}, 2: {0, 1}}


def test_nobody_of_that_name_has_topics():
    assert person_topics(build_world(records(), question(), load_method()), "nobody", CATALOGUE) == ()


def test_the_table_of_topics_is_that_of_the_columns():
    topics = (*CATALOGUE, *(tag_topic(f"tag:{name}") for name in ("cubesat", "orbit", "newspace")))
    for made in (records(), tuple(community(4_000))):
        columns = build_columns(made, question(*topics))
        rows = columns.rows(*{record.type for record in made if record.type != "account"})
        assert (topic_table(columns, rows, topics).toarray() == columns.topics).all()
