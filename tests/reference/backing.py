"""On whose trust voices rest: from each person of the root along every path of vouches, one after another."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from reference.standing import passed_on, without

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.method import Method
    from candor.scoring.trust_root import TrustRoot
    from reference.voices import Case, Voice

Reach = dict[str, dict[str, float]]  # how much of whose standing comes from a person of the root, uncut


def reach_of(account: str, vouches: Iterable[tuple[str, str]], trust_root: TrustRoot, method: Method) -> Reach | None:
    """Walk from everybody in the root; None where everybody is trusted."""
    if trust_root.kind == "network":
        return None
    left = without(account, vouches)
    passed, vouched_by = passed_on(left, method), defaultdict(list)
    for voucher, vouched in sorted(left):
        vouched_by[voucher].append(vouched)
    reach: Reach = {}
    for named in trust_root.accounts:
        reach[named.account] = defaultdict(float)
        paths = [((named.account,), float(named.weight))]
        while paths:
            path, amount = paths.pop()
            reach[named.account][path[-1]] += amount
            if len(path) <= method.standing.most_rounds:
                paths += [((*path, to), amount * passed[path[-1]]) for to in vouched_by[path[-1]]]
    return reach


def trust_in(case: Case, voices: Iterable[Voice]) -> dict[str, float] | None:
    """What of the voices rests on each person of the root, nobody on whom nothing does."""
    if case.reach is None:
        return None
    trust = {
        person: sum(reach[v.by] * v.worth for v in voices if v.by in reach) for person, reach in case.reach.items()
    }
    return {person: amount for person, amount in trust.items() if amount > 0}


def worth_of(trust: Iterable[float], most: float) -> list[float]:
    """What each one's trust is worth."""
    return [most * amount / (most + amount) for amount in trust]
