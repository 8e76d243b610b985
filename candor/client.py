"""A client of the interface over HTTP: uploads and appends records, asks, waits, and reads documents and boards."""

from __future__ import annotations

import gzip
import math
import secrets
import tempfile
import time
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias
from urllib.parse import quote

import msgspec
import requests

from candor.client_answers import Answer, BusyError, ClientError, cause, failed, json_of, no_candor, refusal
from candor.questions.answer import QuestionAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from candor.scoring.activity import Activity

CONNECT_S = 5.0
ANSWER_S = 600.0
SHORTEST_POLL_S = 0.05
LONGEST_POLL_S = 1.0
FIRST_ERROR = 400
ACCEPTED = 202
UNFINISHED = frozenset({"queued", "waiting", "running"})
MOST_FAILED_POLLS = 10

__all__ = ["Client", "ClientError"]
_LINES = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
_FILE = {"Content-Type": "application/octet-stream"}
Records: TypeAlias = "Iterable[Activity] | Iterable[dict[str, Any]] | Path | str"
"""Records, or the path of a file that holds them."""


def _ignore(message: str) -> None:
    del message


def _ignore_progress(done: int, total: int) -> None:
    del done, total


class Client:
    """Talks to one service, with a key if it needs one. Its methods raise ClientError.

    `on_message` is told in a sentence what a caller may want to know meanwhile. Data sets, jobs and boards are the
    service's own answers, as dicts; the interface's description says what is in them.

        client = Client("http://127.0.0.1:8421")
        client.upload("town", Path("records.ndjson"), network="custom:town", profile="qa")
        client.add_trusted("town", "custom:town", ["ada", "bo"])
        job = client.wait(client.ask(topics=["space-technology"], dataset="town", trust_root="town-trusted"))
        rows = client.board(job)
    """

    def __init__(self, url: str, key: str | None = None, *, on_message: Callable[[str], None] = _ignore) -> None:
        self._on_message = on_message
        self._url = (url if "://" in url else f"http://{url}").rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False  # a key must not be replaced by what stands in a .netrc
        if key is not None:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def upload(
        self, name: str, records: Records, *, network: str, profile: str | None = None, **how: bool | str
    ) -> Answer:
        """Keep records as a data set of that name: Activity structs, dicts, or the path of a file in any form taken.

        `how` is what else `PUT /v1/datasets/{id}` takes, such as `skip_bad=True`, which leaves wrong records out, or
        `map="actor=Member,content=Text"`, which says in which column a field is.
        """
        given = {"network": network, "profile": profile, **{name: _written(said) for name, said in how.items()}}
        return self._send("PUT", f"/v1/datasets/{quote(name, safe='')}", records, given)

    def append(self, name: str, records: Records, **how: bool | str) -> Answer:
        """Add records to a data set; one with the id of another takes its place. `how` is as in `upload`."""
        given = {name: _written(said) for name, said in how.items()}
        return self._send("POST", f"/v1/datasets/{quote(name, safe='')}/records", records, given)

    def follow(self, name: str, **source: Any) -> Answer:  # noqa: ANN401 JSON
        """Let a data set follow a source, such as `network="discourse:forum.example", every=60`."""
        return self._json("PUT", f"/v1/datasets/{quote(name, safe='')}", json={"source": source})

    def dataset(self, name: str) -> Answer:
        """Return what is known of a data set, and how far its source was read."""
        return self._json("GET", f"/v1/datasets/{quote(name, safe='')}")

    def delete(self, name: str) -> None:
        """Delete a data set."""
        self._call("DELETE", f"/v1/datasets/{quote(name, safe='')}")

    @contextmanager
    def uploaded(
        self, records: Records, *, network: str, profile: str | None, granted_rights: bool = False
    ) -> Iterator[str]:
        """Keep records as a data set of a name of its own, and delete it at the end."""
        name = f"score-{secrets.token_hex(8)}"
        self.upload(name, records, network=network, profile=profile, granted_rights=granted_rights)
        try:
            yield name
        finally:
            self.delete(name)

    @contextmanager
    def archive(self, file: BinaryIO, network: str, account: str | None = None) -> Iterator[str]:
        """Upload an export as a data set of a name of its own, and delete it at the end."""
        name = f"score-{secrets.token_hex(8)}"
        given = {"network": network} | ({"account": account} if account else {})
        self._call("PUT", f"/v1/datasets/{name}", params=given, data=file, headers=_FILE)
        try:
            yield name
        finally:
            self.delete(name)

    def ask_question(self, body: dict[str, Any]) -> QuestionAnswer:
        """Return who would answer a question, after the data set was read for it where that is needed."""
        answer = self._call("POST", "/v1/questions", json=body)
        if answer.status_code == ACCEPTED:
            answer = self._call("GET", self.wait(json_of(answer))["result_url"])
        try:
            return msgspec.json.decode(answer.content, type=QuestionAnswer)
        except msgspec.MsgspecError:
            raise no_candor(answer) from None

    def add_trusted(self, name: str, network: str, accounts: Iterable[str]) -> str | None:
        """Add accounts to the trust root `NAME-trusted` of a data set, and return its id.

        None where there is a root of that name that is no list of accounts of the network, which stays as it is.
        """
        root_id = f"{name}-trusted"
        address = f"/v1/trust-roots/{quote(root_id, safe='')}"
        known = [each["id"] for page in self._pages("/v1/trust-roots", {}) for each in page["data"]]
        there = self._json("GET", address) if root_id in known else {"accounts": []}
        if there.get("kind", "accounts") != "accounts" or there.get("network", network) != network:
            return None
        named = {each["account"]: each for each in there["accounts"]}
        listed = [*named.values(), *({"account": each} for each in accounts if each not in named)]
        self.put_trust_root(root_id, {"kind": "accounts", "network": network, "accounts": listed})
        return root_id

    def put_trust_root(self, name: str, root: dict[str, Any]) -> None:
        """Keep a trust root under a name."""
        self._call("PUT", f"/v1/trust-roots/{quote(name, safe='')}", json=root)

    def put_topic(self, name: str, topic: dict[str, Any]) -> Answer:
        """Keep a topic of one's own, `{"label": …, "terms": […]}`, and return it; jobs name it by `name`."""
        return self._json("PUT", f"/v1/topics/{quote(name, safe='')}", json=topic)

    def erase(self, network: str, account: str, *, timeout_s: float = math.inf) -> Answer:
        """Erase an account from everything of this key, and return the erasure once it has ended.

        Who is written alike, and is left, is told to `on_message`. Raises ClientError when it failed, and when it has
        not ended after `timeout_s`; it goes on then.
        """
        address = f"/v1/accounts/{quote(network, safe='')}/{quote(account, safe='')}"
        begun = self._json("DELETE", address)
        if begun["note"]:
            self._on_message(begun["note"])
        erasure = self._followed("erasure", begun, timeout_s)
        if erasure["status"] != "succeeded":
            raise failed("erasure", erasure)
        return erasure

    def ask(self, **body: Any) -> Answer:  # noqa: ANN401 JSON
        """Submit a job, as the body of `POST /v1/jobs` says it, and return it at once."""
        return self._json("POST", "/v1/jobs", json=body)

    def wait(
        self,
        job: Answer | str,
        on_progress: Callable[[int, int], None] = _ignore_progress,
        *,
        timeout_s: float = math.inf,
    ) -> Answer:
        """Follow a job, or the one of that id, to its end, told what is done and how much there is, and return it.

        What could not be scored is told to `on_message`. Raises ClientError when nothing was, and when it has not ended
        after `timeout_s`; it goes on then, and can be waited for again.
        """
        waits_for = None

        def tell(job: Answer) -> None:
            nonlocal waits_for
            on_progress(job["progress"]["done"], job["progress"]["total"])
            if waits_for != (waits_for := job["progress"]["waits_for"]) and waits_for:
                self._on_message(f"Waiting until {job['progress']['until']} for {waits_for}.")

        job = self._json("GET", f"/v1/jobs/{quote(job, safe='')}") if isinstance(job, str) else job
        job = self._followed("job", job, timeout_s, tell)
        if job["note"]:
            self._on_message(job["note"])
        for result in job["results"]:
            if result["problem"] is not None:
                whose = f"{result['account']['account']} on " if result["account"] else ""
                self._on_message(f"{whose}{result['topic']}: {result['problem']['detail']}")
        if job["status"] != "succeeded":
            raise failed("job", job)
        return job

    def documents(self, job: Answer) -> list[bytes]:
        """Return the documents of a job that has ended, with all their evidence, as they are served."""
        if any(result["board_id"] for result in job["results"]):
            raise ClientError("this job ranked everybody: read its rows with `board`")
        urls = [result["score_url"] for result in job["results"] if result["score_url"] is not None]
        return [self._call("GET", url, params={"evidence": "all"}).content for url in urls]

    def score(self, score_id: str) -> Answer:
        """Return a score document by its id, with all its evidence."""
        return self._json("GET", f"/v1/scores/{quote(score_id, safe='')}", params={"evidence": "all"})

    def comparison(self, score_id: str, other: str) -> Answer:
        """Return two scores side by side, by their ids."""
        return self._json("GET", "/v1/comparisons", params={"score": [score_id, other]})

    def history(self, network: str, account: str, **asked: Any) -> Iterator[Answer]:  # noqa: ANN401 JSON
        """Yield the scores of an account over time: `topic=`, maybe `trust_root=`."""
        for page in self._pages(f"/v1/accounts/{quote(network, safe='')}/{quote(account, safe='')}/history", asked):
            yield from page["data"]

    def board(self, job: Answer | str, *, topic: str | None = None, kind: str = "people") -> list[Answer]:
        """Return all rows of a board, by its id, or of the job that ranked everybody: on that topic, or its first.

        Organisations and bots are left out, as on pages, unless `kind` is `all` or one of them. How many were, and why
        a board has no rows, is told to `on_message`.
        """
        rows: list[Answer] = self.whole_board(job, topic=topic, kind=kind)["data"]
        return rows

    def whole_board(self, job: Answer | str, *, topic: str | None = None, kind: str = "people") -> Answer:
        """Return a board as `board` does, with what is known of it: `{"board": …, "data": rows}`."""
        address = f"/v1/boards/{quote(job, safe='')}" if isinstance(job, str) else _board_of(job, topic)
        found = self._json("GET", address, params={"kind": kind, "format": "json"})
        if found["board"]["note"]:
            self._on_message(found["board"]["note"])
        if found["left_out"]:
            counted = ", ".join(f"{each} {n}" for each, n in found["left_out"].items())
            self._on_message(f"Not listed, but counted in the places: {counted}. kind='all' lists everybody.")
        return found

    def board_frame(self, job: Answer | str, *, topic: str | None = None, kind: str = "people") -> Any:  # noqa: ANN401 pandas is not ours
        """Return a board as a DataFrame of pandas, in columns such as `expertise_score`. Needs pandas."""
        try:
            pandas = import_module("pandas")
        except ImportError:
            raise ClientError("a board as a DataFrame needs pandas: pip install pandas") from None
        frame = pandas.json_normalize(self.board(job, topic=topic, kind=kind), sep="_")
        return frame.drop(columns=["expertise_interval", "interest_interval"], errors="ignore")  # null without a number

    def messages(self, topic: str, **asked: Any) -> Iterator[Answer]:  # noqa: ANN401 JSON
        """Yield the messages on a topic, the most taken up first: `dataset=`, `trust_root=`, maybe `as_of=`."""
        for page in self._pages(f"/v1/topics/{quote(topic, safe='')}/messages", asked):
            yield from page["data"]

    def message(self, url: str) -> tuple[Answer, list[Answer]]:
        """Return a message and all steps of its path, from the `message_url` of a row."""
        pages = list(self._pages(url, {}))
        return pages[0]["message"], [step for page in pages for step in page["data"]]

    def _pages(self, path: str, asked: dict[str, Any]) -> Iterator[Answer]:
        """Yield the pages of a list; where a job makes it, follow the job first."""
        given: dict[str, Any] = {"limit": 100, **asked}
        while True:
            answer = self._call("GET", path, params=given)
            if answer.status_code == ACCEPTED:
                self.wait(json_of(answer))
                continue
            page = json_of(answer)
            yield page
            if not page["has_more"]:
                return
            given["cursor"] = page["next_cursor"]

    def _send(self, method: str, path: str, records: Records, given: dict[str, Any]) -> Answer:
        if isinstance(records, str | Path):
            with _opened(records) as file:
                return self._json(method, path, params=given, data=file, headers=_FILE)
        encode = msgspec.json.Encoder().encode
        with tempfile.TemporaryFile() as packed:
            with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as lines:
                lines.writelines(encode(_checked(record)) + b"\n" for record in records)
            packed.seek(0)
            return self._json(method, path, params=given, data=packed, headers=_LINES)

    def _json(self, method: str, path: str, **options: Any) -> Answer:  # noqa: ANN401 # as requests takes them
        return json_of(self._call(method, path, **options))

    def _followed(
        self, what: str, begun: Answer, timeout_s: float, tell: Callable[[Answer], None] = lambda _: None
    ) -> Answer:
        """Look at something until it has ended, and tell of each look. Raises ClientError after that time."""
        pause_s, until = SHORTEST_POLL_S, time.monotonic() + timeout_s
        while begun["status"] in UNFINISHED:
            if time.monotonic() >= until:
                raise ClientError(f"the {what} {begun['id']} has not ended within {timeout_s:g} seconds")
            time.sleep(pause_s)
            pause_s = min(LONGEST_POLL_S, pause_s * 1.5)
            begun = self._polled(begun["urls"]["self"], until)
            tell(begun)
        return begun

    def _polled(self, path: str, until: float) -> Answer:
        """Ask how far something is; a service that is busy or starts again meanwhile is asked again for some time."""
        for _ in range(MOST_FAILED_POLLS):
            try:
                return self._json("GET", path)
            except BusyError as error:
                if time.monotonic() + error.pause_s >= until:
                    raise
                time.sleep(error.pause_s)
        return self._json("GET", path)

    def _call(self, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401 # as requests takes them
        try:
            answer = self._session.request(
                method, self._url + path, timeout=(CONNECT_S, ANSWER_S), allow_redirects=False, **options
            )
        except requests.RequestException as error:
            raise BusyError(f"the service at {self._url} cannot be reached: {cause(error)}") from None
        if answer.is_redirect:  # what is sent would arrive as a question without it
            raise ClientError(
                f"{self._url} sends to {answer.headers['Location']}: give the address of the service itself"
            )
        if answer.status_code < FIRST_ERROR:
            return answer
        raise refusal(answer)


def _opened(path: str | Path) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise ClientError(f"the file {path} cannot be read: {error.strerror}") from None


def _checked(record: object) -> object:
    """Return a record. Raises ClientError for text and the like, such as the columns of a DataFrame."""
    if isinstance(record, dict | msgspec.Struct):
        return record
    raise ClientError(f"records are dicts or Activity structs, or the path of a file; {record!r} is none")


def _written(said: bool | str) -> str:  # noqa: FBT001 one value of a query
    return said if isinstance(said, str) else str(said).lower()


def _board_of(job: Answer, topic: str | None) -> str:
    if "results" not in job:
        raise ClientError("this is no job: give what `ask` or `wait` returned, or the id of a board")
    if job["status"] in {"queued", "running"}:
        raise ClientError(f"the job {job['id']} has not ended: wait for it first")
    found = [result for result in job["results"] if result["board_url"] and topic in {None, result["topic"]}]
    if not found:
        raise ClientError("the job made no board" + (f" on {topic}" if topic else ""))
    address: str = found[0]["board_url"]
    return address
