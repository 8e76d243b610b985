"""World: everything about a community that does not hang on who is scored, prepared once."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from candor.names.networks import network_of
from candor.scoring.backing import Backers
from candor.scoring.columns import Columns, build_columns
from candor.scoring.copies import Copies, find_copies
from candor.scoring.credit import NAMED, strengths
from candor.scoring.hearing import backing, of_late
from candor.scoring.interest import Everywhere, acts_everywhere
from candor.scoring.recognition import POSTS, SOFT, Acts, find_acts
from candor.scoring.sorting import index_by
from candor.scoring.standing import Vouches, flow_standing, root_weights
from candor.scoring.stretches import ACTS_AT_ONCE, each, joined
from candor.scoring.table import Table
from candor.scoring.totals import Recent
from candor.scoring.trust_root import FACE_VALUE, TrustRoot
from candor.scoring.voices import OneWay, one_way
from candor.scoring.vouching import vouching
from candor.scoring.weightless import reachability
from candor.scoring.window import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from candor.scoring.activity import Activity
    from candor.scoring.method import Method, Profile
    from candor.scoring.question import Question
    from candor.scoring.topics import Topic

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class View:
    """How one subject sees the world under one root: everybody's standing, and which acts earn nothing as copies.

    `shares` are what part of each person's standing one vouch passes on, None where no vouches are left out;
    `face_value` is whether anonymous votes are heard.
    """

    standing: Floats
    shares: Floats | None
    void: Bools
    face_value: bool


class World:
    """A community before `as_of`, with its acts of recognition, vouches and copies.

    Raises ValueError when the network, its profile or the records do not fit.
    """

    def __init__(self, activities: Iterable[Activity] | Columns, question: Question, method: Method) -> None:
        self.method = method
        self.network = network_of(question.network)
        self.profile_name = profile_name(question.network, question.profile, method)
        self.topics = question.topics
        self.root = question.trust_root
        self.columns = _columns(activities, question)
        self.acts: Acts = find_acts(
            self.columns,
            replies_are_answers=self.profile.replies_are_answers,
            granted_rights=question.granted_rights,
        )
        self.people = len(self.columns.people)
        self._seen_before = question.vouches
        self.on_topic: Bools = self.columns.topics[self.acts.about]
        self._one_way: dict[tuple[int | None, bool], tuple[Bools, OneWay]] = {}

    @property
    def profile(self) -> Profile:
        """The profile's weights."""
        return self.method.profiles[self.profile_name]

    @cached_property
    def vouches(self) -> Vouches:
        """Who vouched for whom in the records, and in the snapshot that came with the question."""
        seen = vouching(self.acts, self.columns, self.profile)
        known = np.array([[self.columns.person_of[name] for name in pair] for pair in self._seen_before], np.int64)
        kept = known.reshape(-1, 2)
        pairs = np.concatenate([seen.voucher, kept[:, 0]]), np.concatenate([seen.vouched, kept[:, 1]])
        return Vouches.of_pairs(*pairs, self.people)

    def strength(self, acts: Ints, *, recent: bool = False) -> Floats:
        """Strength of some acts, with the long or the short half-life."""
        window = self.method.window
        half_life_days = window.recent_half_life_days if recent else window.half_life_days
        age_days = self.columns.age_days(self.acts.row[acts])
        return strengths(self.acts.kind[acts], age_days, self.method.kinds, half_life_days)

    @cached_property
    def copies(self) -> Copies:
        """Which texts repeat earlier ones."""
        said = self.columns.said
        rows = said.text_rows[self.columns.is_type(*POSTS)[said.text_rows]]
        return find_copies(said.texts, self.columns.actor, rows, self.method.copies)

    def received_by(self, subjects: Ints) -> Ints:
        """Return the acts that recognise `subjects` (ascending), by subject and recogniser."""
        return _some_of(self._by_recognised, subjects)

    def given_by(self, subjects: Ints) -> Ints:
        """Return the acts in which `subjects` (ascending) recognise somebody, by subject and recognised."""
        return _some_of(self._by_recogniser, subjects)

    @cached_property
    def _by_recognised(self) -> tuple[Ints, Ints]:
        """The acts sorted by whom they recognise, and where each person's begin."""
        return np.arange(self.acts.row.size), np.searchsorted(self.acts.recognised, np.arange(self.people + 1))

    @cached_property
    def _by_recogniser(self) -> tuple[Ints, Ints]:
        """The acts sorted by who recognises, and where each person's begin."""
        return index_by(self.acts.recogniser, self.people)

    @cached_property
    def endorsed(self) -> Bools:
        """Say of each person whether anybody endorsed or listed it."""
        found = np.zeros(self.people, np.bool_)
        found[self.acts.recognised[SOFT[self.acts.kind]]] = True
        return found

    @cached_property
    def root_weights(self) -> Floats:
        """Each person's weight in the root."""
        return root_weights(self.root, self.columns.person_of)

    def named_for(self, topic: int | None) -> Bools:
        """Say whom the root names for the topic, or for any topic when it is None."""
        wanted = None if topic is None else self.topics[topic].id
        named = [a.account for a in self.root.accounts if a.topics and (wanted is None or wanted in a.topics)]
        mask = np.zeros(self.people, np.bool_)
        mask[[self.columns.person_of[name] for name in named if name in self.columns.person_of]] = True
        return mask

    def under(self, root: TrustRoot) -> World:
        """Return the same world under another root; what does not hang on the root is shared."""
        other = copy.copy(self)
        other.root = root
        for hangs_on_root in ("root_weights", "at_face_value", "shared_view", "recent_of_all", "backers"):
            other.__dict__.pop(hangs_on_root, None)
        return other

    def about(self, topics: tuple[Topic, ...]) -> World:
        """Return the same world for other topics; what does not hang on them is shared."""
        other = copy.copy(self)
        other.topics = topics
        other.columns = self.columns.about(topics)
        other.on_topic = other.columns.topics[other.acts.about]
        other._one_way = {  # noqa: SLF001 # the copy is a world like this one
            key: kept for key, kept in self._one_way.items() if key[0] is None
        }
        other.__dict__.pop("at_face_value", None)
        return other

    @cached_property
    def shared_view(self) -> View:
        """How everybody is seen at once: nobody's vouches are left out."""
        if self.root.kind == "network":
            return self._everybody
        return self._seen_by(None)

    @property
    def asks_whose_trust(self) -> bool:
        """Say whether it is asked whose trust voices rest on: not where everybody is trusted anyway."""
        return self.root.kind != "network"

    @cached_property
    def backers(self) -> Backers:
        """The people of the root, from whom all standing comes."""
        return Backers(self.vouches, self.root_weights, self.method.standing)

    @cached_property
    def parts(self) -> list[Ints]:
        """Everybody, in stretches about whom about as many acts were done: large ones would not fit a cache."""
        _, first = self._by_recognised
        ends = np.searchsorted(first, np.arange(0, self.acts.row.size, ACTS_AT_ONCE))
        return np.split(np.arange(self.people), np.unique(ends[ends > 0]))

    @cached_property
    def recent_of_all(self) -> Recent:
        """R of everybody under the shared view: the same on every topic."""
        view = self.shared_view

        def _of_some(part: Ints) -> Recent:
            voices = of_late(self, part, view, in_full=False)
            rests_on = backing(self, voices, part.size)
            return Recent.of(part.size, voices, rests_on, self.method.voice)

        found: Recent = joined(each(_of_some, self.parts))
        return found

    @cached_property
    def acts_everywhere(self) -> Everywhere:
        """Everybody's own acts, whatever their topic."""
        return acts_everywhere(self.columns, np.arange(self.people), self.method)

    @cached_property
    def reach(self) -> tuple[Ints, Ints]:
        """For everybody: how many of those who addressed them they answered, and how many addressed them."""
        return reachability(self.columns, np.arange(self.people))

    def view(self, subject: int) -> View:
        """Return how the subject is seen: its own vouches and those for it are left out."""
        if self.root.kind == "network":
            return self._everybody
        return self._seen_by(subject)

    def _seen_by(self, subject: int | None) -> View:
        rule = self.method.standing
        standing = flow_standing(self.vouches, self.root_weights, rule, subject, by_root=self.backers.by_root)
        shares = None if subject is None else self.vouches.shares(rule, subject)
        return View(standing, shares, self._void_acts(standing), face_value=False)

    @cached_property
    def at_face_value(self) -> World:
        """The same world if everybody's word counts in full."""
        return self.under(FACE_VALUE)

    @cached_property
    def _everybody(self) -> View:
        standing = np.ones(self.people)
        return View(standing, None, self._void_acts(standing), face_value=True)

    def earning(self, acts: Ints, view: View) -> Bools:
        """Say which of the acts earn something: not those on copies, nor nameless ones under a declared root."""
        return ~view.void[acts] & (NAMED[self.acts.kind[acts]] | view.face_value)

    def one_way(self, topic: int | None, view: View) -> OneWay:
        """Return who recognised whom without being recognised in turn, on the topic or (None) on any."""
        key = (topic, view.face_value)
        cached = self._one_way.get(key)
        if cached is None or not (cached[0] is view.void or np.array_equal(cached[0], view.void)):
            inside = np.arange(self.acts.row.size) if topic is None else np.flatnonzero(self.on_topic[:, topic])
            earning = inside[self.earning(inside, view)]
            cached = (view.void, one_way(self.acts, earning, inside, self.people))
            self._one_way[key] = cached
        return cached[1]

    def _void_acts(self, standing: Floats) -> Bools:
        if not self.copies.row.size:
            return self._none_void
        void = self.copies.void(standing, len(self.columns.records))
        return np.asarray((self.acts.text >= 0) & void[self.acts.text])

    @cached_property
    def _none_void(self) -> Bools:
        return np.zeros(self.acts.row.size, np.bool_)


def _some_of(index: tuple[Ints, Ints], people: Ints) -> Ints:
    order, first = index
    if people[-1] - people[0] + 1 == people.size:
        return order[first[people[0]] : first[people[-1] + 1]]
    return np.concatenate([order[first[person] : first[person + 1]] for person in people.tolist()])


def _columns(activities: Iterable[Activity] | Columns, question: Question) -> Columns:
    if isinstance(activities, Columns):
        return activities
    return columns_of(activities, question) if isinstance(activities, Table) else build_columns(activities, question)


def profile_name(network: str, profile: str | None, method: Method) -> str:
    """Return the profile of weights a network is scored with.

    Raises ValueError where a custom network comes without one, another network with one, or the name is unknown.
    """
    own = network_of(network).profile
    if own is not None:
        if profile not in (None, own):
            raise ValueError(f"{network} is scored with the profile {own}; only custom: networks choose")
        return own
    if profile is None:
        raise ValueError(f"{network} needs a profile: {', '.join(method.profiles)}")
    if profile not in method.profiles:
        raise ValueError(f"no profile is called {profile!r}; known are {', '.join(method.profiles)}")
    return profile
