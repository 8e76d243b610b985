"""Fixtures of the browser: Debian's chromium against a whole service, and a page that tolerates no trouble."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import make_server

from candor.settings import Settings
from service.app import create_app
from tests.integration.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

    from candor.store import Store

DESKTOP, PHONE = (1280, 900), (360, 740)
PATIENCE_MS = 20_000
NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
STATUS_LINE = "Failed to load resource: the server responded with a status of"


@dataclass
class Watch:
    """What a page did that it should not have."""

    host: str
    faults: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        """Note errors and warnings; that a page was asked for and refused is no fault of the page."""
        if message.type in ("error", "warning") and not message.text.startswith(STATUS_LINE):
            self.faults.append(f"console: {message.text}")

    def request(self, request: Request) -> None:
        """Note what went to another host."""
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.netloc != self.host:
            self.faults.append(f"request to {request.url}")


class NewPage(Protocol):
    """Opens a page that is watched until the test ends."""

    def __call__(
        self,
        *,
        size: tuple[int, int] = ...,
        language: str = ...,
        scheme: str = ...,
        at: str | None = ...,
        script: bool = ...,
    ) -> Page: ...


@dataclass(frozen=True)
class SampleScores:
    """Addresses of pages about the made-up community."""

    expert: str
    enthusiast: str
    ring_centre: str
    map: str
    progress: str
    messages = "/messages?dataset=sample&topic=space-technology&trust_root=sample&as_of=2026-11-01T00:00:00Z"
    message = "/message/sample/s0007?trust_root=sample&as_of=2026-11-01T00:00:00Z"

    @property
    def comparison(self) -> str:
        """The expert and the enthusiast side by side."""
        ids = [card.rpartition("/")[2] for card in (self.expert, self.enthusiast)]
        return "/compare?" + "&".join(f"score={score_id}" for score_id in ids)

    @property
    def calculator(self) -> str:
        """The calculator with the expert's values."""
        return "/calculator?score=" + self.expert.rpartition("/")[2]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this machine, once for all tests."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    assert path is not None, "there is no chromium; `apt-get install chromium` brings one"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def url(bin_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A whole service on loopback, with workers."""
    shell = Shell(tmp_path_factory.mktemp("browser"), bin_dir)
    yield shell.up()[1]
    shell.close()


@pytest.fixture(scope="session")
def scores(url: str) -> SampleScores:
    """The sample, scored as the page's button asks for it."""
    with requests.Session() as session:
        token = (
            session.get(url, headers={"Accept": "text/html"}).text.partition('name="csrf" value="')[2].partition('"')[0]
        )
        asked = session.post(f"{url}/sample", data={"csrf": token}, allow_redirects=False)
        ranked = next(job for job in session.get(f"{url}/v1/jobs").json()["data"] if not job["request"]["accounts"])
        wait_for(session, url, ranked["id"])
        explained = wait_for(session, url, asked.headers["Location"].rpartition("/")[2])
        for page in (SampleScores.messages, SampleScores.message):
            session.get(f"{url}{page}", headers={"Prefer": "wait=20"})  # found now, so that no test meets the job
    cards = {result["account"]["account"]: f"/card/{result['score_id']}" for result in explained["results"]}
    return SampleScores(
        expert=cards["p03"],
        enthusiast=cards["p08"],
        ring_centre=cards["p42"],
        map="/map?dataset=sample&topic=space-technology&trust_root=sample",
        progress=f"/progress/{ranked['id']}",
    )


def wait_for(session: requests.Session, url: str, job_id: str) -> dict[str, Any]:
    """Ask until the job has ended; its page holds the answer meanwhile."""
    for _ in range(30):
        session.get(f"{url}/progress/{job_id}", headers={"Prefer": "wait=10"}, allow_redirects=False)
        job: dict[str, Any] = session.get(f"{url}/v1/jobs/{job_id}").json()
        if job["status"] not in {"queued", "running"}:
            return job
    raise AssertionError(job)


@pytest.fixture
def new_page(browser: Browser, url: str) -> Iterator[NewPage]:
    """Opens pages in contexts of their own; at the end none of them may have had an error or asked another host."""
    opened = []

    def open_page(
        *,
        size: tuple[int, int] = DESKTOP,
        language: str = "en-GB",
        scheme: str = "light",
        at: str | None = None,
        script: bool = True,
    ) -> Page:
        base = at or url
        context = browser.new_context(
            base_url=base,
            viewport={"width": size[0], "height": size[1]},
            locale=language,
            color_scheme=scheme,  # type: ignore[arg-type] # light or dark
            java_script_enabled=script,
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        watch = Watch(urlsplit(base).netloc)
        page.on("console", watch.console)
        page.on("pageerror", lambda error: watch.faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: watch.faults.append(f"dialog: {dialog.message}"))
        page.on("request", watch.request)
        opened.append((context, watch))
        return page

    yield open_page
    for context, _ in opened:
        context.close()
    assert [watch.faults for _, watch in opened if watch.faults] == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A page on a desktop, in English, in light."""
    return new_page()


@pytest.fixture
def guarded_url(store: Store, data_dir: Path) -> Iterator[str]:
    """A service that asks for a key, as one does that others can reach; it has no workers."""
    yield from serve(Settings(host="0.0.0.0", operator_contact="ada@example.org", data_dir=data_dir), store)


@pytest.fixture
def idle_url(store: Store, data_dir: Path) -> Iterator[str]:
    """A service on loopback whose jobs wait, because it has no workers."""
    yield from serve(Settings(data_dir=data_dir), store)


def serve(settings: Settings, store: Store) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(settings, store), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
