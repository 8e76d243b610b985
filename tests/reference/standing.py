"""How standing flows from a trust root along vouches, the scored account's own and those for it left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference.acts import answered
from reference.constants import VOUCHES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.method import Method
    from candor.scoring.trust_root import TrustRoot
    from reference.acts import Recognition
    from reference.world import World


def standing_for(
    account: str,
    people: Iterable[str],
    vouches: Iterable[tuple[str, str]],
    trust_root: TrustRoot,
    method: Method,
) -> dict[str, float]:
    """Standing of everybody as it counts when `account` is scored."""
    if trust_root.kind == "network":
        return dict.fromkeys(people, 1.0)
    root = dict.fromkeys(people, 0.0)
    root.update({named.account: named.weight for named in trust_root.accounts})
    return flow(root, without(account, vouches), method)


def without(account: str, vouches: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The vouches that are neither by the account nor for it."""
    return {pair for pair in vouches if account not in pair}


def vouches_of(world: World, acts: Iterable[Recognition]) -> set[tuple[str, str]]:
    """Who vouches for whom."""
    return {(a.by, a.to) for a in acts if a.kind in VOUCHES} | answered(world)


def flow(root: dict[str, float], vouches: set[tuple[str, str]], method: Method) -> dict[str, float]:
    """Let standing flow until it rests, or for as many rounds as the method has."""
    passed = passed_on(vouches, method)
    standing = dict(root)
    for _ in range(method.standing.most_rounds):
        after = dict(root)
        for voucher, vouched in sorted(vouches):
            after[vouched] += passed[voucher] * standing[voucher]
        after = {who: min(1.0, amount) for who, amount in after.items()}
        moved = max((abs(after[who] - standing[who]) for who in after), default=0.0)
        standing = after
        if moved < method.standing.tolerance:
            break
    return standing


def passed_on(vouches: set[tuple[str, str]], method: Method) -> dict[str, float]:
    """What part of each voucher's standing one of its vouches passes on."""
    outdegree: dict[str, int] = {}
    for voucher, _ in vouches:
        outdegree[voucher] = outdegree.get(voucher, 0) + 1
    return {
        voucher: method.standing.passed_on / max(count, method.standing.least_outdegree)
        for voucher, count in outdegree.items()
    }
