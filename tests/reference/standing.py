"""How standing flows from a trust root along vouches, the scored account's own and those for it left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference.constants import VOUCHES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reference.acts import Recognition
    from scoring.trust_root import TrustRoot


def standing_for(
    account: str, people: Iterable[str], acts: Iterable[Recognition], trust_root: TrustRoot
) -> dict[str, float]:
    """Standing of everybody as it counts when `account` is scored."""
    if trust_root.kind == "network":
        return dict.fromkeys(people, 1.0)
    root = dict.fromkeys(people, 0.0)
    root.update({named.account: named.weight for named in trust_root.accounts})
    vouches = {(a.by, a.to) for a in acts if a.kind in VOUCHES and account not in (a.by, a.to)}
    return flow(root, vouches)


def flow(root: dict[str, float], vouches: set[tuple[str, str]]) -> dict[str, float]:
    """Let standing flow until it rests."""
    outdegree: dict[str, int] = {}
    for voucher, _ in vouches:
        outdegree[voucher] = outdegree.get(voucher, 0) + 1
    standing = dict(root)
    for _ in range(40):
        after = dict(root)
        for voucher, vouched in sorted(vouches):
            after[vouched] += 0.5 * standing[voucher] / max(outdegree[voucher], 10)
        after = {who: min(1.0, amount) for who, amount in after.items()}
        moved = max((abs(after[who] - standing[who]) for who in after), default=0.0)
        standing = after
        if moved < 1e-9:
            break
    return standing
