"""What makes a file unreadable and what was missing in a reading is said in French: every message of the code."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import candor
import worker
from candor.formats import _TELLING as TELLING
from candor.formats.compression import _OTHERS as NOT_READ
from candor.names.addresses import REFUSED_V4, REFUSED_V6
from candor.scoring.records import RecordReader
from service.words import words
from tests.service.test_words_of_errors import nodes_of, raised, written

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMATS = Path(candor.__file__).parent / "formats"
NAMES = Path(candor.__file__).parent / "names"
WORKER = Path(worker.__file__).parent
OF_FILES = dict.fromkeys(("ArchiveError", "UnreadableError", "TooLargeError", "OtherColumnsError", "DumpError"), 0)
OF_HOSTS = dict.fromkeys(
    (
        "RefusedAddressError",
        "RefusedError",
        "HostDownError",
        "CircuitOpenError",
        "TooSlowError",
        "AnswerTooLargeError",
        "BadAnswerError",
        "UnauthorisedError",
        "GoneError",
        "RejectedError",
    ),
    1,
)
FRENCH = "say it in French, in service/words/gaps_fr.toml"
FILLED_IN = {"x", "x.", "x: x"}  # nothing but what another message says
OF_LISTS = {"UnknownAccountError": 0}


def all_of(folder: Path, place: dict[str, int]) -> list[str]:
    return sorted({said for path in folder.rglob("*.py") for said in raised(path, place)} - FILLED_IN)


def named_what() -> dict[str, int]:
    """Say which functions of the connectors are told what is read, and at which place."""
    places: dict[str, int] = {}
    for path in WORKER.rglob("*.py"):
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef):
                names = [each.arg for each in node.args.args if each.arg != "self"]
                if "what" in names:
                    places[node.name] = names.index("what")
    return places


def noted() -> Iterator[tuple[str, str]]:
    """Yield each gap that is noted, as what is missing and why; whatever is filled in is x."""
    places = named_what()
    for path in WORKER.rglob("*.py"):
        names: dict[str, list[ast.expr]] = {}
        for node in nodes_of(path):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                names.setdefault(node.targets[0].id, []).append(node.value)
        for node in nodes_of(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in places:
                place = places[node.func.attr]
                whats = written(node.args[place], names) if len(node.args) > place else ()
                whys = written(node.args[place + 1], names) if node.func.attr == "add" and len(node.args) > 1 else ()
                yield from ((what, "") for what in whats)
                yield from (("", why) for why in whys)


ADDRESSES = ("/", "?", "#")  # another function of that name is told an address
RECORD_TYPES = {"note", "question", "reply"}  # another function of that name is told a type


@pytest.fixture(scope="module")
def gaps() -> set[tuple[str, str]]:
    """What is missing and why, as it is noted anywhere."""
    return set(noted())


@pytest.fixture(scope="module")
def whats(gaps: set[tuple[str, str]]) -> list[str]:
    return sorted(
        {what for what, _ in gaps if what and not any(sign in what for sign in ADDRESSES)} - {"x"} - RECORD_TYPES
    )


@pytest.fixture(scope="module")
def whys(gaps: set[tuple[str, str]]) -> list[str]:
    return sorted({why for _, why in gaps if why} - {"x", "x: x", "x, then x"})


@pytest.mark.parametrize("form", ["Nothing was stored: {}.", "{}", "Nothing was stored: it cannot be read as x: {}."])
def test_what_makes_a_file_unreadable_is_said_in_french(form):
    messages = all_of(FORMATS, OF_FILES)
    assert len(messages) > 50
    assert [each for each in messages if each in words("fr").translate(form.format(each))] == [], FRENCH


@pytest.mark.parametrize("message", [*NOT_READ.values(), *(said for _, said in TELLING)])
def test_what_a_file_is_that_is_not_read_is_said_in_french(message):
    for said in (message, f"{message[:1].upper()}{message[1:]}."):
        assert words("fr").translate(said) != said
    assert message not in words("fr").translate(f"Nothing was stored: {message}.")


@pytest.mark.parametrize(
    "message", ["the JSON ends too early", "the gzip stream is broken: x", "an item is longer than 9 bytes"]
)
def test_a_sentence_is_known_by_its_words_whether_or_not_it_begins_with_a_capital(message):
    plain = words("fr").translate(message)
    sentence = words("fr").translate(f"{message[:1].upper()}{message[1:]}.")
    assert sentence == f"{plain[:1].upper()}{plain[1:]}."


def test_why_a_host_gave_no_answer_is_said_in_french():
    messages = [*all_of(WORKER, OF_HOSTS), *all_of(NAMES, OF_HOSTS)]
    said = {message: words("fr").translate(f"forum.example: {message}.") for message in messages}
    assert {
        message: french
        for message, french in said.items()
        if message in french or not french.startswith("forum.example\u00a0: ")
    } == {}, FRENCH


def test_which_list_cannot_be_read_is_said_in_french():
    messages = all_of(WORKER / "connectors", OF_LISTS)
    assert messages
    assert [message for message in messages if words("fr").translate(message) == message] == [], FRENCH


@pytest.mark.parametrize("reason", dict.fromkeys(said for _, said in (*REFUSED_V4, *REFUSED_V6)))
def test_which_addresses_are_not_public_is_said_in_french(reason):
    said = words("fr").translate(f"x.example: its address is not a public one ({reason})")
    assert "adresse n'est pas publique" in said
    assert f"({reason})" not in said


def test_what_is_missing_is_said_in_french(whats):
    assert len(whats) > 40
    end = "\u00a0: forum.example\u00a0: pas de réponse à temps (3 fois)"
    said = {what: words("fr").translate(f"{what}: forum.example: no answer in time (3 times)") for what in whats}
    missing = [what for what, french in said.items() if french.startswith(f"{what}: ") or not french.endswith(end)]
    assert missing == [], FRENCH


def test_why_it_is_missing_is_said_in_french(whys):
    assert len(whys) > 20
    said = {why: words("fr").translate(f"posts: {why}") for why in whys}
    assert {
        why: french for why, french in said.items() if why in french or not french.startswith("messages\u00a0: ")
    } == {}, FRENCH


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b'{"id":"a","type":"post","published":"2026-10-01T12:00:00Z"}',
        b'{"id":"a","type":"note","published":"yesterday"}',
        b'{"id":"a","type":"note"}',
        b'{"id":"","type":"note","published":"2026-10-01T12:00:00Z"}',
        b'{"id":3,"type":"note","published":"2026-10-01T12:00:00Z"}',
        b'{"type":"note","published":"2026-10-01T12:00:00Z"}',
        b'{"id":"a","type":"note","published":"2026-10-01T12:00:00Z","value":NaN}',
        b'{"id":"\\ud800","type":"note","published":"2026-10-01T12:00:00Z"}',
        b'{"id":"a","type":"note","published":"2026-10-01T12:00:00Z","visibility":"secret"}',
        b'{"id":"a","type":"note","published":"2026-10-01T12:00:00Z","tags":[1]}',
        b'{"id":"a","type":"note","published":"2026-10-01T12:00:00Z","target_actor":"a/b"}',
        b'{"type":"account","id":"s"}',
        b"[1,2]",
    ],
)
def test_what_is_wrong_with_a_record_is_said_in_french(line):
    reader = RecordReader("github")
    reader.feed([line])
    assert reader.bad
    assert [bad.detail for bad in reader.bad if words("fr").translate(bad.detail) == bad.detail] == [], FRENCH


def test_an_id_that_stands_for_two_records_is_said_in_french():
    reader, line = RecordReader("github"), b'{"id":"a","type":"note","published":"2026-10-01T12:00:0%dZ"}'
    reader.feed([line % 0, line % 1])
    assert words("fr").translate(reader.bad[0].detail).startswith("la contribution 1 a déjà cet identifiant")
