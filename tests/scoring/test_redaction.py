"""Redaction: a name is out of the evidence, every number stays, and whoever verifies is told."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec
import pytest
from golden.communities import COMMUNITIES
from golden.records import Diary
from test_verify import RICH
from verify_cases import changed, full, numbers, short, value_at

from candor.names.account_text import chosen_name
from candor.scoring.document import ScoreDocument, encode
from candor.scoring.method import load_method
from candor.scoring.redaction import DataSubject, redact_document
from candor.scoring.score import score
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.verify import examine, verify
from candor.scoring.verify.digests import digests
from candor.store.table_merge import joined_texts

Json = dict[str, Any]
AT = "2026-11-02T00:00:00Z"
FORMS = [pytest.param(form, name, id=f"{form.__name__} {name}") for form in (full, short) for name in RICH]


def without(document: Json, *names: str) -> Json:
    redacted = redact_document(document, DataSubject(network=document["account"]["network"], names=names), AT)
    assert redacted is not None
    return redacted


def voices(document: Json) -> list[Json]:
    return document["expertise"]["evidence"]


def backers(document: Json) -> list[Json]:
    return document["expertise"]["backers"]


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_whoever_is_erased_the_numbers_still_meet(form: Any, name: str) -> None:
    document = form(name)
    for person in {voice["by"] for voice in voices(document)}:
        assert verify(without(document, person)) == []


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_erased_one_after_the_other_the_numbers_still_meet(form: Any, name: str) -> None:
    document = form(name)
    for person in sorted({voice["by"] for voice in voices(document)}):
        document = without(document, person)
    assert {voice["by"] for voice in voices(document)} == {"erased"}
    assert verify(document) == []


@pytest.mark.parametrize("name", RICH)
def test_no_number_changes(name: str) -> None:
    document = full(name)
    redacted = without(document, voices(document)[0]["by"])
    assert [value_at(redacted, path) for path in numbers(document)] == [
        value_at(document, path) for path in numbers(document)
    ]


@pytest.mark.parametrize("name", RICH)
def test_the_name_is_nowhere(name: str) -> None:
    document = full(name)
    person = voices(document)[0]["by"]
    subject = DataSubject(network="", names=(person,))
    assert subject.occurs_in(json.dumps(document))
    assert not subject.occurs_in(json.dumps(without(document, person)))


@pytest.mark.parametrize("what", ["url", "record"])
def test_the_links_and_records_of_the_erased_are_erased_and_those_of_others_stay(what: str) -> None:
    document = with_links(full("qa ada"))
    person = voices(document)[0]["by"]
    for before, after in zip(voices(document), voices(without(document, person)), strict=True):
        left = {act[what] for act in after["acts"]}
        assert left == ({"erased"} if before["by"] == person else {act[what] for act in before["acts"]})


def test_a_link_of_another_that_holds_the_name_is_erased_too() -> None:
    document = with_links(full("qa ada"))
    assert without(document, "repository")
    assert {act["url"] for voice in voices(without(document, "repository")) for act in voice["acts"]} == {"erased"}


def with_links(document: Json) -> Json:
    evidence = [
        {**voice, "acts": [{**act, "url": f"https://repository.example/{act['of']}"} for act in voice["acts"]]}
        for voice in voices(document)
    ]
    document = changed(document, ("expertise", "evidence"), evidence)
    return {**document, "digests": digests(document)}


@pytest.mark.parametrize("name", RICH)
def test_contributions_whose_ids_hold_the_name_can_still_be_told_apart(name: str) -> None:
    document = full(name)
    evidence = [
        {**voice, "acts": [{**act, "of": f"carol/shop#{act['of']}"} for act in voice["acts"]]}
        for voice in voices(document)
    ]
    document = changed(document, ("expertise", "evidence"), evidence)
    redacted = without({**document, "digests": digests(document)}, "carol")
    assert "carol" not in json.dumps(redacted)
    assert verify(redacted) == []


def test_gaps_that_name_the_erased_name_nobody_then_and_their_digest_holds() -> None:
    document = changed(full("qa ada"), ("inputs", "gaps"), ["acts of @bo@b.example: the first 3"])
    document = {**document, "digests": digests(document)}
    redacted = without(document, "@bo@b.example")
    assert redacted["inputs"]["gaps"] == ["acts of erased: the first 3"]
    assert verify(redacted) == []
    assert "names" in redacted["digests"]


def test_why_an_account_is_of_its_kind_names_the_erased_name_nobody_then_and_its_digest_holds() -> None:
    document = changed(full("qa ada"), ("account", "kind_reason"), "the operator says: bot of @bo@b.example")
    redacted = without({**document, "digests": digests(document)}, "@bo@b.example")
    assert redacted["account"]["kind_reason"] == "the operator says: bot of erased"
    assert verify(redacted) == []


@pytest.mark.parametrize("form", [full, short])
def test_somebody_erased_is_nameless_among_those_whose_trust_it_rests_on_and_nothing_else_changes(form: Any) -> None:
    document = form("microblog nova")
    person = backers(document)[0]["by"]
    redacted = without(document, person)
    assert backers(redacted) == [
        {**row, "by": "erased" if row["by"] == person else row["by"]} for row in backers(document)
    ]
    assert document["digests"].items() - redacted["digests"].items() == {("names", document["digests"]["names"])}
    assert verify(redacted) == []


def test_somebody_of_the_root_who_said_nothing_and_only_vouched_can_be_erased() -> None:
    document = vouched_for()
    assert {voice["by"] for voice in voices(document)} == {"friend"}
    redacted = without(document, "voucher")
    assert "voucher" not in json.dumps(redacted["expertise"])
    assert "names" not in redacted["digests"]
    assert verify(redacted) == []


def vouched_for() -> Json:
    """A document of u, for whom a friend of the only person of the root spoke."""
    diary = Diary()
    diary.write("accept", "voucher", 9, object=diary.answered("asker", "friend", 10, "how does one prune a rose"))
    diary.write("accept", "friend", 7, object=diary.answered("friend", "u", 8, "does a rose like clay"))
    root = TrustRoot(kind="accounts", accounts=(RootAccount(account="voucher"),))
    question = msgspec.structs.replace(COMMUNITIES["qa"]()[1], accounts=("u",), trust_root=root)
    (document,) = score(diary.records, question, load_method())
    return json.loads(encode(document))


def test_a_document_that_does_not_mention_the_person_stays_as_it_is() -> None:
    assert redact_document(full("qa ada"), DataSubject(network="", names=("nobody-here",)), AT) is None


def test_whoever_verifies_is_told_that_it_was_redacted() -> None:
    document = without(full("qa ada"), voices(full("qa ada"))[0]["by"])
    assert any(AT in words for words in examine(document).checked)


def test_a_redacted_document_is_one_still() -> None:
    document = without(full("qa ada"), voices(full("qa ada"))[0]["by"])
    assert msgspec.convert(document, ScoreDocument).redacted_at == AT


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@ada@a.example", "erased"),
        ("https://a.example/@ada/112", "https://erased/112"),
        ("https://a.example/users/ada", "https://erased"),
        ("reply to ada@a.example.", "reply to erased."),
        ("@adam@a.example", "@adam@a.example"),
        ("@ada@b.example", "@ada@b.example"),
    ],
)
def test_a_federated_name_is_known_in_every_spelling(text: str, left: str) -> None:
    assert DataSubject(network="mastodon", names=("@ada@a.example",)).redact(text) == left


@pytest.mark.parametrize(
    ("network", "name", "text", "left"),
    [
        ("mastodon", "@ada1@a.example", "ask @Ada1@A.example", "ask erased"),
        ("mastodon", "@ada@xn--bcher-kva.example", "ask @ada@B\u00dcCHER.example", "ask erased"),
        ("github", "octo", "thanks @Octo, see github.com/OCTO/x", "thanks @erased, see github.com/erased/x"),
        ("hackernews", "Pg", "Pg is not pg", "erased is not pg"),
        ("custom:x", "caf\u00e9", "at cafe\u0301", "at erased"),
        ("custom:x", "caf\u00e9", "/u/caf%C3%A9 and /u/caf%c3%a9", "/u/erased and /u/erased"),
        ("bluesky", "did:plc:a", "/x%2Fdid%3Aplc%3Aa", "/x%2Ferased"),
        ("custom:x", "Ada von Beck", "by Ada  von\u00a0Beck\nand Ada von Becker", "by erased\nand Ada von Becker"),
    ],
)
def test_a_name_is_known_as_its_network_knows_it_and_in_every_encoding(network, name, text, left) -> None:
    assert DataSubject(network=network, names=(name,)).redact(text) == left


@pytest.mark.parametrize(
    "raw",
    [
        b'{"by": "caf\\u00e9"}',
        b'{"by": "caf\\u00E9"}',
        '{"by": "caf\u00e9"}'.encode(),
        '{"by": "cafe\u0301"}'.encode(),
        b'{"by": "said\\ncaf\\u00e9"}',
        b'{"self": "\\/u\\/caf%C3%A9"}',
    ],
)
def test_json_speaks_of_a_person_however_it_escapes_letters(raw: bytes) -> None:
    assert DataSubject(network="custom:x", names=("caf\u00e9",)).occurs_in_json(raw)
    assert not DataSubject(network="custom:x", names=("af",)).occurs_in_json(raw)


@pytest.mark.parametrize(("text", "left"), [("u1", "erased"), ("u19", "u19"), ("u1-p3", "erased-p3"), ("u1_x", "u1_x")])
def test_a_name_is_a_word_of_its_own(text: str, left: str) -> None:
    assert DataSubject(network="custom:x", names=("u1",)).redact(text) == left


@pytest.mark.parametrize(
    ("text", "named"), [("post_u1_0", True), ("p?by=zed+%c3%bc", True), ("u1_x", True), ("u19", False), ("xu1", False)]
)
def test_an_id_or_address_names_somebody_between_underscores_too(text: str, *, named: bool) -> None:
    assert DataSubject(network="custom:x", names=("u1", "zed ü")).occurs_in(text) is named


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\uff41\uff44\uff41\uff17/1", "erased/1"),
        ("a\u200bda7/1", "erased/1"),
        ("https://h.example/ad\u00ada7?q", "https://h.example/erased?q"),
        ("Ada7 and \uff41\uff44\uff417", "Ada7 and erased"),
        ("ada\u200b78", "ada\u200b78"),
        ("\uff41\uff44\uff41\uff17\uff18", "\uff41\uff44\uff41\uff17\uff18"),
        ("👩\u200d🔧 of ada7", "👩\u200d🔧 of erased"),
    ],
)
def test_a_name_in_full_width_or_with_what_shows_as_nothing_is_the_name(text: str, left: str) -> None:
    subject = DataSubject(network="custom:c", names=("ada7",))
    assert subject.redact(text) == left
    assert subject.occurs_in(text) == (text != left)
    assert subject.may_occur_in(text.encode()) or text == left
    assert subject.may_occur_in(msgspec.json.encode(text)) or text == left


@pytest.mark.parametrize(
    "written",
    [
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
        "zara 👩\u200d👧",
        "mia \u2764\ufe0f\u200d🔥",
        "\u0915\u094d\u200d\u0937",
    ],
)
@pytest.mark.parametrize("way", [str, quote, quote_plus, lambda name: quote(name).lower()])
def test_a_name_with_joiners_is_found_in_addresses_also_where_these_are_percent_encoded(written: str, way: Any) -> None:
    subject = DataSubject(network="custom:c", names=(chosen_name("", written),))
    address = f"https://forum.example/u/{way(written)}/posts"
    assert subject.redact(address) == "https://forum.example/u/erased/posts"
    assert subject.occurs_in_json(msgspec.json.encode({"url": address}))
    assert subject.among(joined_texts(["https://forum.example/u/bo%E2%80%8C", address])) == {address}
