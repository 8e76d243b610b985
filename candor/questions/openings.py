"""Openings: what somebody could be asked, which questions wait, and whose help few think of asking for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
from msgspec import Meta

from candor.questions.answering import EXCERPT, candidates, is_shown
from candor.questions.index import TAG
from candor.questions.ranking import rank, shares_telling_words
from candor.scoring.account_kinds import PEOPLE, kind_of
from candor.scoring.activity import TYPE_CODE, Instant
from candor.scoring.columns import DAY_US, microseconds, moment
from candor.scoring.excerpt import excerpt
from candor.scoring.words import compact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from candor.questions.formula import Formula
    from candor.questions.index import Index
    from candor.questions.ranking import AnswererRanking
    from candor.scoring.account_kinds import SaidKind
    from candor.scoring.arrays import Bools, Ints


MOST_WAITING = 30
WAITING_DAYS = 90
INVITED = 3
FIRST = 10
NO_PERSON = -1
MOST_TAGS = 20
LEAST_TAKEN_UP = 3
QUESTION_MARKS = ("?", "\uff1f", "\u061f")
MOST_OVERLOOKED = 20


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to invite to answer."""

    account: Annotated[str, Meta(description="The account.")]
    sum: Annotated[float, Meta(description="The sum by the formula, in points.")]


class WaitingQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question that nobody answered."""

    id: Annotated[str, Meta(description="Id of its record.")]
    url: Annotated[str | None, Meta(description="Where it can be seen.")]
    text: Annotated[str | None, Meta(description="How it begins.")]
    tags: Annotated[tuple[str, ...], Meta(description="Its tags.")]
    asked: Annotated[Instant, Meta(description="When it was asked.")]
    invite: Annotated[tuple[Invited, ...], Meta(description="Whom to invite, most likely first.")]


class Overlooked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whose help is taken up and whom hardly anybody addresses by name."""

    account: Annotated[str, Meta(description="The account.")]
    answers: Annotated[int, Meta(description="The number of answers in the last 365 days.")]
    taken_up: Annotated[int, Meta(description="How many of these somebody took up.")]
    addressed: Annotated[int, Meta(description="How many times it was addressed by name in these days.")]


class CommunityOpenings(msgspec.Struct, frozen=True, kw_only=True):
    """For whoever looks after a community: questions without an answer, and people whom few think of."""

    as_of: Annotated[Instant, Meta(description="Only what happened before was read.")]
    formula: Annotated[str, Meta(description="Version of the formula.")]
    formula_digest: Annotated[str, Meta(description="Digest of the formula.")]
    waiting: Annotated[
        tuple[WaitingQuestion, ...],
        Meta(
            description="Questions of people in the last 90 days without an answer, newest first; of other opening "
            "posts those with a question mark that share telling words or tags with an earlier one that was answered."
        ),
    ]
    waiting_total: Annotated[int, Meta(description="How many of these there are; the newest 30 are listed.")]
    overlooked: Annotated[
        tuple[Overlooked, ...],
        Meta(description="People with most answers taken up whom at most one address in ten answers names."),
    ]


class TagOfPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A tag under which somebody answers."""

    tag: Annotated[str, Meta(description="The tag, as most of the questions write it that this person answered.")]
    answers: Annotated[int, Meta(description="The number of answers under it by then.")]
    taken_up: Annotated[int, Meta(description="How many of these somebody took up.")]
    share: Annotated[float, Meta(description="Share of all answers under the tag, 0 to 1.")]


class PersonOpenings(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody could be asked."""

    account: Annotated[str, Meta(description="The account.")]
    as_of: Annotated[Instant, Meta(description="Only what happened before was read.")]
    formula: Annotated[str, Meta(description="Version of the formula.")]
    formula_digest: Annotated[str, Meta(description="Digest of the formula.")]
    answers: Annotated[
        int,
        Meta(description="The number of all answers by then; 0: nothing is known, or it does not want to be named."),
    ]
    tags: Annotated[tuple[TagOfPerson, ...], Meta(description="Under which tags it answers, most first.")]
    waiting: Annotated[
        tuple[WaitingQuestion, ...],
        Meta(description="Questions without an answer for which it is among the first ten by the formula."),
    ]


def community_openings(
    index: Index, formula: Formula, said: Mapping[str, SaidKind], as_of: datetime
) -> CommunityOpenings:
    """List what waits in a community and whom few think of."""
    at = microseconds(as_of)
    waiting = _waiting(index, formula, said, at)
    listed = waiting[::-1][:MOST_WAITING].tolist()
    return CommunityOpenings(
        as_of=as_of,
        formula=formula.version,
        formula_digest=formula.digest,
        waiting=tuple(_question(index, ask, _first(index, formula, said, ask, at, most=INVITED)) for ask in listed),
        waiting_total=int(waiting.size),
        overlooked=_overlooked(index, formula, said, at),
    )


def person_openings(
    index: Index, formula: Formula, said: Mapping[str, SaidKind], account: str, as_of: datetime
) -> PersonOpenings:
    """Say what somebody could be asked: nothing of an account that is not there or opted out."""
    at, person = microseconds(as_of), index.columns.person_of.get(account)
    if person is None or not is_shown(index, person):
        person = NO_PERSON
    before = int(np.searchsorted(index.answered_at, at))
    own = np.flatnonzero(index.by[:before] == person)
    found = []
    for ask in _waiting(index, formula, said, at)[::-1][:MOST_WAITING].tolist() if own.size else ():
        first = _first(index, formula, said, ask, at, most=FIRST)
        if any(each.account == account for each in first):
            found.append(_question(index, ask, first[:INVITED]))
    return PersonOpenings(
        account=account,
        as_of=as_of,
        formula=formula.version,
        formula_digest=formula.digest,
        answers=int(own.size),
        tags=_tags(index, own, before, at),
        waiting=tuple(found),
    )


def _waiting(index: Index, formula: Formula, said: Mapping[str, SaidKind], at: int) -> Ints:
    """Return the questions of the last days that nobody had answered and that people asked, oldest first.

    An opening post that is no question by its type is one when it has a question mark and shares telling words
    with an earlier one that somebody answered; a change waits for a review.
    """
    first, last = np.searchsorted(index.asked_at, [at - WAITING_DAYS * DAY_US, at])
    before = int(np.searchsorted(index.answered_at, at))
    answered = np.zeros(index.asks.size, np.bool_)
    answered[index.to[:before]] = True
    asks: Ints = first + np.flatnonzero(~answered[first:last])
    is_asked = [_is_asked(index, formula, said, ask, answered) for ask in asks.tolist()]
    waiting: Ints = asks[np.array(is_asked, np.bool_)]
    return waiting


def _is_asked(index: Index, formula: Formula, said: Mapping[str, SaidKind], ask: int, answered: Bools) -> bool:
    """Say whether a record is a question of a person who may be shown."""
    columns, row = index.columns, int(index.asks[ask])
    by = int(columns.actor[row])
    if not (is_shown(index, by) and kind_of(columns.people[by], columns.accounts.get(by), said)[0] in PEOPLE):
        return False
    is_question = columns.type[row] == TYPE_CODE["question"] or "review" in index.roles.answers
    text = columns.records[row].content or ""
    return is_question or (
        any(mark in text for mark in QUESTION_MARKS) and shares_telling_words(index, formula, ask, answered)
    )


def _first(
    index: Index, formula: Formula, said: Mapping[str, SaidKind], ask: int, at: int, *, most: int
) -> tuple[Invited, ...]:
    """Return who comes first for a question that was asked, without whoever asked it."""
    row = int(index.asks[ask])
    record = index.columns.records[row]
    ranking: AnswererRanking = rank(index, formula, text=record.content, tags=record.tags or (), as_of=at)
    people, _ = candidates(index, ranking, said)
    people = people[people != index.columns.actor[row]]
    best = people[np.lexsort((people, -ranking.total[people]))][:most].tolist()
    return tuple(Invited(account=index.columns.people[p], sum=float(ranking.total[p])) for p in best)


def _question(index: Index, ask: int, invite: tuple[Invited, ...]) -> WaitingQuestion:
    record = index.columns.records[int(index.asks[ask])]
    return WaitingQuestion(
        id=str(record.id),
        url=record.url,
        text=excerpt(record, EXCERPT),
        tags=record.tags or (),
        asked=moment(int(index.asked_at[ask])),
        invite=invite,
    )


def _overlooked(index: Index, formula: Formula, said: Mapping[str, SaidKind], at: int) -> tuple[Overlooked, ...]:
    first, before = np.searchsorted(index.answered_at, [at - 365 * DAY_US, at])
    by = index.by[first:before]
    answers = np.bincount(by, minlength=index.people)
    taken_up = np.bincount(by[index.taken_up_at[first:before] < at], minlength=index.people)
    lately = (index.addressed_at < at) & (index.addressed_at >= at - 365 * DAY_US)
    addressed = np.bincount(index.addressed[lately], minlength=index.people)
    people, _ = candidates(index, rank(index, formula, text=None, tags=(), as_of=at), said)
    people = people[(taken_up[people] >= LEAST_TAKEN_UP) & (10 * addressed[people] <= answers[people])]
    best = people[np.lexsort((people, -taken_up[people]))][:MOST_OVERLOOKED].tolist()
    return tuple(
        Overlooked(
            account=index.columns.people[p],
            answers=int(answers[p]),
            taken_up=int(taken_up[p]),
            addressed=int(addressed[p]),
        )
        for p in best
    )


def _tags(index: Index, own: Ints, before: int, at: int) -> tuple[TagOfPerson, ...]:
    asked = int(np.searchsorted(index.asked_at, at))
    mine, taken = index.to[own], index.taken_up_at[own] < at
    found = []
    written = _written_tags(index, mine)
    for term in index.postings.number if own.size else ():
        if term.startswith(TAG):
            asks = index.postings.of(term, asked)[0]
            if (here := np.isin(mine, asks)).any():
                whole = int(np.count_nonzero(np.isin(index.to[:before], asks)))
                found.append(
                    TagOfPerson(
                        tag=written[term[len(TAG) :]],
                        answers=int(here.sum()),
                        taken_up=int((here & taken).sum()),
                        share=float(here.sum() / whole),
                    )
                )
    return tuple(sorted(found, key=lambda each: (-each.answers, each.tag))[:MOST_TAGS])


def _written_tags(index: Index, asks: Ints) -> dict[str, str]:
    """Return how most of these questions write each of their tags, by the tag as it is compared."""
    records = (index.columns.records[int(index.asks[ask])] for ask in asks.tolist())
    written = Counter(tag for record in records for tag in record.tags or ())
    return {compact(tag): tag for tag in sorted(written, key=lambda tag: (written[tag], tag))}
