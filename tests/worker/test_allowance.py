"""What a job may still ask: counted in questions, shared out in parts, bounded in time."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from worker.allowance import NO_REQUESTS, NO_TIME, Allowance


@pytest.fixture
def outbound():
    return SimpleNamespace(asked=10)


def test_a_share_is_a_part_of_what_is_left(outbound):
    share = Allowance(outbound, 100, 1.0, lambda: 0.0).share(0.5)
    outbound.asked = 59
    assert share.spent is None
    outbound.asked = 60
    assert share.spent == NO_REQUESTS


def test_what_the_last_question_brought_is_kept(outbound):
    share = Allowance(outbound, 10, 1.0, lambda: 0.0).share(1.0)
    outbound.asked = 20
    assert share.overrun is None
    outbound.asked = 21
    assert share.overrun == NO_REQUESTS


def test_when_the_time_is_up_every_share_is(outbound):
    now = [0.0]
    share = Allowance(outbound, 10, 5.0, lambda: now[0]).share(1.0)
    assert share.spent is None
    now[0] = 5.0
    assert (share.spent, share.overrun) == (NO_TIME, NO_TIME)
