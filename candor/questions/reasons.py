"""Reasons: why somebody is named for a question, and what the answer as a whole says, in English and French."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Status: TypeAlias = Literal["ok", "few_like_it", "tags_only", "nothing_like_it", "nobody"]
Words: TypeAlias = dict[str, str]
Reasons: TypeAlias = dict[str, tuple[str, ...]]

_STATUS: Mapping[Status, Words] = {
    "ok": {
        "en": "These people answered questions like this one, or answer most under its tags.",
        "fr": "Ces personnes ont répondu à des questions semblables, ou répondent le plus sous ces étiquettes.",
    },
    "few_like_it": {
        "en": "Few questions here are like this one{near}; these people answered the nearest, or answer most now.",
        "fr": (
            "Peu de questions ici ressemblent à celle-ci{near} ; ces personnes ont répondu aux plus proches, "
            "ou répondent le plus en ce moment."
        ),
    },
    "tags_only": {
        "en": "No question here is like this one{near}; these people answer on the nearest topics.",
        "fr": ("Aucune question ici n'y ressemble{near} ; ces personnes répondent sur les sujets les plus proches."),
    },
    "nothing_like_it": {
        "en": "No question here is like this one{near}; these people answer most at present.",
        "fr": "Aucune question ici ne ressemble à celle-ci{near} ; ces personnes répondent le plus en ce moment.",
    },
    "nobody": {
        "en": "Nobody whom we may name had answered a question here by then.",
        "fr": "Personne que nous puissions nommer n'avait alors répondu à une question ici.",
    },
}
_NEAR = {"en": " (nearest topics: {topics})", "fr": " (sujets les plus proches : {topics})"}
_REASONS = {
    "like": {
        "en": "questions most like this one that this person answered: {n} (in common: {words})",
        "fr": "questions les plus semblables auxquelles cette personne a répondu : {n} (en commun : {words})",
    },
    "taken": {
        "en": "answers among these that somebody took up: {n}",
        "fr": "réponses de cette liste reprises par quelqu'un : {n}",
    },
    "tag": {
        "en": "gives {share} % of the recent answers under {tag}",
        "fr": "donne {share} % des réponses récentes sous {tag}",
    },
    "now": {
        "en": "days since the last answer: {days}; answers in the last 30 days: {n}",
        "fr": "jours depuis la dernière réponse : {days} ; réponses ces 30 derniers jours : {n}",
    },
    "today": {
        "en": "last answer within a day; answers in the last 30 days: {n}",
        "fr": "dernière réponse il y a moins d'un jour ; réponses ces 30 derniers jours : {n}",
    },
    "reach": {
        "en": "answered {n} of the {of} who asked by name",
        "fr": "a répondu à {n} des {of} demandes faites nommément",
    },
    "open": {
        "en": "people who wait for an answer already: {n}, so this person comes a little later",
        "fr": "demandes qui attendent déjà une réponse : {n} ; cette personne vient donc un peu plus bas",
    },
}


def status_words(status: Status, nearest: Sequence[str] = ()) -> Words:
    """Say what the answer as a whole is; `nearest` are the topics of the questions most like it."""
    topics = ", ".join(nearest)
    near = {language: words.format(topics=topics) if topics else "" for language, words in _NEAR.items()}
    return {language: words.format(near=near[language]) for language, words in _STATUS[status].items()}


def say(found: Sequence[tuple[str, Mapping[str, object]]]) -> Reasons:
    """Say each reason, given as its name and figures, in every language."""
    return {
        language: tuple(_REASONS[name][language].format_map(figures) for name, figures in found)
        for language in ("en", "fr")
    }
