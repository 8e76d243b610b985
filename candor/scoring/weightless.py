"""Facts shown at weight zero: what others count for quality, and what helps to read a score."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.arrays import distinct, is_among, pair_key, where_true
from candor.scoring.columns import of_types
from candor.scoring.document import Fact
from candor.scoring.explain import instant
from candor.scoring.interest import OWN_ACTS, are_answers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.arrays import Ints
    from candor.scoring.columns import Columns


ANSWERING = ("answer", "reply", "note", "quote")


def weightless_facts(columns: Columns, subject: int, topic: int) -> dict[str, Fact]:
    """Return the facts about one person, those of posts on the topic only."""
    account = columns.accounts.get(subject)
    unknown = "no account record says so"
    return {
        "followers": Fact(
            value=account.followers if account else None,
            reason=None if account and account.followers is not None else unknown,
        ),
        "bio": Fact(
            value=account.bio if account else None, reason=None if account and account.bio is not None else unknown
        ),
        "likes_received": _received(columns, subject, topic, "like", "likes"),
        "up_votes": _received(columns, subject, topic, "vote", "votes"),
        "answers_minus_questions": _answers_minus_questions(columns, subject, topic),
        "spread_beyond_followers": _spread(columns, subject, topic),
        "reachability": _reachability(columns, subject),
        **_last_active(columns, subject, topic),
    }


def _received(columns: Columns, subject: int, topic: int, kind: str, what: str) -> Fact:
    """Likes or up-votes of others on its posts; a vote's value may be the sum of many."""
    rows = columns.rows(kind)
    rows = rows[columns.actor[rows] != subject]
    if not rows.size:
        return Fact(value=None, reason=f"the records hold no {what} of others")
    rows = rows[(columns.target[rows] == subject) & columns.topics[rows, topic]]
    if kind == "like":
        return Fact(value=int(rows.size))
    values = (columns.records[row].value or 0.0 for row in rows[columns.positive[rows]].tolist())
    return Fact(value=math.fsum(values))


def _answers_minus_questions(columns: Columns, subject: int, topic: int) -> Fact:
    """Z = (a - q)/√(a + q) of Zhang, Ackerman & Adamic 2007, on the topic; a reply to another's question answers it."""
    own = columns.acts_of(subject)
    own = own[columns.topics[own, topic]]
    types, under = columns.type[own], columns.object_row[own]
    questions = int(np.count_nonzero(of_types(types, "question")))
    under = under[of_types(types, "reply") & (under >= 0)]
    to_questions = of_types(columns.type[under], "question") & (columns.actor[under] != subject)
    answers = int(np.count_nonzero(of_types(types, "answer"))) + int(np.count_nonzero(to_questions))
    if answers + questions == 0:
        return Fact(value=None, n=0, reason="no answers and no questions on the topic")
    return Fact(value=(answers - questions) / math.sqrt(answers + questions), n=answers + questions)


def _spread(columns: Columns, subject: int, topic: int) -> Fact:
    """Share of those who reshared or quoted the account on the topic without following it."""
    rows = columns.rows("reshare", "quote")
    rows = rows[(columns.target[rows] == subject) & columns.topics[rows, topic] & (columns.actor[rows] != subject)]
    follows = columns.rows("follow")
    followers = columns.actor[follows[columns.target[follows] == subject]]
    people = distinct(columns.actor[rows])
    if not followers.size or not people.size:
        missing = (
            "nobody reshared its posts on the topic" if followers.size else "the records do not say who follows it"
        )
        return Fact(value=None, n=int(people.size), reason=missing)
    return Fact(value=float(np.mean(~np.isin(people, followers))), n=int(people.size))


def _last_active(columns: Columns, subject: int, topic: int) -> dict[str, Fact]:
    """When the account last did something of its own, and last answered: records are in order of time."""
    own = columns.acts_of(subject)
    own = own[of_types(columns.type[own], *OWN_ACTS)]
    on_topic = own[columns.topics[own, topic]]
    answers = on_topic[are_answers(columns, on_topic)]
    return {
        "last_answered_on_topic": _last(columns, answers, "the records hold no answer of its own on the topic"),
        "last_active_on_topic": _last(columns, on_topic, "the records hold nothing of its own on the topic"),
        "last_active_anywhere": _last(columns, own, "the records hold nothing of its own"),
    }


def _last(columns: Columns, rows: Ints, reason: str) -> Fact:
    return Fact(value=instant(int(columns.published[rows[-1]]))) if rows.size else Fact(value=None, reason=reason)


def _reachability(columns: Columns, subject: int) -> Fact:
    answered, people = (int(counts[0]) for counts in reachability(columns, np.array([subject])))
    if not people:
        return Fact(value=None, n=0, reason="nobody addressed it by name")
    return Fact(value=answered / people, n=people)


def reachability(columns: Columns, subjects: Ints) -> tuple[Ints, Ints]:
    """Of the people who addressed each of `subjects` (ascending) by name, count those it answered in that thread.

    Returns them and all who addressed it.
    """
    place = np.full(len(columns.people) + 1, -1)  # the last stands for -1: nobody
    place[subjects] = np.arange(subjects.size)
    rows = _addressing(columns, subjects)
    who, by = place[columns.target[rows]], columns.actor[rows]
    named = (who >= 0) & (by >= 0) & (columns.target[rows] != by)
    rows, who, by = rows[named], who[named], by[named]
    pairs = pair_key(who, by, len(columns.people))
    posts = _posts_of(columns, subjects) if rows.size else rows
    people, answered = distinct(pairs), distinct(pairs[_answered(columns, rows, who, place, posts)])
    counts = (np.bincount(found // len(columns.people), minlength=subjects.size) for found in (answered, people))
    return next(counts), next(counts)


def _addressing(columns: Columns, subjects: Ints) -> Ints:
    """Return the rows that may address one of the subjects by name; of one alone only what is towards it is read."""
    if subjects.size != 1:
        return columns.rows("mention", "question")
    rows = where_true(columns.target == subjects[0])
    return rows[of_types(columns.type[rows], "mention", "question")]


def _posts_of(columns: Columns, subjects: Ints) -> Ints:
    """Return the rows in which one of the subjects may have answered."""
    if subjects.size != 1:
        return columns.rows(*ANSWERING)
    rows = columns.acts_of(int(subjects[0]))
    return rows[of_types(columns.type[rows], *ANSWERING)]


def _answered(columns: Columns, rows: Ints, who: Ints, place: Ints, posts: Ints) -> NDArray[np.bool_]:
    """Say for each address whether the addressed posted in that thread afterwards."""
    if not rows.size:
        return np.zeros(0, np.bool_)
    spoken = np.zeros(len(columns.records), np.bool_)
    spoken[columns.thread[rows]] = True
    posts = posts[(place[columns.actor[posts]] >= 0) & spoken[columns.thread[posts]]]
    size = len(columns.records)
    key = pair_key(place[columns.actor[posts]], columns.thread[posts], size)
    keys, last = np.unique(key[::-1], return_index=True)
    wanted = pair_key(who, columns.thread[rows], size)
    answered = is_among(wanted, keys)
    after = posts[::-1][last[keys.searchsorted(wanted[answered])]] > rows[answered]
    answered[answered] = after
    return answered
