"""The path of a message: on a generated cascade the shape that networkx finds, and nothing more than is recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import networkx as nx
import pytest

from candor.messages.path import NEVER_RESHARED, NOT_SHOWN, message_path
from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.world import build_world

START = datetime(2026, 10, 1, tzinfo=UTC)


def record(number: int, kind: str = "reshare", **more: Any) -> Activity:
    return Activity(id=f"r{number}", type=kind, actor=f"u{number}", published=START + timedelta(minutes=number), **more)


def path_of(records: list[Activity], trusted: tuple[str, ...] = (), network: str = "custom:town") -> Any:
    root = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=name) for name in trusted))
    question = Question(
        network=network,
        accounts=(),
        topics=(),
        trust_root=root,
        as_of=START + timedelta(days=30),
        profile="microblog" if network.startswith("custom:") else None,
    )
    return message_path(build_world(records, question, load_method()), "r0")


def cascade(seed: int, size: int = 60) -> tuple[nx.DiGraph, list[Activity]]:
    """A message passed on at random: as reshares with `via`, reshares of reshares, quotes and replies."""
    random, tree = Random(seed), nx.DiGraph()
    tree.add_node(0)
    records, types = [record(0, "note", content="True.")], {0: "note"}
    for number in range(1, size):
        parent = random.randrange(number)
        kind = random.choice(["reshare", "quote", "reply"])
        said = {"object": f"r{parent}"}
        if kind == "reshare" and types[parent] == "reshare" and random.random() < 0.5:
            origin = parent
            while types[origin] == "reshare":
                origin = next(tree.predecessors(origin))
            said = {"object": f"r{origin}", "via": f"r{parent}"}
        elif kind == "reshare" and types[parent] != "reshare":
            kind = "quote"
        tree.add_edge(parent, number)
        types[number] = kind
        records.append(record(number, kind, **said))
    return tree, records


@pytest.mark.parametrize("seed", range(5))
def test_depth_breadth_and_virality_are_those_of_the_cascade(seed):
    tree, records = cascade(seed)
    whole, steps = path_of(records)
    depth = nx.single_source_shortest_path_length(tree, 0)
    levels = list(depth.values())
    assert {step.place: step.came_from for step in steps[1:]} == {child: parent for parent, child in tree.edges}
    assert (whole.recorded.steps, whole.recorded.depth) == (60, max(levels))
    assert whole.recorded.breadth == max(levels.count(level) for level in levels)
    assert whole.recorded.virality == pytest.approx(nx.average_shortest_path_length(tree.to_undirected()), abs=1e-6)
    assert (whole.with_inferred, whole.unknown, whole.note) == (whole.recorded, 0, None)


def test_reshares_that_name_the_original_alone_show_no_path():
    whole, steps = path_of([record(0, "note", content="True."), *(record(n, object="r0") for n in (1, 2, 3))])
    assert [step.how for step in steps] == ["message", "unknown", "unknown", "unknown"]
    assert (whole.recorded.steps, whole.unknown, whole.note) == (1, 3, NOT_SHOWN)


@pytest.mark.parametrize(("network", "note"), [("stackexchange:space", NEVER_RESHARED), ("bluesky", None)])
def test_it_is_said_where_a_network_knows_no_reshares(network, note):
    whole, _ = path_of([record(0, "note", content="True."), record(1, "reply", object="r0")], network=network)
    assert whole.note == note


def test_what_is_inferred_from_who_follows_whom_is_counted_apart():
    follow = Activity(id="f", type="follow", actor="u2", target_actor="u1", published=START - timedelta(days=1))
    follow_author = Activity(id="g", type="follow", actor="u1", target_actor="u0", published=START - timedelta(days=1))
    records = [record(0, "note", content="True."), record(1, object="r0"), record(2, object="r0")]
    whole, steps = path_of([*records, follow, follow_author])
    assert [(step.came_from, step.how) for step in steps[1:]] == [(0, "inferred"), (1, "inferred")]
    assert (whole.recorded.steps, whole.with_inferred.steps, whole.with_inferred.depth) == (1, 3, 2)


def test_the_first_of_the_trusted_is_named_and_through_whom_it_came():
    quotes = [record(n, "quote", object=f"r{n - 1}") for n in (1, 2, 3)]
    whole, steps = path_of([record(0, "note", content="True."), *quotes], trusted=("u2", "u3"))
    assert (whole.first_trusted, whole.through) == (2, (0, 1))
    assert steps[2].trusted


def test_who_asked_not_to_be_indexed_is_not_named_and_has_no_message():
    records = [record(0, "note", content="True."), record(1, "quote", object="r0")]
    declined = [Activity(type="account", actor=name, published=START, consent=False) for name in ("u0", "u1")]
    _, steps = path_of([*records, declined[1]])
    assert (steps[1].author, steps[1].id) == (None, None)
    assert path_of([*records, declined[0]]) is None


def test_who_accepted_an_answer_is_named_though_it_is_no_step():
    asked = Activity(id="q", type="question", actor="asker", published=START - timedelta(days=1))
    accept = Activity(id="a", type="accept", actor="asker", object="r0", published=START + timedelta(hours=1))
    reshares = [record(n, object="r0") for n in (1, 2)]
    declined = Activity(type="account", actor="u1", published=START, consent=False)
    whole, _ = path_of([asked, record(0, "answer", object="q", content="True."), accept, *reshares, declined])
    assert [(taken.kind, taken.people, [author.account for author in taken.by]) for taken in whole.taken_up] == [
        ("accepted", 1, ["asker"]),
        ("endorsed", 2, ["u2"]),
    ]


def test_of_many_who_took_a_message_up_the_first_are_named_and_all_are_counted():
    whole, _ = path_of([record(0, "note", content="True."), *(record(n, object="r0") for n in range(1, 31))])
    assert [(taken.people, len(taken.by), taken.by[0].account) for taken in whole.taken_up] == [(30, 20, "u1")]


def test_a_message_that_is_not_there_has_no_path():
    assert path_of([record(1, "note", content="Another.")]) is None
