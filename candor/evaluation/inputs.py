"""What an evaluation reads: activity files, truths (who is an expert on what), and trust roots for measuring."""

from __future__ import annotations

import csv
import io
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec.structs import replace

from candor.formats.dumps.dump import chunks_of
from candor.formats.rows import records_in
from candor.names.accounts import lenient_namer
from candor.scoring.records import RecordReader
from candor.scoring.topics import TAG_PREFIX
from candor.scoring.trust_root import FACE_VALUE, NO_ROOT, NamedTwiceError, RootAccount, TrustRoot, named_once

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from candor.formats.rows import Row
    from candor.scoring.activity import Activity


DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
POSITIVE = re.compile(r"expert(?!_former)|(?:1|true|yes)$", re.IGNORECASE)
NEGATIVE = re.compile(r"(?:0|false|no|expert_former.*)?$", re.IGNORECASE)
LABELS = (
    "a label that begins with expert, or is 1, true or yes, names an expert; expert_former, 0 or any other does not"
)
COLUMNS = ("actor", "topic", "label")

LEAST_ACTS = 3
NAMED = {"network": FACE_VALUE, "none": NO_ROOT}


Namer: TypeAlias = "Callable[[str], str]"
"""Gives the one name of an account, however it is written."""


def names_of(network: str) -> Namer:
    """Return what settles the names of a network; what no account there is called, as in made-up data, stays as it is.

    Raises UnknownNetworkError.
    """
    return lru_cache(maxsize=None)(lenient_namer(network))


def as_written(account: str) -> str:
    """Take a name as it is."""
    return account


def read_activities(
    path: str,
    rename: Mapping[str, str] | None = None,
    only: tuple[str, str] | None = None,
    *,
    name: Namer = as_written,
) -> list[Activity]:
    """Read records as uploads take them, packed or not; `name` gives each account its one name.

    `rename` maps record types and names columns, as `--map` does. `only` keeps the threads that begin with a record
    whose field has that value. Raises ValueError naming the first record that is wrong, UnreadableError.
    """
    reader = RecordReader(None, rename, loose=True)
    chosen: set[str] = set()
    with chunks_of(Path(path)) as chunks:
        rows = records_in(chunks, sys.maxsize, rename)
        reader.feed(rows if only is None else _noting(rows, only, chosen))
    if reader.bad:
        first = reader.bad[0]
        raise ValueError(f"record {first.line} of {path}: {first.pointer[1:] or 'as a whole'}: {first.detail}")
    found = [_settled(each, name) for each in reader.activities]
    return found if only is None else _threads(found, chosen)


def _settled(activity: Activity, name: Namer) -> Activity:
    by, to = activity.actor and name(activity.actor), activity.target_actor and name(activity.target_actor)
    if by == activity.actor and to == activity.target_actor:
        return activity
    return replace(activity, actor=by, target_actor=to)


def _noting(rows: Iterable[Row], only: tuple[str, str], chosen: set[str]) -> Iterator[Row]:
    """Pass the records on, and note the ids of those whose field has the value."""
    field, value = only
    decode = msgspec.json.Decoder(dict[str, object]).decode
    for row in rows:
        if not isinstance(row, bytes) or value.encode() in row:
            record = decode(row) if isinstance(row, bytes) else msgspec.to_builtins(row)
            if str(record.get(field)) == value:
                chosen.add(str(record.get("id")))
        yield row


def _threads(activities: list[Activity], chosen: set[str]) -> list[Activity]:
    """Keep the records whose thread begins with a chosen one."""
    object_of = {record.id: record.object for record in activities}
    begins: dict[str | None, bool] = {}
    for record in activities:
        way: list[str | None] = []
        at = record.id
        while at not in begins and at not in way:
            way.append(at)
            above = object_of.get(at)
            if above is None or above not in object_of:
                begins[at] = at in chosen
                break
            at = above
        begins.update(dict.fromkeys(way, begins.get(at, False)))
    return [record for record in activities if begins[record.id]]


@dataclass(frozen=True)
class Truth:
    """Pairs (account, topic): those to be found, and all that were ever known; and labels that name nobody."""

    pairs: frozenset[tuple[str, str]]
    ever: frozenset[tuple[str, str]]
    other_labels: Mapping[str, int] = field(default_factory=dict)

    @property
    def topics(self) -> list[str]:
        """Every topic with somebody to be found, sorted."""
        return sorted({topic for _, topic in self.pairs})

    @property
    def accounts(self) -> frozenset[str]:
        """Everybody who was ever known as an expert."""
        return frozenset(account for account, _ in self.ever)


def read_truth(path: str, after: date | None = None, *, name: Namer = as_written) -> Truth:
    """Read a table `actor,topic,label,source`; `name` gives each account its one name.

    `topic` is a tag, as NAME or tag:NAME. Labels that begin with `expert`, 1, true and yes are positive, but not
    `expert_former`: who was one once, and is none by the time of the truth. With `after`, pairs whose source carries no
    later date are not to be found. Raises ValueError where a column or every expert is missing.
    """
    table = _table(path, COLUMNS if after is None else (*COLUMNS, "source"))
    rows = [row for row in table if POSITIVE.match(row["label"])]
    others = Counter(row["label"] for row in table if not POSITIVE.match(row["label"]))
    if not rows:
        raise ValueError(f"{path} names no expert: its labels are {', '.join(map(repr, others)) or 'none'}; {LABELS}")
    found = [row for row in rows if after is None or _is_later(row["source"], after)]
    return Truth(
        pairs=frozenset((name(row["actor"]), row["topic"].removeprefix(TAG_PREFIX)) for row in found),
        ever=frozenset((name(row["actor"]), row["topic"].removeprefix(TAG_PREFIX)) for row in rows),
        other_labels={label: count for label, count in others.items() if not NEGATIVE.match(label)},
    )


def _table(path: str, needed: Collection[str]) -> list[dict[str, str]]:
    """Read a table whose first line names its columns, whatever of , ; tab and | cuts them. Raises ValueError."""
    text = Path(path).read_text("utf-8-sig")
    head = text.partition("\n")[0]
    lines = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=head.count), restval="")
    if missing := [column for column in needed if column not in (lines.fieldnames or ())]:
        raise ValueError(f"{path} has no column {', '.join(missing)}; it has: {', '.join(lines.fieldnames or ())}")
    return [{column: str(cell).strip() for column, cell in row.items()} for row in lines]


def _is_later(source: str, after: date) -> bool:
    return any(date.fromisoformat(found) > after for found in DATE.findall(source))


def parse_root(
    text: str, activities: Iterable[Activity], left_out: Collection[str] = (), *, name: Namer = as_written
) -> TrustRoot:
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
    root = msgspec.json.decode(path.read_bytes(), type=TrustRoot)
    accounts = (replace(each, account=name(each.account)) for each in root.accounts)
    try:
        return replace(root, accounts=tuple(named_once((each.account, each) for each in accounts).values()))
    except NamedTwiceError as error:
        raise ValueError(f"{text}: {error}") from None


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
