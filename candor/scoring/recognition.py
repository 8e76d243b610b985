"""From activities to acts of recognition: who took up whose contribution, how, and when.

One small function per way in which records show recognition; `find_acts` puts them together. Each follows a row of the
table "Recognition" in docs/method.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.activity import POSTS, RECORD_TYPES
from candor.scoring.acts import SOFT, Acts
from candor.scoring.arrays import (
    FEW,
    all_of,
    any_of,
    concat,
    distinct,
    group_by,
    is_among,
    order_by,
    pair_key,
    run_parallel,
    where_true,
)
from candor.scoring.columns import of_types
from candor.scoring.kinds import KIND_CODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from candor.scoring.arrays import Bools, Ints
    from candor.scoring.columns import Columns


@dataclass(frozen=True, eq=False)
class Source:
    """What recognition is read from: records, and which of them are answers."""

    columns: Columns
    is_answer: Bools
    granted_rights: bool

    def askers(self, answers: Ints) -> Ints:
        """Return whom each of some answers answers, -1 where that is unknown."""
        asking = self.columns.object_row[answers]
        return np.where(asking >= 0, self.columns.actor[asking], -1)

    def acts(self, kind: str, row: Ints, recogniser: Ints, recognised: Ints, contribution: Ints, **more: Ints) -> Acts:
        """Make acts. `about` defaults to what the record acts on."""
        width = self.columns.object_row.dtype
        under = self.columns.object_row[row]
        apart = any_of(under < 0)
        acted_on = np.where(under >= 0, under, row).astype(width, copy=False) if apart else under
        if np.array_equal(contribution, under):
            contribution = under  # one array for what mostly is the same
        about = more.get("about", acted_on).astype(width, copy=False)
        text = more.get("text", under).astype(width, copy=False)
        code: Ints = np.full(row.size, KIND_CODE[kind], np.int8)
        return Acts(recogniser, recognised, code, contribution, row.astype(width, copy=False), about, text)


def find_acts(columns: Columns, *, replies_are_answers: bool, granted_rights: bool) -> Acts:
    """Return every act of recognition in `columns` between two distinct people, in the order of Acts."""
    source = Source(columns, _answers(columns, replies_are_answers=replies_are_answers), granted_rights)
    there = {RECORD_TYPES[code] for code in where_true(np.bincount(columns.type)).tolist()}
    finders = [partial(_all, find, source) for find, *needs in FINDERS if not there.isdisjoint(needs)]
    every = [acts for some in run_parallel(*finders, rows=columns.type.size) for acts in some]
    none = np.zeros(0, np.int64)
    found = concat(every or [source.acts("accepted", none, none, none, none)])
    del every  # as large as what was found
    return _in_order(found)


def _all(find: Callable[[Source], Iterator[Acts]], source: Source) -> list[Acts]:
    return [acts for acts in map(_between_two, find(source)) if acts.row.size]


def _between_two(acts: Acts) -> Acts:
    kept = (acts.recogniser >= 0) & (acts.recognised >= 0) & (acts.recogniser != acts.recognised)
    return acts if all_of(kept) else acts.take(kept)


def _in_order(acts: Acts) -> Acts:
    """Return acts in the order of Acts: by pair, what was taken up and whether softly, then record and kind."""
    if acts.row.size < FEW:
        soft = SOFT[acts.kind]
        return acts.take(order_by(acts.recognised, acts.recogniser, acts.contribution, soft, acts.row, acts.kind))
    order, new = group_by(acts.recognised, acts.recogniser)
    several = ~new  # acts of one pair, of which most have one
    several[:-1] |= several[1:]
    places = where_true(several)
    some = order[places]
    columns = (acts.contribution[some], SOFT[acts.kind[some]], acts.row[some], acts.kind[some])
    order[places] = some[order_by(new.cumsum(dtype=np.int32)[places], *columns)]
    return acts.take(order)


def _answers(columns: Columns, *, replies_are_answers: bool) -> Bools:
    is_answer = columns.is_type("answer")
    if replies_are_answers:
        under = columns.object_row
        asked = (under >= 0) & columns.is_type("question", "note")[under] & (columns.actor[under] != columns.actor)
        is_answer |= columns.is_type("reply") & asked
    return is_answer


def _taken(source: Source) -> Iterator[Acts]:
    """An accept takes up an answer or a change, or, where its object is a review, that review."""
    columns = source.columns
    rows = columns.rows("accept")
    under = columns.object_row[rows]
    of_review = (under >= 0) & of_types(columns.type[under], "review")
    plain, review = rows[~of_review], rows[of_review]
    by, who, what = columns.actor, columns.target, columns.contribution_of
    yield source.acts("accepted", plain, by[plain], who[plain], what(plain))
    if review.size:
        author = columns.target[columns.object_row[review]]
        review = review[by[review] != author]
        yield source.acts("reviewed", review, by[review], who[review], what(columns.object_row[review]))
    if source.granted_rights:
        change = plain[~(columns.is_type("answer")[columns.object_row[plain]] & (columns.object_row[plain] >= 0))]
        yield source.acts("took", change, who[change], by[change], what(change), text=np.full(change.size, -1))


def _named_by_taking(source: Source) -> Iterator[Acts]:
    """With granted rights, reviews and reports of a taken change at the same instant were written down with it.

    Who commits a change alone takes it, and no accept says so: the change itself stands for it.
    """
    if not source.granted_rights:
        return
    columns = source.columns
    accepts = columns.rows("accept")
    accepts = accepts[(columns.object_row[accepts] < 0) | ~columns.is_type("review")[columns.object_row[accepts]]]
    changes = columns.rows("note")
    takings = np.concatenate((accepts, changes[~np.isin(changes, columns.contribution_of(accepts))]))
    author = np.where(columns.is_type("note")[takings], columns.actor[takings], columns.target[takings])
    yield _fixed(source, *_at_once(columns, takings, author, "report"))
    yield from _reviewed(source, *_at_once(columns, takings, author, "review"))


def _at_once(columns: Columns, takings: Ints, author: Ints, kind: str) -> tuple[Ints, Ints, Ints]:
    """Return every taking with each record of this kind about the same change and instant, and the change's author."""
    rows = columns.rows(kind)
    place, named = _join(columns.contribution_of(takings), columns.contribution_of(rows))
    taking, named = takings[place], rows[named]
    together = columns.published[taking] == columns.published[named]
    return taking[together], named[together], author[place][together]


def _fixed(source: Source, taking: Ints, named: Ints, author: Ints) -> Acts:
    """Somebody else took the change that mends what a third person reported: the first report stands for it."""
    by, reporter = source.columns.actor[taking], source.columns.actor[named]
    third = (by != author) & (by != reporter) & (reporter != author)
    taking, named, by, author = taking[third], named[third], by[third], author[third]
    _, first = np.unique(taking, return_index=True)
    return source.acts("fixed", taking[first], by[first], author[first], named[first], about=named[first])


def _reviewed(source: Source, taking: Ints, named: Ints, author: Ints) -> Iterator[Acts]:
    """Who takes the change recognises its reviewer, and a reviewer who approved it recognises its author."""
    columns = source.columns
    by, reviewer, change = columns.actor[taking], columns.actor[named], columns.contribution_of(named)
    others = reviewer != author
    credited = others & (by != reviewer)
    yield source.acts(
        "reviewed",
        taking[credited],
        by[credited],
        reviewer[credited],
        change[credited],
        about=named[credited],
        text=named[credited],
    )
    approved = others & columns.positive[named]
    yield source.acts("approved", named[approved], reviewer[approved], author[approved], change[approved])


def _tested(source: Source) -> Iterator[Acts]:
    columns = source.columns
    rows = columns.rows("test")
    yield source.acts("tested", rows, columns.actor[rows], columns.target[rows], columns.contribution_of(rows))


def _replied_under_answers(source: Source) -> Iterator[Acts]:
    """A reply directly under an answer thanks if it is the asker's, else it is anyone's reply."""
    columns = source.columns
    rows = columns.rows("reply")
    under = columns.object_row[rows]
    rows = rows[(under >= 0) & source.is_answer[under]]
    under = columns.object_row[rows]
    asked = columns.actor[rows] == source.askers(under)
    for kind, chosen in (("thanked", asked), ("replied", ~asked)):
        yield source.acts(kind, rows[chosen], columns.actor[rows[chosen]], columns.actor[under[chosen]], under[chosen])


def _voted(source: Source) -> Iterator[Acts]:
    """An anonymous up-vote on an answer, booked on the asker."""
    columns = source.columns
    rows = columns.rows("vote")
    under = columns.object_row[rows]
    rows = rows[(under >= 0) & source.is_answer[under] & columns.positive[rows]]
    under = columns.object_row[rows]
    yield source.acts("voted", rows, source.askers(under), columns.actor[under], under)


def _endorsed(source: Source) -> Iterator[Acts]:
    """A reshare or quote of the person's own post."""
    columns = source.columns
    rows = columns.rows("reshare", "quote")
    of = columns.object_row[rows]
    rows = rows[(of < 0) | columns.is_type(*POSTS)[of]]
    yield source.acts("endorsed", rows, columns.actor[rows], columns.target[rows], columns.contribution_of(rows))


def _listed(source: Source) -> Iterator[Acts]:
    """A place on a person's list; the contribution is the list, by its id or else by its owner and name."""
    columns = source.columns
    rows = columns.rows("list")
    lists = columns.contribution_of(rows).copy()
    first_of: dict[tuple[int, str | None], int] = {}
    for place, row in enumerate(rows):
        if columns.records[row].object is None:
            lists[place] = first_of.setdefault((int(columns.actor[row]), columns.records[row].content), int(row))
    none = np.full(rows.size, -1)
    yield source.acts("listed", rows, columns.actor[rows], columns.target[rows], lists, about=rows, text=none)


def _consulted(source: Source) -> Iterator[Acts]:
    """A person addressed somebody by name in a thread, and then took up what that one posted there afterwards."""
    columns = source.columns
    asking = columns.rows("mention", "question")
    asking = asking[(columns.target[asking] >= 0) & (columns.actor[asking] >= 0)]
    if not asking.size:
        return
    taking = columns.rows("reply", "quote", "reshare", "accept")
    if not asking.size:
        return
    post = columns.object_row[taking]
    taking = taking[(post >= 0) & columns.is_type("answer", "reply", "note")[post]]
    post = columns.object_row[taking]
    people = len(columns.people)
    wanted = distinct(pair_key(columns.actor[asking], columns.target[asking], people))
    between = pair_key(columns.actor[taking], columns.actor[post], people)
    known = (columns.actor[taking] >= 0) & (columns.actor[post] >= 0) & is_among(between, wanted)
    taking, post, between = taking[known], post[known], between[known]
    if not taking.size:
        return
    threads = len(columns.records)
    asked = wanted.searchsorted(pair_key(columns.actor[asking], columns.target[asking], people))
    asked = pair_key(asked, columns.thread[asking], threads)
    threaded = pair_key(wanted.searchsorted(between), columns.thread[post], threads)
    key, first_asked = np.unique(asked, return_index=True)
    known = is_among(threaded, key)
    taking, post, threaded = taking[known], post[known], threaded[known]
    first = asking[first_asked][key.searchsorted(threaded)]
    after = (first < post) & (post < taking)
    taking, post = taking[after], post[after]
    yield source.acts("consulted", taking, columns.actor[taking], columns.actor[post], post)


def _join(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return the places (in left, in right) of every pair of equal keys, ordered by left, then right."""
    order = right.argsort(kind="stable")
    first = right[order].searchsorted(left, "left")
    count = right[order].searchsorted(left, "right") - first
    places = np.repeat(np.arange(left.size), count)
    offset = np.arange(places.size) - np.repeat(count.cumsum() - count, count)
    return places, order[first.repeat(count) + offset]


FINDERS: tuple[tuple[Any, ...], ...] = (
    (_taken, "accept"),
    (_named_by_taking, "report", "review"),
    (_tested, "test"),
    (_replied_under_answers, "reply"),
    (_voted, "vote"),
    (_endorsed, "reshare", "quote"),
    (_listed, "list"),
    (_consulted, "mention", "question"),
)
"""Each way, with the types of record of which one at least has to be there."""
