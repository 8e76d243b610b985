"""Does the ranking find who answered? Asks each question of a file as of its time, of the records before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from candor.evaluation.inputs import as_written
from candor.evaluation.metrics import mean_with_limits
from candor.questions.formula import load_formula
from candor.questions.index import TAG, build_index
from candor.questions.ranking import rank
from candor.scoring.activity import Instant
from candor.scoring.columns import microseconds
from candor.scoring.question import ALL_DAYS, Question
from candor.scoring.record_columns import build_columns
from candor.scoring.trust_root import NO_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from candor.evaluation.inputs import Namer
    from candor.questions.formula import Roles
    from candor.questions.index import Index
    from candor.questions.ranking import AnswererRanking
    from candor.scoring.activity import Activity
    from candor.scoring.arrays import Bools, Floats


OURS = "the formula"
DEPTH = 10


class AskedQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a file of questions: who of the candidates, or of everybody, answered."""

    question: str
    asked: Instant
    answered_by: tuple[str, ...]
    content: str | None = None
    tags: tuple[str, ...] = ()
    candidates: tuple[str, ...] | None = None


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A mean over questions and its 95 % limits by resampling questions."""

    value: Annotated[float, Meta(description="The mean.")]
    low: Annotated[float, Meta(description="Its lower limit.")]
    high: Annotated[float, Meta(description="Its upper limit.")]


class QuestionRanking(msgspec.Struct, frozen=True, kw_only=True):
    """How well one ranking finds who answered; ties count by their expected value."""

    ranking: Annotated[str, Meta(description="What orders the people.")]
    mrr: Annotated[Measure, Meta(description="Mean of one divided by the rank of the first who answered.")]
    hit_1: Annotated[Measure, Meta(description="Share of questions where the first answered.")]
    hit_3: Annotated[Measure, Meta(description="Share of questions where one of the first three answered.")]
    hit_5: Annotated[Measure, Meta(description="Share of questions where one of the first five answered.")]
    ndcg_10: Annotated[Measure, Meta(description="Normalised discounted cumulative gain of the first ten.")]


class QuestionReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an evaluation of questions found."""

    formula: Annotated[str, Meta(description="Version of the formula.")]
    digest: Annotated[str, Meta(description="Digest of the formula.")]
    questions: Annotated[int, Meta(description="Questions asked.")]
    left_out: Annotated[int, Meta(description="Questions that none of the candidates answered.")]
    candidates: Annotated[float, Meta(description="How many candidates there were, the median.")]
    results: Annotated[tuple[QuestionRanking, ...], Meta(description="Rankings, ours first.")]


@dataclass(frozen=True)
class _Case:
    """The figures that rankings give to the candidates of one question, and who answered."""

    figures: dict[str, Floats]
    answered: Bools


def read_questions(path: Path, name: Namer = as_written) -> list[AskedQuestion]:
    """Read a file of questions, a JSON object a line; `name` gives each account its one name.

    Raises ValueError naming the first bad line.
    """
    decoder, found = msgspec.json.Decoder(AskedQuestion), []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            asked = decoder.decode(line)
        except msgspec.ValidationError as error:
            raise ValueError(f"line {number} of {path}: {error}") from None
        answered_by, candidates = tuple(map(name, asked.answered_by)), asked.candidates
        named = candidates and tuple(dict.fromkeys(map(name, candidates)))
        found.append(replace(asked, answered_by=answered_by, candidates=named))
    return found


def evaluate_questions(
    activities: Sequence[Activity], asked: Sequence[AskedQuestion], roles: Roles, network: str, least_accepted: int = 0
) -> QuestionReport:
    """Ask every question as of its time and compare rankings. Raises ValueError where no candidate ever answered."""
    newest = max((record.published for record in activities), default=datetime.now(UTC))
    about = Question(
        network=network,
        accounts=(),
        topics=(),
        trust_root=NO_ROOT,
        as_of=newest + timedelta(seconds=1),
        window_days=ALL_DAYS,
        profile="qa",
    )
    index = build_index(build_columns(activities, about), roles)
    found = list(_cases(index, asked, least_accepted))
    if not found:
        raise ValueError("none of the questions was answered by one of its candidates")
    formula = load_formula()
    return QuestionReport(
        formula=formula.version,
        digest=formula.digest,
        questions=len(found),
        left_out=len(asked) - len(found),
        candidates=float(np.median([case.answered.size for case in found])),
        results=tuple(_result(name, found) for name in found[0].figures),
    )


def _cases(index: Index, asked: Sequence[AskedQuestion], least_accepted: int) -> Iterator[_Case]:
    person_of = index.columns.person_of
    for question in asked:
        ranking = rank(
            index, load_formula(), text=question.content, tags=question.tags, as_of=microseconds(question.asked)
        )
        if question.candidates is None:
            floor = ranking.facts.taken_up >= least_accepted if least_accepted else ranking.facts.answers > 0
            people = np.flatnonzero(floor)
        else:
            people = np.array([person_of.get(name, -1) for name in question.candidates], np.int64)
        answered = np.isin(people, [person_of[name] for name in question.answered_by if name in person_of])
        if question.candidates is not None:
            answered = np.isin(np.array(question.candidates), np.array(question.answered_by))
        if answered.any():
            yield _Case({name: _of(values, people) for name, values in _figures(index, ranking).items()}, answered)


def _of(values: Floats, people: NDArray[np.int64]) -> Floats:
    """Return the figures of people; of whom the records know nothing, the least there is."""
    return np.where(people >= 0, values[people], values.min(initial=0.0))


def _figures(index: Index, ranking: AnswererRanking) -> dict[str, Floats]:
    facts = ranking.facts
    return {
        OURS: ranking.total,
        "answers, half-life 7 days": facts.week,
        "answers, half-life a year": facts.year,
        "accepted answers, all time": facts.taken_up.astype(np.float64),
        "answers to like questions": facts.similar,
        "who answered under these tags last": _last(index, ranking),
    }


def _last(index: Index, ranking: AnswererRanking) -> Floats:
    """Return when each person last answered under one of the question's tags, and before all of these anywhere."""
    before = int(np.searchsorted(index.answered_at, ranking.as_of))
    asked = int(np.searchsorted(index.asked_at, ranking.as_of))
    under = np.zeros(index.asks.size, np.bool_)
    for tag in ranking.tags:
        under[index.postings.of(f"{TAG}{tag}", asked)[0]] = True
    last = np.zeros(index.people)
    times = index.answered_at[:before].astype(np.float64)
    last[index.by[:before]] = times - ranking.as_of
    chosen = under[index.to[:before]]
    last[index.by[:before][chosen]] = times[chosen]
    last[np.bincount(index.by[:before], minlength=index.people) == 0] = -float(ranking.as_of)
    return last


def _result(name: str, found: Sequence[_Case]) -> QuestionRanking:
    values = np.array([measures(case.figures[name], case.answered) for case in found])
    means = [Measure(value=mean, low=low, high=high) for mean, low, high in map(mean_with_limits, values.T)]
    mrr, first, third, fifth, ndcg = means
    return QuestionRanking(ranking=name, mrr=mrr, hit_1=first, hit_3=third, hit_5=fifth, ndcg_10=ndcg)


def measures(scores: Floats, answered: Bools) -> tuple[float, float, float, float, float]:
    """Return reciprocal rank, hit at 1, 3 and 5 and nDCG at 10, each its expected value over orders of ties."""
    first = _first_rank(scores, answered)
    ranks = np.arange(1, first.size + 1)
    hits = (float(first[:k].sum()) for k in (1, 3, 5))
    return float((first / ranks).sum()), next(hits), next(hits), next(hits), _ndcg(scores, answered)


def _first_rank(scores: Floats, answered: Bools) -> Floats:
    """Return the chance of each rank to be that of the first who answered."""
    best = scores[answered].max()
    above, tied = int(np.count_nonzero(scores > best)), scores == best
    size, hits = int(np.count_nonzero(tied)), int(np.count_nonzero(tied & answered))
    chance, none_yet = np.zeros(scores.size), 1.0
    for place in range(size - hits + 1):
        here = hits / (size - place)
        chance[above + place] = none_yet * here
        none_yet *= 1 - here
    return chance


def _ndcg(scores: Floats, answered: Bools) -> float:
    gains = 1 / np.log2(np.arange(2, DEPTH + 2))
    expected = np.zeros(scores.size)
    for value in np.unique(scores):
        tied = scores == value
        above, size = int(np.count_nonzero(scores > value)), int(np.count_nonzero(tied))
        expected[above : above + size] = np.count_nonzero(tied & answered) / size
    depth = min(DEPTH, scores.size)
    ideal = float(gains[: min(int(answered.sum()), depth)].sum())
    return float((expected[:depth] * gains[:depth]).sum()) / ideal


def table(report: QuestionReport) -> str:
    """Write a report for people."""
    left_out = f"({report.left_out} left out), median of candidates {report.candidates:g}"
    lines = [
        f"formula {report.formula}, {report.questions} questions {left_out}",
        f"{'ranking':<36}  {'MRR [95 %]':<20}  {'hit@1 [95 %]':<20}  {'hit@3':>5}  {'hit@5 [95 %]':<20}  nDCG@10",
    ]
    lines += [
        f"{each.ranking:<36}  {_limits(each.mrr):<20}  {_limits(each.hit_1):<20}  {each.hit_3.value:.3f}  "
        f"{_limits(each.hit_5):<20}  {each.ndcg_10.value:.3f}"
        for each in report.results
    ]
    return "\n".join(lines)


def _limits(measure: Measure) -> str:
    return f"{measure.value:.3f} [{measure.low:.3f}, {measure.high:.3f}]"
