"""A Bluesky of the test's own: the servers that run, and what people do on them."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec
import requests

from tests.integration.waiting import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterable

PROGRAM = Path(__file__).with_name("network.cjs")
PASSWORD = "made-up-and-used-nowhere"
ADMIN = ("admin", "admin-pass")
AT_ONCE = 100
FEED, GRAPH = "app.bsky.feed", "app.bsky.graph"


class Places(msgspec.Struct):
    """Where the three servers are."""

    directory: str
    appview: str
    home: str

    @property
    def instead(self) -> dict[str, str]:
        """Where the hosts that Bluesky is known by are to be found here."""
        return {"public.api.bsky.app": self.appview, "plc.directory": self.directory}

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that may be asked although they are not public."""
        return frozenset(url.removeprefix("http://") for url in (self.directory, self.appview, self.home))


class Network:
    """Runs as long as it is not closed, and not longer than this process: it ends when its input does."""

    def __init__(self, database: str, folder: Path) -> None:
        self._folder = folder
        self._session = requests.Session()
        self._clock = datetime.now(UTC) - timedelta(days=20)
        with (folder / "network.log").open("wb") as log:
            self._process = subprocess.Popen(
                ["node", str(PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={"PATH": os.environ["PATH"], "DB_URL": database, "TMPDIR": str(folder)},
            )
        self.places = msgspec.convert(self._line(), Places)

    def close(self) -> None:
        """End it."""
        for pipe in (self._process.stdin, self._process.stdout):
            _open(pipe).close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._session.close()

    def settle(self) -> None:
        """Wait until the AppView has indexed all that was written."""
        stdin = _open(self._process.stdin)
        stdin.write(b"\n")
        stdin.flush()
        assert self._line() == "settled"

    def join(self, name: str, *labels: str, **profile: Any) -> Person:
        """Open an account; `labels` are those it puts on itself."""
        joined = self.call(
            "com.atproto.server.createAccount", handle=f"{name}.test", email=f"{name}@example.org", password=PASSWORD
        )
        person = Person(self, joined["did"], joined["handle"], joined["accessJwt"])
        if labels:
            values = [{"val": label} for label in labels]
            profile["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
        person.write("app.bsky.actor.profile", "self", displayName=name.title(), **profile)
        return person

    def take_down(self, person: Person) -> None:
        """Take an account down, as moderators do: at the AppView and at its home."""
        subject = {"$type": "com.atproto.admin.defs#repoRef", "did": person.did}
        for place in (self.places.appview, self.places.home):
            taken = {"subject": subject, "takedown": {"applied": True, "ref": "made-up"}}
            self.call("com.atproto.admin.updateSubjectStatus", place=place, auth=ADMIN, **taken)

    def call(self, method: str, *, place: str | None = None, token: str = "", auth: Any = None, **body: Any) -> Any:
        """Ask a server to do something, the accounts' home by default."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{place or self.places.home}/xrpc/{method}"
        answer = self._session.post(url, json=body, headers=headers, auth=auth, timeout=PATIENCE_S)
        assert answer.ok, f"{method}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def next_instant(self) -> str:
        """Return the time at which the next thing is written: a minute after the last."""
        self._clock += timedelta(minutes=1)
        return self._clock.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _line(self) -> Any:
        stdout = _open(self._process.stdout)
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            assert selector.select(PATIENCE_S), "the network says nothing"
        line = stdout.readline()
        assert line, (self._folder / "network.log").read_text()
        return json.loads(line)


class Ref(msgspec.Struct):
    """A record that can be pointed to."""

    uri: str
    cid: str


class Person:
    """Somebody with an account; all they write is made up."""

    def __init__(self, network: Network, did: str, handle: str, token: str) -> None:
        self._network = network
        self._token = token
        self.did = did
        self.handle = handle

    def write(self, collection: str, key: str | None = None, **record: Any) -> Ref:
        """Write a record."""
        written = {"$type": collection, "createdAt": self._network.next_instant(), **record}
        named = {} if key is None else {"rkey": key}
        return msgspec.convert(self._call("createRecord", collection=collection, record=written, **named), Ref)

    def post(self, text: str, *, under: Ref | None = None, quoting: Ref | None = None, **more: Any) -> Ref:
        """Write a post; `under` is the first post of the thread that it answers."""
        if under is not None:
            more["reply"] = {"root": _pointer(under), "parent": _pointer(more.pop("parent", under))}
        if quoting is not None:
            more["embed"] = {"$type": "app.bsky.embed.record", "record": _pointer(quoting)}
        return self.write(f"{FEED}.post", text=text, **more)

    def post_many(self, texts: Iterable[str]) -> list[str]:
        """Write many posts in few requests; return their addresses."""
        kind, every = f"{FEED}.post", list(texts)
        writes = [
            {
                "$type": "com.atproto.repo.applyWrites#create",
                "collection": kind,
                "value": {"$type": kind, "text": text, "createdAt": self._network.next_instant()},
            }
            for text in every
        ]
        answers = (self._call("applyWrites", writes=writes[n : n + AT_ONCE]) for n in range(0, len(writes), AT_ONCE))
        return [result["uri"] for answer in answers for result in answer["results"]]

    def like(self, post: Ref) -> Ref:
        """Like a post."""
        return self.write(f"{FEED}.like", subject=_pointer(post))

    def repost(self, post: Ref) -> Ref:
        """Repost a post."""
        return self.write(f"{FEED}.repost", subject=_pointer(post))

    def list_of(self, name: str, *people: Person, purpose: str = "curatelist") -> Ref:
        """Make a list with these people on it."""
        made = self.write(f"{GRAPH}.list", name=name, purpose=f"{GRAPH}.defs#{purpose}")
        for person in people:
            self.write(f"{GRAPH}.listitem", subject=person.did, list=made.uri)
        return made

    def starter_pack_of(self, name: str, *people: Person) -> Ref:
        """Make a starter pack with these people in it."""
        behind = self.list_of(name, *people, purpose="referencelist")
        return self.write(f"{GRAPH}.starterpack", name=name, list=behind.uri)

    def leave(self) -> None:
        """Deactivate the account."""
        self._network.call("com.atproto.server.deactivateAccount", token=self._token)

    def _call(self, method: str, **body: Any) -> Any:
        return self._network.call(f"com.atproto.repo.{method}", token=self._token, repo=self.did, **body)


def facet(text: str, stretch: str, feature: str, **what: str) -> dict[str, Any]:
    """Say what a stretch of a text is. Offsets count bytes of UTF-8."""
    start = text.encode().index(stretch.encode())
    index = {"byteStart": start, "byteEnd": start + len(stretch.encode())}
    return {"index": index, "features": [{"$type": f"app.bsky.richtext.facet#{feature}", **what}]}


def _pointer(ref: Ref) -> dict[str, str]:
    return {"uri": ref.uri, "cid": ref.cid}


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
