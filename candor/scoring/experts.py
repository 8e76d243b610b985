"""Experts: the expertise of many at once, from the flow that all share or, for some, from a flow of their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.expertise import NUMBERED, Supports, statuses, supports
from candor.scoring.hearing import hear, seen_apart
from candor.scoring.points import ManyNumbers, expertise_of_many
from candor.scoring.stretches import THREADS, each, joined
from candor.scoring.totals import add_up

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from candor.scoring.totals import Heard, Recent
    from candor.scoring.world import View, World

    Ints = NDArray[np.int64]

AT_ONCE = 8


@dataclass(frozen=True, eq=False)
class Experts:
    """Expertise of many: numbers, who is behind them, and status."""

    numbers: ManyNumbers
    support: Supports
    status: NDArray[np.str_]

    def write(self, places: Ints, others: Experts) -> None:
        """Put others in some places."""
        for ours, theirs in ((self.numbers, others.numbers), (self.support, others.support)):
            for field in fields(ours):
                _write(getattr(ours, field.name), places, getattr(theirs, field.name))
        self.status[places] = others.status


def judge_everybody(world: World, topic: int) -> Experts:
    """Judge all from the shared flow, part by part."""
    recent, view = world.recent_of_all, world.shared_view

    def _judge_some(some: Ints) -> Experts:
        heard = hear(world, some, topic, view, in_full=False, late_too=False)
        return judge(world, heard, recent.take(some))

    return joined(each(_judge_some, world.parts))


def judge(world: World, heard: Heard, recent: Recent | None = None) -> Experts:
    """Judge those whom the voices are about; `recent` is R where it is known already."""
    support = supports(heard, world.method)
    status = statuses(world.root.kind, support, world.method)
    totals = add_up(heard, world.method.voice, recent=recent)
    numbers = expertise_of_many(totals, np.isin(status, NUMBERED), world.profile, world.method)
    return Experts(numbers, support, status)


def judge_exactly(
    world: World, people: Ints, topic: int, disputed: Mapping[int, World]
) -> Iterator[tuple[Ints, Experts]]:
    """Judge each as its document does; some together where nothing hangs on standing but how loud a voice is."""

    def _judge_one(person: int, view: View) -> tuple[Ints, Experts]:
        left, alone = disputed.get(person), np.array([person])
        heard = hear(left or world, alone, topic, left.view(person) if left else view, in_full=False)
        return alone, judge(left or world, heard)

    def _is_plain(person: int, view: View) -> bool:
        same_copies = view.void is shared.void or np.array_equal(view.void, shared.void)
        return same_copies and not world.endorsed[person] and person not in disputed

    def _judge_some(some: Ints) -> list[tuple[Ints, Experts]]:
        views = {person: world.view(person) for person in some.tolist()}
        plain = [person for person, view in views.items() if _is_plain(person, view)]
        apart = [_judge_one(person, view) for person, view in views.items() if person not in plain]
        if not plain:
            return apart
        together = hear(world, np.array(plain), topic, shared, in_full=False)
        seen = seen_apart(world, together, [views[person] for person in plain])
        return [(np.array(plain), judge(world, seen)), *apart]

    shared = world.shared_view
    with ThreadPoolExecutor(THREADS) as pool:
        for judged in pool.map(
            _judge_some, (np.sort(people[at : at + AT_ONCE]) for at in range(0, people.size, AT_ONCE))
        ):
            yield from judged


def _write(ours: Any, places: Ints, theirs: Any) -> None:  # noqa: ANN401 # an array, or arrays by name, on both sides
    if isinstance(ours, dict):
        for name, values in ours.items():
            values[places] = theirs[name]
    else:
        ours[places] = theirs
