"""Boards by queries: what is behind everybody comes from an engine, and becomes points as a document's does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from candor.boards import relations
from candor.boards.community import community_steps
from candor.boards.relations import number_chunks
from candor.boards.sql import Plan
from candor.boards.voices import RECOGNISED, counted_kinds, own_name, people_name, recent_steps, topic_steps
from candor.scoring.arrays import places_in_order
from candor.scoring.board import Board, by_interest
from candor.scoring.columns import microseconds, posts_of
from candor.scoring.copies import find_copies
from candor.scoring.everybody import Experts
from candor.scoring.evidence import Evidence, Scope
from candor.scoring.expertise import Supports, are_numbered, statuses
from candor.scoring.features import check_features, interest_features
from candor.scoring.interest import NEVER, OwnActs
from candor.scoring.kinds import are_replies
from candor.scoring.originals import Originals
from candor.scoring.points import expertise_of_many, interest_of_many
from candor.scoring.ranking import active_on, by_number, positions_of
from candor.scoring.standing import root_weights
from candor.scoring.topics import Matcher
from candor.scoring.totals import Totals
from candor.scoring.window import newest_claims, rows_of, text_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from numpy.typing import NDArray

    from candor.boards.engines import Engine
    from candor.boards.sql import Step
    from candor.scoring.activity import Activity
    from candor.scoring.copies import Copies
    from candor.scoring.method import Method, Profile
    from candor.scoring.question import Contested, Question
    from candor.scoring.table import Table
    from candor.scoring.topics import Topic
    from candor.scoring.votes import Votes

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class NamedPeople:
    """Who is in a table or in the question about it, by number, and what their account records say."""

    people: tuple[str, ...]
    person_of: dict[str, int]
    accounts: dict[int, Activity]

    @classmethod
    def of(cls, table: Table, vouches: Iterable[tuple[str, str]]) -> Self:
        """Number the people of a table as it does, and behind them those of vouches whom it does not know."""
        person_of = {name: number for number, name in enumerate(table.people.all())}
        for name in (name for pair in vouches for name in pair):
            person_of.setdefault(name, len(person_of))
        claims = newest_claims(table)
        return cls(tuple(person_of), person_of, {person_of[name]: claim for name, claim in claims.items()})


class QueriedCommunity:
    """A community that an engine holds: what its boards have in common is found once, the rest for each topic.

    `copies` are the near-copies among all texts of the table, where they are known.
    """

    def __init__(
        self, engine: Engine, table: Table, question: Question, method: Method, copies: Copies | None = None
    ) -> None:
        check_features(method)
        self.method, self._engine, self._root = method, engine, question.trust_root
        self.profile: Profile = method.profiles[method.profile_name(question.network, question.profile)]
        self._vouches = sorted(set(question.vouches))
        self._known_copies = copies
        self._table, self._members = table, NamedPeople.of(table, self._vouches)
        self._by_name = places_in_order(self._members.people)
        self._weights = root_weights(self._root, self._members.person_of)
        self._disputed: Collection[Contested] | None = None
        self._plan = Plan(
            method=method,
            profile=self.profile,
            as_of=microseconds(question.as_of),
            rows=rows_of(table, question),
            people=len(self._members.people),
            granted_rights=question.granted_rights,
            face_value=self._root.kind == "network",
            seeds=self._root.people,
            seeds_there=tuple(np.flatnonzero(self._weights).tolist()),
        )

    @classmethod
    def prepared(
        cls,
        engine: Engine,
        table: Table,
        question: Question,
        method: Method,
        on_progress: Callable[[], None],
        *,
        copies: Copies | None = None,
    ) -> Self:
        """Put a community into an engine, which is closed should that fail; `on_progress` is called after each step."""
        try:
            community = cls(engine, table, question, method, copies)
            community.prepare(on_progress)
        except BaseException:
            engine.close()
            raise
        return community

    def close(self) -> None:
        """Give the engine's tables up."""
        self._engine.close()

    @property
    def people(self) -> int:
        """Count everybody."""
        return len(self._members.people)

    def prepare(self, on_progress: Callable[[], None]) -> None:
        """Put the records in, and find acts of recognition, vouches and standing."""
        person_of, rows = self._members.person_of, self._plan.rows
        known = np.array([[person_of[name] for name in pair] for pair in self._vouches], np.int64)
        self._engine.put_chunks("numbers", number_chunks(self._table, rows))
        for name, relation in (
            ("lists", relations.lists(self._table, rows)),
            ("threads", relations.threads(self._table, rows)),
            ("blank_tags", relations.blank_tags(self._table)),
            ("kinds", relations.kinds(self.method)),
            ("root", relations.root(np.zeros(0) if self._plan.face_value else self._weights)),
            ("named_for_any", relations.named(self._root, person_of, None)),
            ("known_vouches", relations.pairs(known.reshape(-1, 2))),
        ):
            self._engine.put(name, relation)
        self._run(community_steps(self._plan), on_progress)
        self._originals = self._find_originals()
        self._engine.put("void", relations.numbers(rec=self._originals.row[self._originals.void(self._standing())]))
        self._everywhere = self._fetch("everywhere", latest=NEVER)
        self._addressed = self._fetch("addressed")

    def board(self, topic: Topic, contested: Collection[Contested], on_progress: Callable[[], None]) -> Board:
        """Rank everybody on a topic. `contested` evidence is left out of the row it is about."""
        members, matcher = self._members, Matcher((topic,))
        self._engine.put("topic_tags", relations.topic_tags(self._table, matcher))
        self._engine.put("topic_texts", relations.topic_texts(self._table, self._plan.rows, topic))
        self._engine.put("named_for_topic", relations.named(self._root, members.person_of, topic.id))
        if contested != self._disputed:
            self._engine.put("contested", relations.contested(self._table, members.person_of, contested))
            self._run(recent_steps(self._plan), on_progress)
            self._disputed = contested
        features = interest_features(self.profile)
        self._run(topic_steps(self._plan, [feature.types for feature in features]), on_progress)
        on, lately = self._fetch("topic_totals"), self._fetch("recent_totals")
        acted = self._fetch("own", latest=NEVER, answered=NEVER)
        experts, own = self._experts(on, lately), self._own(acted, [feature.types for feature in features])
        enough = own.last_year >= self.method.status.own_acts
        interest = interest_of_many(own, enough, self.profile, self.method)
        order = by_number(experts, active_on(members.accounts, acted["acts"] > 0, experts), self._by_name)
        if self._root.kind == "none":
            order = by_interest(order, interest, enough)
        return Board(
            members=members,
            root=self._root,
            method=self.method,
            experts=experts,
            interest=interest,
            interest_status=np.where(enough, "ok", "not_enough_evidence"),
            reach=(self._addressed["answered"].astype(np.int64), self._addressed["addressed"].astype(np.int64)),
            latest=(own.latest_on, own.latest, own.answered_on),
            order=order,
            positions=positions_of(order, experts, self._root, self.method),
            exact=self._exact(on["endorsed"] + lately["endorsed"] > 0),
            compared=0,
            largest_difference=0.0,
            copies=int(self._fetch("copied")["copies"].sum()),
            on_replies=are_replies(*(float(self._fetch("replied")[each].sum()) for each in ("replies", "acts"))),
        )

    def _run(self, steps: Iterable[Step], on_progress: Callable[[], None]) -> None:
        for step in steps:
            self._engine.run(step)
            on_progress()

    def _fetch(self, name: str, **otherwise: int) -> dict[str, NDArray[Any]]:
        """Return the columns of a table as arrays by person, zero or what is given for who is not in it.

        Those with a whole number given are of whole numbers.
        """
        found = self._engine.fetch(name)
        people = found.pop("person").astype(np.int64)
        spread = {key: np.full(self.people, otherwise.get(key, 0.0)) for key in found}
        for key, values in found.items():
            spread[key][people] = values
        return spread

    def _standing(self) -> Floats:
        if self._plan.face_value:
            return np.ones(self.people)
        return self._fetch("standing")["standing"]

    def _find_copies(self) -> Copies:
        """Say which texts repeat earlier ones."""
        table, rows = self._table, self._plan.rows
        if self._known_copies is not None:
            return self._known_copies.within(rows, table.actor[rows]).moved(np.arange(rows.start, rows.stop))
        posts = posts_of(text_columns(table, rows), table.type[rows])
        spoken = ((row + rows.start, said) for row, said in posts)
        return find_copies(spoken, table.actor, self.method.copies)

    def _find_originals(self) -> Originals:
        """Say who took up which of the texts that repeat one another."""
        copies = self._find_copies().alike
        self._engine.put("texts", relations.numbers(rec=copies.row))
        self._engine.run(RECOGNISED)
        found = self._engine.fetch(RECOGNISED.name)
        return Originals.of(copies, *(found[name].astype(np.int64) for name in ("said", "recogniser")))

    def _experts(self, on: dict[str, Floats], lately: dict[str, Floats]) -> Experts:
        backed, n_backed = self._backed("topic")
        recent_backed, recent_n_backed = self._backed("recent")
        totals = Totals(
            all_kinds=on["all_kinds"],
            help=on["help"],
            posts=self._fetch("posts")["posts"],
            other=self._fetch("elsewhere")["other"],
            recent=_least(lately["all_kinds"], recent_backed),
            n_effective=_least(_effective(on["all_kinds"], on["squares"]), n_backed),
            n_recent=_least(_effective(lately["all_kinds"], lately["squares"]), recent_n_backed),
            backed=backed,
            recent_backed=recent_backed,
        )
        support = Supports(on["people"].astype(np.int64), on["with_standing"].astype(np.int64), on["standing_sum"])
        status = statuses(self._root.kind, support, self.method)
        evidence = Evidence(cast("Votes", None), totals, self.method, counted=self._counted())
        numbers = expertise_of_many(evidence, are_numbered(status), self.profile)
        return Experts(numbers, support, status)

    def _counted(self) -> dict[tuple[Scope, tuple[str, ...]], Floats]:
        """Return how many people recognised each in the ways by which a feature counts them."""
        wanted = counted_kinds(self.profile)
        tables: dict[Scope, str] = {"on_topic": "topic_people", "recent": "recent_people"} if wanted else {}
        found = {scope: self._fetch(table) for scope, table in tables.items()}
        return {(scope, kinds): found[scope][people_name(kinds)] for scope in found for kinds in wanted}

    def _backed(self, scope: str) -> tuple[Floats | None, Floats | None]:
        """Return what the root's people allow, and their effective number; None where everybody is trusted."""
        if self._plan.face_value:
            return None, None
        found = self._fetch(f"{scope}_backed")
        return found["backed"], _effective(found["backed"], found["squares"])

    def _own(self, own: dict[str, NDArray[Any]], counting: Iterable[tuple[str, ...]]) -> OwnActs:
        return OwnActs(
            on_topic=own["on_topic"],
            all=self._everywhere["all_acts"],
            weeks=own["weeks"],
            counts={types: own[own_name(types)] for types in counting if types},
            last_year=self._everywhere["last_year"].astype(np.int64),
            latest_on=own["latest"],
            latest=self._everywhere["latest"],
            answered_on=own["answered"],
            z=self.method.interval.z,
        )

    def _exact(self, endorsed: Bools) -> Bools:
        """Say whose row is that of its document: who is outside the root, and neither endorsed nor near a copy."""
        if self._root.kind in ("network", "none"):
            return np.ones(self.people, np.bool_)
        exact: Bools = ~endorsed & ~(self._weights > 0)
        exact[self._originals.shared_authors] = False
        return exact


def _least(values: Floats, most: Floats | None) -> Floats:
    return values if most is None else np.minimum(values, most)


def _effective(total: Floats, squares: Floats) -> Floats:
    """Return the effective number of voices (Kish 1965)."""
    return np.divide(total * total, squares, out=np.zeros_like(total), where=squares > 0)
