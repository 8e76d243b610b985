"""`python -m service.openapi` writes the example of a score, then the API's description as it is served."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from candor.scoring.activity import Activity
from candor.scoring.document import brief, encode
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from service.description import as_yaml

_CUBESATS = Topic(id="cubesats", label="CubeSats", terms=("cubesat", "nanosatellite"), hashtags=("cubesat",))
_ASKERS = ("u1", "u2", "u3", "u4", "u5")
_ANSWERER = "u19"

EXAMPLE_PATH = Path(__file__).parent / "api" / "score_example.json"
PATH = Path(__file__).parent.parent / "openapi.yaml"


def make_example() -> bytes:
    """Return the document of somebody whom five trusted people asked, as it is served."""
    root = TrustRoot(
        kind="accounts",
        network="custom:space",
        accounts=tuple(RootAccount(account=asker) for asker in _ASKERS),
        id="engineers",
    )
    question = Question(
        network="custom:space",
        accounts=(_ANSWERER,),
        topics=(_CUBESATS,),
        trust_root=root,
        as_of=datetime(2026, 6, 1, tzinfo=UTC),
        profile="forum",
        contact="scores@example.org",
    )
    document = next(score(_records(), question, load_method()))
    return msgspec.json.format(encode(brief(document)), indent=1) + b"\n"


def _records() -> list[Activity]:
    records = []
    for month, asker in enumerate(_ASKERS, start=1):
        asked = datetime(2026, month, 1, 12, tzinfo=UTC)
        text = "How do I size a cubesat battery?"
        answered = f"Start from the eclipse time, case {month}."
        question, answer, taken = f"q{month}", f"a{month}", f"c{month}"
        records += [
            Activity(id=question, actor=asker, type="question", published=asked, content=text),
            Activity(
                id=answer,
                actor=_ANSWERER,
                type="answer",
                object=question,
                published=asked + timedelta(hours=1),
                content=answered,
            ),
            Activity(id=taken, actor=asker, type="accept", object=answer, published=asked + timedelta(days=1)),
        ]
    return records


if __name__ == "__main__":
    EXAMPLE_PATH.write_bytes(make_example())
    PATH.write_text(as_yaml(), encoding="utf-8")
