"""Trust roots for measuring: a file, everybody, nobody, a random share of the accounts, or the most recognised."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from candor.scoring.trust_root import FACE_VALUE, NOBODY, RootAccount, TrustRoot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from candor.scoring.activity import Activity

LEAST_ACTS = 3
NAMED = {"network": FACE_VALUE, "none": NOBODY}


def parse_root(text: str, activities: Iterable[Activity], left_out: Collection[str] = ()) -> TrustRoot:
    """Make the root that `text` describes: a JSON file, `network`, `none`, `random:SHARE:SEED` or `recognised:SHARE`.

    Shares are of the accounts with at least three acts among `activities`, without those `left_out` (the accounts whose
    expertise is the truth to be found). Raises ValueError where the text is none of these.
    """
    if text in NAMED:
        return NAMED[text]
    kind, *numbers = text.split(":")
    match kind, numbers:
        case "random", [share, seed]:
            return random_root(eligible(activities, left_out), float(share), int(seed))
        case "recognised", [share]:
            records = list(activities)
            return most_recognised_root(records, eligible(records, left_out), float(share))
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"{text!r} is no file and not network, none, random:SHARE:SEED or recognised:SHARE")
    return msgspec.json.decode(path.read_bytes(), type=TrustRoot)


def eligible(activities: Iterable[Activity], left_out: Collection[str] = ()) -> list[str]:
    """Return the accounts with at least three acts that are not left out, sorted."""
    acts = Counter(activity.actor for activity in activities if activity.actor and activity.type != "account")
    return sorted(name for name, count in acts.items() if count >= LEAST_ACTS and name not in left_out)


def random_root(accounts: list[str], share: float, seed: int) -> TrustRoot:
    """Trust a random share of `accounts`."""
    return of_accounts(random.Random(seed).sample(accounts, round(share * len(accounts))))


def most_recognised_root(activities: Iterable[Activity], accounts: list[str], share: float) -> TrustRoot:
    """Trust those of `accounts` whom most different people towards them accepted, listed, reshared or quoted."""
    vouchers: dict[str, set[str]] = {name: set() for name in accounts}
    for activity in activities:
        if activity.type in ("accept", "list", "reshare", "quote") and activity.target_actor in vouchers:
            vouchers[activity.target_actor].add(activity.actor or "")
    ranked = sorted(accounts, key=lambda name: (-len(vouchers[name]), name))
    return of_accounts(ranked[: round(share * len(ranked))])


def of_accounts(names: Iterable[str]) -> TrustRoot:
    """Trust these accounts in full."""
    return TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=name) for name in names))
