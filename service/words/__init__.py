"""Words: what people read, by language: a catalogue each for English and French, numbers and dates as written there."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from candor.scoring.features import FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LANGUAGES = ("en", "fr")
_FILES = ("", "page_", "people_", "messages_", "questions_")  # figures, pages, of people scored, messages, questions
# What is wrong or missing. English says it where it is found, but for what libraries say of a request.
_SAID_IN_CODE = {"en": ("errors_",), "fr": ("errors_", "gaps_")}
_APART = re.compile(r" (?=[:;?!»%])|(?<=«) ")
_DATE_LENGTH = 10
_VOWELS = frozenset("aeiouœæ")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_LESS_THAN_TWO = re.compile(
    r"((?<![\d,\u202f])[01](?:,\d+)?[ \u00a0](?:acte|mention|partage|personne|point|question|semaine|soutien|étape))s\b"
)
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")


@dataclass(frozen=True)
class Words:
    """One language: texts by dotted key, and the method's own English sentences said in it."""

    language: str
    texts: Mapping[str, str]
    sentences: tuple[tuple[re.Pattern[str], str], ...]

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of a key with its placeholders filled in. Raises KeyError for an unknown key.

        Markup stays markup: where a value is some, as what a template's macro returns is, the whole text is.
        """
        template = self._elided(self.texts[key], values)
        is_marked_up = any(isinstance(value, Markup) for value in values.values())
        said = (escape(template) if is_marked_up else template).format_map(values)
        return _counted_in_french(said) if self.language == "fr" else said

    def within(self, key: str) -> str:
        """Return the text of a key as it stands within a sentence: without the capital letter of its beginning."""
        said = self(key)
        return said if said[1:2].isupper() else f"{said[:1].lower()}{said[1:]}"

    def _elided(self, template: str, values: Mapping[str, object]) -> str:
        """Write d' for de before somebody whose name begins with a vowel, as French does: d'Iris, de Yuki."""
        who = values.get("who", "")
        plain = who.striptags() if isinstance(who, Markup) else str(who)
        first = unicodedata.normalize("NFD", plain)[:1].casefold()
        return template.replace("de {who}", "d'{who}") if self.language == "fr" and first in _VOWELS else template

    def get(self, key: str, otherwise: str) -> str:
        """Return the text of a key that the catalogue may not have, such as the name of a newer feature."""
        return self.texts.get(key, otherwise)

    def count(self, key: str, n: float, **values: object) -> str:
        """Return the text of `key.one` or `key.other`, as the language counts; `n` is a placeholder.

        Where there is a text `key.none`, it stands for zero.
        """
        one = n < 2 if self.language == "fr" else n == 1
        form = "none" if n == 0 and f"{key}.none" in self.texts else "one" if one else "other"
        return self(f"{key}.{form}", n=self.short(n), **values)

    def number(self, value: float, places: int = 0) -> str:
        """Write a number with that many decimals."""
        written = f"{value:z,.{places}f}".replace("-", "\N{MINUS SIGN}")
        return written.translate(str.maketrans(",.", "\u202f,")) if self.language == "fr" else written

    def percent(self, share: float, places: int = 0) -> str:
        """Write a share, 0 to 1, as per cent."""
        return self.number(100 * share, places) + ("\u00a0%" if self.language == "fr" else "%")

    def short(self, value: float) -> str:
        """Write a number with as many decimals as it has, four at most."""
        digits = f"{value:.4f}".rstrip("0").partition(".")[2]
        return self.number(value, len(digits))

    def date(self, instant: str) -> str:
        """Write the day of a time given as RFC 3339."""
        year, month, day = instant[:_DATE_LENGTH].split("-")
        key = "date.first" if day == "01" else "date.day"
        return self(key, day=int(day), month=self(f"date.month.{int(month)}"), year=year)

    def translate(self, sentence: str) -> str:
        """Say a sentence of a score document, which are in English; one that is not known stays as it is.

        What is known without a capital letter and a full stop is known with them, too.
        """
        said = self._said(sentence)
        if said is None and sentence.endswith("."):
            said = self._said(sentence[:-1]) or self._said(f"{sentence[:1].lower()}{sentence[1:-1]}")
            said = said and f"{said[:1].upper() if sentence[:1].isupper() else said[:1]}{said[1:]}."
        return sentence if said is None else said

    def _said(self, sentence: str) -> str | None:
        for pattern, translated in self.sentences:
            if found := pattern.fullmatch(sentence):
                said = translated.format_map({name: self._figure(part) for name, part in found.groupdict().items()})
                return _counted_in_french(said) if self.language == "fr" else said
        return None

    def _figure(self, part: str) -> str:
        if _DECIMAL.fullmatch(part):
            return part.replace(".", ",") if self.language == "fr" else part
        if self._said(part) is None and ", " in part:  # a list is said if all of it is known
            said = [self._said(each) for each in part.split(", ")]
            return ", ".join(filter(None, said)) if all(said) else part
        return self.translate(part)


def _counted_in_french(said: str) -> str:
    """Write units of less than two in the singular, as French does: 0,6 soutien, 1,5 point."""
    return type(said)(_LESS_THAN_TWO.sub(r"\1", said))


@cache
def words(language: str) -> Words:
    """Return the words of a language that LANGUAGES has."""
    parts = [{"unit": _units(language)}]  # a catalogue may say one in other words
    parts += [_catalogue(f"{of}{language}.toml") for of in (*_FILES, *_SAID_IN_CODE[language])]
    sentences = [sentence for part in parts for sentence in part.pop("sentences", {}).items()]
    if language == "fr":
        plain = _catalogue("errors_en.toml")["sentences"]
        sentences += [(_unescaped(plain[said]), french) for said, french in sentences if said in plain]
        sentences = [*_features_in_french(), *sentences]  # first: `active weeks` is no number of weeks
    parts.append({"feature": _feature_names(language)})
    texts = {key: typeset(text, language) for part in parts for key, text in _flat(part)}
    return Words(language, texts, tuple((_pattern(en), typeset(said, language)) for en, said in sentences))


def language_of(accepted: str | None, chosen: str | None = None) -> str:
    """Return the language to answer in: the one chosen, else the best of an `Accept-Language`, else English."""
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = (tag.partition("-")[0].lower() for tag in parse_accept_header(accepted, LanguageAccept).values())
    return next((language for language in wanted if language in LANGUAGES), LANGUAGES[0])


def _feature_names(language: str) -> dict[str, str]:
    """Return what each feature is called; its file says it in both languages."""
    return {f.id: f.french.label if language == "fr" else f.facts.label for f in FEATURES}


def _units(language: str) -> dict[str, str]:
    """Return what the unit of each feature is called."""
    return {f.facts.unit: f.french.unit if language == "fr" else f.facts.unit for f in FEATURES}


def _features_in_french() -> Iterator[tuple[str, str]]:
    """Yield what is published about each feature, in English and in French."""
    for feature in FEATURES:
        facts, french = feature.facts, feature.french
        yield facts.label.lower(), french.label.lower()
        for name in ("question", "formula", "needs", "evidence", "source"):
            yield getattr(facts, name), getattr(french, name)
        yield from zip(facts.weaknesses, french.weaknesses, strict=True)


def _catalogue(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("service.words").joinpath(name).read_text("utf-8"))


def _flat(part: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, inner in part.items():
        if isinstance(inner, dict):
            yield from _flat(inner, f"{above}{name}.")
        else:
            yield f"{above}{name}", inner


def typeset(text: str, language: str) -> str:
    """Tie the signs that French sets apart to the word before them, so that no line begins with one."""
    return _APART.sub("\u00a0", text) if language == "fr" else text


def _unescaped(template: str) -> str:
    return template.replace("{{", "{").replace("}}", "}")


def _pattern(template: str) -> re.Pattern[str]:
    """Make the pattern of a sentence: {n} stands for anything."""
    return re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+?)", re.escape(template)))
