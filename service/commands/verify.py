"""`candor verify`: adds score documents and answers up again, and checks what they were made from and who signed."""

from __future__ import annotations

import base64
import io
import json
import re
import sys
import zlib
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from candor.scoring import verify as verifier
from candor.signatures import SignatureError, Signed, keys_in, verify_jws
from service.commands.ask import read_answer, verify_answer, verify_from_records
from service.commands.errors import usage_error
from service.commands.sources import STDIN, HowWritten, read_record_table, written_options

if TYPE_CHECKING:
    from collections.abc import Iterator


NOT_VERIFIABLE = 2

_CREDENTIAL = "vc+jwt"
_COMPACT_JWS = re.compile(rb"[\w-]+\.[\w-]+\.[\w-]+")

_MOST_BITS_BYTES = 64 * 1024 * 1024
WRONG = 1


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--activities",
    "source",
    metavar="FILE",
    help="Check as well that it was made from these records; an answer to a question is made anew.",
)
@click.option("--map", "pairs", multiple=True, metavar="FROM=TO", help="As in `candor score`.")
@written_options
@click.option("--board", metavar="FILE", help="Check as well the place on this page of a board (JSON from the API).")
@click.option("--did", metavar="FILE", help="Of a signed score, the did.json of who signed: check the signature.")
@click.option("--status", metavar="FILE", help="Of a credential, its status list: check that it was not revoked.")
def verify(
    *, file: str, source: str | None, board: str | None, did: str | None, status: str | None, **given: Any
) -> None:
    """Recompute a score document, a list of them, a signed score, or the answer to a question; - for stdin.

    A signature says who states a score and that nothing was changed; the recomputation, that its parts add up. Neither
    says that it is true.
    """
    written = HowWritten.of(given)
    if did is not None or status is not None:
        sys.exit(check_signed(file, did, status))
    if file != STDIN and _is_signed(Path(file)):
        raise usage_error(f"{file} is signed: give --did FILE, the /.well-known/did.json of who signed it")
    if (answered := read_answer(file)) is not None:
        differs = 0 if source is None else verify_from_records(answered, source, written)
        sys.exit(max(verify_answer(answered), differs))
    if file == STDIN and (source is not None or board is not None):
        raise usage_error("--activities and --board need the documents in a file")
    with redirect_stdout(io.StringIO()) as recomputed:
        outcome = verifier.main([file])
    differs = 0
    if source is not None and outcome != NOT_VERIFIABLE:
        with _named(f"{file} holds something else than score documents"):
            differs = check_records(file, source, written)
    if board is not None and outcome != NOT_VERIFIABLE:
        with _named(f"{file} holds something else than score documents, or {board} than a page of a board in JSON"):
            differs = max(differs, check_board(file, board))
    said = recomputed.getvalue()
    click.echo(said.replace(": all checks passed", ": yet its numbers add up") if differs else said, nl=False)
    sys.exit(max(outcome, differs))


@contextmanager
def _named(what: str) -> Iterator[None]:
    """Say what is wrong with a file that is not of the shape that it should be. Raises CommandError."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError):
        raise usage_error(what) from None


def check_board(file: str, board: str) -> int:
    """Compare the place in each document with its row on a page of a board; 0 when all are the same, else 1."""
    page, status = json.loads(Path(board).read_bytes()), 0
    rows = {row["account"]: row for row in page["data"]}
    for each in _documents_in(file):
        account, stated = each["account"]["account"], each["expertise"].get("position")
        if (different := _other_question(each, page["board"])) is not None:
            said, status = f"the board is of another {different}", 1
        elif account not in rows:
            said, status = f"{account} is not on this page of the board", 1
        elif rows[account]["standing"] == "shared" and stated is not None:
            rank = _rank_of(each["expertise"]["score"], account, page["data"])
            said = "the board has an estimate of this score; the place is that of the score itself"
            if rank not in {None, stated["rank"]}:
                said, status = f"by its own score {account} has place {rank} on the board, not {stated['rank']}", 1
        elif rows[account]["position"] != stated:
            said, status = f"the board gives {account} another place: {rows[account]['position']}, not {stated}", 1
        else:
            said = "the place is that on the board"
        click.echo(f"{each['id']}: {said}")
    return status


def _rank_of(own: float | None, account: str, rows: list[dict[str, Any]]) -> int | None:
    """Return the place of a score among the others on a page of a board; None where it stands on another page."""
    begins = [row["row"] for row in rows] == list(range(1, len(rows) + 1))
    others: list[float | None] = [row["expertise"]["score"] for row in rows if row["account"] != account]
    if own is None or not begins or others[-1:] in ([], [own]) or (others[-1] is not None and others[-1] > own):
        return None
    return 1 + sum(score is not None and score > own for score in others)


def _other_question(document: dict[str, Any], board: dict[str, Any]) -> str | None:
    """Return in what a board and a document differ, so that places cannot be compared."""
    asked = {
        "topic": (document["topic"]["id"], board["topic"]),
        "time": (datetime.fromisoformat(document["as_of"]), datetime.fromisoformat(board["as_of"])),
        "window": (document["window_days"], board["window_days"]),
        "method": (document["method"]["version"], board["method"]),
        "trust root": (document["trust_root"]["digest"], board["trust_root"]["digest"]),
    }
    return next((name for name, (ours, theirs) in asked.items() if ours != theirs), None)


def _documents_in(file: str) -> list[dict[str, Any]]:
    content = json.loads(Path(file).read_bytes())
    return content if isinstance(content, list) else [content]


def check_records(file: str, source: str, written: HowWritten) -> int:
    """Compare the digest in each document with that of the records; 0 when all are the same, else 1."""
    documents = _documents_in(file)
    digest = read_record_table(source, documents[0]["account"]["network"], written, skip_bad=True).digest
    others = [each["id"] for each in documents if each["inputs"].get("records", each["inputs"]["digest"]) != digest]
    for name in others:
        click.echo(f"{name}: made from other records than these, whose digest is {digest}")
    if not others:
        click.echo(f"made from these records: {digest}")
    return 1 if others else 0


def check_signed(file: str, did: str | None, status: str | None) -> int:
    """Check a JWS or credential against the keys of a did document, then recompute it; 0 when all is well, else 1."""
    if did is None:
        click.echo("--status needs --did: a list counts only when its issuer signed it", err=True)
        return WRONG
    try:
        keys, now = keys_in(json.loads(_text(did))), datetime.now(UTC)
        signed = verify_jws(_text(file), keys, now)
        score = _score_in(signed)
        click.echo(f"signed by {signed.stated['iss']}, good until {_day(signed)}")
        if status is not None:
            _check_status(signed, verify_jws(_text(status), keys, now))
            click.echo("not revoked")
        elif signed.header.get("typ") == _CREDENTIAL:
            click.echo("whether it was revoked is not known: give --status FILE with its status list")
    except (RecursionError, OverflowError):
        click.echo(f"{file}: nothing signed here is nested so deep, or ends so late", err=True)
        return WRONG
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        click.echo(f"{file}: {error}", err=True)
        return WRONG
    return verifier.report(score)


def _is_signed(file: Path) -> bool:
    try:
        return _COMPACT_JWS.fullmatch(file.read_bytes().strip()) is not None
    except OSError:
        return False


def _score_in(signed: Signed) -> Any:
    payload = json.loads(signed.payload)
    if signed.header.get("typ") != _CREDENTIAL:
        return payload
    if payload["issuer"] != signed.stated["iss"]:
        raise SignatureError("its issuer is not who signed it")
    return payload["credentialSubject"]["score"]


def _check_status(signed: Signed, listed: Signed) -> None:
    """Raise SignatureError where the list is another one, or revokes the credential."""
    entry, content = json.loads(signed.payload)["credentialStatus"], json.loads(listed.payload)
    if content["id"] != entry["statusListCredential"] or content["issuer"] != signed.stated["iss"]:
        raise SignatureError("this is not the status list that the credential names")
    encoded = content["credentialSubject"]["encodedList"].removeprefix("u")
    packed = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    bits = zlib.decompressobj(wbits=31).decompress(packed, _MOST_BITS_BYTES)
    index = int(entry["statusListIndex"])
    if bits[index // 8] & 0x80 >> index % 8:
        raise SignatureError("it was revoked: the score was erased or changed, or the person opted out")


def _day(signed: Signed) -> str:
    return f"{datetime.fromtimestamp(signed.stated['exp'], UTC):%Y-%m-%d}"


def _text(file: str) -> str:
    return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
