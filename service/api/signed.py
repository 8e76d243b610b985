"""Signed scores: a score that travels, as a JWS and as a Verifiable Credential, with who signs and what was revoked."""

from __future__ import annotations

import base64
import gzip
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from flask import Response
from msgspec import UNSET, Meta, Struct, UnsetType, field

from candor.signatures import signer_of
from candor.store.credentials import BITS, Issued
from service.api.scores import checked, no_score
from service.auth import owner
from service.context import context
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.base import show_instant
from service.schemas.queries import ByLinkSchema

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument
    from candor.signatures import Signer
    from candor.store.models import StoredScore

resource = Resource("signed scores", "Scores that travel: signed by whoever runs this service.")

JWS, CREDENTIAL, DID = "application/jose", "application/vc+jwt", "application/did+json"
_CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2"]
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_LIST_LIFE = timedelta(hours=1)
_TOKEN = {"type": "string"}
_EXAMPLE = "eyJhbGciOiJFZERTQSIs….eyJpZCI6InNjXzNmIiw….k3Jq…"


class PublicKey(Struct, frozen=True, kw_only=True):
    """A public key (RFC 8037)."""

    kty: Annotated[str, Meta(description="Always OKP.")]
    crv: Annotated[str, Meta(description="Always Ed25519.")]
    x: Annotated[str, Meta(description="The key, as base64url.")]


class VerificationMethod(Struct, frozen=True, kw_only=True):
    """A key that signs, or signed, for this service."""

    id: Annotated[str, Meta(description="Its full name, which is the `kid` of what it signs.")]
    type: Annotated[str, Meta(description="JsonWebKey, or Multikey for the same key written the other way.")]
    controller: Annotated[str, Meta(description="Who signs.")]
    public_key: Annotated[PublicKey | UnsetType, Meta(description="The key, of a JsonWebKey.")] = field(
        name="publicKeyJwk", default=UNSET
    )
    multibase: Annotated[str | UnsetType, Meta(description="The key, of a Multikey.")] = field(
        name="publicKeyMultibase", default=UNSET
    )


class DidDocument(Struct, frozen=True, kw_only=True):
    """Who signs here, and with which keys (W3C, did:web)."""

    context: Annotated[tuple[str, ...], Meta(description="What the names mean.")] = field(name="@context")
    id: Annotated[str, Meta(description="Who signs.")]
    verification_method: Annotated[
        tuple[VerificationMethod, ...],
        Meta(description="The key that signs now, then those before it; each as a JsonWebKey and as a Multikey."),
    ] = field(name="verificationMethod")
    assertion_method: Annotated[tuple[str, ...], Meta(description="The names of the keys.")] = field(
        name="assertionMethod"
    )


_DID = "did:web:scores.example.org"
_KID = f"{_DID}#kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
_MULTIKEY = "z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"
_DID_EXAMPLE = DidDocument(
    context=(
        "https://www.w3.org/ns/did/v1",
        "https://w3id.org/security/jwk/v1",
        "https://w3id.org/security/multikey/v1",
    ),
    id=_DID,
    verification_method=(
        VerificationMethod(
            id=_KID,
            type="JsonWebKey",
            controller=_DID,
            public_key=PublicKey(kty="OKP", crv="Ed25519", x="11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
        ),
        VerificationMethod(id=f"{_DID}#{_MULTIKEY}", type="Multikey", controller=_DID, multibase=_MULTIKEY),
    ),
    assertion_method=(_KID, f"{_DID}#{_MULTIKEY}"),
)


@resource.operation("GET", "/v1/scores/<score_id>.jws", scope="read", problems=("not_found", "invalid"), by_link="card")
@resource.query(ByLinkSchema)
@resource.response(200, _TOKEN, description="A compact JWS.", content_type=JWS, example=_EXAMPLE)
def read_signed_score(query: dict[str, Any], score_id: str) -> Response:
    """Read a score signed by the operator of this service (JWS, EdDSA with Ed25519): its payload are the very bytes.

    The signature says who states the score, and that nothing was changed; not that it is true. It ends by itself and
    cannot be revoked before: the credential can. Who signs and when it ends stand in its header, as the payload is the
    score alone: `candor verify` checks them, a library for JWTs checks only the signature.
    """
    del query
    signer, (stored, document) = _signer(), _stored(score_id)
    since, until = _span(score_id)
    del document
    return Response(signer.sign(stored.body, typ="candor-score", since=since, until=until), mimetype=JWS)


@resource.operation(
    "GET", "/v1/scores/<score_id>/credential", scope="read", problems=("not_found", "invalid"), by_link="card"
)
@resource.query(ByLinkSchema)
@resource.response(200, _TOKEN, description="The credential.", content_type=CREDENTIAL, example=_EXAMPLE)
def read_credential(query: dict[str, Any], score_id: str) -> Response:
    """Read a score as a Verifiable Credential (W3C, 2.0, secured as a JWT), which the status list can revoke.

    It is revoked when the score is erased or redacted, and when the person opts out.
    """
    del query
    return credential_of(score_id)


def credential_of(score_id: str) -> Response:
    """Answer with a score of the owner's as a credential. Raises ProblemError 404."""
    signer, (stored, document) = _signer(), _stored(score_id)
    since, until = _span(score_id)
    account = context().store.suppression.digests(document.account.network, [document.account.account])[0]
    number, index = context().store.credentials.note(
        Issued(owner=owner(), score_id=score_id, etag=stored.etag, account=account, until=until)
    )
    statuses = f"{_base()}/v1/status-lists/{number}"
    credential = {
        "@context": _CONTEXT,
        "id": f"{_base()}/v1/scores/{score_id}/credential",
        "type": ["VerifiableCredential", "CandorScore"],
        "issuer": signer.did,
        "validFrom": show_instant(since),
        "validUntil": show_instant(until),
        "credentialStatus": {
            "id": f"{statuses}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(index),
            "statusListCredential": statuses,
        },
        "credentialSubject": {"type": "CandorScore", "score": msgspec.Raw(stored.body)},
    }
    return Response(signer.sign_credential(credential, since, until), mimetype=CREDENTIAL)


@resource.operation("GET", "/v1/status-lists/<number>", scope=None, problems=("not_found",))
@resource.response(200, _TOKEN, description="The list, as a credential.", content_type=CREDENTIAL, example=_EXAMPLE)
def read_status_list(number: str) -> Response:
    """Read which credentials were revoked (W3C Bitstring Status List 1.0), as a credential that holds for an hour."""
    signer = _signer()
    revoked = context().store.credentials.revoked(int(number)) if _NUMBER.fullmatch(number) else None
    if revoked is None:
        raise ProblemError("not_found", "There is no such status list.")
    now, url = context().now().replace(microsecond=0), f"{_base()}/v1/status-lists/{number}"
    credential = {
        "@context": _CONTEXT,
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": signer.did,
        "validFrom": show_instant(now),
        "validUntil": show_instant(now + _LIST_LIFE),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": _encoded(revoked),
        },
    }
    return Response(signer.sign_credential(credential, now, now + _LIST_LIFE), mimetype=CREDENTIAL)


@resource.operation("GET", "/.well-known/did.json", scope=None, problems=("not_found",))
@resource.response(200, DidDocument, description="The did document.", content_type=DID, example=_DID_EXAMPLE)
def read_did_document() -> Response:
    """Read with which keys this service signs, now and before, as the did:web method has it."""
    return Response(msgspec.json.encode(_signer().document()), mimetype=DID)


def _signer() -> Signer:
    signer = signer_of(context().settings)
    if signer is None:
        raise ProblemError("not_found", "This service signs nothing: its operator has set no key for it.")
    return signer


def _stored(score_id: str) -> tuple[StoredScore, ScoreDocument]:
    stored = context().store.scores.get(owner(), score_id)
    if stored is None:
        raise no_score()
    return stored, checked(stored)


def _span(score_id: str) -> tuple[datetime, datetime]:
    """Return from when until when a signature is good: no longer than the score is kept."""
    kept_s = context().store.scores.life_s(owner(), score_id)
    if kept_s is None:
        raise no_score()
    now = context().now().replace(microsecond=0)
    return now, now + min(timedelta(days=context().settings.signed_days), timedelta(seconds=kept_s))


def _base() -> str:
    return f"https://{context().settings.signing_host}"


def _encoded(revoked: set[int]) -> str:
    """Return the bits, the first to the left, compressed, as multibase writes base64url."""
    bits = bytearray(BITS // 8)
    for index in revoked:
        bits[index // 8] |= 0x80 >> index % 8
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).rstrip(b"=").decode()
