"""GitHub repositories as wholes: threads by their last update, the oldest first, each read whole; then discussions."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec
from msgspec.structs import replace

from candor.scoring.activity import Instant  # noqa: TC001 # msgspec looks it up
from candor.store import utc_now
from worker.connectors.community import Batch, CommunityConnector, as_cursor
from worker.connectors.connector import AccountProfile, record
from worker.connectors.github import HOST, GitHub
from worker.connectors.github_posts import UPDATED, Issue, Thread, User, account_of, discussion_parts
from worker.connectors.network_client import next_link
from worker.outbound import GoneError, OutboundError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from candor.scoring.activity import Activity
    from candor.store.sources import AskedSource
    from worker.connectors.github_posts import Discussion
    from worker.outbound import Reply

_WHAT = "threads of the repository"
_SITE = "https://github.com/"
_IN_REPOSITORY = re.compile(rf"{re.escape(_SITE)}([\w.-]+/[\w.-]+)(?![\w.-])")
_DISCUSSED = (
    "query($owner:String!,$name:String!,$after:String){repository(owner:$owner,name:$name){page:" + UPDATED + "}}}"
)


class _Listed(Issue):
    updated_at: Instant | None = None


class _Repository(msgspec.Struct):
    """A repository; `first_name` is the one under which it was read first, as its posts go on to be called."""

    full_name: str
    private: bool
    fork: bool = False
    id: int | None = None
    first_name: str = ""

    @property
    def key(self) -> str:
        """Return the name by which it is remembered."""
        return (self.first_name or self.full_name).lower()


class _Place(msgspec.Struct, frozen=True):
    """Of each repository, up to which last update its threads and its discussions are read, in seconds since 1970.

    `at` is the repository in hand: the next reading begins there, so that each has its turn. `names` are the first ones
    of repositories, by their numbers: whoever follows one by its name is sent on when it has another.
    """

    threads: dict[str, int] = {}
    discussions: dict[str, int] = {}
    at: str | None = None
    names: dict[str, str] = {}


class GitHubCommunity(GitHub, CommunityConnector):
    """An update moves a thread to the end of the list, so nothing is missed by going forward."""

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._shown: dict[str, User] = {}
        self._is_one_of_many = False
        self._renamed: dict[str, str] = {}

    def batches(self, asked: AskedSource, cursor: dict[str, Any], since: datetime) -> Iterator[Batch]:
        """See CommunityConnector. A request for a hundred threads, then up to four for each; no reactions."""
        place = msgspec.convert(cursor, _Place)
        self._is_one_of_many = asked.part == "organisation"
        found = self._repositories(asked)
        if found is None:
            return
        place = self._with_names(place, found)
        keys = [each.key for each in found]
        start = keys.index(place.at) if place.at in keys else 0
        is_whole = True
        for repository in found[start:] + found[:start]:
            place = replace(place, at=repository.key)
            for batch in self._repository(repository, place, int(since.timestamp())):
                yield batch._replace(complete=False)
                place = msgspec.convert(batch.cursor, _Place)
                is_read = batch.complete
            is_whole = is_whole and is_read
        if is_whole:
            yield Batch([], as_cursor(replace(place, at=None)), complete=True)

    def profiles(self, names: Collection[str]) -> Iterator[AccountProfile]:
        """See CommunityConnector. Only who is named and shown by no thread is asked about."""
        for name in names:
            if (shown := self._shown.get(name)) is None:
                yield from super().profiles([name])
                continue
            facts = {"actor": name, "name": shown.name or shown.login, "url": shown.html_url, "kind": shown.kind[0]}
            account = record(type="account", published=utc_now(), **facts)
            yield AccountProfile(account=account, status="ok", kind_reason=shown.kind[1])

    def _repositories(self, asked: AskedSource) -> list[_Repository] | None:
        """Return what is to be read of what everybody may see, or None and a gap."""
        name = str(asked.name)
        if asked.part == "repository":
            found = self.client.ask_for("repository", self._url(f"repos/{name}"), _Repository, **self._manners())
            if found is not None and found.private:
                self.client.gaps.add("repository", f"{HOST}: it is not public")
                return None
            return None if found is None else [found]
        pages = self._listings(name)
        if pages is None:
            return None
        listed = [each for reply in pages for each in self.client.items("repositories", reply, _Repository)]
        return [each for each in listed if not each.private and not each.fork]

    def _listings(self, name: str) -> list[Reply] | None:
        """Return the pages that list the public repositories of an organisation, or else of a person."""
        path = f"orgs/{quote(name)}/repos?type=public&sort=full_name&per_page=100"
        try:
            self._get(path)
        except GoneError:
            path = f"users/{quote(name)}/repos?type=owner&sort=full_name&per_page=100"
        except OutboundError as error:
            self.client.gaps.add("repositories", error.words)
            return None
        ended = False

        def _following(reply: Reply) -> str | None:
            nonlocal ended
            ended = next_link(reply) is None and reply.lists()
            return next_link(reply)

        pages = list(self.client.pages("repositories", self._url(path), _following, **self._manners()))
        return pages if ended else None

    def _with_names(self, place: _Place, found: list[_Repository]) -> _Place:
        """Remember what repositories were called at first, by their numbers, and which have another name by now."""
        for each in found:
            each.first_name = each.full_name if each.id is None else place.names.get(str(each.id), each.full_name)
        self._renamed = {each.full_name.lower(): each.first_name for each in found if each.first_name != each.full_name}
        return replace(place, names=place.names | {str(each.id): each.first_name for each in found if each.id})

    def records(self, what: str, host: str, made: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. The posts of a repository that was renamed keep their ids, or all would be there twice."""
        for each in super().records(what, host, made):
            yield replace(each, id=self._as_before(each.id), object=self._as_before(each.object))

    def _as_before(self, page: str | None) -> str | None:
        found = _IN_REPOSITORY.match(page or "") if self._renamed else None
        first = self._renamed.get(found[1].lower()) if found else None
        return page if page is None or found is None or first is None else f"{_SITE}{first}{page[found.end() :]}"

    def _repository(self, repository: _Repository, place: _Place, since: int) -> Iterator[Batch]:
        """Read one repository on; the last batch is complete where nothing is left of it."""
        yield Batch([], as_cursor(place))
        is_read = False
        for batch in self._threads(repository, place, since):
            yield batch._replace(complete=False)
            place, is_read = msgspec.convert(batch.cursor, _Place), batch.complete
        if not self.client.token(HOST):
            self.client.gaps.add("discussions", f"{HOST}: {self.facts.unseen['discussions']}")
        elif is_read:
            for batch in self._talk(repository, place, since):
                yield batch._replace(complete=False)
                place, is_read = msgspec.convert(batch.cursor, _Place), batch.complete
        yield Batch([], as_cursor(place), complete=is_read)

    def _threads(self, repository: _Repository, place: _Place, since: int) -> Iterator[Batch]:
        name, key = repository.full_name.lower(), repository.key
        begin = last = place.threads.get(key, since)
        number, ended, is_shown = 1, False, False

        def _following(reply: Reply) -> str | None:
            nonlocal begin, number, ended
            is_last = next_link(reply) is None
            ended = is_last and reply.lists()
            number, begin = (number + 1, begin) if begin == last else (1, last)
            return None if is_last else self._list(name, begin, number)

        first = self._list(name, begin, number)
        for reply in self.client.pages(_WHAT, first, _following, may_repeat=True, **self._manners()):
            is_shown = True
            for issue in self.client.items(_WHAT, reply, _Listed):
                records = self._about(issue)
                last = max(last, int(issue.updated_at.timestamp()) if issue.updated_at else last)
                place = replace(place, threads={**place.threads, key: last})
                yield Batch(records, as_cursor(place))
        if ended:
            yield Batch([], as_cursor(replace(place, threads={**place.threads, key: last})), complete=True)
        elif self._is_one_of_many and not is_shown:  # taken down, or without issues: the others are read all the same
            yield Batch([], as_cursor(place), complete=True)

    def _list(self, name: str, begin: int, number: int) -> str:
        """Return where threads stand from an update on: by time, as page numbers shift while people write."""
        at = f"{datetime.fromtimestamp(begin, UTC):%Y-%m-%dT%H:%M:%SZ}"
        query = {"state": "all", "sort": "updated", "direction": "asc", "since": at, "per_page": 100, "page": number}
        return self._url(f"repos/{name}/issues?{urlencode(query)}")

    def _about(self, issue: Issue) -> list[Activity]:
        thread = self._thread(issue.path, issue)
        if thread is None:
            return []
        self._note(thread)
        return list(self.records_of_each("threads", HOST, thread.parts()))

    def _note(self, thread: Thread) -> None:
        """Remember who is shown, and who looks after the repository."""
        self._shown |= {user.account: user for user in thread.people}
        self.trusted |= dict.fromkeys(thread.maintainers)

    def _talk(self, repository: _Repository, place: _Place, since: int) -> Iterator[Batch]:
        """Read discussions, the newest update first, down to what was read before."""
        key = repository.key
        floor, ended = max(since, place.discussions.get(key, since)), False
        top = floor
        owner, _, short = repository.full_name.lower().partition("/")
        for page in self._discussion_pages(_DISCUSSED, owner=owner, name=short):
            nodes = [node for node in page.nodes if node is not None]
            ended = not page.page_info.has_next_page
            for node in nodes:
                updated = int(node.updated_at.timestamp()) if node.updated_at else floor
                top, ended = max(top, updated), ended or updated < floor
                if updated >= floor:
                    yield Batch(self._discussed(node), as_cursor(place))
            if ended:
                break
        if ended:
            yield Batch([], as_cursor(replace(place, discussions={**place.discussions, key: top})), complete=True)

    def _discussed(self, node: Discussion) -> list[Activity]:
        comments = [each for each in (node.comments.nodes if node.comments else []) if each]
        replies = [each for comment in comments if comment.replies for each in comment.replies.nodes if each]
        for said in (node, *comments, *replies):
            if said.author is not None and account_of(said.author):
                self._shown.setdefault(said.author.account, said.author)
        return list(self.records_of_each("discussions", HOST, discussion_parts(node)))
