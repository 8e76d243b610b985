"""An archive of a mailing list in mbox, one message after the other; trailers in answers are reviews and tests.

Read is what the sender wrote: without quotes, signatures, and what programs and lists put around it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, cast

from candor.formats.dumps.dump import Format, FormatFacts, Run, lines_in
from candor.formats.dumps.git import mail_address as address_of
from candor.formats.dumps.git import name_and_address
from candor.formats.dumps.uploaded import Kinds
from candor.formats.forum_texts import own_subject
from candor.formats.lines import CutShort
from candor.formats.reading import record
from candor.scoring.markup import QUOTES, own_html
from candor.scoring.markup import plain as plain_text
from candor.scoring.own_text import without_quoted_lines
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from email.message import Message
    from pathlib import Path

    from candor.scoring.activity import Activity


FACTS = FormatFacts(
    id="mbox",
    label="mailing list in mbox",
    files="mbox files",
    network="custom:NAME",
    account="e-mail address in lower case",
    question="a message that answers none and whose subject ends with a question mark; else it is a note",
    answer="a message that answers another is a reply",
    accept="none: a reply of whoever asked counts as thanks, whatever it says",
    review="Reviewed-by and Acked-by in an answer, by who sends it; Tested-by is a test",
    lost="quoted text, attachments, signatures; who was written to; what programs sent and what asks "
    "not to be archived, counted",
)
_FROM = re.compile(rb"From (?:.*\d\d?:\d\d.*|\S+\s*$)")
_AT = re.compile(r"(?<!\s)\s*+[\[({]at[\])}]\s*+| at | \(\) ", re.IGNORECASE)
_AT_IN_OTHER_WORDS = re.compile(r"^(\S+) \S{1,5} ((?:[\w-]+\.)+[a-z]{2,})(?= \(|$)", re.IGNORECASE)
"""As archives of Mailman hide addresses in the language of their list."""
_ONE_ADDRESS = re.compile(r"([^<]*)<([^<>@\s]+@[^<>\s]+)>\s*")
_BY_GATEWAY = re.compile(r"([^@\s]+?)(?:=40|=)([\w-]+\.[\w.-]+)@")
"""An address within that of the list or of a gateway, as where who signs mails would otherwise refuse them."""
_KEY = re.compile(r"<\s*([^<>\s]+)\s*>")
_TRAILER = re.compile(r"^(Reviewed|Acked|Tested)-by:\s*(.+)$", re.MULTILINE | re.IGNORECASE)
_KINDS = {"reviewed": "review", "acked": "review", "tested": "test"}
_NO_TIME = re.compile(r"Thu Jan +1 00:00:00 1970|Mon Sep 17 00:00:00 2001")
"""What programs write in the line before a mail that say no time there."""
_LISTS = ("List-Post", "List-Id", "Mailing-List", "X-BeenThere", "Sender", "To")
_FLAGS = re.compile(r"[:;!]2,([A-Za-z]*)$")
_OF_A_SERVER = re.compile(
    r"dovecot[.-].*|maildir(?:folder|size)|subscriptions|courierimap.*|\.?(?:uidvalidity|mh_sequences)"
)
_LONGEST_BYTES = 8 * 2**20
_USUAL = "windows-1252"
_SAYS_NOTHING = frozenset({"us-ascii", "ascii", "utf-8", "unknown-8bit", "x-unknown"})


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of messages. Raises UnreadableError."""
    for path in paths:
        flags = _FLAGS.search(path.name)
        if _OF_A_SERVER.fullmatch(path.name):
            run.left_out["files"] += 1
        elif flags and set("TD") & set(flags[1]):  # in the trash, or a draft
            run.left_out["deleted" if "T" in flags[1] else "private"] += 1
        else:
            yield from run.each(_messages(lines_in(path), run), bytes, lambda raw: _said(raw, run))


def _messages(lines: Iterable[bytes], run: Run) -> Iterator[bytes]:
    """Yield messages, cut where a line after an empty one begins with `From `."""
    found: list[bytes] = []
    size, before, is_cut = 0, b"", False
    for line in lines:
        if not before.strip() and _FROM.match(line):
            if found:
                yield b"\n".join(found)
            found, size, is_cut = [line], 0, False
        else:
            size += _LONGEST_BYTES if isinstance(line, CutShort) else len(line) + 1
            if size <= _LONGEST_BYTES:
                found.append(line.removeprefix(b">") if line.startswith(b">From ") else line)
            elif not is_cut:
                run.left_out["cut"], is_cut = run.left_out["cut"] + 1, True
        before = line
    if found:
        yield b"\n".join(found)


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A message; `answered` is the id of what it answers. Its sender may be hidden: None."""

    sender: str | None
    name: str
    sent: datetime
    key: str
    subject: str
    answered: str | None
    text: str
    hidden: str | None = None


def _said(raw: bytes, run: Run) -> Iterator[Activity]:
    try:
        message = message_from_bytes(raw)
        heads = {name.lower(): str(value) for name, value in reversed(list(message.raw_items()))}
        heads["unixfrom"] = (message.get_unixfrom() or "").removeprefix("From ")
        mail = mail_of(lambda name: _plain(heads.get(name.lower(), "")), _text(message))
    except MessageError as error:
        raise ValueError("no mail") from error
    return records_of(mail, run)


def mail_of(header: Callable[[str], str], text: str) -> Mail:
    """Return a message by its headers, with what stands before it as unixfrom, and its text. Raises ValueError."""
    if not header("From") and not header("Message-ID"):
        raise ValueError("no mail")
    sender, name = _sender(header)
    sent, subject = _sent(header), header("Subject")
    digest = blake2b(f"{sender} {sent} {subject}".encode(), digest_size=8).hexdigest()
    return Mail(
        sender=sender,
        name=name,
        sent=sent,
        key=next(iter(_KEY.findall(header("Message-ID")) or header("Message-ID").split()), digest),
        subject=subject,
        answered=_answered(header),
        text=text,
        hidden=_why_not(header),
    )


def _why_not(header: Callable[[str], str]) -> str | None:
    """Say why a message is left out: who sent it asks for that, or a program did."""
    if header("X-No-Archive").lower().startswith("yes") or header("Archive").lower().startswith("no"):
        return "private"
    is_automatic = header("Auto-Submitted").lower() not in {"", "no"} or header("X-Autoreply") or header("Control")
    return "other" if is_automatic else None


def _answered(header: Callable[[str], str]) -> str | None:
    """Return the id of what a message answers; In-Reply-To may hold words and addresses beside it."""
    to, before = _KEY.findall(header("In-Reply-To")), _KEY.findall(header("References"))
    both = [key for key in to if key in before]
    return next((keys[-1] for keys in (both, to, before) if keys), None)


def _sent(header: Callable[[str], str]) -> datetime:
    """Return when a message was sent, or else when it came: servers and archives say that. Raises ValueError."""
    came = header("Received").rpartition(";")[2].strip()
    before = header("unixfrom").partition(" ")[2].strip()
    for written in (header("Date"), "" if _NO_TIME.search(before) else before, came):
        with suppress(ValueError, IndexError, TypeError, OverflowError):
            return _time_in(written)
    raise ValueError("no time")


def _sender(header: Callable[[str], str]) -> tuple[str | None, str]:
    """Return the address and name of who wrote it, also where a list put its own address in the place of theirs."""
    address, written = _address_and_name(header("From"))
    if within := _BY_GATEWAY.match(address or ""):
        address = f"{within[1]}@{within[2]}".lower()
    name, via, _ = written.strip("'\" ").partition(" via ")
    if not via or within:
        return address, name.strip("'\" ")
    listed = " ".join(map(header, _LISTS))
    listed = f"{listed} {listed.replace('.', '@', 1)}"
    others = (_address_and_name(header(other))[0] for other in ("X-Original-From", "Reply-To") if header(other))
    theirs = next((other for other in others if other and other != address and other not in listed), None)
    return theirs, name.strip("'\" ")


def _address_and_name(written: str) -> tuple[str | None, str]:
    """Return the address of a sender, also where it is written `ada at a.example`, and their name."""
    plain = written if "@" in written else _AT_IN_OTHER_WORDS.sub(r"\1@\2", _AT.sub("@", written, count=1))
    if " () " in written:
        plain = plain.replace(" ! ", ".")
    if whole := _ONE_ADDRESS.fullmatch(plain):
        return whole[2].lower(), whole[1].strip()
    name, told = name_and_address(plain)
    address = address_of(plain) or (told if told and not name and " " not in plain.strip() else "")
    return address.lower() or None, name


def _time_in(written: str) -> datetime:
    """Read a date of a mail. Raises ValueError."""
    try:
        sent = parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError):
        found, _ = time_of(written)
        if found is None:
            raise ValueError("no time") from None
        return found
    return sent if sent.tzinfo else sent.replace(tzinfo=UTC)


def records_of(mail: Mail, run: Run) -> Iterator[Activity]:
    """Yield a message, and the trailers by its sender where it answers one. May raise one of MALFORMED."""
    if mail.hidden:
        run.left_out[mail.hidden] += 1
        return
    act = {"actor": mail.sender, "published": mail.sent}
    if mail.sender is not None:
        run.name(mail.sender, mail.name or None, mail.sent)
    text = own_text(mail.text)
    said = {"id": mail.key, "content": f"{own_subject(mail.subject)}\n\n{text}".strip(), **act}
    if mail.answered is None:
        yield record(type="question" if mail.subject.rstrip().endswith("?") else "note", **said)
        return
    yield record(type="reply", object=mail.answered, **said)
    for kind, by in dict.fromkeys(_TRAILER.findall(text)):
        if address_of(by) == mail.sender:
            made = _KINDS[kind.lower()]
            value = {"value": 1.0} if made == "review" else {}
            yield record(type=made, id=f"{mail.key}/{kind.lower()}", object=mail.answered, **act, **value)


def _plain(written: str) -> str:
    """Return a header in plain letters."""
    if not written.isascii():
        written = _decoded(written.encode("utf-8", "surrogateescape"), "utf-8")
    try:
        return str(make_header(decode_header(written))) if "=?" in written else written
    except (LookupError, ValueError, MessageError):  # a character set that nobody knows or can be, or broken base64
        return written


def _text(message: Message) -> str:
    """Return the plain text of a message, of its page where it has no other."""
    plain = (part for part in message.walk() if part.get_content_type() == "text/plain" and not part.get_filename())
    part = next(plain, None)
    page = part is None and next((each for each in message.walk() if each.get_content_type() == "text/html"), None)
    part = page or part
    body = b"" if part is None else cast("bytes", part.get_payload(decode=True) or b"")
    text = _decoded(body, (part.get_content_charset() if part is not None else None) or "utf-8")
    return plain_text(own_html(text, QUOTES)) if page else text


def _decoded(body: bytes, charset: str) -> str:
    """Decode as it says itself, else as UTF-8, else as programs of that time had it that said nothing."""
    for each in (charset, "utf-8"):
        with suppress(LookupError, UnicodeError, ValueError):
            return body.decode(each)
    try:
        return body.decode(_USUAL if charset in _SAYS_NOTHING else charset, "replace")
    except (LookupError, ValueError):
        return body.decode(_USUAL, "replace")


FORMAT = Format(FACTS, read, Kinds(any_name=True))


_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z-]+: [^\n]*\n)*\n?")
_SIGNATURE = re.compile(r"^-----BEGIN PGP SIGNATURE-----$", re.MULTILINE)
_OTHERS = re.compile(
    r"^(?:-{3,} ?(?!BEGIN |END )[^\W\d_][^\n-]{4,40}[^\W_] ?-{3,}|_{20,})\s*\n+(?=[*>]*[^\W\d_][\w -]{0,20}:)",
    re.MULTILINE,
)
"""What stands above a mail that is answered or passed on: a line that names it, or none, and its headers."""
_FOOTER = re.compile(r"^_{40,}\s*\n[^\n]{1,120}\n(?=[^\n]*(?:@|https?://))", re.MULTILINE)
"""What Mailman puts below: the name of the list and its addresses."""


def own_text(whole: str) -> str:
    """Return what the sender wrote: no quotes, no signature, and nothing of a mail that stands below."""
    text = _SIGNED.sub("", whole.replace("\r\n", "\n"), count=1)
    for cut in (_SIGNATURE, _OTHERS, _FOOTER):
        found = cut.search(text)
        text = text[: found.start()] if found else text
    return without_quoted_lines(text.partition("\n-- \n")[0]).strip()
