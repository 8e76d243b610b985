"""Chaos sets its traps at steps that there are."""

from __future__ import annotations

from lab.chaos.trapped_worker import STEPS


def test_every_step_with_a_trap_is_one_of_a_job():
    assert [(owner.__name__, name) for owner, name, *_ in STEPS if not callable(getattr(owner, name, None))] == []
