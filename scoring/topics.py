"""Topic: what a topic is. Whether a text speaks of it is asked in matching.py."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

import msgspec

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
        if any(not text.strip() or len(text) > 200 for text in texts):
            raise ValueError(f"topic {topic.id!r}: each of its {field} has 1 to 200 characters")
    if len(topic.id) > 200:
        raise ValueError("a topic's id has at most 200 characters")
    if topic.tag is None and not _SLUG.fullmatch(topic.id):
        raise ValueError(f"topic id {topic.id!r} is neither a slug (a-z, 0-9, joined by - _ .) nor tag:NAME")
    if topic.tag is None and not (topic.terms or topic.hashtags):
        raise ValueError(f"topic {topic.id!r} has neither terms nor hashtags: nothing could match it")
    if topic.tag is not None and (not topic.tag.strip() or topic.terms or topic.hashtags):
        raise ValueError(f"topic {topic.id!r}: tag:NAME needs a name and takes neither terms nor hashtags")
