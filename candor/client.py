"""A client of the interface over HTTP: uploads records, submits a job, follows it and returns its documents."""

from __future__ import annotations

import gzip
import secrets
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote

import msgspec
import requests

from candor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from candor.scoring.activity import Activity

CONNECT_S = 5.0
ANSWER_S = 600.0
SHORTEST_POLL_S = 0.05
LONGEST_POLL_S = 1.0
UNPROCESSABLE = 422
FIRST_ERROR = 400
USAGE = 2


class ClientError(OperatorError):
    """The service refused, failed or cannot be reached; the message holds its own words where there are any."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Client:
    """Talks to one service, with a key if it needs one. Its methods raise ClientError.

    `on_message` is told in a sentence what a caller may want to know meanwhile.
    """

    def __init__(self, url: str, on_message: Callable[[str], None], key: str | None = None) -> None:
        self._on_message = on_message
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False  # a key must not be replaced by what stands in a .netrc
        if key is not None:
            self._session.headers["Authorization"] = f"Bearer {key}"

    @contextmanager
    def dataset(
        self, activities: Sequence[Activity], *, network: str, profile: str | None, granted_rights: bool
    ) -> Iterator[str]:
        """Upload the records as a data set of a name of its own, and delete it at the end."""
        name = f"score-{secrets.token_hex(8)}"
        self.put_dataset(name, activities, network=network, profile=profile, granted_rights=granted_rights)
        try:
            yield name
        finally:
            self._call("DELETE", f"/v1/datasets/{name}")

    def put_dataset(
        self,
        name: str,
        activities: Iterable[Activity],
        *,
        network: str,
        profile: str | None,
        granted_rights: bool = False,
    ) -> None:
        """Upload records as a data set of that name."""
        given = {"network": network, "profile": profile, "granted_rights": str(granted_rights).lower()}
        encode = msgspec.json.Encoder().encode
        with tempfile.TemporaryFile() as packed:
            with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as lines:
                lines.writelines(encode(activity) + b"\n" for activity in activities)
            packed.seek(0)
            headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
            self._call("PUT", f"/v1/datasets/{quote(name, safe='')}", params=given, data=packed, headers=headers)

    @contextmanager
    def archive(self, file: BinaryIO, network: str, account: str | None = None) -> Iterator[str]:
        """Upload an export as a data set of a name of its own, and delete it at the end."""
        name = f"score-{secrets.token_hex(8)}"
        given = {"network": network} | ({"account": account} if account else {})
        kind = {"Content-Type": "application/octet-stream"}
        self._call("PUT", f"/v1/datasets/{name}", params=given, data=file, headers=kind)
        try:
            yield name
        finally:
            self._call("DELETE", f"/v1/datasets/{name}")

    def put_trust_root(self, name: str, root: dict[str, Any]) -> None:
        """Keep a trust root under a name."""
        self._call("PUT", f"/v1/trust-roots/{quote(name, safe='')}", json=root)

    def run(self, body: dict[str, Any], on_progress: Callable[[int, int], None]) -> list[bytes]:
        """Submit a job, follow it to its end and return its documents, with all their evidence, as they are served.

        What could not be scored is told to `on_message`. Raises ClientError when nothing was.
        """
        job = self._call("POST", "/v1/jobs", json=body).json()
        pause_s, waits_for = SHORTEST_POLL_S, None
        while job["status"] in {"queued", "running"}:
            time.sleep(pause_s)
            pause_s = min(LONGEST_POLL_S, pause_s * 1.5)
            job = self._call("GET", job["urls"]["self"]).json()
            on_progress(job["progress"]["done"], job["progress"]["total"])
            if waits_for != (waits_for := job["progress"]["waits_for"]) and waits_for:
                self._on_message(f"Waiting until {job['progress']['until']} for {waits_for}.")
        for result in job["results"]:
            if result["problem"] is not None:
                self._on_message(f"{result['account']['account']} on {result['topic']}: {result['problem']['detail']}")
        if job["status"] != "succeeded":
            raise ClientError(f"the job {job['status']}: {(job['error'] or {}).get('detail', 'no reason is given')}")
        urls = [result["score_url"] for result in job["results"] if result["score_url"] is not None]
        return [self._call("GET", url, params={"evidence": "all"}).content for url in urls]

    def _call(self, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401 # as requests takes them
        try:
            answer = self._session.request(method, self._url + path, timeout=(CONNECT_S, ANSWER_S), **options)
        except requests.RequestException as error:
            raise ClientError(f"the service at {self._url} cannot be reached: {_cause(error)}") from None
        if answer.status_code < FIRST_ERROR:
            return answer
        raise _refusal(answer)


def _cause(error: BaseException) -> str:
    """Dig out what requests and urllib3 wrapped, which is what a reader understands."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _refusal(answer: requests.Response) -> ClientError:
    try:
        problem = answer.json()
        faults = [f"{fault['pointer']}: {fault['detail']}" for fault in problem.get("errors", ())]
        words = "; ".join([problem["detail"], *faults])
    except (ValueError, TypeError, KeyError, AttributeError):
        return ClientError(f"{answer.url} answered {answer.status_code}, and not as Candor does")
    unprocessable = answer.status_code == UNPROCESSABLE
    return ClientError(words, USAGE) if unprocessable else ClientError(f"{words} ({answer.status_code})")
