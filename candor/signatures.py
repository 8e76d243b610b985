"""Signatures: scores signed by whoever runs a service (JWS, Ed25519), its did:web document, and how both are checked.

RFC 7515 (compact serialisation), RFC 8037 (EdDSA and keys as JWK), RFC 7638 (a key's name), W3C did:web.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from candor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from candor.settings import Settings

ALGORITHM = "EdDSA"
_ED25519 = b"\xed\x01"  # of multicodec
_BASE_58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LONGEST = 16 * 1024 * 1024


class SignatureError(ValueError):
    """A signature is not what it claims to be; the words say why."""


@dataclass(frozen=True)
class Signed:
    """What stands in a token: its header, and the payload as it was signed."""

    header: Mapping[str, Any]
    payload: bytes

    @property
    def stated(self) -> Mapping[str, Any]:
        """Who signs and until when: in the header beside the very bytes of a score, among a credential's claims."""
        if "iss" in self.header:
            return self.header
        claims = json.loads(self.payload)
        return claims if isinstance(claims, dict) else {}


@dataclass(frozen=True)
class Signer:
    """Who signs: a did:web, the key that it signs with now, and keys that it signed with before."""

    did: str
    key: Ed25519PrivateKey
    public: str
    before: tuple[str, ...]

    def sign(self, payload: bytes, *, typ: str, since: datetime, until: datetime) -> str:
        """Return a compact JWS of these very bytes, good from and until these times: its header says who and when."""
        return self._signed({"typ": typ, **self._stated(since, until)}, payload)

    def sign_credential(self, credential: Mapping[str, Any], since: datetime, until: datetime) -> str:
        """Return a credential as a JWT (W3C, Securing VCs using JOSE and COSE): who and when are among its claims."""
        claims = {**credential, "jti": credential["id"], **self._stated(since, until)}
        return self._signed({"typ": "vc+jwt", "cty": "vc"}, msgspec.json.encode(claims))

    def _stated(self, since: datetime, until: datetime) -> dict[str, Any]:
        return {"iss": self.did, "iat": int(since.timestamp()), "exp": int(until.timestamp())}

    def _signed(self, header: Mapping[str, Any], payload: bytes) -> str:
        whole = {"alg": ALGORITHM, "kid": f"{self.did}#{key_name(self.public)}", **header}
        signed = f"{_b64(json.dumps(whole).encode())}.{_b64(payload)}"
        return f"{signed}.{_b64(self.key.sign(signed.encode()))}"

    def document(self) -> dict[str, Any]:
        """Return the did:web document: the public key, and those before it, whose scores may not have ended."""
        methods = [method for x in (self.public, *self.before) for method in self._methods(x)]
        return {
            "@context": [
                "https://www.w3.org/ns/did/v1",
                "https://w3id.org/security/jwk/v1",
                "https://w3id.org/security/multikey/v1",
            ],
            "id": self.did,
            "verificationMethod": methods,
            "assertionMethod": [method["id"] for method in methods],
        }

    def _methods(self, x: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Write a key in both ways of W3C Controlled Identifiers, as some libraries know one only."""
        jwk, multikey = {"kty": "OKP", "crv": "Ed25519", "x": x}, _multikey(_unb64(x))
        return (
            {
                "id": f"{self.did}#{key_name(x)}",
                "type": "JsonWebKey",
                "controller": self.did,
                "publicKeyJwk": jwk,
            },
            {
                "id": f"{self.did}#{multikey}",
                "type": "Multikey",
                "controller": self.did,
                "publicKeyMultibase": multikey,
            },
        )


def signer_of(settings: Settings) -> Signer | None:
    """Return who signs by the settings; None where they name no key or no host. Raises OperatorError."""
    if settings.signing_key is None or settings.signing_host is None:
        return None
    try:
        key = Ed25519PrivateKey.from_private_bytes(_unb64(settings.signing_key))
        for old in settings.old_signing_keys:
            Ed25519PublicKey.from_public_bytes(_unb64(old))
    except ValueError:
        raise OperatorError(
            "CANDOR_SIGNING_KEY and CANDOR_OLD_SIGNING_KEYS must be as `candor keys signing` prints them"
        ) from None
    did = f"did:web:{quote(settings.signing_host.lower(), safe='.-')}"
    return Signer(did, key, _b64(key.public_key().public_bytes_raw()), settings.old_signing_keys)


def new_key() -> tuple[str, str]:
    """Return a new private key and its public key, both as the settings take them."""
    key = Ed25519PrivateKey.generate()
    return _b64(key.private_bytes_raw()), _b64(key.public_key().public_bytes_raw())


def key_name(x: str) -> str:
    """Return the name of a public key, its thumbprint (RFC 7638)."""
    members = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"), sort_keys=True)
    return _b64(hashlib.sha256(members.encode()).digest())


def read(token: str) -> Signed:
    """Take a compact JWS apart without checking its signature. Raises SignatureError."""
    try:
        header, payload, _ = token.strip().split(".")
        return Signed(msgspec.json.decode(_unb64(header), type=dict[str, Any]), _unb64(payload))
    except (ValueError, RecursionError):
        raise SignatureError("this is no compact JWS") from None


def verify_jws(token: str, keys: Mapping[str, str], now: datetime) -> Signed:
    """Return what stands in a compact JWS that one of the keys signed; keys are given by their full name.

    Raises SignatureError: another algorithm, an unknown key, a signature that does not fit, or one that has ended.
    """
    signed = read(token)
    header = signed.header
    if header.get("alg") != ALGORITHM or "crit" in header:
        raise SignatureError(f"it is not signed with {ALGORITHM}")
    name = str(header.get("kid"))
    if name not in keys:
        raise SignatureError(f"the key {name} is not among those given")
    content, _, signature = token.strip().rpartition(".")
    try:
        Ed25519PublicKey.from_public_bytes(_unb64(keys[name])).verify(_unb64(signature), content.encode())
    except (InvalidSignature, ValueError):
        raise SignatureError("the signature does not fit what it signs") from None
    if signed.stated.get("iss") != name.partition("#")[0]:
        raise SignatureError("it was signed with the key of somebody else")
    if not float(signed.stated.get("exp", 0)) > now.timestamp():
        raise SignatureError("it has ended: ask for a new one")
    return signed


def keys_in(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the Ed25519 keys with which a did document's subject makes assertions, by name. Raises SignatureError."""
    try:
        allowed: Sequence[str] = document["assertionMethod"]
        return {
            method["id"]: method["publicKeyJwk"]["x"]
            for method in document["verificationMethod"]
            if "publicKeyJwk" in method
            and method["id"] in allowed
            and method["id"].partition("#")[0] == document["id"]
            and method["publicKeyJwk"]["crv"] == "Ed25519"
        }
    except (KeyError, TypeError, AttributeError):
        raise SignatureError("this is no did document with keys as JWK") from None


def _multikey(public: bytes) -> str:
    """Write an Ed25519 key as a Multikey: its number behind the code of its kind, in base 58."""
    number, written = int.from_bytes(_ED25519 + public, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        written = _BASE_58[digit] + written
    return f"z{written}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    """Return what base64url without padding stands for. Raises ValueError."""
    if len(text) > _LONGEST or not text.isascii() or set(text) & set("+/=\n "):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
