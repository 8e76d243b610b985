"""Contested: evidence that is left out of a score after a dispute."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from candor.scoring.columns import Columns
    from candor.scoring.recognition import Acts
    from candor.scoring.world import World

    Bools = NDArray[np.bool_]

_WHATEVER_THE_ACTS = ("copies", "root_weights", "backers", "acts_everywhere", "reach")


class Contested(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What `by` did for `account` is left out of its score on `topic`: all of it, or what concerns `of` only."""

    account: str
    topic: str
    by: str
    of: str = ""


def contested_acts(acts: Acts, columns: Columns, contested: Contested) -> Bools:
    """Say which acts of recognition the dispute was about."""
    by, account = (columns.person_of.get(name, -1) for name in (contested.by, contested.account))
    chosen: Bools = (acts.recogniser == by) & (acts.recognised == account) if by >= 0 else np.zeros(acts.row.size, bool)
    if contested.of:
        for act in np.flatnonzero(chosen).tolist():
            chosen[act] = columns.contribution_id(int(acts.contribution[act])) == contested.of
    return chosen


def chosen_acts(world: World, contested: Iterable[Contested], account: str, topic: str) -> dict[Contested, Bools]:
    """Return which acts each dispute about one score leaves out; those that find none are not there."""
    asked = (each for each in sorted(set(contested)) if (each.account, each.topic) == (account, topic))
    return {each: acts for each in asked if (acts := contested_acts(world.acts, world.columns, each)).any()}


def leaving_out(world: World, acts: Bools) -> World:
    """Return the same world without some acts of recognition; standing flows as before."""
    other = copy.copy(world)
    other.acts = world.acts.take(~acts)
    other.on_topic = world.on_topic[~acts]
    other._one_way = {}  # noqa: SLF001 # the copy is of our making
    known = {name for name, part in vars(type(world)).items() if isinstance(part, cached_property)}
    for hangs_on_acts in known.difference(_WHATEVER_THE_ACTS) & vars(other).keys():
        del vars(other)[hangs_on_acts]
    vars(other)["vouches"] = world.vouches
    return other


def worlds_without(world: World, contested: Iterable[Contested], topic: int) -> dict[int, World]:
    """Return, for each person who has evidence left out on a topic of the world, the world as it is for that person."""
    every, worlds = tuple(contested), {}
    for account in {each.account for each in every}:
        if chosen := chosen_acts(world, every, account, world.topics[topic].id):
            worlds[world.columns.person_of[account]] = leaving_out(world, np.logical_or.reduce(list(chosen.values())))
    return worlds


def in_words(count: int) -> str:
    """Say how much was left out, for the gaps of a document."""
    if count == 1:
        return "1 piece of evidence left out after a dispute"
    return f"{count} pieces of evidence left out after disputes"
