"""Random small worlds: a few people, every type of record, links that make sense and links that do not."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import strategies as st

from candor.scoring.activity import RECORD_TYPES, Activity
from candor.scoring.question import Question
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE, NO_ROOT, RootAccount, TrustRoot
from tests.effort import THOROUGH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
SEEDS = st.integers(0, 2**32)
PROFILES = ("qa", "forum", "microblog")
TOPICS = (
    Topic(id="rockets", label="Rockets", terms=("rocket",), hashtags=("rockets",)),
    Topic(id="tag:moon", label="moon"),
    Topic(id="tag:tides", label="tides"),
)
POSTS = ("note", "question", "answer", "reply", "quote", "report", "review")
TAGS: tuple[tuple[str, ...] | None, ...] = (
    ("moon",),
    None,
    ("rockets",),
    ("tides", "moon"),
    (),
    ("moon", *"abcdefgh"),
)
TEXTS = (
    None,
    "my rocket stands ready",
    "how does one land on a moon without any air",
    "how does one land on a moon without any air at all",
    "the second stage of every rocket falls back into the wide sea",
    "the second stage of every rocket falls back into the wide sea again",
    "tides follow the moon and the sun as everybody by the sea knows",
)
OBJECTS = {  # what a record of a type mostly refers to
    "answer": ("question",),
    "reply": ("answer", "question", "note", "reply"),
    "quote": POSTS,
    "reshare": POSTS,
    "accept": ("answer", "note", "reply", "review"),
    "review": ("note",),
    "test": ("note",),
    "report": ("note",),
    "mention": POSTS,
    "like": POSTS,
    "vote": ("answer", "answer", "reply"),
}
MIX = (
    *("note", "question", "answer", "answer", "answer", "reply", "reply", "reply", "accept", "accept", "accept"),
    *("review", "reshare", "quote", "list", "mention", "mention", "mention", "vote"),
    *RECORD_TYPES,
)


class Setting(msgspec.Struct, frozen=True):
    """A world, who lives in it, and what is asked of it."""

    people: tuple[str, ...]
    activities: tuple[Activity, ...]
    question: Question


def make_records(pick: Callable[[int], int], who: Sequence[str], number: int, prefix: str = "r") -> list[Activity]:
    """Draw `number` records among people."""
    made: list[Activity] = []
    for i in range(number):
        made.append(make_record(pick, who, made, f"{prefix}{i}"))
    return made


def make_record(
    pick: Callable[[int], int], who: Sequence[str], others: Sequence[Activity], identifier: str, **fixed: Any
) -> Activity:
    """Draw one record that may refer to others; fields given are taken as they are."""
    kind = fixed.pop("type", None) or MIX[pick(len(MIX))]
    fields: dict[str, Any] = {"type": kind, "id": identifier, "published": _instant(pick)}
    if kind == "account":
        fields |= {"id": None, "followers": pick(5000), "kind": ("person", "bot")[pick(2)]}
    if kind != "vote":
        fields["actor"] = who[pick(len(who))]
    if kind in POSTS or kind == "list":
        fields |= {"content": TEXTS[pick(len(TEXTS))], "tags": TAGS[pick(len(TAGS))]}
    if kind in ("vote", "review"):
        fields["value"] = (1.0, 1.0, -1.0)[pick(3)]
    fields |= _link(pick, kind, who, others)
    return Activity(**(fields | fixed))


def _instant(pick: Callable[[int], int]) -> datetime:
    """Mostly within the window and often at the same instant as something else."""
    days = (pick(60), 10 * pick(30), 30 * pick(80), pick(3))[pick(4)]
    return AS_OF - timedelta(days=days, hours=pick(3))


def _link(pick: Callable[[int], int], kind: str, who: Sequence[str], others: Sequence[Activity]) -> dict[str, Any]:
    link: dict[str, Any] = {}
    if kind in ("list", "mention", "follow") or (kind == "question" and pick(4) == 3):
        link["target_actor"] = who[pick(len(who))]
    if kind == "list":
        link["object"] = (None, "list-1", "list-2")[pick(3)]
    wanted = OBJECTS.get(kind)
    if wanted is None and pick(16) < 15:
        return link
    oddity = pick(16)
    fitting = [r for r in others if r.type in (wanted or ())] if oddity < 13 else list(others)
    if oddity == 15 or not fitting:
        return link | {"object": f"gone-{pick(2)}", "target_actor": who[pick(len(who))]}
    chosen = fitting[-1 - pick(len(fitting))]
    link["object"] = chosen.id
    if kind in ("accept", "review", "report") and pick(2):
        link["published"] = chosen.published
    return link


def close_a_ring(pick: Callable[[int], int], made: list[Activity]) -> list[Activity]:
    """Let one early post refer to a later one, which may refer back."""
    if len(made) < 4 or pick(4) < 3:
        return made
    first, last = made[pick(len(made) // 2)], made[-1 - pick(len(made) // 2)]
    if first.id is None or last.id is None:
        return made
    return [msgspec.structs.replace(r, object=last.id) if r is first else r for r in made]


def make_root(pick: Callable[[int], int], who: Sequence[str], kinds: int = 8) -> TrustRoot:
    """Draw a root: mostly accounts, some of them in part or for a topic."""
    kind = pick(kinds)
    if kind > 5:
        return (FACE_VALUE, NO_ROOT)[kind - 6]
    named = [person for person in who if pick(3) < 2]
    accounts = tuple(
        RootAccount(
            account=person,
            weight=(1.0, 1.0, 0.5, 0.05)[pick(4)],
            topics=(None, ("tag:moon",), ("rockets", "tag:tides"))[pick(3)],
        )
        for person in named
    )
    return TrustRoot(kind="list" if kind == 5 else "accounts", accounts=accounts)


def make_setting(pick: Callable[[int], int], *, declared: bool = False, most: int = 80) -> Setting:
    """Draw a whole world and a question about three people in it; `declared` asks for a root of accounts.

    `pick` draws a number from 0 up to below the one it is given; 0 is the plainest.
    """
    who = [f"p{i}" for i in range(3 + pick((4, 10)[pick(2)]))]
    made = close_a_ring(pick, make_records(pick, who, 5 + pick(most - 4)))
    root = make_root(pick, who, kinds=5 if declared else 8)
    question = Question(
        network="custom:worlds",
        accounts=tuple(who[:3]),
        topics=TOPICS[: 1 + pick(3)],
        trust_root=root,
        as_of=AS_OF,
        window_days=(1825, 400)[pick(2)],
        profile=PROFILES[pick(3)],
        granted_rights=bool(pick(2)),
    )
    return Setting(tuple(who), tuple(made), question)


@st.composite
def settings_drawn(draw: st.DrawFn, *, declared: bool = False) -> Setting:
    """Strategy of settings: from a seed and a size; choice by choice in the thorough profile, which shrinks further."""
    if THOROUGH:
        return make_setting(lambda n: draw(st.integers(0, n - 1)), declared=declared, most=40)
    return make_setting(random_pick(draw(SEEDS)), declared=declared, most=draw(st.integers(5, 80)))


def random_pick(seed: int) -> Callable[[int], int]:
    """Draw from a seed: for worlds too large to draw and shrink one number at a time."""
    return random.Random(seed).randrange
