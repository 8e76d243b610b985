"""Answering: who would answer a question, made of an index and the published formula."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from candor.questions import reasons
from candor.questions.answer import (
    AlikeQuestion,
    AnswerTotals,
    AnswerTrust,
    LikeAnswer,
    NearestTopic,
    PersonFacts,
    PersonTrust,
    PersonWhoMayAnswer,
    QuestionAnswer,
    SharedTerm,
    TermFacts,
)
from candor.questions.index import TAG, terms_of
from candor.questions.ranking import PARTS, is_telling, rank, telling_likeness, worth
from candor.scoring.account_kinds import PEOPLE, kind_of
from candor.scoring.activity import RECORD_TYPES
from candor.scoring.columns import DAY_US, microseconds, moment
from candor.scoring.excerpt import excerpt
from candor.scoring.words import compact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from candor.questions.formula import Formula
    from candor.questions.index import Index
    from candor.questions.ranking import AnswererRanking
    from candor.questions.reasons import Reasons, Status, TrustStatus
    from candor.questions.trust import TrustReach
    from candor.scoring.account_kinds import SaidKind
    from candor.scoring.arrays import Ints


MOST_ALIKE = 10
MOST_ANSWERED = 5
MOST_NEAREST = 3
EXCERPT = 200
MONTH_DAYS = 30
TELLING_WORDS = 4


class QuestionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A question and of what it is asked. `profile` is one of the formula's.

    `trust_root` names the root under which expertise is shown beside, and whose trust decides who comes first.
    """

    text: str | None
    tags: tuple[str, ...]
    network: str
    profile: str
    as_of: datetime
    dataset: str | None = None
    limit: int = 5
    trust_root: str | None = None


def answer(
    index: Index,
    formula: Formula,
    asked: QuestionRequest,
    said: Mapping[str, SaidKind],
    trust: TrustReach | TrustStatus = "nobody_chosen",
) -> QuestionAnswer:
    """Say who would answer. `said` is what is known of kinds of accounts beside the records; opted-out people never.

    Those whom trust reaches come first; where nobody in particular is trusted `trust` says so.
    """
    return _Maker(index, formula, asked, said, trust).make()


class _Maker:
    """Makes one answer."""

    def __init__(
        self,
        index: Index,
        formula: Formula,
        asked: QuestionRequest,
        said: Mapping[str, SaidKind],
        trust: TrustReach | TrustStatus,
    ) -> None:
        self._index, self._formula, self._asked, self._said = index, formula, asked, said
        self._reach = None if isinstance(trust, str) else trust
        self._without_reach: TrustStatus = trust if isinstance(trust, str) else "trust_first"
        self._as_of = microseconds(asked.as_of)
        self._ranking = rank(index, formula, text=asked.text, tags=asked.tags, as_of=self._as_of)
        self._found = terms_of(asked.text, asked.tags)
        self._before = int(np.searchsorted(index.answered_at, self._as_of))
        self._counts = {
            term.text: dict(zip(*(values.tolist() for values in index.postings.of(term.text, self._asks)), strict=True))
            for term in self._ranking.likeness.terms
        }
        self._written = {f"{TAG}{compact(tag)}": f"{TAG}{tag}" for tag in reversed(asked.tags)}
        self._telling = telling_likeness(index, formula, self._ranking.likeness, self._found, self._asks)

    @property
    def _asks(self) -> int:
        return int(np.searchsorted(self._index.asked_at, self._as_of))

    def make(self) -> QuestionAnswer:
        """Return it whole."""
        ranking, likeness = self._ranking, self._ranking.likeness
        people, left_out = candidates(self._index, ranking, self._said)
        beyond = np.zeros(people.size) if self._reach is None else ~self._reach.reached[people]
        chosen = people[np.lexsort((people, -ranking.total[people], beyond))][: self._asked.limit]
        status, nearest = self._status(people), self._nearest()
        best = np.argsort(-likeness.value, kind="stable")[:MOST_ALIKE]
        return QuestionAnswer(
            status=status,
            status_words=reasons.status_words(
                status, [f"{TAG}{each.tag}" for each in nearest], self._old_days(), self._telling_words(status)
            ),
            text=self._asked.text,
            tags=tuple(self._written[f"{TAG}{tag}"].removeprefix(TAG) for tag in ranking.tags),
            network=self._asked.network,
            dataset=self._asked.dataset,
            dataset_digest=self._index.columns.digest(),
            profile=self._asked.profile,
            as_of=self._asked.as_of,
            formula=self._formula,
            formula_digest=self._formula.digest,
            terms=tuple(
                TermFacts(
                    text=each.text,
                    asks=each.asks,
                    count=self._found[each.text],
                    idf=each.idf,
                    telling=is_telling(each.text),
                )
                for each in likeness.terms
            ),
            totals=self._totals(),
            alike=tuple(self._alike(int(likeness.asks[at]), float(likeness.value[at])) for at in best),
            nearest=nearest,
            left_out=left_out,
            trust=self._trust(chosen),
            candidates=int(people.size),
            people=tuple(self._person(place, person) for place, person in enumerate(chosen.tolist(), 1)),
        )

    def _old_days(self) -> int | None:
        """Return how many days ago anybody last answered, where that is more than a month."""
        if not self._before:
            return None
        days = int((self._as_of - self._index.answered_at[self._before - 1]) // DAY_US)
        return days if days > MONTH_DAYS else None

    def _telling_words(self, status: Status) -> dict[str, bool] | None:
        """Return whether each telling word of the question was asked before, where too little was found by them."""
        if status in {"ok", "nobody"}:
            return None
        terms = self._ranking.likeness.terms
        telling = {each.text: each.asks > 0 for each in terms if is_telling(each.text) and each.text[0] != TAG}
        return {word: telling[word] for word in self._found if word in telling}

    def _trust(self, chosen: Ints) -> AnswerTrust:
        """Say under whose trust the list is looked at."""
        status = self._without_reach
        if self._reach is not None and not self._reach.reached[chosen].any():
            status = "none_reached"
        return AnswerTrust(status=status, words=reasons.trust_words(status))

    def _person_trust(self, person: int) -> PersonTrust | None:
        if self._reach is None:
            return None
        chosen, people = bool(self._reach.chosen[person]), int(self._reach.people[person])
        trusted = int(self._reach.trusted[person])
        words = reasons.person_trust_words(chosen=chosen, people=people, trusted=trusted)
        return PersonTrust(chosen=chosen, people=people, trusted=trusted, words=words)

    def _status(self, people: Ints) -> Status:
        facts = self._ranking.facts
        if not people.size:
            return "nobody"
        if self._telling.like:
            return "ok" if self._telling.is_enough(self._formula) else "few_like_it"
        return "tags_only" if facts.tags.size and facts.tags[:, people].any() else "nothing_like_it"

    def _nearest(self) -> tuple[NearestTopic, ...]:
        """Return the tags of the questions most like it, by how like these are; those of its own come first."""
        likeness, index = self._ranking.likeness, self._index
        weight: dict[str, float] = {}
        for at in np.argsort(-likeness.value, kind="stable")[:MOST_ALIKE].tolist():
            ask = int(likeness.asks[at])
            if ask in self._telling.like or any(is_telling(each.text) for each in self._shared(ask)):
                for tag in index.columns.records[int(index.asks[ask])].tags or ():
                    weight[tag] = weight.get(tag, 0.0) + float(likeness.value[at])
        own = {*self._ranking.tags}
        first = sorted(weight, key=lambda tag: (compact(tag) not in own, -weight[tag], tag))[:MOST_NEAREST]
        return tuple(
            NearestTopic(tag=tag, asks=int(index.postings.of(f"{TAG}{compact(tag)}", self._asks)[0].size))
            for tag in first
        )

    def _totals(self) -> AnswerTotals:
        facts, likeness = self._ranking.facts, self._ranking.likeness
        return AnswerTotals(
            asks=self._asks,
            average_length=likeness.average_length,
            length=self._found.total(),
            itself=likeness.itself,
            alike=int(likeness.asks.size),
            like=len(self._telling.like),
            known=self._telling.known,
            answerers=facts.answerers,
            year=float(facts.year.sum()),
            month=float(facts.month.sum()),
            week=float(facts.week.sum()),
            similar=float(facts.similar.sum()),
            tags={tag: float(row.sum()) for tag, row in zip(self._ranking.tags, facts.tags, strict=True)},
        )

    def _shared(self, ask: int) -> tuple[SharedTerm, ...]:
        rule, average = self._formula.likeness, self._ranking.likeness.average_length
        length = float(self._index.length[ask])
        found = [
            SharedTerm(text=term.text, count=int(count), points=worth(term, count, length, rule, average))
            for term in self._ranking.likeness.terms
            if (count := self._counts[term.text].get(ask))
        ]
        return tuple(sorted(found, key=lambda term: -term.points))

    def _as_asked(self, term: str) -> str:
        """Write a word or #tag of the question as whoever asks writes it."""
        return self._written.get(term, term)

    def _text(self, row: int) -> str | None:
        columns = self._index.columns
        if not is_shown(self._index, int(columns.actor[row])):
            return None
        return excerpt(columns.records[row], EXCERPT)

    def _alike(self, ask: int, likeness: float) -> AlikeQuestion:
        row = int(self._index.asks[ask])
        record = self._index.columns.records[row]
        return AlikeQuestion(
            id=str(record.id),
            url=record.url,
            text=self._text(row),
            asked=moment(int(self._index.asked_at[ask])),
            length=int(self._index.length[ask]),
            likeness=likeness,
            shared=self._shared(ask),
        )

    def _person(self, place: int, person: int) -> PersonWhoMayAnswer:
        index, ranking = self._index, self._ranking
        account, record = index.columns.people[person], index.columns.accounts.get(person)
        own = np.flatnonzero(index.by[: self._before] == person)
        answered, total = self._answered(own)
        facts = self._facts(person, own, rest=float(ranking.facts.similar[person]) - sum(a.weight for a in answered))
        return PersonWhoMayAnswer(
            rank=place,
            account=account,
            name=record.name if record else None,
            kind=kind_of(account, record, self._said)[0],
            sum=float(ranking.total[person]),
            parts={name: float(ranking.points[name][person]) for name in PARTS},
            facts=facts,
            answered=answered,
            trust=self._person_trust(person),
            reasons=self._reasons(facts, answered, total),
        )

    def _answered(self, own: Ints) -> tuple[tuple[LikeAnswer, ...], tuple[int, int]]:
        """Return the weightiest of somebody's answers to like questions; count these, and answers taken up."""
        index, rule, likeness = self._index, self._formula.likeness, self._ranking.likeness
        alike_to = np.zeros(index.asks.size)
        alike_to[likeness.asks] = likeness.value
        age = (self._as_of - index.answered_at[own]) / DAY_US
        taken = index.taken_up_at[own] < self._as_of
        value = alike_to[index.to[own]]
        weight = value**rule.power * np.exp2(-age / rule.half_life_days) * (1 + rule.taken_up * taken)
        best = [at for at in np.argsort(-weight, kind="stable")[:MOST_ANSWERED].tolist() if weight[at] > 0]
        shown = tuple(
            self._like(int(own[at]), float(value[at]), float(age[at]), bool(taken[at]), float(weight[at]))
            for at in best
        )
        like = np.isin(index.to[own], list(self._telling.like))
        return shown, (np.unique(index.to[own][like]).size, int(np.count_nonzero(like & taken)))

    def _like(self, at: int, likeness: float, age_days: float, taken_up: bool, weight: float) -> LikeAnswer:  # noqa: FBT001
        index = self._index
        record = index.columns.records[int(index.answers[at])]
        ask = int(index.to[at])
        row, who = int(index.asks[ask]), int(index.taken_up_by[at])
        shared = [term.text for term in self._shared(ask)]
        return LikeAnswer(
            id=str(record.id),
            url=record.url,
            question=str(index.columns.records[row].id),
            question_text=self._text(row),
            question_type=RECORD_TYPES[int(index.columns.type[row])],  # type: ignore[arg-type] # a name of a RecordType
            words=tuple(self._as_asked(word) for word in shared if is_telling(word))[:TELLING_WORDS],
            likeness=likeness,
            age_days=age_days,
            taken_up=taken_up,
            taken_up_by=index.columns.people[who] if taken_up and is_shown(index, who) else None,
            weight=weight,
        )

    def _facts(self, person: int, own: Ints, rest: float) -> PersonFacts:
        index, facts = self._index, self._ranking.facts
        times = index.answered_at[own]
        addressed = (index.addressed == person) & (index.addressed_at < self._as_of)
        return PersonFacts(
            year=float(facts.year[person]),
            month=float(facts.month[person]),
            week=float(facts.week[person]),
            similar=float(facts.similar[person]),
            similar_rest=rest,
            tags={tag: float(row[person]) for tag, row in zip(self._ranking.tags, facts.tags, strict=True)},
            open=int(facts.open[person]),
            answers=int(facts.answers[person]),
            taken_up=int(facts.taken_up[person]),
            recent=int(np.count_nonzero(times >= self._as_of - MONTH_DAYS * DAY_US)),
            last=moment(int(times[-1])) if times.size else None,
            addressed=int(np.count_nonzero(addressed)),
            addressed_answered=int(np.count_nonzero(index.address_answered_at[addressed] < self._as_of)),
        )

    def _reasons(self, facts: PersonFacts, answered: Sequence[LikeAnswer], alike: tuple[int, int]) -> Reasons:
        found: list[tuple[str, Mapping[str, object]]] = []
        like, taken = alike
        if like:
            common = {word for each in answered for word in each.words}
            asks = {self._as_asked(term.text): term.asks for term in self._ranking.likeness.terms}
            said_here = {word for word in common if 2 * asks[word] > self._asks}  # of a community about one thing
            rarest = sorted(common - said_here or common, key=lambda word: (asks[word], word))[:TELLING_WORDS]
            found.append(("like", {"n": like, "words": ", ".join(rarest)}))
            if taken:
                found.append(("taken", {"n": taken}))
        totals = self._ranking.facts.tags.sum(axis=1).tolist()
        for (tag, mine), total in zip(facts.tags.items(), totals, strict=True):
            if total and (share := round(100 * mine / total)):
                found.append(("tag", {"share": share, "tag": self._as_asked(f"{TAG}{tag}")}))
        if facts.last is not None:
            found.append(reasons.activity(facts.last, self._asked.as_of, facts.recent))
        if facts.addressed:
            found.append(("reach", {"n": facts.addressed_answered, "of": facts.addressed}))
        if facts.open:
            found.append(("open", {"n": facts.open}))
        return reasons.say(found)


def candidates(index: Index, ranking: AnswererRanking, said: Mapping[str, SaidKind]) -> tuple[Ints, dict[str, int]]:
    """Return who may be named: people who had answered and have not opted out; and count the other kinds."""
    answered = np.flatnonzero(ranking.facts.answers)
    kinds = index.columns.accounts
    chosen, left_out = [], Counter[str]()
    for person in answered.tolist():
        name = index.columns.people[person]
        if not is_shown(index, person):
            continue
        kind = kind_of(name, kinds.get(person), said)[0] if person in kinds or name in said else "unknown"
        if kind in PEOPLE:
            chosen.append(person)
        else:
            left_out[kind] += 1
    return np.array(chosen, np.int64), dict(left_out)


def is_shown(index: Index, person: int) -> bool:
    """Say whether an account may be named: nobody who opted out, and no nameless one."""
    record = index.columns.accounts.get(person)
    return person >= 0 and bool(index.columns.people[person]) and not (record is not None and record.consent is False)
