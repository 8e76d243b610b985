"""Scores that travel: signed by the operator, checked by whoever has did.json, and revoked by an erasure."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from candor import signatures
from candor.scoring.redaction import DataSubject
from candor.settings import Settings
from candor.signatures import SignatureError, keys_in, new_key, verify_jws
from service.commands.access import make_signing_key
from service.commands.verify import verify
from tests.service.test_service_about_me import ADA, BO, scored
from worker.held import collect_held

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.scoring.document import ScoreDocument
    from candor.store import Store

# RFC 8037, appendix A
D, X = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
MULTIKEY = "z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"  # the same key, as did:key of W3C's test vectors has it
HOST = "scores.example.org"


@pytest.fixture
def settings() -> Settings:
    return Settings(host="0.0.0.0", signing_host=HOST, signing_key=D, signed_days=30)


@pytest.fixture
def app(share_app: Any, settings: Settings, store: Store) -> Any:
    return share_app(settings, store)


@pytest.fixture
def document(store: Store) -> ScoreDocument:
    made = scored()
    store.scores.put("ada", made)
    return made


@pytest.fixture
def fetch(caller: Any, client: Any, document: ScoreDocument) -> Callable[[str], str]:
    """What an address of the score gives to its owner, or of the service to everybody."""
    ada = caller("ada")

    def get(path: str) -> str:
        answer = ada("GET", f"/v1/scores/{document.id}{path}") if path in {".jws", "/credential"} else client.get(path)
        assert answer.status_code == 200, answer.json
        return str(answer.get_data(as_text=True))

    return get


def part(token: str, number: int) -> Any:
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_a_jws_holds_the_very_bytes_and_is_signed_with_the_key_in_did_json(fetch, document, store):
    token, did = fetch(".jws"), json.loads(fetch("/.well-known/did.json"))
    method, multikey = did["verificationMethod"]
    assert (multikey["type"], multikey["publicKeyMultibase"]) == ("Multikey", MULTIKEY)
    assert did["assertionMethod"] == [method["id"], multikey["id"]]
    assert (did["id"], method["publicKeyJwk"]["x"]) == (f"did:web:{HOST}", X)
    assert part(token, 0)["kid"] == method["id"] == f"did:web:{HOST}#{THUMBPRINT}"
    assert verify_jws(token, keys_in(did), datetime.now(UTC)).payload == store.scores.get("ada", document.id).body


def test_the_signature_fits_by_the_standard_alone(fetch):
    signed, _, signature = fetch(".jws").rpartition(".")
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(X + "="))
    key.verify(base64.urlsafe_b64decode(signature + "=="), signed.encode())
    assert part(signed, 0)["alg"] == "EdDSA"


def test_a_credential_is_of_version_2_and_ends(fetch):
    token = fetch("/credential")
    content = part(token, 1)
    assert part(token, 0)["typ"] == "vc+jwt"
    assert content["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert content["type"][0] == "VerifiableCredential"
    assert content["issuer"] == f"did:web:{HOST}"
    good = datetime.fromisoformat(content["validUntil"]) - datetime.fromisoformat(content["validFrom"])
    assert good == timedelta(days=30)


@pytest.mark.parametrize("path", ["/credential", "/v1/status-lists/1"])
def test_a_credential_says_who_and_until_when_as_any_jwt_does_and_nothing_of_it_in_a_header_that_libraries_refuse(
    fetch, path
):
    fetch("/credential")
    header, claims = (part(fetch(path), number) for number in (0, 1))
    assert set(header) == {"alg", "kid", "typ", "cty"}
    assert header["cty"] == "vc"
    assert claims["iss"] == claims["issuer"] == f"did:web:{HOST}"
    assert claims["jti"] == claims["id"]
    times = [datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp")]
    assert times == [datetime.fromisoformat(claims[name]) for name in ("validFrom", "validUntil")]


def test_a_signature_ends_no_later_than_its_score(store, fetch, document):
    store.redis.expire(f"candor:score:ada:{document.id}", 3600)
    header = part(fetch(".jws"), 0)
    assert header["exp"] - header["iat"] <= 3600


def bit(fetch: Callable[[str], str], credential: str) -> bool:
    """Whether the status list revokes a credential, by the standard alone."""
    status = part(credential, 1)["credentialStatus"]
    assert status["statusListCredential"].startswith(f"https://{HOST}/")
    listed = part(fetch(status["statusListCredential"].removeprefix(f"https://{HOST}")), 1)
    encoded = listed["credentialSubject"]["encodedList"]
    assert encoded[0] == "u"
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
    assert len(bits) * 8 >= 131_072
    index = int(status["statusListIndex"])
    return bool(bits[index // 8] >> (7 - index % 8) & 1)


def erase(store: Store, account: str) -> None:
    store.eraser.run(store.erasures.start(store.erasures.create(None, "mastodon", account).id))


@pytest.mark.parametrize(
    "leaving",
    [
        lambda store: erase(store, ADA),
        lambda store: erase(store, BO),
        lambda store: store.suppression.add("mastodon", [ADA]),
    ],
    ids=["erased", "somebody in the evidence erased", "opted out"],
)
def test_who_leaves_revokes_the_credential(fetch, store, leaving):
    credential = fetch("/credential")
    assert not bit(fetch, credential)
    leaving(store)
    assert bit(fetch, credential)


def test_the_list_says_nothing_of_others_and_a_score_has_one_place(fetch, store):
    first, second = fetch("/credential"), fetch("/credential")
    assert part(first, 1)["credentialStatus"] == part(second, 1)["credentialStatus"]
    assert store.credentials.revoked(1) == set()
    assert ADA.encode() not in b"".join(store.redis.hvals("candor:credentials:1"))


def test_what_has_ended_is_forgotten(fetch, store):
    fetch("/credential")
    later = datetime.now(UTC) + timedelta(days=31)
    store.credentials._clock = lambda: later
    assert store.credentials.revoked(1) == set()
    assert store.redis.hlen("candor:credentials:1") == 0


def test_nobody_who_opted_out_is_signed_for(caller, store, document):
    store.suppression.add("mastodon", [ADA])
    codes = [caller("ada")("GET", f"/v1/scores/{document.id}{path}").status_code for path in (".jws", "/credential")]
    assert codes == [404, 404]


def test_anothers_score_is_not_signed(caller, document):
    assert caller("bob")("GET", f"/v1/scores/{document.id}.jws").status_code == 404


def test_who_has_a_link_to_the_card_can_take_the_score_along(caller, client, document):
    link = caller("ada")("POST", f"/v1/scores/{document.id}/link?opens=card").json["score_url"].partition("?")[2]
    assert client.get(f"/v1/scores/{document.id}.jws?{link}").status_code == 200


def test_a_service_without_a_key_signs_nothing(share_app, store, document, with_key):
    client = share_app(Settings(host="0.0.0.0"), store).test_client()
    ada = with_key(client, store.keys.create("ada", "test", ("read",))[1])
    assert ada("GET", f"/v1/scores/{document.id}.jws").status_code == 404
    assert client.get("/.well-known/did.json").status_code == 404


def test_a_key_that_was_is_good_for_what_it_signed(fetch, store, settings):
    token, (private, public) = fetch(".jws"), new_key()
    rotated = Settings(signing_host=HOST, signing_key=private, old_signing_keys=(X,))
    document = signatures.signer_of(rotated).document()
    keys = [method["publicKeyJwk"]["x"] for method in document["verificationMethod"] if method["type"] == "JsonWebKey"]
    assert keys == [public, X]
    verify_jws(token, keys_in(document), datetime.now(UTC))
    without = signatures.signer_of(Settings(signing_host=HOST, signing_key=private)).document()
    with pytest.raises(SignatureError, match="not among those"):
        verify_jws(token, keys_in(without), datetime.now(UTC))


def test_a_host_with_a_port_is_written_as_did_web_has_it():
    signer = signatures.signer_of(Settings(signing_host="Localhost:8421", signing_key=D))
    assert signer.did == "did:web:localhost%3A8421"


def test_the_command_prints_a_key_that_the_settings_take():
    printed = CliRunner().invoke(make_signing_key).stdout
    key = printed.partition("CANDOR_SIGNING_KEY=")[2].split()[0]
    assert signatures.signer_of(Settings(signing_host=HOST, signing_key=key)) is not None


@pytest.fixture
def checked(tmp_path: Path, fetch: Callable[[str], str]) -> Callable[..., Any]:
    """Runs candor verify on a signed score, with did.json and what else is given."""

    def run(token: str, *, status: str | None = None, did: str | None = None) -> Any:
        files = {"score": token, "did": did or fetch("/.well-known/did.json"), "status": status}
        for name, text in files.items():
            if text is not None:
                (tmp_path / name).write_text(text)
        given = ["--did", str(tmp_path / "did"), *(["--status", str(tmp_path / "status")] if status else [])]
        return CliRunner().invoke(verify, [str(tmp_path / "score"), *given])

    return run


@pytest.mark.parametrize("path", [".jws", "/credential"])
def test_verify_checks_the_signature_and_recomputes_the_number(fetch, checked, path):
    outcome = checked(fetch(path))
    assert outcome.exit_code == 0, outcome.output
    assert f"signed by did:web:{HOST}" in outcome.output
    assert "all checks passed" in outcome.output


def test_verify_without_keys_says_which_are_needed(fetch, tmp_path):
    (tmp_path / "score.jws").write_text(fetch(".jws"))
    outcome = CliRunner().invoke(verify, [str(tmp_path / "score.jws")])
    assert outcome.exit_code == 2
    assert "is signed: give --did FILE" in outcome.output


def test_verify_tells_what_was_revoked(fetch, checked, store):
    credential = fetch("/credential")
    assert "not revoked" in checked(credential, status=fetch("/v1/status-lists/1")).output
    erase(store, ADA)
    outcome = checked(credential, status=fetch("/v1/status-lists/1"))
    assert outcome.exit_code == 1
    assert "revoked" in outcome.stderr


def _signed_with(signer: signatures.Signer, header: str, payload: str) -> str:
    signature = base64.urlsafe_b64encode(signer.key.sign(f"{header}.{payload}".encode())).rstrip(b"=").decode()
    return f"{header}.{payload}.{signature}"


def forged(token: str, settings: Settings) -> dict[str, str]:
    header, payload, signature = token.split(".")
    other = signatures.signer_of(Settings(signing_host=HOST, signing_key=new_key()[0]))
    now = datetime.now(UTC)
    document = part(token, 1)
    signer = signatures.signer_of(settings)

    def none(name: str) -> str:
        return base64.urlsafe_b64encode(json.dumps({**part(token, 0), "alg": name}).encode()).rstrip(b"=").decode()

    changed = base64.urlsafe_b64encode(json.dumps({**document, "id": "sc_x"}).encode()).rstrip(b"=").decode()
    deep = base64.urlsafe_b64encode(b"[" * 90_000).rstrip(b"=").decode()
    late = base64.urlsafe_b64encode(json.dumps({**part(token, 0), "exp": 1e300}).encode()).rstrip(b"=").decode()
    raised = json.dumps({**document, "expertise": {**document["expertise"], "score": 99.0}}).encode()
    return {
        "another payload": f"{header}.{changed}.{signature}",
        "no algorithm": f"{none('none')}.{payload}.",
        "another algorithm": f"{none('HS256')}.{payload}.{signature}",
        "another key": other.sign(b"{}", typ="candor-score", since=now, until=now + timedelta(days=1)),
        "ended": signer.sign(b"{}", typ="candor-score", since=now, until=now - timedelta(seconds=1)),
        "ended among its claims": signer.sign_credential({"id": "x"}, now, now - timedelta(seconds=1)),
        "no token": "not a token",
        "a header that is a list": f"W10.{payload}.{signature}",
        "a header without end": f"{deep}.{payload}.{signature}",
        "a payload without end": signer.sign(
            b"[" * 90_000, typ="candor-score", since=now, until=now + timedelta(days=1)
        ),
        "signed for ever": _signed_with(signer, late, payload),
        "signed, but its parts do not add up": signer.sign(
            raised, typ="candor-score", since=now, until=now + timedelta(days=1)
        ),
    }


@pytest.mark.parametrize(
    "how",
    [
        "another payload",
        "no algorithm",
        "another algorithm",
        "another key",
        "ended",
        "ended among its claims",
        "no token",
        "a header that is a list",
        "a header without end",
        "a payload without end",
        "signed for ever",
        "signed, but its parts do not add up",
    ],
)
def test_verify_refuses_what_is_forged(fetch, checked, settings, how):
    outcome = checked(forged(fetch(".jws"), settings)[how])
    assert (outcome.exit_code, type(outcome.exception)) == (1, SystemExit), outcome.output


def test_verify_takes_no_token_of_one_kind_for_one_of_another(fetch, checked):
    score, credential, revoked = fetch(".jws"), fetch("/credential"), fetch("/v1/status-lists/1")
    for token, status in ((revoked, None), (credential, score), (credential, credential), (score, revoked)):
        outcome = checked(token, status=status)
        assert (outcome.exit_code, type(outcome.exception)) == (1, SystemExit), outcome.output


def test_verify_says_of_keys_without_end_that_they_are_none(fetch, checked):
    outcome = checked(fetch(".jws"), did="[" * 90_000)
    assert (outcome.exit_code, type(outcome.exception)) == (1, SystemExit)


def test_verify_refuses_a_did_document_that_names_the_keys_of_others(fetch, checked):
    did = json.loads(fetch("/.well-known/did.json"))
    did["id"] = "did:web:evil.example"
    assert checked(fetch(".jws"), did=json.dumps(did)).exit_code == 1


def test_the_person_scored_takes_a_score_along_without_a_key(client, store, document, fetch):
    code = store.claims.make_code("mastodon", ADA)
    token = client.post("/v1/about-me/code", json={"code": code}).json["token"]
    claim = store.claims.find(token)
    store.claims.keep_held(claim, collect_held(store, DataSubject(network="mastodon", names=claim.names)))
    bearer = {"Authorization": f"Bearer {token}"}
    answer = client.get(f"/v1/about-me/scores/{document.id}/credential", headers=bearer)
    assert (answer.status_code, answer.mimetype) == (200, "application/vc+jwt")
    keys = keys_in(json.loads(fetch("/.well-known/did.json")))
    verify_jws(answer.get_data(as_text=True), keys, datetime.now(UTC))
    other = client.get(f"/v1/about-me/scores/{scored(BO).id}/credential", headers=bearer)
    assert other.status_code == 404
