"""Places of boards that are kept: what documents take from them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from candor.scoring.document import Position
from worker import places


def test_a_document_takes_no_place_from_a_row_with_an_estimate(monkeypatch: Any) -> None:
    place = Position(status="placed", rank=2, tied=0, of=3, active=9)
    rows = [
        SimpleNamespace(account=name, standing=standing, position=place)
        for name, standing in (("ada", "exact"), ("bea", "shared"))
    ]
    request = SimpleNamespace(dataset_digest="sha256:1", trust_root=SimpleNamespace(kind="accounts"))
    facts = SimpleNamespace(compared=1, suppressions=0, topic=SimpleNamespace(id="tag:roses"))
    store = SimpleNamespace(
        account_kinds=SimpleNamespace(said=lambda *_: ()),
        boards=SimpleNamespace(get=lambda *_: facts, rows=lambda _: iter(rows)),
        suppression=SimpleNamespace(version=lambda: 0),
    )
    monkeypatch.setattr(places, "replace", lambda request, **_: request)
    monkeypatch.setattr(places, "board_id", lambda *_: "bd_1")
    question: Any = SimpleNamespace(
        community=True, network="custom:x", accounts=("ada", "bea"), topics=(facts.topic,), contested=()
    )
    context: Any = SimpleNamespace(store=store, method_of=lambda _: None)
    job: Any = SimpleNamespace(request=request, owner="o")
    assert places.kept_places(context, job, question) == {"ada": {"tag:roses": place}, "bea": {}}
