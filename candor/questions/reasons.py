"""Reasons: why somebody is named for a question, and what the answer as a whole says, in English and French."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

Status: TypeAlias = Literal["ok", "few_like_it", "tags_only", "nothing_like_it", "nobody"]
TrustStatus: TypeAlias = Literal["nobody_chosen", "everyone_equal", "trust_first", "none_reached", "not_known"]
Words: TypeAlias = dict[str, str]
Reasons: TypeAlias = dict[str, tuple[str, ...]]

_STATUS: Mapping[Status, Words] = {
    "ok": {
        "en": (
            "The list goes by who answered questions like this one, and by how much each person answered here, "
            "lately above all."
        ),
        "fr": (
            "La liste tient compte des réponses à des questions semblables et du nombre de réponses de chaque "
            "personne ici, surtout récentes."
        ),
    },
    "few_like_it": {
        "en": (
            "Few questions here share enough words with this one{near}. The list goes by who answered the nearest, and "
            "by how much each person answered here, lately above all."
        ),
        "fr": (
            "Peu de questions ici ont assez de mots en commun avec celle-ci{near}. La liste tient compte des réponses "
            "aux plus proches et du nombre de réponses de chaque personne ici, surtout récentes."
        ),
    },
    "tags_only": {
        "en": (
            "No question here shares enough words, written alike, with this one{near}. The list goes by who answered "
            "under its tags, and by how much each person answered here, lately above all."
        ),
        "fr": (
            "Aucune question ici n'a assez de mots en commun avec celle-ci, écrits de la même façon{near}. La liste "
            "tient compte des réponses sous ses étiquettes et du nombre de réponses de chaque personne ici, surtout "
            "récentes."
        ),
    },
    "nothing_like_it": {
        "en": (
            "No question here shares enough words, written alike, with this one{near}. The list goes mostly by how "
            "much each person answered here, lately above all."
        ),
        "fr": (
            "Aucune question ici n'a assez de mots en commun avec celle-ci, écrits de la même façon{near}. La liste "
            "suit surtout le nombre de réponses de chaque personne ici, les récentes comptant davantage."
        ),
    },
    "nobody": {
        "en": "Nobody whom we may name had answered a question here by then.",
        "fr": "Personne que nous puissions nommer n'avait alors répondu à une question ici.",
    },
}
_ASKED_BEFORE = {"en": " Asked here before: {words}.", "fr": " Déjà demandé ici : {words}."}
_ASKED_APART = {
    "en": " Asked here before, but too few of them together: {words}.",
    "fr": " Déjà demandés ici, mais trop peu ensemble : {words}.",
}
_NEVER_ASKED = {"en": " Not asked here before: {words}.", "fr": " Jamais demandé ici : {words}."}
_OTHER_WORDS = {
    "en": " Other words for the same thing, or tags, may find more.",
    "fr": " D'autres mots pour la même chose, ou des étiquettes, peuvent en trouver davantage.",
}
_TRUST: Mapping[TrustStatus, Words] = {
    "nobody_chosen": {
        "en": (
            "Nobody to trust was chosen, so everyone counts here, fake accounts that accept one another's answers too: "
            "this list is easy to manipulate."
        ),
        "fr": (
            "Aucune personne de confiance n'a été choisie : tout le monde compte donc ici, y compris de faux comptes "
            "qui acceptent mutuellement leurs réponses. Cette liste est facile à manipuler."
        ),
    },
    "everyone_equal": {
        "en": (
            "Everyone counts equally here, fake accounts that accept one another's answers too: this list is easy to "
            "manipulate."
        ),
        "fr": (
            "Tout le monde compte ici à égalité, y compris de faux comptes qui acceptent mutuellement leurs réponses : "
            "cette liste est facile à manipuler."
        ),
    },
    "trust_first": {
        "en": "People whose help was used by those you trust, or by people they vouch for, come first.",
        "fr": (
            "Viennent d'abord les personnes dont l'aide a servi à celles à qui vous faites confiance, "
            "ou à celles dont elles se portent garantes."
        ),
    },
    "none_reached": {
        "en": (
            "Nobody whom you trust, and nobody they vouch for, used the help of anyone on this list: "
            "it rests on accounts that nobody vouches for."
        ),
        "fr": (
            "Personne parmi ceux à qui vous faites confiance, ni parmi ceux dont ils se portent garants, n'a utilisé "
            "l'aide de qui que ce soit ici : cette liste repose sur des comptes sans garant."
        ),
    },
    "not_known": {
        "en": "Whether people you trust used anyone's help here is not known, so this list is easy to manipulate.",
        "fr": (
            "On ne sait pas si des personnes de confiance ont utilisé l'aide de quelqu'un ici : "
            "considérez cette liste comme facile à manipuler."
        ),
    },
}
_PERSON_TRUST = {
    "chosen": {
        "en": "You trust this person.",
        "fr": "Vous faites confiance à cette personne.",
    },
    "reached": {
        "en": "People who used this help: {people}; of them you trust, or people you trust vouch for: {trusted}.",
        "fr": (
            "Personnes ayant utilisé cette aide : {people} ; dont de confiance, directement ou par des garants : "
            "{trusted}."
        ),
    },
    "not_reached": {
        "en": (
            "No trusted person used this help: people who did: {people}; you trust none of them, nor do people you "
            "trust vouch for any."
        ),
        "fr": (
            "Aucune personne de confiance n'a utilisé cette aide. Personnes l'ayant utilisée : {people}, "
            "toutes sans lien de confiance avec vous."
        ),
    },
    "unused": {
        "en": "Nobody is recorded as having used this help, so trust says nothing about it.",
        "fr": "Aucun usage de cette aide n'est connu : la confiance n'en dit donc rien.",
    },
}
MOST_WORDS = 4
_NEAR = {"en": " (nearest topics: {topics})", "fr": " (sujets les plus proches : {topics})"}
_OLD = {
    "en": " Nobody has answered here for {days} days, so who answers now is not known.",
    "fr": " Personne n'a répondu ici depuis {days} jours : on ne sait donc pas qui répond aujourd'hui.",
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
_ANSWERS = (
    {"en": "no answers", "fr": "aucune réponse"},
    {"en": "1 answer", "fr": "1 réponse"},
    {"en": "{n} answers", "fr": "{n} réponses"},
)
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
        "en": "last answered on {last}; {answers} in the 30 days up to {as_of}",
        "fr": "dernière réponse le {last} ; {answers} dans les 30 jours jusqu'au {as_of}",
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


def status_words(
    status: Status,
    nearest: Sequence[str] = (),
    old_days: int | None = None,
    words: Mapping[str, bool] | None = None,
) -> Words:
    """Say what the answer as a whole is; `nearest` are the topics of the questions most like it.

    `old_days` is how long ago anybody last answered, where that is long; `words` says of the question's telling words
    whether they were asked before, where more of them would find more.
    """
    topics = ", ".join(nearest)
    before, never = ([word for word, is_known in (words or {}).items() if is_known == known] for known in (True, False))
    known = _ASKED_APART if len(before) > 1 and status in {"tags_only", "nothing_like_it"} else _ASKED_BEFORE

    def _said(language: str) -> str:
        near = _NEAR[language].format(topics=topics) if topics else ""
        found = [
            template[language].format(words=", ".join(some[:MOST_WORDS]))
            for template, some in ((known, before), (_NEVER_ASKED, never))
            if some
        ]
        more = _OTHER_WORDS[language] if found else ""
        old = "" if old_days is None else _OLD[language].format(days=old_days)
        return "".join((_STATUS[status][language].format(near=near), *found, more, old))

    return {language: _said(language) for language in _NEAR}


def trust_words(status: TrustStatus) -> Words:
    """Say under whose trust a list is looked at."""
    return dict(_TRUST[status])


def person_trust_words(*, chosen: bool, people: int, trusted: int) -> Words:
    """Say whether trust reaches somebody, of whose `people` so many are `trusted`."""
    name = "chosen" if chosen else "reached" if trusted else "not_reached" if people else "unused"
    return {language: words.format(people=people, trusted=trusted) for language, words in _PERSON_TRUST[name].items()}


def activity(last: datetime, as_of: datetime, answers: int) -> tuple[str, Mapping[str, object]]:
    """Return the reason that says when somebody last answered, and how often in the month before `as_of`."""
    many = {language: said.format(n=answers) for language, said in _ANSWERS[min(answers, 2)].items()}
    return "now", {"last": _day(last), "as_of": _day(as_of), "answers": many}


def _day(at: datetime) -> Words:
    """Return the date of a time in UTC, as 4 December 2025; in French the first of a month is 1er."""
    at = at.astimezone(UTC)
    months = {language: names.split()[at.month - 1] for language, names in _MONTHS.items()}
    first = {"en": "1", "fr": "1er"}
    return {
        language: f"{first[language] if at.day == 1 else at.day} {month} {at.year}"
        for language, month in months.items()
    }


def say(found: Sequence[tuple[str, Mapping[str, object]]]) -> Reasons:
    """Say each reason, given as its name and figures, in every language; a figure may be words in each."""
    return {
        language: tuple(_REASONS[name][language].format_map(_in(language, figures)) for name, figures in found)
        for language in ("en", "fr")
    }


def _in(language: str, figures: Mapping[str, object]) -> dict[str, object]:
    return {name: value[language] if isinstance(value, dict) else value for name, value in figures.items()}
