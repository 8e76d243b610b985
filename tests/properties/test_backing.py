"""People of the root who turn corrupt: what they can add at most, whatever they do and through however many accounts.

Whoever of the root vouched for them, or for somebody who did, is counted with them: its trust stands behind theirs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from candor.scoring.activity import Activity
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.vouches import vouches_in
from properties.asking import METHOD, TOLERANCE, ask, number, tried
from properties.worlds import AS_OF, SEEDS, TAGS, Setting, make_setting, random_pick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from candor.scoring.document import ScoreDocument

MANY = st.integers(1, 5)
TARGET = "p0"  # the first of everybody's, see make_setting
UNKNOWN = "unknown"


def whatever_they_do(
    pick: Callable[[int], int], setting: Setting, corrupt: Sequence[str], target: str
) -> Iterator[Activity]:
    """Acts of corrupt people, and of accounts they invent, for one target: any number, at any time, on any record.

    They vouch for each other, and all of them take up what the target did, at no instant at which others act.
    """
    invented = [f"invented-{i}" for i in range(pick(40))]
    theirs = [*corrupt, *invented]
    number = iter(range(10**6))

    def take_up(by: str, whom: str, kind: str, tags: tuple[str, ...] | None) -> Iterator[Activity]:
        of, at = f"for-{next(number)}", AS_OF - timedelta(days=pick(390), microseconds=1 + 2 * pick(500))
        yield Activity(type="note", id=of, actor=whom, tags=tags, published=at - timedelta(hours=1))
        yield Activity(type=kind, id=f"by-{next(number)}", actor=by, object=of, published=at)

    for account in invented:
        yield from take_up(corrupt[pick(len(corrupt))], account, "accept", ())
    for _ in range(pick(80)):
        whom = [who for who in theirs if who != target]
        yield from take_up(theirs[pick(len(theirs))], whom[pick(len(whom))], "accept", TAGS[pick(len(TAGS))])
    for by in theirs:
        for i in range(1 + pick(12)):
            kind = ("accept", "accept", "test", "reshare")[pick(4) if i else 0]
            yield from take_up(by, target, kind, ("rockets", "moon", "tides"))


def behind(setting: Setting, corrupt: Sequence[str], target: str) -> set[str]:
    """Who else in the root vouched for one of them, or for somebody who did, when the target is scored."""
    vouches = vouches_in(setting.activities, setting.question, METHOD)
    pairs = {(vouch.voucher, vouch.vouched) for vouch in vouches if target not in (vouch.voucher, vouch.vouched)}
    vouched = {voucher for voucher, to in pairs if to in corrupt}
    vouched |= {voucher for voucher, to in pairs if to in vouched}
    return {named.account for named in setting.question.trust_root.accounts} & vouched - {*corrupt, target}


def most(document: ScoreDocument, scope: str, more: int) -> float:
    """What those behind the document allow once `more` people of the root do all they can, those with least trust."""
    totals, rule = document.expertise.totals, METHOD.backing
    trust = sorted(row.trust for row in document.expertise.backers if row.scope == scope)
    seeds = totals.trusted_people or 0
    left = ([0.0] * (seeds - len(trust)) + trust)[min(more, seeds) :]
    behind = sum(each / (each + rule.half_behind) for each in left) + min(more, seeds)
    limit = rule.alone + rule.together / max(seeds, 1) * (behind / max(seeds, 1)) ** rule.shared_power
    return sum(min(each, limit) for each in left) + min(more, seeds) * limit


def without_endorsements(setting: Setting) -> Setting:
    """The same world, where whatever anybody took up counts the same however prominent they are."""
    plain = [act for act in setting.activities if act.type not in ("reshare", "quote", "list")]
    return msgspec.structs.replace(setting, activities=tuple(plain))


def with_more_in_the_root(setting: Setting, people: Sequence[str], weight: float = 1.0) -> Setting:
    accounts = [named for named in setting.question.trust_root.accounts if named.account not in people]
    accounts += [RootAccount(account=person, weight=weight) for person in people]
    question = msgspec.structs.replace(
        setting.question, trust_root=TrustRoot(kind="accounts", accounts=tuple(accounts))
    )
    return msgspec.structs.replace(setting, question=question)


def cheated_for(
    setting: Setting, pick: Callable[[int], int], corrupt: Sequence[str], target: str
) -> Iterator[tuple[ScoreDocument, ScoreDocument]]:
    """One account's documents before and after corrupt people did whatever they could for it."""
    before = ask(setting, accounts=(target,))
    after = ask(setting, [*whatever_they_do(pick, setting, corrupt, target)], accounts=(target,))
    yield from ((before[key], after[key]) for key in before)


@tried(25)
@given(SEEDS, MANY)
def test_people_for_whom_nobody_vouches_add_no_more_than_every_score_says(seed: int, many: int) -> None:
    pick = random_pick(seed)
    corrupt = [f"corrupt-{i}" for i in range(many)]
    setting = without_endorsements(with_more_in_the_root(make_setting(pick, declared=True), corrupt))
    for before, after in cheated_for(setting, pick, corrupt, TARGET):
        assert after.expertise.totals.on_topic <= most(before, "on_topic", many) + TOLERANCE
        assert after.expertise.totals.recent <= most(before, "recent", many) + TOLERANCE
        bounds = before.robustness.points_per_corrupt_standing
        bound = min(points for people, points in bounds.items() if int(people) >= many)
        assert number(after) <= number(before) + bound + TOLERANCE


@tried(25)
@given(SEEDS, MANY)
def test_anybody_of_the_root_adds_no_more_counting_those_who_vouched_for_them(seed: int, many: int) -> None:
    pick = random_pick(seed)
    setting = without_endorsements(make_setting(pick, declared=True))
    corrupt = [person for person in setting.people[1:] if pick(2)][:many] or [setting.people[1]]
    setting = with_more_in_the_root(setting, corrupt, weight=(1.0, 0.5)[pick(2)])
    more = len(corrupt) + len(behind(setting, corrupt, TARGET))
    for before, after in cheated_for(setting, pick, corrupt, TARGET):
        assert after.expertise.totals.on_topic <= most(before, "on_topic", more) + TOLERANCE
        assert after.expertise.totals.recent <= most(before, "recent", more) + TOLERANCE


@tried(25)
@given(SEEDS, MANY)
def test_of_somebody_unknown_nobody_but_the_corrupt_says_anything(seed: int, many: int) -> None:
    pick = random_pick(seed)
    corrupt = [f"corrupt-{i}" for i in range(many)]
    setting = with_more_in_the_root(make_setting(pick, declared=True), corrupt)
    for before, after in cheated_for(setting, pick, corrupt, UNKNOWN):
        assert 0 < after.expertise.totals.on_topic <= most(before, "on_topic", many) + TOLERANCE
        assert {row.by for row in after.expertise.backers} <= {*corrupt}


@tried(25)
@given(SEEDS, MANY)
def test_nobody_behind_somebody_unknown_but_the_corrupt_and_those_who_vouched_for_them(seed: int, many: int) -> None:
    pick = random_pick(seed)
    setting = make_setting(pick, declared=True)
    corrupt = [person for person in setting.people if pick(2)][:many] or [setting.people[0]]
    setting = with_more_in_the_root(setting, corrupt)
    allowed = {*corrupt, *behind(setting, corrupt, UNKNOWN)}
    for before, after in cheated_for(setting, pick, corrupt, UNKNOWN):
        assert {row.by for row in after.expertise.backers} <= allowed
        assert after.expertise.totals.on_topic <= most(before, "on_topic", len(allowed)) + TOLERANCE
