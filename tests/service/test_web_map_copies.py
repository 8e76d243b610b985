"""A map on which nobody has an expertise score, as what was recognised repeats earlier texts, says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.store.jobs import part_id
from worker import jobs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

ADVICE = "Clean your tools with hot water and a soft brush before each use, then dry them well."
ONE_OFF = "Hops from last autumn lose their smell within weeks unless you freeze them at once, so buy less."


def weeks(*accepted: str) -> Iterator[bytes]:
    """A thread a day in which somebody gives the same advice, and somebody else now and then something new."""
    for day, each in enumerate(accepted, 1):
        at = f"2026-10-{day:02}T0"
        asked = {"id": f"q{day}", "actor": f"asker{day}", "type": "question", "tags": ["hops"]}
        yield msgspec.json.encode({**asked, "published": f"{at}1:00:00Z", "content": f"How do I brew in week {day}?"})
        for who, text in (("copier", ADVICE), ("helper", ONE_OFF)):
            answer = {"id": f"{who}{day}", "actor": who, "type": "answer", "object": f"q{day}", "content": text}
            yield msgspec.json.encode({**answer, "published": f"{at}2:00:00Z"})
        taken = {"id": f"t{day}", "actor": f"asker{day}", "type": "accept", "object": f"{each}{day}"}
        yield msgspec.json.encode({**taken, "published": f"{at}3:00:00Z"})


def test_copies_are_named_beside_what_else_is_missing(client: FlaskClient, worker: None) -> None:
    strangers = {"kind": "accounts", "network": "custom:town", "accounts": [{"account": "stranger"}]}
    page, kept = map_of(client, b"\n".join(weeks(*("copier",) * 4)), strangers)
    assert "none of the people you trust, and none of those they vouch for, used anyone's help on this topic" in page
    assert "Besides, 3 posts that others recognised are not counted, as they repeat earlier texts" in page
    assert kept == 3


def test_where_nothing_is_repeated_no_copies_are_named(client: FlaskClient, worker: None) -> None:
    page, kept = map_of(client, b"\n".join(weeks()) + next(weeks("helper")))
    assert "too little of anyone's help being used on this topic" in page
    assert "Besides" not in page
    assert kept == 0


def test_where_all_that_was_recognised_are_copies_the_map_names_them_alone(client: FlaskClient, worker: None) -> None:
    lines = [line for line in weeks(*("copier",) * 4) if b'"t1"' not in line]
    page, kept = map_of(client, b"\n".join(lines))
    assert "the 3 posts on this topic that others recognised repeat earlier texts nearly word for word" in page
    assert "too little" not in page
    assert kept == 3


def map_of(client: FlaskClient, records: bytes, root: Any = "network") -> tuple[str, int]:
    """The page of a map of these records, and how many copies its board counts; everyone counts equally by default."""
    put = client.put(
        "/v1/datasets/town?network=custom:town&profile=qa", data=records, content_type="application/x-ndjson"
    )
    assert put.status_code == 201
    job = client.post("/v1/jobs", json={"topics": ["tag:hops"], "dataset": "town", "trust_root": root}).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    board_id = client.get(f"/v1/jobs/{job['id']}").json["results"][0]["board_id"]
    board = client.get(f"/v1/boards/{board_id}").json["board"]
    shown = client.get(f"/map?board={board_id}&lang=en", headers={"Accept": "text/html"})
    return shown.get_data(as_text=True).replace("&#39;", "'"), board["copies"]
