"""Topic: what a topic is, and whether a text speaks of it."""

from __future__ import annotations

import hashlib
import re
import string
import tomllib
from collections import deque
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
from msgspec import Meta

from candor.scoring.words import compact, fold, has_hash, hashtags, is_text, tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

MAX_TAGS = 8
"""A post with more tags and hashtags than this matches by its text alone."""

TAG_PREFIX = "tag:"
_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_ASCII_WORDS = {
    code: char.lower() if char in string.ascii_letters + string.digits else " "
    for code, char in enumerate(map(chr, range(128)))
}

TopicId = Annotated[str, Meta(min_length=1, max_length=200)]
Term = Annotated[str, Meta(min_length=1, max_length=200)]
Terms = Annotated[tuple[Term, ...], Meta(max_length=200)]


class Topic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A topic: the words and hashtags that give it away.

    The id `tag:NAME` is of the records tagged NAME. `labels` and `broader` say nothing about matching.
    """

    id: Annotated[TopicId, Meta(description="Its id: a slug, or tag:NAME.")]
    label: Annotated[Term, Meta(description="Its name.")]
    terms: Annotated[Terms, Meta(description="Words and phrases that give the topic away.")] = ()
    hashtags: Annotated[Terms, Meta(description="Hashtags that stand for it.")] = ()
    labels: Annotated[dict[str, Term], Meta(description="Its name by language (BCP 47).")] = {}
    broader: Annotated[
        tuple[TopicId, ...], Meta(max_length=50, description="Ids of broader topics, which add this one up.")
    ] = ()

    @property
    def tag(self) -> str | None:
        """NAME of a `tag:NAME` topic, else None."""
        return self.id.removeprefix(TAG_PREFIX) if self.id.startswith(TAG_PREFIX) else None

    def is_called(self, written: str) -> bool:
        """Whether its id or its name in any language has what is written in it, in any case and without accents."""
        sought = fold(written)
        return any(sought in fold(name) for name in (self.id, self.label, *self.labels.values()))

    @property
    def digest(self) -> str:
        """Digest of what matches and what is shown, whatever the order of terms and hashtags."""
        stated = msgspec.json.encode([self.id, self.label, sorted(self.terms), sorted(self.hashtags)])
        return "sha256:" + hashlib.sha256(stated).hexdigest()


def tag_topic(name: str) -> Topic:
    """Make the topic of records tagged NAME from `tag:NAME`. Raises ValueError when the name is empty or too long."""
    topic = Topic(id=name, label=name.removeprefix(TAG_PREFIX))
    check_topic(topic)
    return topic


def is_sound(topic: Topic) -> bool:
    """Say whether something could match the topic and its id is well formed."""
    try:
        check_topic(topic)
    except ValueError:
        return False
    return True


class TopicFaultError(ValueError):
    """A topic that could not serve; `field` is where the fault is: id, terms or hashtags."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def check_topic(topic: Topic) -> None:
    """Raise TopicFaultError, in words, unless something could match the topic and its id is well formed."""
    for field, texts in (("terms", topic.terms), ("hashtags", topic.hashtags)):
        if len(texts) > 200:
            raise TopicFaultError(field, f"topic {topic.id!r} has {len(texts)} {field}; at most 200 are allowed")
        if any(not compact(text) or len(text) > 200 for text in texts):
            each = f"topic {topic.id!r}: each of its {field} has 1 to 200 characters, not all of them spaces"
            raise TopicFaultError(field, each)
    if len(topic.id) > 200:
        raise TopicFaultError("id", "a topic's id has at most 200 characters")
    if topic.tag is None and not _SLUG.fullmatch(topic.id):
        raise TopicFaultError("id", f"topic id {topic.id!r} is neither a slug (a-z, 0-9, joined by - _ .) nor tag:NAME")
    if topic.tag is None and not (topic.terms or topic.hashtags):
        raise TopicFaultError("terms", f"topic {topic.id!r} has neither terms nor hashtags: nothing could match it")
    if topic.tag is not None and (not compact(topic.tag) or topic.terms or topic.hashtags):
        raise TopicFaultError("id", f"topic {topic.id!r}: tag:NAME needs a name and takes neither terms nor hashtags")


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A topic as it stands in the file; its name in English is its label."""

    labels: dict[str, str]
    terms: dict[str, tuple[str, ...]]
    hashtags: tuple[str, ...]


@cache
def load_catalogue() -> dict[str, Topic]:
    """Return the built-in topics by id, in the order of the file. Not to be changed: it is read once."""
    text = resources.files("candor.scoring").joinpath("catalogue.toml").read_text("utf-8")
    entries = msgspec.convert(tomllib.loads(text), dict[str, _Entry])
    return {topic_id: _topic(topic_id, entry) for topic_id, entry in entries.items()}


def _topic(topic_id: str, entry: _Entry) -> Topic:
    terms = tuple(dict.fromkeys(term for spoken in entry.terms.values() for term in spoken))
    topic = Topic(id=topic_id, label=entry.labels["en"], terms=terms, hashtags=entry.hashtags, labels=entry.labels)
    check_topic(topic)
    return topic


class Clues(NamedTuple):
    """What of a topic says how it is recognised."""

    terms: tuple[str, ...]
    hashtags: tuple[str, ...]
    tag: str | None


def matcher_of(topics: Iterable[Topic]) -> Matcher:
    """Return what recognises topics; it takes as long to make as a small job, and is kept for those asked for last."""
    return _matcher_of(tuple(Clues(topic.terms, topic.hashtags, topic.tag) for topic in topics))


@lru_cache(maxsize=8)
def _matcher_of(topics: tuple[Clues, ...]) -> Matcher:
    return Matcher(topics)


class Matcher:
    """Recognises topics in posts: made once for all topics of a job, then asked for every record.

    A term matches where it stands in the text as whole words (in scripts without spaces: anywhere). A tag, or a
    hashtag in the text, matches when it equals one of the topic's hashtags or terms but for case and separators, and
    the post has at most MAX_TAGS of them. Hashtags, addresses and @names are not text.
    """

    def __init__(self, topics: Sequence[Topic | Clues]) -> None:
        self._clues: list[str] = []
        self._tags: dict[str, int] = {}
        self._masks = [0] * len(topics)
        self._topic_of: list[int] = []
        phrases: dict[int, tuple[str, ...]] = {}
        for index, topic in enumerate(topics):
            for term in topic.terms:
                phrase = tuple(tokens(term))
                if phrase and all(map(is_text, phrase)):
                    phrases[self._add(index, term)] = phrase
            for tag in (*topic.hashtags, *topic.terms, *([topic.tag] if topic.tag else [])):
                shown = "#" + "".join(tag.split()).lstrip("#")
                self._tags[compact(tag)] = self._tags.get(compact(tag), 0) | 1 << self._add(index, shown)
        self._phrases = Phrases(phrases)

    @property
    def sought(self) -> frozenset[str] | None:
        """Lower-case ASCII words: each ASCII text that says more than its tags has one of them; None for any."""
        return None if self._phrases.sought is None else self._phrases.sought | {"#"}

    @property
    def tags(self) -> Collection[str]:
        """Tags, as one word each: what has no text matches by one of them, if at all."""
        return self._tags.keys()

    def reads(self, text: str) -> bool:
        """Say False only where a text matches by its tags alone, whatever it says."""
        return has_hash(text) or self._phrases.may_occur(text)

    def match(self, text: str | None, tags: tuple[str, ...] | None) -> tuple[int, ...]:
        """Return the indices of the topics that a record with this text and these tags is on, ascending."""
        found, topics = self._find(text, tags), set()
        while found:  # clue by clue, so that thousands of topics cost nothing where few match
            lowest = found & -found
            topics.add(self._topic_of[lowest.bit_length() - 1])
            found ^= lowest
        return tuple(sorted(topics))

    def terms(self, text: str | None, tags: tuple[str, ...] | None, topic_index: int) -> tuple[str, ...]:
        """Return by which of the topic's terms the record matches, in the topic's order; tags are shown as "#tag"."""
        found = self._find(text, tags) & self._masks[topic_index]
        return tuple(dict.fromkeys(clue for number, clue in enumerate(self._clues) if found >> number & 1))

    def _add(self, topic: int, shown: str) -> int:
        """Note one way to recognise a topic and how it is shown when it does; return its number."""
        number = len(self._clues)
        self._clues.append(shown)
        self._topic_of.append(topic)
        self._masks[topic] |= 1 << number
        return number

    def _find(self, text: str | None, tags: tuple[str, ...] | None) -> int:
        """Return the numbers of the clues found, as bits."""
        found = 0
        names = {compact(tag) for tag in tags} if tags else set()
        if text and self.reads(text):
            spoken = tokens(text)
            found = self._phrases.find(spoken)
            names.update(map(compact, hashtags(spoken)))
        if len(names) <= MAX_TAGS:
            for name in names:
                found |= self._tags.get(name, 0)
        return found


class Phrases:
    """Search for all phrases at once: the automaton of Aho and Corasick (1975), over tokens instead of letters.

    One pass over a text whatever the number of phrases and however they overlap, so that no choice of terms and
    texts makes it slow. A set of phrases is an int with the bits of their numbers.
    """

    def __init__(self, phrases: Mapping[int, Sequence[str]]) -> None:
        """Take phrases, none empty, by number."""
        self._next: list[dict[str, int]] = [{}]
        self._fallback = [0]
        self._found = [0]
        for number, phrase in phrases.items():
            self._insert(number, phrase)
        for state in self._breadth_first():
            self._link(state)
        self._keys = frozenset(next(filter(str.isalnum, phrase), None) for phrase in phrases.values())

    @property
    def sought(self) -> frozenset[str] | None:
        """Words one of which is in each text in ASCII, put in lower case, where a phrase occurs; None for any."""
        keys = {key for key in self._keys if key is not None}
        return None if None in self._keys else frozenset(filter(str.isascii, keys))

    def may_occur(self, text: str) -> bool:
        """Say False only where no phrase can occur: five times as fast as cutting the text up. Exact for ASCII."""
        if not self._keys or None in self._keys or not text.isascii():
            return bool(self._keys)
        return not self._keys.isdisjoint(text.translate(_ASCII_WORDS).split())

    def find(self, tokens: Sequence[str]) -> int:
        """Return the set of the phrases that occur in the tokens, gapless."""
        found = state = 0
        for token in tokens:
            if state or token in self._next[0]:
                state = self._step(state, token)
                found |= self._found[state]
        return found

    def _step(self, state: int, token: str) -> int:
        while state and token not in self._next[state]:
            state = self._fallback[state]
        return self._next[state].get(token, 0)

    def _insert(self, number: int, phrase: Sequence[str]) -> None:
        state = 0
        for token in phrase:
            if token not in self._next[state]:
                self._next[state][token] = len(self._next)
                self._next.append({})
                self._fallback.append(0)
                self._found.append(0)
            state = self._next[state][token]
        self._found[state] |= 1 << number

    def _breadth_first(self) -> Iterator[int]:
        waiting = deque([0])
        while waiting:
            state = waiting.popleft()
            yield state
            waiting.extend(self._next[state].values())

    def _link(self, state: int) -> None:
        """Say for each follower of a state where to go on when it leads nowhere, and what else ends there."""
        for token, follower in self._next[state].items():
            if state:
                self._fallback[follower] = self._step(self._fallback[state], token)
            self._found[follower] |= self._found[self._fallback[follower]]
