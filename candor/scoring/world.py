"""World: a community prepared once, with everything that does not depend on who is scored."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.names.networks import network_of
from candor.scoring.acts import NAMED, ActIndex
from candor.scoring.arrays import any_of, distinct, is_among, where_true
from candor.scoring.columns import microseconds, posts_of
from candor.scoring.copies import find_copies
from candor.scoring.features import check_features
from candor.scoring.kinds import KIND_CODE, REPLIES, are_replies
from candor.scoring.originals import Originals
from candor.scoring.recognition import find_acts
from candor.scoring.standing import Vouches
from candor.scoring.trust import Trust, View
from candor.scoring.trust_root import FACE_VALUE
from candor.scoring.votes import Ballot, weigh_votes
from candor.scoring.vouches import find_vouches
from candor.scoring.window import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.names.networks import NetworkFacts
    from candor.scoring.activity import Activity
    from candor.scoring.acts import Acts
    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.columns import Columns
    from candor.scoring.copies import Copies
    from candor.scoring.method import Method, Profile
    from candor.scoring.question import Question
    from candor.scoring.standing import Flow, FlowDifference
    from candor.scoring.topics import Topic
    from candor.scoring.trust_root import TrustRoot
    from candor.scoring.votes import Votes


@dataclass(frozen=True, eq=False)
class World:
    """A community before `as_of` under one root: its records as columns, acts of recognition, trust and copies.

    Its variants share what they have in common; `for_any_topic` is what was found of it whatever the topic.
    """

    method: Method
    network: NetworkFacts
    profile_name: str
    topics: tuple[Topic, ...]
    columns: Columns
    index: ActIndex
    trust: Trust
    copies: Copies
    for_any_topic: dict[str, Any] = field(default_factory=dict)

    @property
    def profile(self) -> Profile:
        """The profile's weights."""
        return self.method.profiles[self.profile_name]

    @property
    def root(self) -> TrustRoot:
        """Whose word counts."""
        return self.trust.root

    @property
    def people(self) -> int:
        """Count everybody."""
        return len(self.columns.people)

    def under(self, root: TrustRoot) -> World:
        """Return the same world under another root."""
        return replace(self, trust=self.trust.under(root), for_any_topic={})

    def about(self, topics: tuple[Topic, ...]) -> World:
        """Return the same world for other topics."""
        columns = self.columns.about(topics)
        return replace(self, topics=topics, columns=columns, index=self.index.about(columns))

    def asked(self, question: Question) -> World:
        """Return the same records for another question that has them in its window: root, topics and time."""
        columns = replace(self.columns, as_of=microseconds(question.as_of)).about(question.topics)
        return replace(
            self,
            topics=question.topics,
            columns=columns,
            index=self.index.about(columns),
            trust=self.trust.under(question.trust_root),
            for_any_topic={},
        )

    def without(self, acts: Bools) -> World:
        """Return the same world without some acts of recognition; standing flows as before."""
        return replace(self, index=self.index.without(acts), for_any_topic={})

    @cached_property
    def at_face_value(self) -> World:
        """The same world if everybody's word counts in full."""
        known: World = self.for_any_topic.setdefault("at_face_value", self.under(FACE_VALUE))
        return replace(known, topics=self.topics, columns=self.columns, index=self.index)

    @cached_property
    def kept(self) -> dict[object, Any]:
        """What was found of this very world, and of none of its variants: rankings, acts on copies."""
        return {}

    @cached_property
    def shared_view(self) -> View:
        """How everybody is seen at once: nobody's vouches are left out."""
        return self._seen_by(None)

    def view(self, subject: int) -> View:
        """Return how the subject is seen: its own vouches and those for it are left out."""
        return self.shared_view if self.trust.is_everybody else self._seen_by(subject)

    def ballot(self, topic: int, view: View, *, in_full: bool = True, known: Votes | None = None) -> Ballot:
        """Return what votes on a topic are weighed by; `known` are of another view."""
        named, named_for_any = self.trust.named_for(self.topics[topic].id), self.trust.named_for(None)
        return Ballot(self.index, view, self.method, topic, named, named_for_any, in_full, known=known)

    def ballot_for_any(self, view: View, *, in_full: bool) -> Ballot:
        """Return what recent votes are weighed by, whatever the topic."""
        named = self.trust.named_for(None)
        return Ballot(self.index, view, self.method, None, named, named, in_full)

    def votes(
        self, subjects: Ints, topic: int, view: View, *, in_full: bool = True, include_recent: bool = True
    ) -> Votes:
        """Return the votes about `subjects` (ascending person numbers) on a topic."""
        ballot = self.ballot(topic, view, in_full=in_full)
        return weigh_votes(replace(ballot, include_recent=include_recent), subjects)

    def recognised_copies(self, topic: int) -> int:
        """Count the posts that others recognised on a topic and that earn nothing, as they repeat earlier texts."""
        void, acts = self.shared_view.void, self.index.acts
        if not any_of(void):
            return 0
        named = NAMED[acts.kind] | self.trust.is_everybody
        return int(np.unique(acts.text[void & named & self.index.on_topic[:, topic]]).size)

    def rests_on_replies(self, topic: int) -> bool:
        """Say whether nearly all acts of recognition on a topic are replies, whatever they say."""
        kinds = self.index.acts.kind[self.index.on_topic[:, topic]]
        kinds = kinds[NAMED[kinds] | self.trust.is_everybody]
        return are_replies(int(np.isin(kinds, [KIND_CODE[kind] for kind in REPLIES]).sum()), kinds.size)

    def view_of_some(self, subject: int, people: Ints) -> View:
        """Return how the subject is seen, as far as some people (ascending) and its own texts are concerned.

        What is found of it serves every topic.
        """
        if self.trust.is_everybody:
            return self.shared_view
        known: dict[int, FlowDifference] = self.for_any_topic.setdefault("differences", {})
        is_near_copies = bool(is_among(np.array([subject]), self.originals.shared_authors)[0])
        if subject not in known:
            asked = np.append(people, self.originals.recognisers) if is_near_copies else people
            known[subject] = self.trust.difference(subject, distinct(asked))
        flow = known[subject].beside(self.trust.seeds.flow)
        if is_near_copies:
            return self._with_flow(subject, flow)
        return View(self.trust, subject, flow, flow.standing, self.shared_view.void)

    @property
    def originals(self) -> Originals:
        """The texts that others took up, of which one may repeat another."""
        known: dict[str, Originals] = self.for_any_topic
        if "originals" not in known:
            acts = self.index.acts
            counts = where_true((acts.text >= 0) & (NAMED[acts.kind] | self.trust.is_everybody))
            known["originals"] = Originals.of(self.copies, acts.text[counts], acts.recogniser[counts])
        return known["originals"]

    def _seen_by(self, subject: int | None) -> View:
        return self._with_flow(subject, self.trust.flow(subject))

    def _with_flow(self, subject: int | None, flow: Flow | None) -> View:
        standing = np.ones(self.people) if flow is None else flow.standing
        return View(self.trust, subject, flow, standing, self._void(standing))

    def _void(self, standing: Floats) -> Bools:
        if not self.originals.row.size:
            return self._none_void
        text, void = self.index.acts.text, np.zeros(len(self.columns.records), np.bool_)
        void[self.originals.row] = self.originals.void(standing)
        if "void" in self.kept and np.array_equal(self.kept["void"][0], void):
            return np.asarray(self.kept["void"][1])
        found = (text >= 0) & void[text]
        self.kept.setdefault("void", (void, found))
        return np.asarray(found)

    @cached_property
    def _none_void(self) -> Bools:
        return np.zeros(self.index.acts.row.size, np.bool_)


def build_world(
    activities: Iterable[Activity] | Columns | World,
    question: Question,
    method: Method,
    *,
    copies: Copies | None = None,
) -> World:
    """Prepare a community, unless it is; `copies` are its copies where they are known.

    Raises ValueError when the network, its profile or the records do not fit, FeatureError when the method does not.
    """
    if isinstance(activities, World):
        return activities
    if "checked" not in method.kept:
        check_features(method)
        method.kept["checked"] = True
    profile_name = method.profile_name(question.network, question.profile)
    profile = method.profiles[profile_name]
    columns = columns_of(activities, question)
    acts = find_acts(columns, replies_are_answers=profile.replies_are_answers, granted_rights=question.granted_rights)
    vouches = _vouches(acts, columns, profile, question)
    return World(
        method=method,
        network=network_of(question.network),
        profile_name=profile_name,
        topics=question.topics,
        columns=columns,
        index=ActIndex.of(acts, columns),
        trust=Trust.of(question.trust_root, vouches, method, columns.person_of),
        copies=copies_of(columns, method) if copies is None else copies,
    )


def _vouches(acts: Acts, columns: Columns, profile: Profile, question: Question) -> Vouches:
    """Who vouched for whom in the records, and in the snapshot that came with the question."""
    seen = find_vouches(acts, columns, profile)
    known = np.array([[columns.person_of[name] for name in pair] for pair in question.vouches], np.int64)
    kept = known.reshape(-1, 2)
    pairs = np.concatenate([seen.voucher, kept[:, 0]]), np.concatenate([seen.vouched, kept[:, 1]])
    return Vouches.of_pairs(*pairs, len(columns.people))


def copies_of(columns: Columns, method: Method) -> Copies:
    """Which texts repeat earlier ones."""
    return find_copies(posts_of(columns.text, columns.type), columns.actor, method.copies)
