"""What an ActivityStreams archive says was changed later: the last text counts, and what was deleted is gone."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from candor.formats.activitystreams import read_streams

ADA = "https://m.example/users/ada"
EVERYBODY = "https://www.w3.org/ns/activitystreams#Public"


def post(day: int, text: str, **more: str) -> dict[str, Any]:
    written = {"published": f"2026-01-0{day}T10:00:00Z", "to": [EVERYBODY], "content": text}
    return {"id": f"{ADA}/statuses/{day}", "type": "Note", "attributedTo": ADA, **written, **more}


def act(kind: str, told: object, day: int) -> dict[str, Any]:
    done = {"published": f"2026-01-0{day}T11:00:00Z", "to": [EVERYBODY], "object": told}
    return {"id": f"{ADA}/{kind}{day}", "type": kind, "actor": ADA, **done}


ACTIVITIES = [
    act("Create", post(1, "old"), 1),
    act("Update", post(1, "newer", updated="2026-01-02T10:00:00Z"), 2),
    act("Update", post(1, "newest", updated="2026-01-03T10:00:00Z"), 3),
    act("Create", post(2, "gone"), 2),
    act("Delete", {"id": f"{ADA}/statuses/2", "type": "Tombstone"}, 4),
    act("Announce", "https://b.example/1", 5),
    act("Undo", {"id": f"{ADA}/Announce5", "type": "Announce"}, 6),
    act("Update", post(7, "without its beginning"), 8),
    act("Create", post(8, "stays"), 8),
    act("Update", {"id": ADA, "type": "Person"}, 9),
    act("Delete", f"{ADA}/statuses/99", 9),
]


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("step", [1, -1], ids=["oldest_first", "newest_first"])
def test_the_last_text_of_a_post_counts_and_what_was_deleted_or_taken_back_is_gone(step, large):
    raw = json.dumps({"type": "OrderedCollection", "orderedItems": ACTIVITIES[::step]}).encode()
    reading = read_streams(io.BytesIO(raw) if large else raw)
    found = [(each.type, each.content, f"{each.published:%d %H}") for each in reading.activities]
    assert found == [
        ("note", "newest", "01 11"),
        ("note", "without its beginning", "07 10"),
        ("note", "stays", "08 11"),
    ]
    assert dict(reading.left_out) == {"deleted": 2, "other": 2}
