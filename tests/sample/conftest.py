"""The sample as two worlds: as written, and with every id renamed and the lines shuffled."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import msgspec
import pytest

from candor import sample
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.records import RecordReader
from candor.scoring.score import score
from candor.scoring.topics import load_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from candor.scoring.activity import Activity
    from candor.scoring.document import ScoreDocument
    from candor.scoring.trust_root import TrustRoot

CAST = (
    sample.EXPERT,
    sample.DIRECTOR,
    sample.ENTHUSIAST,
    sample.BRAND,
    sample.LIKE_BAIT,
    sample.RING_CENTRE,
    sample.DECLINED,
)


@dataclass(frozen=True)
class World:
    """The sample as written, or with every id renamed; `name` tells what somebody of the sample is called in it."""

    activities: tuple[Activity, ...]
    root: TrustRoot
    name: Callable[[str], str]

    def scored(self, accounts: Iterable[str], *, root: TrustRoot | None = None) -> dict[str, ScoreDocument]:
        """Documents by the name in the sample."""
        accounts = tuple(accounts)
        question = Question(
            network=sample.NETWORK,
            accounts=tuple(map(self.name, accounts)),
            topics=(load_catalogue()[sample.TOPIC],),
            trust_root=root or self.root,
            as_of=sample.AS_OF,
            profile=sample.PROFILE,
        )
        return dict(zip(accounts, score(self.activities, question, load_method()), strict=True))

    def without(self, dropped: Callable[[Activity], bool]) -> World:
        """The world in which some records were never written."""
        kept = tuple(activity for activity in self.activities if not dropped(activity))
        return World(kept, self.root, self.name)


def read_sample() -> tuple[Activity, ...]:
    reader = RecordReader(sample.NETWORK)
    reader.feed(sample.records_path().read_bytes().splitlines())
    assert not reader.bad
    return tuple(reader.activities)


def renamed_and_shuffled(written: World) -> World:
    random = Random(5)
    ids = {
        one for act in written.activities for one in (act.id, act.actor, act.object, act.target_actor, act.via) if one
    }
    fields = ("id", "actor", "object", "target_actor", "via")
    ids = {one for act in written.activities for field in fields if (one := getattr(act, field))}
    new = dict(zip(sorted(ids), (f"{number:032x}" for number in random.sample(range(10**9), len(ids))), strict=True))
    renamed = [
        msgspec.structs.replace(act, **{field: new.get(getattr(act, field)) for field in fields})
        for act in written.activities
    ]
    random.shuffle(renamed)
    accounts = tuple(msgspec.structs.replace(one, account=new[one.account]) for one in written.root.accounts)
    return World(tuple(renamed), msgspec.structs.replace(written.root, accounts=accounts), new.__getitem__)


@pytest.fixture(scope="module")
def written() -> World:
    return World(read_sample(), sample.trust_root(), lambda account: account)


@pytest.fixture(scope="module")
def renamed(written: World) -> World:
    return renamed_and_shuffled(written)


@pytest.fixture(scope="module", params=["written", "renamed"])
def world(request: pytest.FixtureRequest) -> World:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def cast(world: World) -> dict[str, ScoreDocument]:
    return world.scored(CAST)


@pytest.fixture(scope="module")
def without_accepts(world: World) -> dict[str, ScoreDocument]:
    return world.without(lambda act: act.type == "accept").scored(CAST)
