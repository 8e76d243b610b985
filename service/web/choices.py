"""What somebody has chosen so far on the first page, which step comes next, and the job that it all makes."""

from __future__ import annotations

import contextlib
import itertools
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from candor.sample import AS_OF
from candor.scoring.topics import TAG_PREFIX, load_catalogue, tag_topic
from candor.store.storage import DamagedFileError
from service.api.people import overview_of, suggestions
from service.api.trust_roots import RESERVED, keep_root
from service.auth import owner
from service.context import context
from service.problems import Fault, invalid, no_dataset
from service.sample import SAMPLE
from service.schemas.trust_roots import TrustRootBodySchema, make_root
from service.web.own_topics import unranked_topics
from service.web.short_names import short_slug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.datastructures import MultiDict

    from candor.messages.overview import Member, Overview
    from candor.scoring.topics import Topic
    from candor.scoring.trust_root import TrustRoot
    from candor.store.models import Dataset
    from candor.store.trust_roots import TrustRootFacts
    from service.api.people import RootSuggestion, SuggestionsResponse

OWN_TOPIC = "own"
NAMED_ROOT = "named"
COMMUNITY, TOPIC, PEOPLE = 1, 2, 3
OF_STEP = {
    COMMUNITY: ("dataset", "network", "site", "account"),
    TOPIC: ("topic", "label", "terms"),
    PEOPLE: ("trust_root", "pick", "trusted", "root_name", "person", "as_of", "q"),
}
MOST_FOUND = 12
MOST_NAMED = 12  # of a trust root
_NO_NAME = "no letter or digit is in this name, or it stands for something else: give another"


@dataclass(frozen=True)
class Choices:
    """What was chosen; nothing of it has been checked."""

    values: MultiDict[str, str]
    faults: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Return what a field holds, without spaces around it."""
        return (self.values.get(name) or "").strip()

    @cached_property
    def step(self) -> int:
        """Return which step comes next: that of the first field that is wrong, or of what has not been chosen yet."""
        for step, names in OF_STEP.items():
            if any(name in self.faults for name in names):
                return step
        if not self.network:
            return COMMUNITY
        topic = self.get("topic")
        return PEOPLE if topic and (topic != OWN_TOPIC or self.get("terms")) else TOPIC

    @cached_property
    def dataset(self) -> Dataset | None:
        """Return the data set that was chosen, if there is one of that id."""
        return context().store.datasets.get(owner(), self.get("dataset")) if self.get("dataset") else None

    @property
    def is_own_export(self) -> bool:
        """Whether what was chosen is one person's own export."""
        return self.dataset is not None and not self.dataset.is_community

    @cached_property
    def network(self) -> str:
        """Return the network of the community or the account that was chosen; empty where none was."""
        if self.dataset is not None:
            return self.dataset.network
        if self.get("dataset"):
            source = context().store.sources.get(owner(), self.get("dataset"))
            return "" if source is None else source.asked.network
        return ":".join(filter(None, (self.get("network"), self.get("site")))) if self.get("account") else ""

    @cached_property
    def overview(self) -> Overview | None:
        """Return who is in the data set; None of an account on a network."""
        return None if self.dataset is None else overview_of(self.dataset.id)

    @cached_property
    def suggested(self) -> SuggestionsResponse | None:
        """Return what is suggested of the data set."""
        return None if self.overview is None or self.dataset is None else suggestions(self.dataset, self.overview)

    @cached_property
    def roots(self) -> list[TrustRootFacts]:
        """Return the trust roots of the caller's that name people of this network."""
        kept = [root for root in context().store.trust_roots.facts(owner()) if root.network in {None, self.network}]
        named = [root for root in kept if root.kind in {"accounts", "list"}]
        return named if self.dataset is None or self.dataset.id == SAMPLE else [r for r in named if r.id != SAMPLE]

    @cached_property
    def root(self) -> str:
        """Return which choice of trusted people is marked: never nobody or everybody unless somebody says so.

        Of somebody's own export it is nobody: what others did with their help is not in it.
        """
        if self.is_own_export:
            return self.get("trust_root") or "none"
        here = [root for root in self.roots if self.absent(root) != root.size or not root.size]
        return self.get("trust_root") or (NAMED_ROOT if self.picks or not here else here[0].id)

    def named(self, root: TrustRootFacts) -> list[str]:
        """Return the first names that a trust root has, as the data set has them."""
        if self.overview is None or root.kind != "accounts" or root.id == SAMPLE:
            return []
        kept = context().store.trust_roots.get(owner(), str(root.id))
        first = () if kept is None else kept.accounts[:MOST_NAMED]
        return [self._names.get(each.account) or each.account for each in first]

    @cached_property
    def _names(self) -> dict[str, str | None]:
        return {} if self.overview is None else {each.account: each.name for each in self.overview.people}

    def absent(self, root: TrustRootFacts) -> int:
        """Count whom a trust root names and the data set does not; of a list, and on a network, nobody can tell yet."""
        if self.overview is None or root.kind != "accounts" or root.id == SAMPLE:
            return 0
        kept = context().store.trust_roots.get(owner(), str(root.id))
        return 0 if kept is None else sum(each.account not in self._names for each in kept.accounts)

    @cached_property
    def picks(self) -> list[Member]:
        """Return the people of the data set who are picked, each once; `add` picks all of a suggestion."""
        if self.overview is None:
            return []
        names = dict.fromkeys(self.values.getlist("pick"))
        chosen = {each.account: each for each in self.overview.people if each.account in names}
        added = next((root.people for root in self.suggestions if root.id == self.get("add")), ())
        return list({**chosen, **{each.account: each for each in added}}.values())

    @property
    def suggestions(self) -> tuple[RootSuggestion, ...]:
        """Return people whom one could trust."""
        return () if self.suggested is None else self.suggested.trust_roots

    @property
    def nobody_recognised(self) -> bool:
        """Say whether the records of the data set show nobody recognising anybody."""
        return self.overview is not None and not any(each.recognised_by for each in self.overview.people)

    @cached_property
    def found(self) -> list[Member]:
        """Return the people whose name has what was searched for; those picked are not among them."""
        if self.overview is None or not self.get("q"):
            return []
        picked = {each.account for each in self.picks}
        most = MOST_FOUND + len(picked)
        return [one for one in self.overview.search(self.get("q"), most) if one.account not in picked][:MOST_FOUND]

    @cached_property
    def ended(self) -> datetime | None:
        """Return the day after the last record of the data set, if that is long ago."""
        return None if self.dataset is None else ended(self.dataset)

    @property
    def day(self) -> str:
        """Return the day as of which to score, as chosen; else where the records ended; empty means now."""
        chosen = self.values.get("as_of")
        return (self.ended.date().isoformat() if self.ended else "") if chosen is None else chosen

    @property
    def topic(self) -> Topic | None:
        """Return the topic chosen, where it is not made of terms."""
        return find_topic(self.get("topic")) if self.get("topic") else None

    @property
    def terms(self) -> list[str]:
        """Return the terms of a topic of one's own."""
        return [term.strip() for term in self.get("terms").split(",") if term.strip()]

    @property
    def close_forms(self) -> dict[str, str]:
        """Return, by term, which words of the data set it does not find and may mean; nothing where none were given."""
        forms: dict[str, list[str]] = {}
        if self.dataset is not None and self.get("topic") == OWN_TOPIC and self.terms:
            with contextlib.suppress(LookupError, DamagedFileError):
                for each in context().overviews.close_forms(owner(), self.dataset.id, self.terms):
                    forms.setdefault(each.term, []).append(each.form)
        return {term: ", ".join(found) for term, found in forms.items()}

    def url(self, step: int) -> str:
        """Return the address at which a step is chosen anew: all that stands before it stays."""
        kept = [name for before in range(COMMUNITY, step) for name in OF_STEP[before]]
        return "/?" + urlencode({name: self.get(name) for name in kept if self.get(name)})

    def carried(self, step: int) -> Iterator[tuple[str, str]]:
        """Yield what the steps before one hold, for hidden fields of its form."""
        for before in range(COMMUNITY, step):
            yield from ((name, self.get(name)) for name in OF_STEP[before] if self.get(name))

    def job_body(self) -> dict[str, Any]:
        """Return the body of the job. Raises ProblemError 422."""
        as_of = f"{self.get('as_of')}T00:00:00Z" if self.get("as_of") else None
        body = {"topics": [self._topic()], "as_of": as_of, "trust_root": self._root()}
        if not self.get("dataset"):
            return body | {"accounts": [{"network": self.network, "account": self.get("account")}]}
        if self.dataset is None:
            raise invalid(Fault("/dataset", no_dataset(self.get("dataset"))))
        whom = self._resolved([self.get("person")], "/person") if self.get("person") else []
        accounts = [{"network": self.network, "account": account} for account in whom]
        return body | {"dataset": self.dataset.id, "accounts": accounts}

    def _topic(self) -> str | dict[str, Any]:
        if self.get("topic") != OWN_TOPIC:
            return self.get("topic")
        terms = self.terms
        label = self.get("label") or (terms[0] if terms else "")
        return {"id": _free_id(short_slug(label, "topic"), label, terms), "label": label, "terms": terms}

    def keep_topic(self, topic: Topic) -> None:
        """Keep a topic made of terms among the caller's own, so that all lists of the data set know it."""
        if self.get("topic") == OWN_TOPIC:
            context().store.topics.put(owner(), topic.id, topic)

    def _root(self) -> str | dict[str, Any]:
        """Return whom the form trusts: a root that is kept, or the people named in it."""
        if self.root != NAMED_ROOT:
            return self.root
        pasted = list(split_names(self.get("trusted"), self.overview))
        named = dict.fromkeys([*(each.account for each in self.picks), *self._resolved(pasted, "/trusted")])
        if not named:
            raise invalid(Fault("/trusted", "choose at least one person whom you trust"))
        accounts = [{"account": account} for account in named]
        root = {"kind": "accounts", "network": self.network, "accounts": accounts}
        return self._kept(root) if self.get("root_name") else root

    def _kept(self, root: dict[str, Any]) -> str:
        """Keep the people chosen under the name given, and return its id. Raises ProblemError 422 for a name in use."""
        name = self.get("root_name")
        root_id = short_slug(name, "people")
        if not any(map(str.isalnum, name)) or root_id in {SAMPLE, NAMED_ROOT, *RESERVED}:
            raise invalid(Fault("/root_name", _NO_NAME))
        keep_root(
            root_id, wanted := TrustRootBodySchema().load(root), partial(_refuse_others, make_root(wanted, root_id))
        )
        return root_id

    def _resolved(self, names: list[str], pointer: str) -> list[str]:
        """Return the accounts of people by name or account. Raises ProblemError 422 where one is nobody or several."""
        return names if self.overview is None else accounts_named(self.overview, names, pointer)


MOST_LISTED, MOST_MEANT = 20, 5
"""Of names that nobody has, so many are told, and for so many the nearest is looked for."""


def split_names(text: str, overview: Overview | None) -> Iterator[str]:
    """Yield the names in a text: lines, and what semicolons part; commas part names where none holds one there."""
    for said in filter(None, map(str.strip, re.split(r"[;\n]", text))):
        parts = [part for part in map(str.strip, said.split(",")) if part]
        is_one = overview is not None and (overview.named(said) or not any(map(overview.named, parts)))
        yield from [said] if is_one else parts


def accounts_named(overview: Overview, names: list[str], pointer: str) -> list[str]:
    """Return the accounts of people of a community by name or account.

    Raises ProblemError 422 at `pointer` where one is nobody there, or several.
    """
    found = {name: overview.named(name) for name in names}
    if missing := [name for name, people in found.items() if not people]:
        meant = list(dict.fromkeys(filter(None, map(overview.nearest, missing[:MOST_MEANT]))))
        if meant:
            raise invalid(Fault(pointer, f"nobody here is called {_listed(missing)}: did you mean {_listed(meant)}?"))
        raise invalid(Fault(pointer, f"nobody here is called {_listed(missing)}"))
    if several := [name for name, people in found.items() if len(people) > 1]:
        raise invalid(Fault(pointer, f"several people here are called {', '.join(several)}: choose them by search"))
    return [people[0].account for people in found.values()]


def _listed(names: list[str]) -> str:
    """Join names by commas, or by semicolons where one holds a comma; of many the first."""
    shown = [*names[:MOST_LISTED], *(["…"] if len(names) > MOST_LISTED else [])]
    return ("; " if any("," in name for name in shown) else ", ").join(shown)


def _refuse_others(wanted: TrustRoot, there: TrustRoot | None) -> None:
    """Refuse a name under which other people are kept. Raises ProblemError 422."""
    if there is not None and there != wanted:
        words = f"in addresses and lists this name is written {there.id}, which is that of other people: give another"
        raise invalid(Fault("/root_name", words))


def _free_id(wanted: str, label: str, terms: list[str]) -> str:
    """Return an id that no other topic has: the one wanted, or that with a number."""
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in itertools.count(1))
    there = ((name, find_topic(name)) for name in names)
    return next(name for name, topic in there if topic is None or (topic.label, list(topic.terms)) == (label, terms))


def find_topic(topic_id: str) -> Topic | None:
    """Return a topic of the caller's or of the catalogue, or the one that a tag is; None for any other id."""
    kept = context().store.topics.get(owner(), topic_id) or load_catalogue().get(topic_id)
    if kept is None and topic_id.startswith(TAG_PREFIX):
        with contextlib.suppress(ValueError):
            return tag_topic(topic_id)
    return kept


@dataclass(frozen=True)
class TopicShown:
    """A topic to choose, with how many posts and people it has here where that is known."""

    id: str
    topic: Topic
    posts: int | None = None
    people: int | None = None
    is_unranked: bool = False


def topics_shown(asked: Choices, most: int) -> list[TopicShown]:
    """Return topics to choose: those of the data set, then the caller's own; the rest of the catalogue where sought.

    Of the caller's own those come last on which nobody in the data set was ranked yet.
    """
    used = [] if asked.overview is None else sorted(asked.overview.topics, key=lambda use: -use.posts)
    is_whole = asked.overview is None or asked.get("find")
    own = [*context().store.topics.readable(owner()), *(load_catalogue().values() if is_whole else ())]
    known = ((use, find_topic(use.topic)) for use in used)
    shown = {use.topic: TopicShown(use.topic, topic, use.posts, use.people) for use, topic in known if topic}
    unranked = {} if asked.dataset is None else unranked_topics(asked.dataset.id)
    own.sort(key=lambda topic: topic.id in unranked)
    shown |= {
        topic.id: TopicShown(topic.id, topic, is_unranked=topic.id in unranked)
        for topic in own
        if topic.id not in shown
    }
    return [one for one in shown.values() if one.topic.is_called(asked.get("find"))][:most]


def ended(dataset: Dataset) -> datetime | None:
    """Return the day after the last record of a data set that ended long ago, and the sample's day; else None."""
    if dataset.id == SAMPLE:
        return AS_OF
    return dataset.ended(datetime.now(UTC))
