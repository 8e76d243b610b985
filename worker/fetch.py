"""Fetch: reads what a job needs of one network within its allowance, waits for lost hosts, and says what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from candor.scoring.account_kinds import SaidKind
from candor.scoring.activity import POSTS
from candor.scoring.question import OptedOut
from candor.scoring.redaction import people_in, without_people
from candor.store import utc_now
from candor.store.job_problems import REQUESTS_SPENT, ROOT_UNREADABLE, SUPPRESSED, UNKNOWN_ACCOUNT, UNREADABLE
from worker.allowance import NO_REQUESTS
from worker.connectors.connector import UnknownAccountError
from worker.context import InputError
from worker.outbound import BudgetSpentError, OutboundError, WaitingError
from worker.trusted import Trusted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from candor.scoring.trust_root import TrustRoot
    from candor.store.models import JobRequest, Problem
    from worker.allowance import Allowance, Share
    from worker.connectors.connector import Connector
    from worker.outbound import Outbound

LONGEST_OUTAGE = timedelta(minutes=30)
"""How long after it was sent a job waits for a host that stopped answering halfway."""
_WAITS = (timedelta(minutes=1), timedelta(minutes=5))


class LostHosts:
    """Looks after hosts that answered at first and then nothing: the job comes back to them for up to half an hour.

    `sent_at` is when the job came.
    """

    def __init__(self, outbound: Outbound, sent_at: datetime) -> None:
        self._outbound = outbound
        self._sent_at = sent_at

    def look(self, needed: Collection[str] | None = None) -> str | None:
        """Return why no score can be made, None where all is well. Raises WaitingError while there is time to wait."""
        for host, reason in self._outbound.lost().items():
            if needed is not None and host not in needed:
                continue
            now, (shortest, longest) = utc_now(), _WAITS
            until = now + min(max(now - self._sent_at, shortest), longest)
            if until <= self._sent_at + LONGEST_OUTAGE:
                raise WaitingError(host, until, "stopped answering halfway")
            return f"Stopped answering halfway, and did not come back in time: {host}: {reason}."
        return None

    def resolve(self, trusted: Trusted, asked: TrustRoot) -> TrustRoot:
        """Return the trust root whole. Raises as Trusted does, InputError too where only a part could be read."""
        try:
            root = trusted.resolve(asked)
        except InputError:
            self.look()
            raise
        if why := self.look():
            raise InputError(msgspec.structs.replace(ROOT_UNREADABLE, detail=why))
        return root


FOR_ROOT, FOR_POSTS, FOR_REACTIONS = 0.2, 0.4, 0.7


@dataclass(frozen=True)
class Fetched:
    """What a network said. `names` gives the name that records use for each account asked about, `kinds` what it is.

    Accounts with a problem are in no other part.
    """

    activities: list[Activity]
    names: dict[str, str]
    problems: dict[str, Problem]
    opted_out: tuple[OptedOut, ...]
    trust_root: TrustRoot
    gaps: tuple[str, ...]
    gaps_of: dict[str, tuple[str, ...]]
    kinds: tuple[SaidKind, ...]


@dataclass
class Subject:
    """An account asked about that can be read: what it did, and why reading that stopped."""

    name: str
    posts: list[Activity] = field(default_factory=list)


class Fetch:
    """One run through a network. `suppressed_among` returns those of some names that are on the suppression list.

    `known` are people whose vouches are known from earlier jobs; `on_progress` is told how many posts were read. A host
    that asks to wait beyond `patience_until` is a gap; before that WaitingError goes through. For one that stops
    answering halfway the job waits, too, up to half an hour from `sent_at`; then who was read there has a problem.
    """

    def __init__(
        self,
        connector: Connector,
        allowance: Allowance,
        request: JobRequest,
        root: TrustRoot,
        *,
        suppressed_among: Callable[[Iterable[str]], set[str]],
        known: Collection[str],
        on_progress: Callable[[int], None],
        patience_until: datetime,
        sent_at: datetime,
    ) -> None:
        self._connector = connector
        self._gaps = connector.client.gaps
        self._allowance = allowance
        self._request = request
        self._root = root
        self._suppressed_among = suppressed_among
        self._known = known
        self._on_progress = on_progress
        self._patience_until = patience_until
        self._lost = LostHosts(connector.client.outbound, sent_at)
        self._since = request.as_of - timedelta(days=request.window_days)
        self._records: list[Activity] = []
        self._names: dict[str, str] = {}
        self._problems: dict[str, Problem] = {}
        self._opted_out: dict[str, OptedOut] = {}
        self._suppressed: set[str] = set()
        self._kinds: dict[str, SaidKind] = {}
        self._subjects: dict[str, Subject] = {}
        self._posts = 0

    def run(self, accounts: Iterable[str]) -> Fetched:
        """Read the accounts, then who took up what they gave, then whom those who count vouch for.

        Raises WaitingError, and InputError when the list that is the trust root cannot be read.
        """
        for account in accounts:
            self._resolve_account(account)
        self._lost.look()
        share = self._allowance.share(FOR_ROOT)
        root = self._lost.resolve(Trusted(self._connector, share, self._suppressed_among), self._root)
        for left, subject in _countdown(list(self._subjects.values())):
            with self._gaps.of(subject.name):
                self._read(subject, self._allowance.share(FOR_POSTS / left))
            self._give_up(self._lost.look(), [subject])
        for left, subject in _countdown(list(self._subjects.values())):
            with self._gaps.of(subject.name):
                self._fetch_reactions(subject, self._allowance.share(FOR_REACTIONS / left))
            self._give_up(self._lost.look(), [subject])
        if root.kind in {"accounts", "list"}:
            needed = self._connector.client.outbound.hosts  # others are of people who vouch: that one is down is a gap
            self._follow_vouches(root)
            self._give_up(self._lost.look(needed), list(self._subjects.values()))
        return self._fetched(root)

    def _give_up(self, why: str | None, subjects: Iterable[Subject]) -> None:
        """Score nobody from half of what there is."""
        for subject in subjects if why else ():
            for asked in [asked for asked, name in self._names.items() if name == subject.name]:
                self._problems[asked] = _because(UNREADABLE, str(why))
                del self._names[asked]
            del self._subjects[subject.name]
            self._kinds.pop(subject.name, None)

    def _fetched(self, root: TrustRoot) -> Fetched:
        shut_out = self._opted_out.keys() | self._suppressed | self._suppressed_among(people_in(self._records))
        return Fetched(
            activities=without_people(self._records, shut_out),
            names=self._names,
            problems=self._problems,
            opted_out=tuple(self._opted_out.values()),
            trust_root=root,
            gaps=self._gaps.lines_of(None),
            kinds=tuple(self._kinds.values()),
            gaps_of={name: lines for name in self._subjects if (lines := self._gaps_about(name))},
        )

    def _gaps_about(self, name: str) -> tuple[str, ...]:
        """Return what could not be read of one account, under whichever name it was asked about."""
        spellings = [*(asked for asked, found in self._names.items() if found == name), name]
        return tuple(dict.fromkeys(line for each in spellings for line in self._gaps.lines_of(each)))

    def _resolve_account(self, account: str) -> None:
        """Find out who the account is and whether it may be read; who is suppressed is not asked about at all."""
        try:
            if self._shut_out(account, self._connector.canonical_name(account) or account):
                return
            with self._gaps.of(account):
                profile = self._connector.profile(account)
            name = str(profile.account.actor)
            if self._shut_out(account, name):
                return
            self._names[account] = name
            if profile.status == "ok":
                self._records.append(profile.account)
                if profile.kind_reason and profile.account.kind not in {None, "unknown"}:
                    kind = profile.account.kind or "unknown"
                    self._kinds[name] = SaidKind(account=name, kind=kind, reason=profile.kind_reason)
                self._subjects[name] = Subject(name)
            else:
                self._opted_out[name] = OptedOut(account=name, status=profile.status, reason=str(profile.reason))
        except UnknownAccountError as error:
            self._problems[account] = _because(UNKNOWN_ACCOUNT, str(error))
        except OutboundError as error:
            self._problems[account] = _because(UNREADABLE, f"{error.words}.")
        except BudgetSpentError:
            self._problems[account] = REQUESTS_SPENT
        except WaitingError as error:
            self._wait(error)
            self._problems[account] = _because(UNREADABLE, f"{error}.")

    def _shut_out(self, account: str, name: str) -> bool:
        if not self._suppressed_among((account, name)):
            return False
        self._problems[account] = SUPPRESSED
        self._suppressed.add(name)
        return True

    def _read(self, subject: Subject, share: Share) -> None:
        """Read what the account did, the newest first, and no further back than its newest `max_posts` posts go."""
        most = self._request.fetch.max_posts if self._request.fetch else 0
        since, gaps = self._since, self._gaps
        stopped = self._collect(self._own_acts(subject, since, most), share)
        if len(subject.posts) >= most:
            since = min(post.published for post in subject.posts)
            gaps.add(f"acts of {subject.name}", f"read back to {_day(since)}, its newest {most} posts (max_posts)")
            stopped = stopped or self._collect(self._own_acts(subject, since, most + 1), share)
        if stopped:
            back_to = min((post.published for post in subject.posts), default=None)
            gaps.add(f"acts of {subject.name}", f"{_read_back(back_to)}, then {stopped}")

    def _own_acts(self, subject: Subject, since: datetime, most: int) -> Iterator[Activity]:
        for record in self._connector.activities(subject.name, since, self._request.as_of):
            yield record
            if record.actor == subject.name and record.type in POSTS:
                subject.posts.append(record)
                self._posts += 1
                if len(subject.posts) >= most:
                    return

    def _fetch_reactions(self, subject: Subject, share: Share) -> None:
        """Read who took up the account's posts, the newest first."""
        own = (r for r in self._records if r.actor == subject.name and r.type in POSTS)  # some came in others' threads
        posts = sorted(own, key=lambda post: (post.published, post.id or ""), reverse=True)
        asked: list[Activity] = []
        stopped = self._collect(self._connector.recognition(_until_spent(posts, share, asked)), share)
        if stopped or len(asked) < len(posts):
            why = stopped or share.spent or NO_REQUESTS
            words = f"asked for the newest {len(asked)} of {len(posts)} posts, then {why}"
            self._gaps.add(f"who took up posts of {subject.name}", words)

    def _follow_vouches(self, root: TrustRoot) -> None:
        """Read whom the people who count vouch for: those the root names, then those who recognised somebody here."""
        share = self._allowance.share(1.0)
        named = [account.account for account in root.accounts]
        people = list(dict.fromkeys([*sorted(named, key=self._known.__contains__), *self._recognisers()]))
        shut_out = self._opted_out.keys() | self._suppressed | self._suppressed_among(people)
        read = 0
        for name in people:
            if share.spent:
                break
            if name not in shut_out:
                self._vouches_of(name, share)
            read += 1
        if read < len(people):
            words = f"read of {read} of {len(people)} people, then {share.spent or NO_REQUESTS}"
            self._gaps.add("vouches by which standing flows", words)

    def _vouches_of(self, name: str, share: Share) -> None:
        try:
            self._collect(self._connector.vouches_of(name), share)
        except (UnknownAccountError, OutboundError) as error:
            self._gaps.add("vouches by which standing flows", str(error))

    def _recognisers(self) -> list[str]:
        """Return who acted towards somebody asked about or a post of theirs, the newest act first."""
        posts = {post.id for subject in self._subjects.values() for post in subject.posts}
        towards = (r for r in self._records if r.target_actor in self._subjects or r.object in posts)
        newest_first = sorted(towards, key=lambda record: (record.published, record.id or ""), reverse=True)
        return list(dict.fromkeys(r.actor for r in newest_first if r.actor and r.actor not in self._subjects))

    def _collect(self, records: Iterator[Activity], share: Share) -> str | None:
        """Keep records until they end or the share is overrun; return why they were broken off, or None."""
        try:
            for record in records:
                if broken_off := share.overrun:
                    return broken_off
                self._records.append(record)
                self._on_progress(self._posts)
            self._on_progress(self._posts)
        except BudgetSpentError:
            return NO_REQUESTS
        except WaitingError as error:
            self._wait(error)
            return str(error)
        return None

    def _wait(self, error: WaitingError) -> None:
        """Let the job wait, if that ends soon enough."""
        if error.until <= self._patience_until:
            raise error


def _until_spent(posts: Iterable[Activity], share: Share, asked: list[Activity]) -> Iterator[Activity]:
    for post in posts:
        if share.spent:
            return
        asked.append(post)
        yield post


def _countdown(subjects: Collection[Subject]) -> Iterator[tuple[int, Subject]]:
    """Yield each with how many are left, itself included."""
    return zip(range(len(subjects), 0, -1), subjects, strict=True)


def _because(problem: Problem, detail: str) -> Problem:
    return msgspec.structs.replace(problem, detail=detail)


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")


def _read_back(to: datetime | None) -> str:
    return "nothing was read" if to is None else f"read back to {_day(to)}"
