"""What a Mastodon server shows of many people: posts with a hashtag, of a list, or of everybody who lives there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from candor.scoring.markup import plain
from candor.store import utc_now
from worker.connectors.community import Listed, NewestFirst
from worker.connectors.connector import AccountProfile, record, unavailable_profile
from worker.connectors.mastodon import Mastodon
from worker.connectors.mastodon_posts import Status
from worker.outbound import OutboundError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from candor.scoring.activity import Activity
    from candor.store.sources import AskedSource
    from worker.connectors.mastodon_posts import Account
    from worker.connectors.mastodon_server import Server
    from worker.outbound import Reply


class MastodonCommunity(Mastodon, NewestFirst):
    """Posts come with their threads, so an answer needs no hashtag. People are asked about at their own servers."""

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._shown: dict[str, Account] = {}
        self._here: Server | None = None

    def needs(self, host: str) -> bool:
        """See CommunityConnector. The servers of people who are read on this one may be down."""
        return self._here is not None and host == urlsplit(self._here.timeline_page("")).netloc

    def first_page(self, asked: AskedSource) -> str | None:
        """See NewestFirst. Who is on a list is asked first: they are whom its owner trusts."""
        host, _, rest = str(asked.name).partition("/")
        self._here = here = self._server(host)
        contacts = here.say_who()
        self._servers.setdefault(here.domain, here)
        kind, _, key = rest.partition("/")
        if asked.part == "list":
            try:
                contacts = list(here.list_accounts(key))
            except OutboundError as error:
                self.client.gaps.add("members of the list", error.words)
                return None
        self.trusted |= {each.name(here.domain): None for each in contacts if not each.objection}
        if asked.part == "instance":
            return here.timeline_page("public?local=true&limit=40")
        return here.timeline_page(f"{'list' if kind == 'lists' else 'tag'}/{quote(key)}?limit=40")

    def pages(self, first: str, following: Callable[[Reply], str | None]) -> Iterator[Reply]:
        """See NewestFirst."""
        return self._of().timeline(first, following)

    def page_after(self, first: str, reply: Reply) -> str | None:
        """See NewestFirst."""
        return self._of().page_after(first, reply)

    def is_list(self, reply: Reply) -> bool:
        """See NewestFirst."""
        return reply.lists()

    def listed(self, reply: Reply) -> list[Listed]:
        """See NewestFirst. A server that does not show a timeline to strangers answers with an error, a gap."""
        found = self._of().posts_in(reply)
        for each in found:
            self._met(self._of(), each.account)
        return [Listed(each.uri, each.created_at, _reactions(each), each) for each in found]

    def about(self, listed: Listed) -> Iterator[Activity]:
        """See NewestFirst. What it answers, itself, what it reshares, and who reshared, quoted or answered it."""
        server, status = self._of(), listed.post
        for parents in server.by_id([status.in_reply_to_id] if status.in_reply_to_id else []):
            yield from self._records(server, parents)
        yield from self._records(server, server.known([status.reblog] if isinstance(status.reblog, Status) else []))
        made = list(self._records(server, [status]))
        yield from made
        yield from self.recognition([each for each in made if each.id == status.uri])

    def profiles(self, names: Collection[str]) -> Iterator[AccountProfile]:
        """See CommunityConnector. Of those who live on this server it shows all; others are asked about at theirs."""
        server, mine = self._of(), []
        for name in names:
            account = self._shown.get(name)
            if account is None or not name.endswith(f"@{server.domain}"):
                mine.append(name)
            elif reason := account.objection or account.not_opted_in:
                yield unavailable_profile(name, utc_now(), reason, gone=bool(account.suspended))
            else:
                yield _profile(name, account)
        yield from super().profiles(mine)

    def _shown_by(self, post: Activity) -> Server:
        """See Mastodon. Most posts with a hashtag are of people elsewhere: what this server shows of them is read."""
        del post
        return self._of()

    def _of(self) -> Server:
        if self._here is None:
            raise RuntimeError("no timeline was asked for")
        return self._here

    def _met(self, server: Server, account: Account) -> None:
        name = account.name(server.domain)
        self._shown[name] = account
        if account.objection or account.not_opted_in:
            self.objecting.add(name)


def _reactions(status: Status) -> int:
    of = status.reblog if isinstance(status.reblog, Status) else status
    return of.replies_count + of.reblogs_count + of.quotes_count


def _profile(name: str, account: Account) -> AccountProfile:
    facts = {"name": account.display_name, "bio": plain(account.note), "url": account.url}
    kind, reason = account.kind
    made = record(
        type="account", actor=name, published=utc_now(), followers=account.followers_count, kind=kind, **facts
    )
    return AccountProfile(account=made, status="ok", kind_reason=reason)
