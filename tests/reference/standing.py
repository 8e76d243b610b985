"""How standing comes from a trust root along vouches, the scored account's own and those for it left out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference.acts import answered
from reference.constants import VOUCHES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.method import Method
    from candor.scoring.trust_root import TrustRoot
    from reference.acts import Recognition
    from reference.world import World


@dataclass
class Flow:
    """Everybody's standing, what a vouch of each counts, and who vouches for whom; `root` holds the root's weights."""

    standing: dict[str, float]
    lent: dict[str, float]
    vouchers: dict[str, list[str]]
    root: dict[str, float]


def flow_for(
    account: str,
    people: Iterable[str],
    vouches: Iterable[tuple[str, str]],
    trust_root: TrustRoot,
    method: Method,
) -> Flow | None:
    """How standing flows when `account` is scored; None where everybody is trusted."""
    if trust_root.kind == "network":
        return None
    root = {named.account: named.weight for named in trust_root.accounts}
    people = sorted({*people, *root})
    vouchers: dict[str, list[str]] = defaultdict(list)
    for voucher, vouched in sorted(vouches):
        if account not in (voucher, vouched):
            vouchers[vouched].append(voucher)
    half_at = min(method.standing.half_at, (len(root) + 1) / 2)

    def step(counts: dict[str, float]) -> dict[str, float]:
        found = {}
        for who in people:
            times = (sum(counts.get(voucher, 0.0) for voucher in vouchers[who]) / half_at) ** method.standing.steepness
            found[who] = 0.0 if who == account else root.get(who, times / (1 + times))
        return found

    lent = step(root)
    return Flow(step(lent), lent, vouchers, root)


def vouches_of(world: World, acts: Iterable[Recognition]) -> set[tuple[str, str]]:
    """Who vouches for whom."""
    return {(a.by, a.to) for a in acts if a.kind in VOUCHES} | answered(world)
