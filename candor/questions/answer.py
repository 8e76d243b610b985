"""The answer to who would answer a question: people, the exact sum of parts of each, and what these are made of."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from candor.questions.formula import Formula
from candor.questions.reasons import Reasons, Status, TrustStatus, Words
from candor.scoring.activity import AccountKind, Instant, RecordType

NOT_ON_BOARD = "not_on_board"
NOT_A_SCORE = "An order for one question, made of who answered what before. It is no score of a person."


class TermFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A word, or #tag, of the question that says something here."""

    text: Annotated[str, Meta(description="The word, or #tag.")]
    asks: Annotated[int, Meta(description="How many earlier questions have it.")]
    count: Annotated[int, Meta(description="The number of times it stands in the question.")]
    idf: Annotated[
        float, Meta(description="Points for it, once in a text of average length: the logarithm of how rare it is.")
    ]
    telling: Annotated[
        bool, Meta(description="Whether it says what the question is about: false for function words such as `with`.")
    ]


class NearestTopic(msgspec.Struct, frozen=True, kw_only=True):
    """A tag of the questions most like it."""

    tag: Annotated[str, Meta(description="The tag.")]
    asks: Annotated[int, Meta(description="How many earlier questions have it.")]


class AnswerTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What shares are of. Counts of answers fade by half after their half-life."""

    asks: Annotated[int, Meta(description="The number of earlier questions.")]
    average_length: Annotated[float, Meta(description="Their length in words and tags, the mean.")]
    length: Annotated[int, Meta(description="Length of the question in words and tags.")]
    itself: Annotated[float, Meta(description="Likeness of the question to itself, in points.")]
    alike: Annotated[int, Meta(description="Earlier questions that share a word or tag that says something.")]
    like: Annotated[
        int,
        Meta(description="Those that are like it: with the least share of its likeness to itself, by telling words."),
    ]
    known: Annotated[
        float, Meta(description="Share of the weight of its telling words and tags that were asked before, 0 to 1.")
    ]
    answerers: Annotated[int, Meta(description="Accounts that had answered.")]
    year: Annotated[float, Meta(description="The number of answers of all, faded by the longest half-life.")]
    month: Annotated[float, Meta(description="The number of answers of all, faded by the middle half-life.")]
    week: Annotated[float, Meta(description="The number of answers of all, faded by the shortest half-life.")]
    similar: Annotated[
        float,
        Meta(
            description="Weight of all answers to like questions: a sum over answers of points to a power (exponent)."
        ),
    ]
    tags: Annotated[dict[str, float], Meta(description="The number of answers of all under each tag, faded.")]


class SharedTerm(msgspec.Struct, frozen=True, kw_only=True):
    """A word or #tag that two questions share."""

    text: Annotated[str, Meta(description="The word, or #tag.")]
    count: Annotated[int, Meta(description="The number of times it stands in the earlier question.")]
    points: Annotated[float, Meta(description="Points that it adds to the likeness.")]


class AlikeQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier question that is like it."""

    id: Annotated[str, Meta(description="Id of its record.")]
    url: Annotated[str | None, Meta(description="Where it can be seen.")]
    text: Annotated[str | None, Meta(description="How it begins; null where whoever asked does not want to be shown.")]
    asked: Annotated[Instant, Meta(description="When it was asked.")]
    length: Annotated[int, Meta(description="Its length in words and tags.")]
    likeness: Annotated[float, Meta(description="The sum of the points of what is shared.")]
    shared: Annotated[
        tuple[SharedTerm, ...], Meta(description="Which words and tags it shares, the most telling first.")
    ]


class LikeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of a person to a question that is like it."""

    id: Annotated[str, Meta(description="Id of the answer's record.")]
    url: Annotated[str | None, Meta(description="Where it can be seen.")]
    question: Annotated[str, Meta(description="Id of the question's record.")]
    question_text: Annotated[str | None, Meta(description="How that question begins.")]
    question_type: Annotated[RecordType, Meta(description="question, or note: an opening post, or a change.")]
    words: Annotated[tuple[str, ...], Meta(description="The most telling words and #tags in common.")]
    likeness: Annotated[float, Meta(description="How alike that question is, in points.")]
    age_days: Annotated[float, Meta(description="Days since the answer.")]
    taken_up: Annotated[bool, Meta(description="Whether somebody took it up by then.")]
    taken_up_by: Annotated[str | None, Meta(description="Who; null for nobody, or who does not want to be shown.")]
    weight: Annotated[float, Meta(description="Its share in `similar`: points to a power (exponent), faded.")]


class PersonFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the parts of a person are made of. Counts of answers fade by half after their half-life."""

    year: Annotated[float, Meta(description="The number of answers, faded by the longest half-life.")]
    month: Annotated[float, Meta(description="The number of answers, faded by the middle half-life.")]
    week: Annotated[float, Meta(description="The number of answers, faded by the shortest half-life.")]
    similar: Annotated[
        float, Meta(description="Weight of the answers to like questions: its share is of the same of all.")
    ]
    similar_rest: Annotated[float, Meta(description="The share of it that answers give which are not shown.")]
    tags: Annotated[dict[str, float], Meta(description="The number of answers under each tag, faded.")]
    open: Annotated[int, Meta(description="How many addressed the person lately and wait for an answer.")]
    answers: Annotated[int, Meta(description="The number of all answers by then.")]
    taken_up: Annotated[int, Meta(description="How many of them somebody took up.")]
    recent: Annotated[int, Meta(description="Answers in the last 30 days.")]
    last: Annotated[Instant | None, Meta(description="When the person last answered.")]
    addressed: Annotated[int, Meta(description="How many times the person was addressed by name.")]
    addressed_answered: Annotated[int, Meta(description="How many of these got an answer.")]


class ShownExpertise(msgspec.Struct, frozen=True, kw_only=True):
    """Expertise on a topic of the question, from a board that was made. Shown beside; it does not enter the sum."""

    topic: Annotated[str, Meta(description="Id of the topic.")]
    label: Annotated[str, Meta(description="Name of the topic.")]
    board: Annotated[str, Meta(description="Id of the board.")]
    rank: Annotated[int | None, Meta(description="Place on the board; null for who is not on it.")]
    status: Annotated[
        str,
        Meta(
            description="Status of expertise, or not_on_board: the account did nothing on the topic and nobody "
            "recognised it there."
        ),
    ]
    score: Annotated[float | None, Meta(description="Expertise, 0 to 100, or null.")]


class PersonTrust(msgspec.Struct, frozen=True, kw_only=True):
    """How far the trust of the people chosen reaches somebody, whatever the topic. It does not enter the sum."""

    chosen: Annotated[bool, Meta(description="Whether the person is one of the people chosen.")]
    people: Annotated[int, Meta(description="How many people used the person's help by then.")]
    trusted: Annotated[
        int,
        Meta(
            description="How many of them are trusted: chosen, or vouched for by people who are, directly or through "
            "others, without a vouch of the person's own."
        ),
    ]
    words: Annotated[Words, Meta(description="What that means, by language: en, fr.")]

    @property
    def reached(self) -> bool:
        """Whether trust reaches the person."""
        return self.chosen or self.trusted > 0


class AnswerTrust(msgspec.Struct, frozen=True, kw_only=True):
    """Whose trust the list is looked at under, and what follows for reading it."""

    status: Annotated[
        TrustStatus,
        Meta(
            description="nobody_chosen and everyone_equal: easy to manipulate, as nobody's trust is asked for; "
            "trust_first: people whom trust reaches come first; none_reached: it reaches nobody on the list; "
            "not_known: it could not be found out."
        ),
    ]
    words: Annotated[Words, Meta(description="What that means, by language: en, fr.")]


class PersonWhoMayAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may answer."""

    rank: Annotated[int, Meta(description="Place on the list, 1 is first.")]
    account: Annotated[str, Meta(description="The account.")]
    name: Annotated[str | None, Meta(description="What it calls itself.")]
    kind: Annotated[AccountKind, Meta(description="person, or unknown.")]
    sum: Annotated[float, Meta(description="The sum of the parts, in points; it orders, and means nothing alone.")]
    parts: Annotated[dict[str, float], Meta(description="Points of each part: a weight times a logarithm.")]
    facts: Annotated[PersonFacts, Meta(description="What the parts are made of.")]
    answered: Annotated[tuple[LikeAnswer, ...], Meta(description="The weightiest answers to like questions.")]
    trust: Annotated[
        PersonTrust | None,
        Meta(description="Whether the trust of the people chosen reaches the person; null where nobody is chosen."),
    ] = None
    expertise: Annotated[
        tuple[ShownExpertise, ...],
        Meta(
            description="Expertise under the root on topics that the question or the tags nearest to it are on, where "
            "a board was made; not in the sum."
        ),
    ] = ()
    reasons: Annotated[Reasons, Meta(description="Why, in words, by language: en, fr.")]


class QuestionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who would answer a question. Anybody can recompute it: `candor verify`."""

    kind: Annotated[str, Meta(description="Always question_answer.")] = "question_answer"
    status: Annotated[Status, Meta(description="ok, few_like_it, tags_only, nothing_like_it or nobody.")]
    status_words: Annotated[Words, Meta(description="What that means, by language: en, fr.")]
    text: Annotated[str | None, Meta(description="The question.")]
    tags: Annotated[tuple[str, ...], Meta(description="Its tags, as they are asked; each once.")]
    network: Annotated[str, Meta(description="Where the people are.")]
    dataset: Annotated[str | None, Meta(description="Id of the data set; null for records of a file.")]
    dataset_digest: Annotated[str, Meta(description="Digest of all its records.")]
    profile: Annotated[str, Meta(description="What asks and answers: a profile of the formula.")]
    as_of: Annotated[Instant, Meta(description="Only what happened before was read.")]
    formula: Annotated[Formula, Meta(description="Every constant of the formula.")]
    formula_digest: Annotated[str, Meta(description="Digest of the formula.")]
    terms: Annotated[tuple[TermFacts, ...], Meta(description="The words and tags looked up, the rarest first.")]
    totals: Annotated[AnswerTotals, Meta(description="What shares are of.")]
    alike: Annotated[tuple[AlikeQuestion, ...], Meta(description="The questions most like it.")]
    nearest: Annotated[tuple[NearestTopic, ...], Meta(description="The tags of these, most telling first.")]
    left_out: Annotated[dict[str, int], Meta(description="Accounts of other kinds that were left out, by kind.")]
    trust: Annotated[AnswerTrust, Meta(description="Whose trust the list is looked at under.")]
    candidates: Annotated[int, Meta(description="How many people were compared.")]
    people: Annotated[
        tuple[PersonWhoMayAnswer, ...],
        Meta(
            description="Who may answer, most likely first; where people to trust are chosen, first those whom their "
            "trust reaches, then the others."
        ),
    ]
    note: Annotated[str, Meta(description="What this is, and what not.")] = NOT_A_SCORE
