"""Services: two whose pages are looked at, one with the sample and a strange community, one that asks for a key."""

from __future__ import annotations

import itertools
import json
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from werkzeug.serving import make_server

from candor import sample
from candor.settings import Settings
from candor.store import open_store
from candor.store.embedded import EmbeddedServer
from service.app import create_app
from service.problem_kinds import PROBLEMS
from service.problems import Fault, ProblemError
from service.stack import temporary_stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Flask

KNOWN = "dataset=sample&trust_root=sample&as_of=2026-11-01T00:00:00Z"
STRANGE, NETWORK = "strange", "custom:strange"
SEEN = {"published": "2025-01-01T00:00:00Z"}
LONG_LABEL = "The care and repair of very long bridges over cold northern fjords"[:60].strip()
NAMES = (
    "Ana",
    "محمد بن عبد الرحمن الأندلسي",
    "שירה כהן־לוי",
    "🦊🚀✨",
    "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswessenschafe",
    "Dr. Maria Theresia Walburga Amalia Christina von und zu Hohenstein-Rothenburg (they/them)",
    "<b>Bobby</b> & “Tables”",
    "李小龍",
)
PEOPLE, ANSWERS = 1_000, 3
STATUSES = {403, 404, 410, 413, 422, 429, 500, 503}
WAIT_S = 120


@contextmanager
def open_service(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Run a whole service with workers; yield its address, and its pages by name."""
    with temporary_stack(Settings()) as stack, requests.Session() as session:
        yield stack.url, _sample_pages(session, stack.url) | _strange_pages(session, stack.url, folder)


@contextmanager
def guarded_service() -> Iterator[tuple[str, dict[str, str]]]:
    """Run a service that asks for a key and has no workers; yield its address, and what it shows without a key."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder) / "valkey") as valkey:
        settings = Settings(host="0.0.0.0", operator_contact="ada@example.org", data_dir=Path(folder))  # noqa: S104 it asks for a key
        store = open_store(valkey.url, settings.data_dir)
        app = create_app(settings, store)
        _raise_on_request(app)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        code = store.claims.make_code(sample.NETWORK, sample.EXPERT)
        try:
            yield (
                f"http://127.0.0.1:{server.port}",
                {
                    "about-me": "/about-me",
                    "about-me-code": f"/about-me/code?code={code}",
                    "sign-in": "/sign-in",
                    **{f"problem-{kind.status}": f"/look/{kind.code}" for kind in PROBLEMS if kind.status in STATUSES},
                },
            )
        finally:
            server.shutdown()
            thread.join()
            store.close()


def _raise_on_request(app: Flask) -> None:
    def fail(code: str) -> str:
        raise ProblemError(code, f"Made to look at: {code}.", (Fault("/topic", "choose a topic"),))

    app.add_url_rule("/look/<code>", "look", fail)


def _sample_pages(session: requests.Session, url: str) -> dict[str, str]:
    asked = _press(session, f"{url}/sample", {})
    jobs = session.get(f"{url}/v1/jobs").json()["data"]
    ranked = next(job["id"] for job in jobs if not job["request"]["accounts"])
    _end(session, url, ranked)
    made = _end(session, url, asked)
    cards = {result["account"]["account"]: f"/card/{result['score_id']}" for result in made["results"]}
    expert, keen, ring = (cards[who] for who in (sample.EXPERT, sample.ENTHUSIAST, sample.RING_CENTRE))
    both = "&".join(f"score={card.rpartition('/')[2]}" for card in (expert, keen))
    nobody = {"accounts": [{"network": sample.NETWORK, "account": "nobody-of-that-name"}], "dataset": "sample"}
    failed = _submit(session, url, nobody | {"topics": [sample.TOPIC], "trust_root": "sample"})
    pages = {
        "home": "/",
        "step-2": "/?dataset=sample",
        "step-3": "/?dataset=sample&topic=space-technology",
        "step-3-named": "/?dataset=sample&topic=space-technology&trust_root=named&q=a&pick=p01",
        "progress": f"/progress/{asked}",
        "progress-nobody": f"/progress/{failed}",
        "card": expert,
        "card-keen": keen,
        "card-null": ring,
        "dispute": f"{expert}/dispute",
        "badge": f"{expert}/badge",
        "earned": f"{expert}/messages",
        "map": "/map?dataset=sample&topic=space-technology&trust_root=sample",
        "maps": "/map",
        "no-map": "/map?dataset=sample&topic=cooking&trust_root=none",
        "compare": f"/compare?{both}",
        "compare-null": f"/compare?{both.partition('&')[0]}&score={ring.rpartition('/')[2]}",
        "history": "/history/custom:demo/p03?topic=space-technology",
        "history-topics": "/history/custom:demo/p03",
        "calculator": f"/calculator?score={expert.rpartition('/')[2]}",
        "questions": "/questions",
        "questions-answered": "/questions?dataset=sample&text=Which+rocket+engine+burns+methane&as_of=2026-11-01",
        "questions-open": "/questions/open?dataset=sample&as_of=2026-11-01",
        "questions-for": "/questions/for/custom:demo/p03?dataset=sample&as_of=2026-11-01",
        "messages": f"/messages?{KNOWN}&topic=space-technology",
        "message": "/message/sample/s0007?trust_root=sample&as_of=2026-11-01T00:00:00Z",
        "topics": f"/topics?{KNOWN}&without=p03",
        "topics-person": f"/topics/custom:demo/p03?{KNOWN}",
        "method": "/method",
        "model-card": "/model-card",
        "kept": "/kept",
        "problems": "/problems/",
        "docs": "/docs",
        "missing": "/card/sc_nothing",
        "wrong": "/compare?score=sc_one",
    }
    for page in pages.values():
        session.get(f"{url}{page}", headers={"Accept": "text/html", "Prefer": "wait=60"}, timeout=WAIT_S)
    return pages


def _strange_pages(session: requests.Session, url: str, folder: Path) -> dict[str, str]:
    """Bring a thousand people with strange names and a long topic; return the pages that show them."""
    file = folder / "strange.ndjson"
    file.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in _strange_records()))
    with file.open("rb") as body:
        session.put(
            f"{url}/v1/datasets/{STRANGE}",
            params={"network": NETWORK, "profile": "forum"},
            data=body,
            headers={"Content-Type": "application/x-ndjson"},
        ).raise_for_status()
    topic = {"id": "long", "label": LONG_LABEL, "terms": ["bridge"]}
    root = {"kind": "accounts", "network": NETWORK, "accounts": [{"account": f"u{n}"} for n in range(100, 200)]}
    asked = {"dataset": STRANGE, "topics": [topic], "trust_root": root, "as_of": "2026-11-01T00:00:00Z"}
    board = _end(session, url, _submit(session, url, asked))["results"][0]["board_id"]
    people = [{"network": NETWORK, "account": f"u{n}"} for n in range(len(NAMES))]
    job = _submit(session, url, asked | {"accounts": people})
    cards = [result["score_id"] for result in _end(session, url, job)["results"]]
    return {
        "strange-map": f"/map?board={board}",
        "dataset": f"/dataset/{STRANGE}",
        "strange-map-by-interest": f"/map?board={board}&order=interest",
        "strange-progress": f"/progress/{job}",
        "strange-card-rtl": f"/card/{cards[1]}",
        "strange-card-long": f"/card/{cards[4]}",
        "strange-compare": f"/compare?score={cards[4]}&score={cards[5]}",
        "strange-step-2": f"/?dataset={STRANGE}",
        "strange-step-3": f"/?dataset={STRANGE}&topic=space-technology&trust_root=named&q=u&pick=u4&pick=u1",
    }


def _strange_records() -> Iterator[Mapping[str, Any]]:
    """Yield accounts, and their questions with accepted answers; the first of them answer most."""
    for n in range(PEOPLE):
        name = NAMES[n] if n < len(NAMES) else f"Person {n}"
        followers = 10**9 if n < ANSWERS else n
        yield {"type": "account", "actor": f"u{n}", "name": name, "kind": "person", "followers": followers} | SEEN
    for n, turn in itertools.product(range(PEOPLE), range(ANSWERS)):
        helper = (n * 7 + turn * turn) % (len(NAMES) if turn else 60)
        if helper != n:
            yield from _answered(
                f"{n}-{turn}", f"u{n}", f"u{helper}", f"2026-{1 + (n + turn) % 10:02d}-{1 + n % 28:02d}"
            )


def _answered(name: str, asker: str, helper: str, day: str) -> Iterator[Mapping[str, Any]]:
    """Yield a question, its answer and that it was accepted."""
    question, answer = {"id": f"q{name}", "actor": asker}, {"id": f"a{name}", "actor": helper}
    yield {"type": "question", "published": f"{day}T08:00:00Z", "content": "Which bolts for a bridge?"} | question
    yield {"type": "answer", "published": f"{day}T09:00:00Z", "content": "Long ones.", "object": f"q{name}"} | answer
    yield {"type": "accept", "published": f"{day}T10:00:00Z", "id": f"k{name}", "actor": asker, "object": f"a{name}"}


def _press(session: requests.Session, address: str, form: Mapping[str, str]) -> str:
    """Press a button of the first page; return the id of the job that it leads to."""
    origin = address.rpartition("/")[0]
    page = session.get(origin, headers={"Accept": "text/html"}).text
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    answer = session.post(address, data={**form, "csrf": token}, allow_redirects=False)
    return answer.headers["Location"].rpartition("/")[2]


def _submit(session: requests.Session, url: str, body: Mapping[str, Any]) -> str:
    answer = session.post(f"{url}/v1/jobs", json=body)
    answer.raise_for_status()
    job_id: str = answer.json()["id"]
    return job_id


def _end(session: requests.Session, url: str, job_id: str) -> dict[str, Any]:
    """Return a job that has ended."""
    for _ in range(WAIT_S // 10):
        job: dict[str, Any] = session.get(f"{url}/v1/jobs/{job_id}", headers={"Prefer": "wait=10"}).json()
        if job["status"] not in {"queued", "running"}:
            return job
    raise RuntimeError(f"the job {job_id} did not end")
