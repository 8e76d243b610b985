"""The formula by which people are ranked for a question: its constants, loaded from questions.toml and checked."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Annotated

import msgspec
from msgspec import Meta

from candor.scoring.activity import RecordType
from candor.scoring.verify.digests import digest_of


class LikenessRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How alike two questions are, by BM25 over words and tags (Robertson & Zaragoza 2009)."""

    k1: Annotated[
        float,
        Meta(description="How fast a word stops to count: the number of times at which it counts half of the most."),
    ]
    b: Annotated[float, Meta(description="How much longer questions are held back, 0 to 1.")]
    most_share: Annotated[
        float,
        Meta(
            description="Words that more than this share of questions have say nothing, as long as another telling "
            "one was asked before."
        ),
    ]
    most_common: Annotated[
        int, Meta(description="How many of these words are looked up, the rarest first, where none other was asked.")
    ]
    always: Annotated[int, Meta(description="Words that no more questions have always say something.")]
    most_terms: Annotated[int, Meta(description="How many words and tags are looked up, the rarest first.")]
    power: Annotated[float, Meta(description="Exponent of likeness.")]
    half_life_days: Annotated[float, Meta(description="Days in which an answer to a like question loses half.")]
    taken_up: Annotated[float, Meta(description="By what share more an answer counts that somebody took up.")]
    least: Annotated[float, Meta(description="Share of a question's likeness to itself from which another is like it.")]


class AnswerStatusRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of the whole list, function words such as "with" left out. No sum depends on it."""

    shared: Annotated[
        int,
        Meta(
            description="How many of a question's words or tags another shares that is like it, where it has as many."
        ),
    ]
    enough: Annotated[int, Meta(description="How many questions must be like it; with fewer, few are like it.")]
    known: Annotated[
        float,
        Meta(description="Few are like it, too, where less of its weight is in words that were asked before."),
    ]


class ActivityRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who answers at all: three half-lives in days; each share backs off to the longer one."""

    year_days: Annotated[float, Meta(description="The longest half-life, days.")]
    month_days: Annotated[float, Meta(description="The middle half-life, days.")]
    week_days: Annotated[float, Meta(description="The shortest half-life, days.")]
    prior: Annotated[float, Meta(description="The number of answers that are spread as in the longer period.")]


class TagRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who answers under a tag."""

    half_life_days: Annotated[float, Meta(description="Days in which an answer under the tag loses half.")]
    prior: Annotated[float, Meta(description="The number of answers that are spread by the year's share.")]


class Smoothing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far rare evidence is mixed with the usual."""

    alike: Annotated[
        float,
        Meta(
            description="How many answers to the question itself are spread by the year's share, beside those to like "
            "questions: where these are little like it, they say little."
        ),
    ]
    similar: Annotated[float, Meta(description="Weight of the year's share beside that on like questions.")]


class LoadRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as asked and not yet answered."""

    days: Annotated[float, Meta(description="Days in which an unanswered address counts as open.")]


class TrustRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom trust reaches: where people to trust are chosen, these come first. No sum depends on it."""

    standing: Annotated[
        float, Meta(description="Standing from which on somebody who used a person's help counts as trusted.")
    ]


class Weights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weights of the parts; each part is a weight times a natural logarithm."""

    year: Annotated[float, Meta(description="Of the share of the year's answers.")]
    month: Annotated[float, Meta(description="Of the share of the month's answers.")]
    week: Annotated[float, Meta(description="Of the share of the last days' answers.")]
    similar: Annotated[
        float, Meta(description="Of the share of answers to like questions, beside that of all answers.")
    ]
    tags: Annotated[float, Meta(description="Of the share of answers under these tags, beside that of all answers.")]
    load: Annotated[float, Meta(description="Of how many wait for an answer of the person already.")]


class Roles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which records ask, answer and take up answers in communities of a profile."""

    asks: Annotated[tuple[RecordType, ...], Meta(description="Types of records that ask.")]
    answers: Annotated[tuple[RecordType, ...], Meta(description="Types of records that answer what asks.")]
    taken_up: Annotated[tuple[RecordType, ...], Meta(description="Types of records that take an answer up.")]


class Formula(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole formula."""

    version: Annotated[str, Meta(description="Its version, apart from the method's.")]
    likeness: Annotated[LikenessRule, Meta(description="How alike two questions are.")]
    status: Annotated[AnswerStatusRule, Meta(description="What is said of the whole list.")]
    activity: Annotated[ActivityRule, Meta(description="Who answers at all.")]
    tags: Annotated[TagRule, Meta(description="Who answers under a tag.")]
    smoothing: Annotated[Smoothing, Meta(description="How far rare evidence is mixed with the usual.")]
    load: Annotated[LoadRule, Meta(description="What counts as asked and not yet answered.")]
    trust: Annotated[TrustRule, Meta(description="Whom trust reaches.")]
    weights: Annotated[Weights, Meta(description="Weights of the parts.")]
    profiles: Annotated[dict[str, Roles], Meta(description="What asks and answers, by profile.")]

    @property
    def digest(self) -> str:
        """Digest of every figure in it."""
        return digest_of(msgspec.to_builtins(self))

    def roles(self, profile: str | None) -> Roles:
        """Return what asks and answers in a community of a profile. Raises ValueError for an unknown one."""
        if profile not in self.profiles:
            raise ValueError(f"the formula for questions has no profile {profile!r}: {', '.join(self.profiles)}")
        return self.profiles[profile]


@functools.cache
def function_words() -> frozenset[str]:
    """Return the words that say how a sentence is built, in seven languages: they are named as no reason."""
    text = resources.files("candor.questions").joinpath("function_words.toml").read_text(encoding="utf-8")
    return frozenset(word for words in tomllib.loads(text).values() for word in words.split())


@functools.cache
def load_formula() -> Formula:
    """Load the current formula."""
    text = resources.files("candor.questions").joinpath("questions.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Formula)
