"""On whom voices rest: each divided among those who vouch for the person speaking, step by step back to the root."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.method import Method
    from reference.voices import Case, Voice


def trust_in(case: Case, voices: Iterable[Voice]) -> dict[str, float] | None:
    """What of the voices rests on each person of the root, nobody on whom nothing does."""
    flow = case.flow
    if flow is None:
        return None
    trust: dict[str, float] = defaultdict(float)
    through: dict[str, float] = defaultdict(float)
    for voice in voices:
        if voice.by in flow.root:
            trust[voice.by] += voice.voice
            continue
        vouchers = flow.vouchers[voice.by]
        whole = sum(flow.lent[voucher] for voucher in vouchers)
        for voucher in vouchers:
            if flow.lent[voucher] > 0:
                on = voice.by if voucher in flow.root else voucher
                through[on] += voice.voice * flow.lent[voucher] / whole
    for person, amount in through.items():
        behind = {seed: flow.lent[seed] for seed in flow.vouchers[person] if seed in flow.root}
        for seed, weight in behind.items():
            trust[seed] += min(amount, case.method.backing.through_one) * weight / sum(behind.values())
    return {person: amount for person, amount in trust.items() if amount > 0}


def seeds_of(case: Case) -> int:
    """How many people of the root could stand behind the account."""
    return len([person for person in case.flow.root if person != case.account]) if case.flow else 0


def allowed(trust: Iterable[float], seeds: int, method: Method, corrupt: int = 0) -> list[float]:
    """What of each one's trust counts, if so many of them, those with least trust, did all they can."""
    corrupt = min(corrupt, seeds)
    everybody = sorted(trust)
    everybody = [0.0] * (seeds - len(everybody)) + everybody
    left, rule = everybody[corrupt:], method.backing
    behind = sum(amount / (amount + rule.half_behind) for amount in left) + corrupt
    limit = rule.alone + rule.together / max(seeds, 1) * (behind / max(seeds, 1)) ** rule.shared_power
    return [min(amount, limit) for amount in left if amount] + [limit] * corrupt
