"""Politeness: waits for a host's turn, and remembers for all workers what the host asked for."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

from worker.outbound.dialects import allowance_in, limit_in
from worker.outbound.errors import LeftAloneError, WaitingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from candor.store.budgets import Budgets
    from worker.outbound.answer import Answer

PLACES = 2
PATIENCE_S = 5.0
BUSY = timedelta(seconds=15)
LONGEST_WAIT = timedelta(days=1)
LOOK_S = (0.05, 0.1, 0.2, 0.4)


class Politeness:
    """Turns at hosts, for one job. At most `places` requests are under way to a host, over all workers.

    Waits of up to `patience_s` in all for a question are slept; for longer ones the job gives its worker back.
    """

    def __init__(
        self,
        budgets: Budgets,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        *,
        places: int = PLACES,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._budgets = budgets
        self._clock = clock
        self._sleep = sleep
        self._places = places
        self._patience_s = patience_s

    @contextmanager
    def turn(self, host: str, part: str) -> Iterator[None]:
        """Hold a place at the host during the block. Raises WaitingError, LeftAloneError when it is not to be asked."""
        token = secrets.token_hex(8)
        self._wait_for_turn(host, part, token)
        try:
            yield
        finally:
            self._budgets.give_back(host, token)

    def heed(self, host: str, part: str, answer: Answer) -> None:
        """Pass on to all workers what the answer says of limits and of the host's health.

        Raises WaitingError, LeftAloneError when it is a refusal for now.
        """
        now = self._clock()
        if allowance := allowance_in(answer.headers, now):
            self._budgets.allow(host, part, allowance.left, allowance.reset)
        limit = limit_in(answer.status, answer.headers, answer.json, now)
        if limit is None:
            self._note_health(host, part, answer.status)
            return
        until = limit.until or self._budgets.strike(host, part, limit.words)
        self._budgets.pause(host, "" if limit.whole_host else part, until, limit.words)
        if answer.status >= 400:
            self._come_back(host, until, limit.words)

    def failed(self, host: str, why: str) -> None:
        """Count a question that got no answer."""
        self._budgets.fail(host, why)

    def sleeps_until(self, until: datetime) -> bool:
        """Tell whether a wait is short enough to be slept."""
        return (until - self._clock()).total_seconds() <= self._patience_s

    def _note_health(self, host: str, part: str, status: int) -> None:
        if status >= 500:
            self._budgets.fail(host, f"answered {status}")
        else:
            self._budgets.succeed(host, part)

    def _wait_for_turn(self, host: str, part: str, token: str) -> None:
        slept_s, looks = 0.0, 0
        while (turn := self._budgets.take(host, part, token, places=self._places)).verdict != "go":
            if turn.verdict == "down":
                raise LeftAloneError(host, f"left alone until {_spelled(turn.until)}: {turn.why}")
            if turn.verdict == "wait":
                pause_s = max(0.001, (turn.until - self._clock()).total_seconds())
                if slept_s + pause_s > self._patience_s:
                    self._come_back(host, turn.until, turn.why)
            else:
                pause_s, looks = LOOK_S[min(looks, len(LOOK_S) - 1)], looks + 1
                if slept_s + pause_s > self._patience_s:
                    self._come_back(host, self._clock() + BUSY, "busy with other requests of ours")
            self._sleep(pause_s)
            slept_s += pause_s

    def _come_back(self, host: str, until: datetime, words: str) -> NoReturn:
        """Raise WaitingError; a day is too long to wait for."""
        if until - self._clock() > LONGEST_WAIT:
            raise LeftAloneError(host, f"{words}, until {_spelled(until)}")
        raise WaitingError(host, until, words)


def _spelled(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%SZ")
