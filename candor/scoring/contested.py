"""Contested evidence: acts of recognition that one score leaves out after a dispute about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.arrays import where_true

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from candor.scoring.acts import Acts
    from candor.scoring.arrays import Bools
    from candor.scoring.columns import Columns
    from candor.scoring.question import Contested
    from candor.scoring.world import World


def contested_acts(acts: Acts, columns: Columns, contested: Contested) -> Bools:
    """Say which acts of recognition the dispute was about."""
    by, account = (columns.person_of.get(name, -1) for name in (contested.by, contested.account))
    chosen: Bools = (acts.recogniser == by) & (acts.recognised == account) if by >= 0 else np.zeros(acts.row.size, bool)
    if contested.of:
        for act in where_true(chosen).tolist():
            chosen[act] = columns.contribution_id(int(acts.contribution[act])) == contested.of
    return chosen


def chosen_acts(world: World, contested: Iterable[Contested], account: str, topic: str) -> dict[Contested, Bools]:
    """Return which acts each dispute about one score leaves out; those that find none are not there."""
    asked = (each for each in sorted(set(contested)) if (each.account, each.topic) == (account, topic))
    return {each: acts for each in asked if (acts := contested_acts(world.index.acts, world.columns, each)).any()}


def worlds_without(world: World, contested: Iterable[Contested], topic: int) -> dict[int, World]:
    """Return, for each person who has evidence left out on a topic of the world, the world as it is for that person."""
    every, worlds = tuple(contested), {}
    for account in {each.account for each in every}:
        if chosen := chosen_acts(world, every, account, world.topics[topic].id):
            worlds[world.columns.person_of[account]] = world.without(np.logical_or.reduce(list(chosen.values())))
    return worlds


def describe(chosen: Mapping[Contested, Bools]) -> str:
    """Say how much was left out, for the gaps of a document: acts, and by how many people."""
    acts, people = int(np.logical_or.reduce(list(chosen.values())).sum()), len({each.by for each in chosen})
    said = f"{acts} act{'s' * (acts != 1)} by {people} {'person' if people == 1 else 'people'}"
    return f"left out after a dispute: {said}"
