"""Places: a document gives the one that the board gives, and both come from the numbers that people see."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec
import pytest
from golden.communities import COMMUNITIES
from msgspec.structs import replace
from properties.worlds import make_setting, random_pick

from candor.scoring.account_kinds import SaidKind
from candor.scoring.activity import Activity
from candor.scoring.board import make_board
from candor.scoring.document import Position, ScoreDocument, encode
from candor.scoring.method import load_method
from candor.scoring.question import Contested, Question
from candor.scoring.ranking import Ranking, said_of
from candor.scoring.score import score
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import FACE_VALUE, RootAccount, TrustRoot
from candor.scoring.verify import verify
from candor.scoring.verify.position import range_of, share_below
from candor.scoring.world import World, build_world
from lab.speed.community import END, community
from tests.effort import examples

if TYPE_CHECKING:
    from candor.scoring.board_row import BoardRow

METHOD = load_method()


def rooted(size: int) -> TrustRoot:
    return TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{n}") for n in range(size)))


ROOT = rooted(12)


RECORDS = cache(lambda: list(community(4_000)))


@cache
def town(root: TrustRoot = ROOT) -> World:
    """A community of forty, of whom some twenty have a number; the same for every test."""
    question = Question(
        network="custom:town",
        accounts=(),
        topics=(tag_topic("tag:topic"),),
        trust_root=root,
        as_of=END,
        profile="qa",
    )
    return build_world(RECORDS(), question, METHOD)


def rows_of(world: World, **more: object) -> list[BoardRow]:
    board = make_board(world, 0, **more)
    return list(board.rows(0, len(board)))


def documents(world: World, accounts: list[str], root: TrustRoot, **more: object) -> list[ScoreDocument]:
    asked = Question(
        network="custom:town",
        accounts=tuple(accounts),
        topics=(tag_topic("tag:topic"),),
        trust_root=root,
        as_of=END,
        profile="qa",
        **{"community": True, **more},
    )
    return list(score(world, asked, METHOD))


@pytest.mark.parametrize("size", [3, 12, 30])
def test_a_document_gives_the_place_that_the_board_gives(size: int) -> None:
    world = town(rooted(size))
    rows = rows_of(world)
    made = documents(world, [row.account for row in rows], world.root)
    assert sum(row.position.status == "placed" for row in rows) > 10
    assert [document.expertise.position for document in made] == [row.position for row in rows]


def test_a_document_has_the_place_at_face_value_too() -> None:
    world = town()
    rows = {row.account: row for row in rows_of(town(FACE_VALUE))}
    made = documents(world, list(rows), world.root)
    faces = [document.expertise.at_face_value.position for document in made]
    assert faces == [row.position for row in rows.values()]


@cache
def unlike_its_flow(seed: int) -> World:
    """A small community of chance, where leaving out somebody's own vouches moves numbers by some points."""
    setting = make_setting(random_pick(seed))
    return build_world(setting.activities, setting.question, METHOD)


@pytest.mark.parametrize("seed", range(examples(12)))
@pytest.mark.parametrize("first", [1, 2, 4])
def test_places_are_those_of_the_numbers_shown_and_the_first_are_exact(seed: int, first: int) -> None:
    world = unlike_its_flow(seed)
    rows = rows_of(world, exact_rows=first)
    shown = [row.expertise.score for row in rows if row.expertise.score is not None]
    assert shown == sorted(shown, reverse=True)
    assert [row.rank for row in rows][: len(shown)] == [1 + sum(each > score for each in shown) for score in shown]
    if world.root.kind == "accounts":
        assert {row.standing for row in rows[:first]} <= {"exact"}


@pytest.mark.parametrize("seed", range(examples(12)))
@pytest.mark.parametrize("first", [1, 2, 4])
def test_the_place_of_a_document_is_that_of_its_own_score_among_the_others_shown(seed: int, first: int) -> None:
    world = unlike_its_flow(seed)
    rows = rows_of(world, exact_rows=first)
    alone = {row.account: row.expertise.score for row in rows_of(world, exact_rows=10**6)}
    for row in rows:
        own = alone[row.account]
        if own is not None:
            person = world.columns.person_of[row.account]
            others = [each.expertise.score for each in rows if each is not row and each.expertise.score is not None]
            place = Ranking(world, 0, exact_rows=first).position(person, own)
            assert (place.rank, place.of) == (1 + sum(score > own for score in others), 1 + len(others))
            assert (
                row.standing != "exact"
                or said_of(place, METHOD.position, is_rough=row.expertise.little_evidence) == row.position
            )


def test_where_too_many_fall_behind_others_places_are_still_those_of_the_numbers_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("candor.scoring.ranking.MOST_ROUNDS", 1)
    for seed in range(examples(12)):
        rows = rows_of(unlike_its_flow(seed), exact_rows=1)
        shown = [row.expertise.score for row in rows if row.expertise.score is not None]
        assert shown == sorted(shown, reverse=True)
        assert len({row.account for row in rows if row.standing == "exact"}) in {1, len(rows)}


def test_a_place_is_one_more_than_how_many_show_a_larger_number() -> None:
    rows = rows_of(town())
    numbers = [row.expertise.score for row in rows if row.expertise.score is not None]
    for row in rows:
        if row.expertise.score is not None:
            assert row.position.rank == 1 + sum(number > row.expertise.score for number in numbers)
            assert (row.position.of, row.position.active) == (len(numbers), len(rows))


def act(of: str, by: str, kind: str, month: int, about: str | None = None) -> Activity:
    tags = ("topic",) if about is None else None
    return Activity(id=of, actor=by, type=kind, object=about, published=END.replace(month=month), tags=tags)


def test_equal_numbers_share_a_place_and_the_next_stands_behind_both() -> None:
    records = []
    for number, (by, month) in enumerate((("ada", 3), ("bea", 3), ("cleo", 2))):
        records += [
            act(f"q{number}", "u0", "question", 1),
            act(f"a{number}", by, "answer", 1, f"q{number}"),
            act(f"c{number}", "u0", "accept", month, f"a{number}"),
        ]
    question = Question(
        network="custom:town",
        accounts=(),
        topics=(tag_topic("tag:topic"),),
        trust_root=rooted(1),
        as_of=END,
        profile="qa",
    )
    rows = rows_of(build_world(records, question, METHOD))
    places = {row.account: (row.position.rank, row.position.tied) for row in rows if row.position.rank}
    assert places == {"ada": (1, 1), "bea": (1, 1), "cleo": (3, 0)}


def test_disputed_evidence_moves_the_place_of_others_and_the_id_of_their_documents() -> None:
    world = town()
    first, second = rows_of(world)[:2]
    board_without = {row.account: row for row in rows_of(world, contested=silenced(world, first.account))}
    before, after = (
        documents(world, [second.account], world.root, contested=contested)[0]
        for contested in ((), silenced(world, first.account))
    )
    assert (before.expertise.position.rank, after.expertise.position.rank) == (2, 1)
    assert after.expertise.position == board_without[second.account].position
    assert before.id != after.id


def silenced(world: World, account: str) -> tuple[Contested, ...]:
    """All that anybody did for an account, disputed."""
    acts, people = world.index.acts, world.columns.people
    by = set(acts.recogniser[acts.recognised == world.columns.person_of[account]].tolist())
    return tuple(Contested(account=account, topic="tag:topic", by=people[each]) for each in sorted(by))


def test_whoever_declines_is_neither_named_nor_counted_and_has_no_place() -> None:
    activities, question = COMMUNITIES["microblog"]()
    world = build_world(activities, question, METHOD)
    declined = {row.account for row in rows_of(world)} & {"shy"}
    made = {each.account.account: each.expertise.position for each in score(activities, question, METHOD)}
    assert not declined
    assert made["shy"] == Position(status="opted_out")


def test_without_a_community_a_document_says_so() -> None:
    world = town()
    (document,) = documents(world, ["u0"], world.root, community=False)
    expertise = document.expertise
    assert expertise.position == expertise.at_face_value.position == Position(status="no_community")


def test_words_come_from_the_place_and_never_from_the_number() -> None:
    rule = METHOD.position
    ends = {
        "least": rule.least_placed,
        "first": rule.first_share,
        "upper": rule.upper_share,
        "middle": rule.middle_share,
    }
    found = [range_of(rank, 100, **ends) for rank in (1, 5, 6, 25, 26, 75, 76, 100)]
    assert found == ["first", "first", "upper", "upper", "middle", "middle", "lower", "lower"]
    assert range_of(1, rule.least_placed - 1, **ends) is None
    assert share_below(1, 0, 71) == 0.985915


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"rank": 2}, "/expertise/position/share_below"),
        ({"range": "lower"}, "/expertise/position/range"),
        ({"words": "the best there is"}, "/expertise/position/words"),
        ({"of": 0}, "/expertise/position"),
        ({"status": "no_number"}, "/expertise/position/rank"),
    ],
)
def test_verify_names_what_does_not_follow_from_the_place(change: dict[str, object], part: str) -> None:
    world = town()
    document = documents(world, [rows_of(world)[0].account], world.root)[0]
    expertise = replace(document.expertise, position=replace(document.expertise.position, **change))
    whole = msgspec.json.decode(encode(document))
    other = msgspec.json.decode(encode(replace(document, expertise=expertise)))
    assert verify(whole) == []
    assert part in {fault.part for fault in verify(other)}


def test_what_is_said_of_an_accounts_kind_changes_no_place() -> None:
    world = town()
    first = rows_of(world)[0].account
    said = SaidKind(account=first, kind="organisation", reason="said")
    plain, other = (documents(world, [first], world.root, kinds=kinds)[0] for kinds in ((), (said,)))
    assert plain.expertise.position == other.expertise.position


@pytest.mark.parametrize("root", [ROOT, FACE_VALUE])
def test_a_document_on_a_second_topic_is_that_of_a_community_asked_of_nothing_before(root: TrustRoot) -> None:
    accounts = [row.account for row in rows_of(town(root))[::5]]
    first, second = (tag_topic("tag:topic"),), (tag_topic("tag:other-3"),)
    asked = Question(
        network="custom:town",
        accounts=tuple(accounts),
        topics=first,
        trust_root=root,
        as_of=END,
        profile="qa",
        community=True,
    )
    afresh = town.__wrapped__
    one = afresh(FACE_VALUE).asked(asked)
    assert [encode(each) for each in score(one, asked, METHOD)]
    asked = replace(asked, topics=second)
    at_hand, alone = (
        [encode(each) for each in score(of, asked, METHOD)]
        for of in (one.about(second), afresh(FACE_VALUE).asked(asked))
    )
    assert at_hand == alone
    assert any(b'"status":"placed"' in each for each in alone)


def test_no_words_are_said_of_the_place_of_a_rough_number() -> None:
    world = town()
    rows = [row for row in rows_of(world) if row.rank is not None]
    rough = {row.account: row.position for row in rows if row.expertise.little_evidence}
    assert 0 < len(rough) < len(rows)
    assert {(position.range, position.words) for position in rough.values()} == {(None, None)}
    assert all(row.position.words for row in rows if row.account not in rough)
    (document,) = documents(world, [next(iter(rough))], world.root)
    assert (document.expertise.little_evidence, document.expertise.position.words) == (True, None)
    assert verify(msgspec.json.decode(encode(document))) == []
