"""What could not be read of a network, counted and put in words."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from candor.scoring.gaps import grouped, summed

if TYPE_CHECKING:
    from collections.abc import Iterator


class Gaps:
    """What could not be read, counted: for `inputs.gaps`. A gap concerns one account, or whoever is asked about."""

    def __init__(self) -> None:
        self._seen: Counter[_Gap] = Counter()
        self._shown: dict[_Gap, tuple[int, int]] = {}
        self._account: str | None = None

    @contextmanager
    def of(self, account: str) -> Iterator[None]:
        """Let what is added within concern one account alone."""
        before, self._account = self._account, account
        try:
            yield
        finally:
            self._account = before

    def add(self, what: str, why: str, times: int = 1) -> None:
        """Note that something was not to be had. `why` names the host."""
        self._seen[_Gap(self._account, what, why)] += times

    def add_once(self, what: str, why: str) -> None:
        """Note what holds for everything of a kind, however much of it there is."""
        self._seen.setdefault(_Gap(self._account, what, why), 1)

    def add_hidden(self, what: str, host: str, shown: int, counted: int) -> None:
        """Note that fewer were shown than the host itself counts, if so: what it shows to a stranger may end early."""
        if shown < counted:
            gap = _Gap(self._account, what, host)
            self._seen[gap] += 1
            so_far = self._shown.get(gap, (0, 0))
            self._shown[gap] = (so_far[0] + shown, so_far[1] + counted)

    def lines(self) -> tuple[str, ...]:
        """Say each thing once, with how often it happened, in the order in which it was met."""
        return grouped(self.each())

    def each(self) -> tuple[str, ...]:
        """Say each thing once, and of each host."""
        return summed(line for _, line in self._lines())

    def lines_of(self, account: str | None) -> tuple[str, ...]:
        """Say what concerns one account alone; with None, what concerns whoever is asked about."""
        return grouped(line for concerned, line in self._lines() if concerned == account)

    def _lines(self) -> Iterator[tuple[str | None, str]]:
        for gap, count in self._seen.items():
            words = f"{gap.what}: {gap.why}"
            if gap in self._shown:
                shown, counted = self._shown[gap]
                words += f": {shown} of {counted} are shown"
            yield gap.account, words + (f" ({count} times)" if count > 1 else "")


class _Gap(NamedTuple):
    account: str | None
    what: str
    why: str
