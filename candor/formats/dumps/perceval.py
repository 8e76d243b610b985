"""What Perceval writes, one item a line: of each backend that reads what people did."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from candor.formats.dumps import discourse, gerrit, git, mbox
from candor.formats.dumps import perceval_code as code
from candor.formats.dumps import perceval_pages as pages
from candor.formats.dumps import perceval_trackers as trackers
from candor.formats.dumps.dump import DumpError, Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
from candor.formats.dumps.perceval_chats import Chats
from candor.formats.reading import MALFORMED, read_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="perceval",
    label="Perceval items",
    files="items, one a line or as an array, of the backends Git, MBox, Pipermail, HyperKitty, Groupsio, Topicbox, "
    "NNTP, Discourse, Gerrit, GitHub, GitLab, Bugzilla, BugzillaREST, Jira, Phabricator, Launchpad, Redmine, Pagure, "
    "StackExchange, Askbot, Kitsune, Confluence, MediaWiki, Slack, Mattermost, RocketChat, Gitter, Zulip and Telegram",
    network="that of what was read: git:NAME, github, gitlab:HOST, discourse:HOST, stackexchange:SITE, zulip:HOST; "
    "custom:NAME for the others",
    account="as in the format of the same name; login or user name of GitHub, GitLab, Phabricator, Launchpad, Pagure, "
    "Mattermost, RocketChat, Gitter, Kitsune and wikis; e-mail address of Bugzilla; name of Jira; number of Redmine "
    "and Askbot",
    question="as there; an issue, a bug, a ticket or a question; a change and each version of a page is a note",
    answer="as there; an answer of a question site; comments are replies",
    accept="as there; a change of GitHub or GitLab that somebody else merged; the accepted answer, by who asked",
    review="as there; reviews on GitHub that approve (+1) or request changes (-1), approvals on GitLab",
    trusted="as there; owners, members and collaborators on GitHub",
    lost="items of other backends and what is for some only, counted; edits, states and votes; of issues of GitHub, "
    "pages of wikis and messages of Gitter and Zulip, who may read them",
)


_DOCUMENT = re.compile(rb'"_source"\s*:\s*\{')
_HEAD_BYTES = 500
_Make: TypeAlias = "Callable[[Mapping[str, Any], str], Iterator[Activity]]"


class _Document(msgspec.Struct):
    source: msgspec.Raw = msgspec.field(name="_source")


class _Item(msgspec.Struct):
    backend_name: str
    data: dict[str, Any]
    origin: str = ""


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of items. Raises UnreadableError, where none is of a backend that is read."""
    backends, known, others = _backends(run), False, dict[str, None]()

    def _of(item: _Item) -> Iterator[Activity]:
        nonlocal known
        if (make := backends.get(item.backend_name.lower())) is None:
            run.left_out["other"] += 1
            others[item.backend_name] = None
            return
        known = True
        yield from make(item.data, item.origin)

    yield from run.each_file(paths, lambda path: run.each(map(_bare, objects_in(path)), _Item, _of))
    if others and not known:
        raise DumpError(f"these are items of {', '.join(others)}, which are not read")


def _bare(thing: Any) -> Any:  # noqa: ANN401 JSON
    """Return an item, also where it is a document of an index of GrimoireLab, as elasticdump writes one."""
    if isinstance(thing, msgspec.Raw) and _DOCUMENT.search(bytes(memoryview(thing)[:_HEAD_BYTES])) is None:
        return thing
    try:
        return read_item(thing, _Document).source
    except MALFORMED:
        return thing


def _commit(data: Mapping[str, Any], _origin: str, run: Run) -> Iterator[Activity]:
    head = {name: data[name] for name in ("Author", "AuthorDate", "Commit", "CommitDate") if name in data}
    paths = [str(each["file"]) for each in data.get("files") or () if each.get("file")]
    text = str(data.get("message") or "").splitlines()
    return git.records_of(git.Commit(str(data["commit"]), head=head, text=text, paths=paths), (), run)


def _mail(data: Mapping[str, Any], _origin: str, run: Run) -> Iterator[Activity]:
    head = {name.lower(): value for name, value in data.items()}
    body = head.get("body")
    text = str((body.get("plain") if isinstance(body, dict) else body) or "")
    return mbox.records_of(mbox.mail_of(lambda name: str(head.get(name.lower()) or ""), text), run)


def _topic(data: Mapping[str, Any], _origin: str, run: Run) -> Iterator[Activity]:
    return discourse.records_of(read_item(msgspec.Raw(msgspec.json.encode(data)), discourse.Topic, run.left_out), run)


def _change(data: Mapping[str, Any], _origin: str, run: Run) -> Iterator[Activity]:
    return gerrit.records_of(data, run)


def _backends(run: Run) -> dict[str, _Make]:
    """Return what makes records of the items of each backend, by its name in lower case."""
    with_run = {
        "git": _commit,
        **dict.fromkeys(("mbox", "pipermail", "hyperkitty", "groupsio", "topicbox", "nntp"), _mail),
        "discourse": _topic,
        "gerrit": _change,
        "github": code.github,
        "gitlab": code.gitlab,
        "bugzilla": trackers.bugzilla,
        "bugzillarest": trackers.bugzillarest,
        "jira": trackers.jira,
        "phabricator": trackers.phabricator,
        "launchpad": trackers.launchpad,
        "redmine": trackers.redmine,
        "pagure": trackers.pagure,
        "stackexchange": pages.stackexchange,
        "askbot": pages.askbot,
        "kitsune": pages.kitsune,
        "confluence": pages.confluence,
        "mediawiki": pages.mediawiki,
    }
    chats = Chats(run)
    return {name: partial(make, run=run) for name, make in with_run.items()} | {
        "slack": chats.slack,
        "mattermost": chats.mattermost,
        "rocketchat": chats.rocketchat,
        "gitter": chats.gitter,
        "zulip": chats.zulip,
        "telegram": chats.telegram,
    }


FORMAT = Format(FACTS, read)
