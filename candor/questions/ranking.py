"""Ranking: who would answer a question, as a sum of weighted logarithms of what each did on questions like it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.questions.formula import function_words
from candor.questions.index import NEVER, TAG, Index, terms_of
from candor.scoring.columns import DAY_US

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from candor.questions.formula import Formula, LikenessRule
    from candor.questions.index import Index
    from candor.scoring.arrays import Floats, Ints

PARTS = ("year", "month", "week", "similar", "tags", "load")


@dataclass(frozen=True)
class Term:
    """A word or #tag of the question: how many earlier questions have it, and what that is worth."""

    text: str
    asks: int
    idf: float


@dataclass(frozen=True, eq=False)
class Likeness:
    """How alike earlier questions are: `asks` numbers of the index, `value` their likeness, of `itself` at most."""

    terms: tuple[Term, ...]
    asks: Ints
    value: Floats
    itself: float
    average_length: float


@dataclass(frozen=True, eq=False)
class Facts:
    """What the parts are made of: of everybody (arrays by person) and in total. Decayed counts are of answers.

    `similar` sums likeness to a power, decayed, over the answers to like questions; `tags` has a row per tag.
    """

    answerers: int
    year: Floats
    month: Floats
    week: Floats
    similar: Floats
    tags: Floats
    open: Ints
    answers: Ints
    taken_up: Ints


@dataclass(frozen=True, eq=False)
class AnswererRanking:
    """A question's facts as of a time, and the points of each part and their sum, by person."""

    as_of: int
    likeness: Likeness
    tags: tuple[str, ...]
    facts: Facts
    points: dict[str, Floats]
    total: Floats


def rank(index: Index, formula: Formula, *, text: str | None, tags: Sequence[str], as_of: int) -> AnswererRanking:
    """Rank everybody for a question. Only what was before `as_of` (microseconds since 1970 UTC) is read."""
    known = tuple(sorted(term[len(TAG) :] for term in terms_of(None, tags)))
    likeness = alike(index, formula, text, tags, as_of)
    facts = _facts(index, formula, likeness, known, as_of)
    points = _points(facts, formula, likeness.itself)
    return AnswererRanking(as_of, likeness, known, facts, points, sum(points.values(), np.zeros(index.people)))


def alike(index: Index, formula: Formula, text: str | None, tags: Iterable[str], as_of: int) -> Likeness:
    """Find the earlier questions that share words or tags with a question, by BM25."""
    rule, before = formula.likeness, int(np.searchsorted(index.asked_at, as_of))
    found = terms_of(text, tags)
    average = float(index.length_before[before]) / max(before, 1)
    terms, postings = _chosen(index, formula, found, before)
    score = np.zeros(before)
    for term, (asks, count) in zip(terms, postings, strict=True):
        score[asks] += worth(term, count, index.length[asks], rule, average)
    itself = sum(worth(term, found[term.text], found.total(), rule, average) for term in terms)
    asks = np.flatnonzero(score)
    return Likeness(terms, asks, score[asks], itself, average)


def _chosen(
    index: Index, formula: Formula, found: Iterable[str], before: int
) -> tuple[tuple[Term, ...], list[tuple[Ints, Floats]]]:
    """Return the terms of a question that say something, the rarest first new ones last, and where they are.

    Where that leaves no telling one that was asked before, as in a community around one subject, in which most
    questions share their words, the rarest telling ones of those that too many have are looked up all the same.
    """
    rule = formula.likeness
    most = max(rule.most_share * before, rule.always)
    looked_up = [(text, index.postings.of(text, before)) for text in found]
    said = [(text, where) for text, where in looked_up if where[0].size <= most]
    if not any(where[0].size and is_telling(text) for text, where in said):
        common = [item for item in looked_up if item[1][0].size > most and is_telling(item[0])]
        said += sorted(common, key=lambda item: (item[1][0].size, item[0]))[: rule.most_common]
    said.sort(key=lambda item: (not item[1][0].size, item[1][0].size, item[0]))
    said = said[: rule.most_terms]
    terms = tuple(Term(text, where[0].size, idf(before, where[0].size)) for text, where in said)
    return terms, [where for _, where in said]


def worth(term: Term, count: Any, length: Any, rule: LikenessRule, average_length: float) -> Any:  # noqa: ANN401
    """Return the points of a term that stands so often in a question of that length, by BM25: numbers or arrays."""
    long = rule.k1 * (1 - rule.b + rule.b * length / (average_length or 1.0))
    return term.idf * count * (rule.k1 + 1) / (count + long)


def idf(asks: int, having: int) -> float:
    """What a term that `having` of the questions have is worth."""
    return math.log(1 + (asks - having + 0.5) / (having + 0.5))


def _facts(index: Index, formula: Formula, likeness: Likeness, tags: tuple[str, ...], as_of: int) -> Facts:
    before = int(np.searchsorted(index.answered_at, as_of))
    by, to = index.by[:before], index.to[:before]
    age = (as_of - index.answered_at[:before]) / DAY_US
    taken = index.taken_up_at[:before] < as_of
    rule, people = formula.activity, index.people

    def _sum(days: float, weight: Floats | None = None) -> Floats:
        decay = np.exp2(-age / days)
        return np.bincount(by, decay if weight is None else decay * weight, people).astype(np.float64)

    alike_to = np.zeros(index.asks.size)
    alike_to[likeness.asks] = likeness.value**formula.likeness.power
    counts = np.bincount(by, minlength=people)
    asked = int(np.searchsorted(index.asked_at, as_of))
    return Facts(
        answerers=int(np.count_nonzero(counts)),
        year=_sum(rule.year_days),
        month=_sum(rule.month_days),
        week=_sum(rule.week_days),
        similar=_sum(formula.likeness.half_life_days, alike_to[to] * (1 + formula.likeness.taken_up * taken)),
        tags=np.array([_sum(formula.tags.half_life_days, _under(index, tag, asked)[to]) for tag in tags]).reshape(
            len(tags), people
        ),
        open=_open(index, formula, as_of),
        answers=counts,
        taken_up=np.bincount(by[taken], minlength=people),
    )


def _under(index: Index, tag: str, before: int) -> Floats:
    has = np.zeros(index.asks.size)
    has[index.postings.of(f"{TAG}{tag}", before)[0]] = 1.0
    return has


def _open(index: Index, formula: Formula, as_of: int) -> Ints:
    """Count who is addressed of late and has not answered."""
    waiting = (
        (index.addressed_at < as_of)
        & (index.addressed_at >= as_of - formula.load.days * DAY_US)
        & (np.minimum(index.address_answered_at, NEVER) >= as_of)
    )
    return np.bincount(index.addressed[waiting], minlength=index.people)


def _points(facts: Facts, formula: Formula, itself: float) -> dict[str, Floats]:
    """Return the points of each part: a weight times a natural logarithm. `itself` is what the question is like it."""
    rule, weights = formula.activity, formula.weights
    year = (facts.year + rule.prior / max(facts.answerers, 1)) / (facts.year.sum() + rule.prior)
    month = (facts.month + rule.prior * year) / (facts.month.sum() + rule.prior)
    week = (facts.week + rule.prior * month) / (facts.week.sum() + rule.prior)
    spread, mixed = formula.smoothing.alike * itself**formula.likeness.power, formula.smoothing.similar
    total = float(facts.similar.sum()) + spread
    similar = (facts.similar + spread * year) / total if total else year
    lift = (similar + mixed * year) / ((1 + mixed) * year)
    prior = formula.tags.prior
    under = [np.log((tag + prior * year) / ((tag.sum() + prior) * year)) for tag in facts.tags]
    return {
        "year": weights.year * np.log(year),
        "month": weights.month * np.log(month),
        "week": weights.week * np.log(week),
        "similar": weights.similar * np.log(lift),
        "tags": weights.tags * (sum(under, np.zeros(year.size)) / max(len(under), 1)),
        "load": weights.load * np.log1p(facts.open) + 0.0,
    }


@dataclass(frozen=True)
class TellingLikeness:
    """Which earlier questions are `like` one, and which share of its weight, 0 to 1, is in `known` words."""

    like: frozenset[int]
    known: float

    def is_enough(self, formula: Formula) -> bool:
        """Say whether an answer rests on enough, by the formula's rule."""
        return len(self.like) >= formula.status.enough and self.known >= formula.status.known


def telling_likeness(
    index: Index, formula: Formula, likeness: Likeness, found: Mapping[str, int], asks: int
) -> TellingLikeness:
    """Compare with the first `asks` questions by telling words and tags alone; `found` counts the terms of this one.

    Where it has words a tag alone makes no question like it, and a word and the tag of that name are one.
    """
    rule, average = formula.likeness, likeness.average_length
    terms = [term for term in likeness.terms if is_telling(term.text)]
    length, has_words = float(sum(found.values())), any(not term.startswith(TAG) for term in found)
    here = {term.text: float(worth(term, found[term.text], length, rule, average)) for term in terms}
    points, worded = np.zeros(asks), np.zeros(asks, np.bool_)
    shared = {term.text.removeprefix(TAG): np.zeros(asks, np.bool_) for term in terms}
    for term in terms:
        where, count = index.postings.of(term.text, asks)
        points[where] += worth(term, count, index.length[where], rule, average)
        shared[term.text.removeprefix(TAG)][where] = True
        if not has_words or not term.text.startswith(TAG):
            worded[where] = True
    whole, many = sum(here.values()), min(formula.status.shared, len(shared))
    is_like = worded & (points >= rule.least * whole) & (sum(shared.values(), np.zeros(asks, np.int64)) >= many)
    return TellingLikeness(
        like=frozenset(np.flatnonzero(is_like).tolist()),
        known=sum(here[term.text] for term in terms if term.asks) / whole if whole else 0.0,
    )


def shares_telling_words(index: Index, formula: Formula, ask: int, answered: NDArray[np.bool_]) -> bool:
    """Say whether one earlier question among the `answered` shares enough telling words or tags with a question.

    These are as many as make a question like another, or all it has; words that too many questions have are none.
    """
    record, rule = index.columns.records[int(index.asks[ask])], formula.likeness
    shared: dict[str, Ints] = {}
    for term in filter(is_telling, terms_of(record.content, record.tags or ())):
        having = index.postings.of(term, ask)[0]
        if having.size <= max(rule.most_share * ask, rule.always):
            name = term.removeprefix(TAG)
            shared[name] = np.union1d(shared.get(name, having), having)
    counts = np.bincount(np.concatenate([*shared.values(), np.zeros(0, np.int64)]), minlength=ask)
    return bool(counts[answered[:ask]].max(initial=0) >= min(formula.status.shared, max(1, len(shared))))


def is_telling(term: str) -> bool:
    """Say whether a word or #tag says what a question is about: function words do not."""
    return term not in function_words()
