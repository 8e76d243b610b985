"""`python -m service.openapi` writes what is made from the code: an example, the first page's card, the description."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from candor import sample
from candor.scoring.activity import Activity
from candor.scoring.document import encode
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.records import RecordReader
from candor.scoring.score import score
from candor.scoring.seals import brief
from candor.scoring.topics import Topic, load_catalogue
from candor.scoring.trust_root import RootAccount, TrustRoot
from service.description import as_yaml

_CUBESATS = Topic(id="cubesats", label="CubeSats", terms=("cubesat", "nanosatellite"), hashtags=("cubesat",))
_ASKERS = ("u1", "u2", "u3", "u4", "u5")
_ANSWERER = "u19"

EXAMPLE_PATH = Path(__file__).parent / "api" / "score_example.json"
SAMPLE_PATH = Path(__file__).parent / "web" / "sample_card.json"
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


def make_sample_card() -> bytes:
    """Return what the first page shows: the sample's expert, without the people behind the score."""
    reader = RecordReader(sample.NETWORK)
    with sample.records_path().open("rb") as lines:
        reader.feed(lines)
    question = Question(
        network=sample.NETWORK,
        accounts=(sample.EXPERT,),
        topics=(load_catalogue()[sample.TOPIC],),
        trust_root=sample.trust_root(),
        as_of=sample.AS_OF,
        profile=sample.PROFILE,
        community=True,
    )
    document = next(score(reader.activities, question, load_method()))
    small = replace(document, expertise=replace(document.expertise, evidence=(), backers=()))
    return msgspec.json.format(msgspec.json.encode(small), indent=1) + b"\n"


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
    SAMPLE_PATH.write_bytes(make_sample_card())
    PATH.write_text(as_yaml(), encoding="utf-8")
