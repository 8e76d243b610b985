"""What an account, or five hundred strangers, could do in a world of others' acts: every type, at any time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from candor.scoring.activity import RECORD_TYPES, Activity
from properties.worlds import AS_OF, TAGS, TEXTS, make_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from properties.worlds import Setting


def instant(pick: Callable[[int], int]) -> dict[str, Any]:
    """Draw any time, but no instant at which others act.

    A review or report of the very instant of a taking is part of the record of taking where rights are granted: the
    source writes it down, nobody alone does.
    """
    return {"published": AS_OF - timedelta(days=pick(1200), microseconds=1 + 2 * pick(500))}


def own_acts(pick: Callable[[int], int], setting: Setting, account: str, number: int) -> list[Activity]:
    """Draw acts of the account alone, each type in turn, on others' records and its own.

    Taking changes is left out where it is a granted right: the one exception that the method makes.
    """
    others = list(setting.activities)
    done: list[Activity] = []
    types = [name for name in RECORD_TYPES if not (name == "accept" and setting.question.granted_rights)]
    for i in range(number):
        fixed = {"type": types[(i + pick(2)) % len(types)]} | instant(pick)
        done.append(_by(pick, setting, others + done, f"own-{i}", account, fixed))
    return done


def strangers_acts(pick: Callable[[int], int], setting: Setting, strangers: int, each: int) -> list[Activity]:
    """Draw acts of new accounts on anybody's records: what they take, copy, review and say first counts nothing."""
    others = list(setting.activities)
    done: list[Activity] = []
    for i in range(strangers * each):
        at = instant(pick)
        fixed = {"type": RECORD_TYPES[pick(len(RECORD_TYPES))]} | at
        if i % 5 == 0:
            fixed["type"] = ("accept", "note", "mention", "test", "reshare")[pick(5)]
        done.append(_by(pick, setting, others + done[-30:], f"new-{i}", f"stranger-{i % strangers}", fixed))
    return done


def _by(
    pick: Callable[[int], int],
    setting: Setting,
    others: Sequence[Activity],
    identifier: str,
    actor: str,
    fixed: dict[str, Any],
) -> Activity:
    if fixed["type"] != "vote":
        fixed["actor"] = actor
    if fixed["type"] in ("note", "question", "answer", "reply", "quote") and pick(3):
        texts = [r.content for r in others if r.content] or list(TEXTS)
        fixed |= {"content": texts[pick(len(texts))], "tags": TAGS[pick(len(TAGS))]}
    return make_record(pick, setting.people, others, identifier, **fixed)


def recognition(pick: Callable[[int], int], setting: Setting, account: str, by: str) -> Activity:
    """Draw one more record, without words, by which somebody recognises the account, often not first."""
    kind = ("accept", "reply", "test", "reshare", "quote", "list")[pick(6)]
    theirs = [r for r in setting.activities if r.actor == account and r.id]
    known = {r.object for r in setting.activities if r.actor == by}
    theirs = [r for r in theirs if pick(2) and r.id in known] or theirs
    how: dict[str, Any] = {"object": f"gone-{pick(2)}", "target_actor": account, "tags": TAGS[pick(len(TAGS))]}
    if kind == "list":
        how["object"] = (None, "list-1", "list-3")[pick(3)]
    elif theirs and pick(6) < 5:
        how = {"object": theirs[pick(len(theirs))].id}
    return Activity(type=kind, id="more", actor=by, **how, **instant(pick))


def recognition_elsewhere(pick: Callable[[int], int], account: str, by: str) -> Activity:
    """Draw one more record by which somebody recognises the account on no topic that is asked about."""
    kind = ("accept", "test", "reshare", "quote", "list")[pick(5)]
    where = {"object": f"elsewhere-{pick(2)}", "target_actor": account}
    return Activity(type=kind, id="more", actor=by, **where, **instant(pick))
