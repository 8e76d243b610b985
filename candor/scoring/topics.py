"""Topic: what a topic is, and whether a text speaks of it."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Annotated

import msgspec

from candor.scoring.phrases import Phrases
from candor.scoring.words import compact, has_hash, is_hashtag, is_text, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_TAGS = 8
"""A post with more tags and hashtags than this matches by its text alone."""

TAG_PREFIX = "tag:"
_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")

TopicId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Term = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Terms = Annotated[tuple[Term, ...], msgspec.Meta(max_length=200)]


class Topic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A topic: the words and hashtags that give it away.

    `id` is a slug, or `tag:NAME` for the records tagged NAME. `labels` names the topic by language (BCP 47) and says
    nothing about matching.
    """

    id: TopicId
    label: Term
    terms: Terms = ()
    hashtags: Terms = ()
    labels: dict[str, Term] = {}

    @property
    def tag(self) -> str | None:
        """NAME of a `tag:NAME` topic, else None."""
        return self.id.removeprefix(TAG_PREFIX) if self.id.startswith(TAG_PREFIX) else None

    @property
    def digest(self) -> str:
        """Digest of what matches and what is shown, whatever the order of terms and hashtags."""
        said = msgspec.json.encode([self.id, self.label, sorted(self.terms), sorted(self.hashtags)])
        return "sha256:" + hashlib.sha256(said).hexdigest()


def tag_topic(name: str) -> Topic:
    """Make the topic of records tagged NAME from `tag:NAME`. Raises ValueError when the name is empty or too long."""
    topic = Topic(id=name, label=name.removeprefix(TAG_PREFIX))
    check_topic(topic)
    return topic


def check_topic(topic: Topic) -> None:
    """Raise ValueError, in words, unless something could match the topic and its id is well formed."""
    for field, texts in (("terms", topic.terms), ("hashtags", topic.hashtags)):
        if len(texts) > 200:
            raise ValueError(f"topic {topic.id!r} has {len(texts)} {field}; at most 200 are allowed")
        if any(not compact(text) or len(text) > 200 for text in texts):
            raise ValueError(f"topic {topic.id!r}: each of its {field} has 1 to 200 characters, not all of them spaces")
    if len(topic.id) > 200:
        raise ValueError("a topic's id has at most 200 characters")
    if topic.tag is None and not _SLUG.fullmatch(topic.id):
        raise ValueError(f"topic id {topic.id!r} is neither a slug (a-z, 0-9, joined by - _ .) nor tag:NAME")
    if topic.tag is None and not (topic.terms or topic.hashtags):
        raise ValueError(f"topic {topic.id!r} has neither terms nor hashtags: nothing could match it")
    if topic.tag is not None and (not compact(topic.tag) or topic.terms or topic.hashtags):
        raise ValueError(f"topic {topic.id!r}: tag:NAME needs a name and takes neither terms nor hashtags")


class Matcher:
    """Recognises topics in posts: made once for all topics of a job, then asked for every record.

    A term matches where it stands in the text as whole words (in scripts without spaces: anywhere). A tag, or a
    hashtag in the text, matches when it equals one of the topic's hashtags or terms but for case and separators, and
    the post has at most MAX_TAGS of them. Hashtags, addresses and @names are not text.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._clues: list[str] = []
        self._tags: dict[str, int] = {}
        self._masks = [0] * len(topics)
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

    def match(self, text: str | None, tags: tuple[str, ...] | None) -> tuple[int, ...]:
        """Return the indices of the topics that a record with this text and these tags is on, ascending."""
        found = self._find(text, tags)
        return tuple(index for index, mask in enumerate(self._masks) if found & mask) if found else ()

    def terms(self, text: str | None, tags: tuple[str, ...] | None, topic_index: int) -> tuple[str, ...]:
        """Return by which of the topic's terms the record matches, in the topic's order; tags are shown as "#tag"."""
        found = self._find(text, tags) & self._masks[topic_index]
        return tuple(dict.fromkeys(clue for number, clue in enumerate(self._clues) if found >> number & 1))

    def _add(self, topic: int, shown: str) -> int:
        """Note one way to recognise a topic and how it is shown when it does; return its number."""
        number = len(self._clues)
        self._clues.append(shown)
        self._masks[topic] |= 1 << number
        return number

    def _find(self, text: str | None, tags: tuple[str, ...] | None) -> int:
        """Return the numbers of the clues found, as bits."""
        found = 0
        names = {compact(tag) for tag in tags} if tags else set()
        if text and (has_hash(text) or self._phrases.may_occur(text)):
            spoken = tokens(text)
            found = self._phrases.find(spoken)
            names.update(compact(token) for token in spoken if is_hashtag(token))
        if len(names) <= MAX_TAGS:
            for name in names:
                found |= self._tags.get(name, 0)
        return found
