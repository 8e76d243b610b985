"""What makes no difference: order, names, audiences, likes; and what makes one only downwards: age."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given

from candor.scoring.activity import Activity
from candor.scoring.document import encode
from candor.scoring.score import score
from candor.scoring.trust_root import RootAccount, TrustRoot
from properties.asking import METHOD, TOLERANCE, ask, raws, tried
from properties.worlds import AS_OF, SEEDS, Setting, make_setting, random_pick

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument
    from properties.asking import Documents


def world(seed: int, *, declared: bool = False) -> Setting:
    return make_setting(random_pick(seed), declared=declared)


def named(documents: Documents, name: dict[str, str]) -> dict[tuple[str, str], dict[str, float]]:
    """The numbers of documents, by account as it is called now and topic."""
    return {(name.get(account, account), topic): numbers(doc) for (account, topic), doc in documents.items()}


def numbers(document: ScoreDocument) -> dict[str, float]:
    """The numbers that a document has; a null is not among them."""
    expertise, interest = document.expertise, document.interest
    limits = {"low": expertise.interval.low, "high": expertise.interval.high} if expertise.interval else {}
    scores = {"expertise": expertise.score, "interest": interest.score}
    support = {"people": float(expertise.people), "standing": expertise.standing_sum}
    return raws(document) | limits | support | {name: found for name, found in scores.items() if found is not None}


def same(found: dict[tuple[str, str], dict[str, float]], expected: Documents) -> None:
    assert found.keys() == expected.keys()
    for key, document in expected.items():
        assert found[key] == pytest.approx(numbers(document), rel=1e-9, abs=2e-6)


@tried(8)
@given(SEEDS)
def test_the_order_of_records_changes_no_byte(seed: int) -> None:
    setting = world(seed)
    shuffled = list(setting.activities)
    random.Random(seed).shuffle(shuffled)
    one, other = (
        [encode(document) for document in score(records, setting.question, METHOD)]
        for records in (setting.activities, shuffled)
    )
    assert one == other


@tried(8)
@given(SEEDS)
def test_the_names_of_people_do_not_matter(seed: int) -> None:
    setting = world(seed)
    people = list(setting.people)
    name = dict(zip(people, random.Random(seed).sample(people, len(people)), strict=True))
    renamed = tuple(
        msgspec.structs.replace(
            r, actor=name.get(r.actor or "", r.actor), target_actor=name.get(r.target_actor or "", r.target_actor)
        )
        for r in setting.activities
    )
    accounts = [msgspec.structs.replace(a, account=name[a.account]) for a in setting.question.trust_root.accounts]
    root = msgspec.structs.replace(setting.question.trust_root, accounts=tuple(accounts))
    asked = tuple(name[account] for account in setting.question.accounts)
    under_new_names = ask(msgspec.structs.replace(setting, activities=renamed), trust_root=root, accounts=asked)
    same(named(ask(setting), name), under_new_names)


@tried(8)
@given(SEEDS)
def test_the_ids_of_records_do_not_matter_where_their_order_stays(seed: int) -> None:
    setting = world(seed)
    name = {identifier: f"x{place:03}" for place, identifier in enumerate(sorted(ids(setting)))}
    renamed = tuple(
        msgspec.structs.replace(r, id=r.id and name[r.id], object=r.object and name.get(r.object, r.object))
        for r in setting.activities
    )
    same(named(ask(setting), {}), ask(msgspec.structs.replace(setting, activities=renamed)))


def ids(setting: Setting) -> set[str]:
    return {record.id for record in setting.activities if record.id}


@tried(4)
@given(SEEDS)
def test_five_thousand_followers_more_change_no_score(seed: int) -> None:
    setting = world(seed)
    me = setting.people[0]
    late = AS_OF - timedelta(hours=1)
    fans = [
        Activity(type="follow", id=f"fan-{i}", actor=f"fan-{i}", target_actor=me, published=late) for i in range(5000)
    ]
    fans.append(Activity(type="account", actor=me, followers=1_000_000, published=late))
    before, after = ask(setting, accounts=(me,)), ask(setting, fans, accounts=(me,))
    assert {key: numbers(document) for key, document in after.items()} == {k: numbers(d) for k, d in before.items()}


@tried(8)
@given(SEEDS)
def test_likes_received_change_no_score(seed: int) -> None:
    setting = world(seed)
    me, *others = setting.people
    posts = [r.id for r in setting.activities if r.actor == me and r.id]
    likes = [
        Activity(
            type="like", id=f"like-{i}-{j}", actor=fan, object=post, target_actor=me, published=AS_OF - timedelta(1)
        )
        for i, post in enumerate(posts or ["gone-0"])
        for j, fan in enumerate((*others, "fan"))
    ]
    same(named(ask(setting, accounts=(me,)), {}), ask(setting, likes, accounts=(me,)))


@tried(15)
@given(SEEDS)
def test_a_year_later_no_more_counts_on_the_topic(seed: int) -> None:
    setting = world(seed, declared=True)
    now, later = (ask(setting, as_of=AS_OF + timedelta(days=days), window_days=4000) for days in (1, 366))
    for key, before in now.items():
        assert later[key].expertise.totals.on_topic <= before.expertise.totals.on_topic + TOLERANCE


@tried(5)
@given(SEEDS)
def test_without_a_root_there_is_no_expertise_number_whatever_people_did(seed: int) -> None:
    for document in ask(world(seed), trust_root=TrustRoot(kind="none")).values():
        assert (document.expertise.status, document.expertise.score) == ("no_trust_root", None)


@tried(5)
@given(SEEDS)
def test_a_root_of_kind_list_counts_as_the_same_accounts_do(seed: int) -> None:
    setting = world(seed, declared=True)
    accounts = (*setting.question.trust_root.accounts, RootAccount(account="nobody knows"))
    by_list, by_name = (
        ask(setting, trust_root=TrustRoot(kind=kind, accounts=accounts)) for kind in ("list", "accounts")
    )
    same(named(by_list, {}), by_name)
