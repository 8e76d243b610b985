"""Checks of `candor verify` on signed scores: the signature, its end, the status list, and then the number."""

from __future__ import annotations

import base64
import json
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from candor.scoring import verify as verifier
from candor.signatures import SignatureError, Signed, check, keys_in

_MOST_BITS_BYTES = 64 * 1024 * 1024
WRONG = 1


def check_signed(file: str, did: str | None, status: str | None) -> int:
    """Check a JWS or credential against the keys of a did document, then recompute it; 0 when all is well, else 1."""
    if did is None:
        click.echo("--status needs --did: a list counts only when its issuer signed it", err=True)
        return WRONG
    try:
        keys, now = keys_in(json.loads(_text(did))), datetime.now(UTC)
        signed = check(_text(file), keys, now)
        score = _score_in(signed)
        click.echo(f"signed by {signed.header['iss']}, good until {_day(signed)}")
        if status is not None:
            _check_status(signed, check(_text(status), keys, now))
            click.echo("not revoked")
    except (SignatureError, OSError, ValueError, KeyError, TypeError, IndexError) as error:
        click.echo(f"{file}: {error}", err=True)
        return WRONG
    return verifier.report(score)


def _score_in(signed: Signed) -> Any:
    payload = json.loads(signed.payload)
    if signed.header.get("typ") != "vc+jwt":
        return payload
    if payload["issuer"] != signed.header["iss"]:
        raise SignatureError("its issuer is not who signed it")
    return payload["credentialSubject"]["score"]


def _check_status(signed: Signed, listed: Signed) -> None:
    """Raise SignatureError where the list is another one, or revokes the credential."""
    entry, content = json.loads(signed.payload)["credentialStatus"], json.loads(listed.payload)
    if content["id"] != entry["statusListCredential"] or content["issuer"] != signed.header["iss"]:
        raise SignatureError("this is not the status list that the credential names")
    encoded = content["credentialSubject"]["encodedList"].removeprefix("u")
    packed = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    bits = zlib.decompressobj(wbits=31).decompress(packed, _MOST_BITS_BYTES)
    index = int(entry["statusListIndex"])
    if bits[index // 8] & 0x80 >> index % 8:
        raise SignatureError("it was revoked: the score was erased or changed, or the person opted out")


def _day(signed: Signed) -> str:
    return f"{datetime.fromtimestamp(signed.header['exp'], UTC):%Y-%m-%d}"


def _text(file: str) -> str:
    return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
