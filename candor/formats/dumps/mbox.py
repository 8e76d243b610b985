"""An archive of a mailing list in mbox, one message after the other; trailers in answers are reviews and tests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, cast

from candor.formats.dumps.dump import Format, FormatFacts, Run, lines_in
from candor.formats.dumps.git import address_in as address_of
from candor.formats.dumps.git import name_and_address
from candor.formats.dumps.uploaded import Kinds
from candor.formats.markup import plain as plain_text
from candor.formats.reading import record

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
    accept="none: thanks are told from the text of the reply",
    review="Reviewed-by and Acked-by in an answer, by who sends it; Tested-by is a test",
    lost="quoted text, attachments, signatures; who was written to",
)
_FROM = re.compile(rb"From (?:.*\d\d?:\d\d.*|\S+\s*$)")
_AT = re.compile(r"(?<!\s)\s*+[\[({]at[\])}]\s*+| at ", re.IGNORECASE)
_KEY = re.compile(r"<([^<>\s]+)>")
_TRAILER = re.compile(r"^(Reviewed|Acked|Tested)-by:\s*(.+)$", re.MULTILINE | re.IGNORECASE)
_KINDS = {"reviewed": "review", "acked": "review", "tested": "test"}
_SUBJECT_TAG = re.compile(r"^(?:\s*(?:re|aw|fwd?):\s*|\s*\[[^\]]*\]\s*)+", re.IGNORECASE)
_LONGEST_BYTES = 8 * 2**20


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of messages. Raises UnreadableError."""
    for path in paths:
        yield from run.each(_messages(lines_in(path), run), bytes, lambda raw: _said(raw, run))


def _messages(lines: Iterable[bytes], run: Run) -> Iterator[bytes]:
    """Yield messages, cut where a line after an empty one begins with `From `."""
    found: list[bytes] = []
    size, before = 0, b""
    for line in lines:
        if not before.strip() and _FROM.match(line):
            if found:
                yield b"\n".join(found)
            found, size = [], 0
        else:
            size += len(line) + 1
            if size <= _LONGEST_BYTES:
                found.append(line.removeprefix(b">") if line.startswith(b">From ") else line)
            elif size - len(line) - 1 <= _LONGEST_BYTES:
                run.left_out["cut"] += 1
        before = line
    if found:
        yield b"\n".join(found)


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A message; `answered` is its In-Reply-To or References as they are written. Its sender may be hidden: None."""

    sender: str | None
    name: str
    sent: datetime
    key: str
    subject: str
    answered: str
    text: str


def _said(raw: bytes, run: Run) -> Iterator[Activity]:
    message = message_from_bytes(raw)
    return records_of(mail_of(lambda name: _header(message, name), _text(message)), run)


def mail_of(header: Callable[[str], str], text: str) -> Mail:
    """Return a message by its headers and its text. Raises ValueError where it has no date."""
    sender, name = _sender(header)
    return Mail(
        sender=sender,
        name=name,
        sent=time_in(header("Date")),
        key=header("Message-ID"),
        subject=header("Subject"),
        answered=header("In-Reply-To") or header("References"),
        text=text,
    )


def _sender(header: Callable[[str], str]) -> tuple[str | None, str]:
    """Return the address and name of who wrote it, also where a list put its own address in the place of theirs."""
    written = header("From")
    address, (name, via, _) = address_in(written), name_and_address(_at(written))[0].strip("'\" ").partition(" via ")
    if not via:
        return address, name
    listed = header("List-Post") + header("Sender")
    others = (address_in(header(other)) for other in ("X-Original-From", "Reply-To") if header(other))
    theirs = next((other for other in others if other and other != address and other not in listed), None)
    return theirs, name.strip("'\" ")


def address_in(written: str) -> str:
    """Return the address of a sender, also where it is written `ada at a.example`."""
    plain = _at(written)
    return (address_of(plain) or name_and_address(plain)[1]).lower()


def _at(written: str) -> str:
    return written if "@" in written else _AT.sub("@", written, count=1)


def time_in(written: str) -> datetime:
    """Read a date of a mail. Raises ValueError."""
    sent = parsedate_to_datetime(written)
    return sent if sent.tzinfo else sent.replace(tzinfo=UTC)


def records_of(mail: Mail, run: Run) -> Iterator[Activity]:
    """Yield a message, and the trailers by its sender where it answers one. May raise one of MALFORMED."""
    act = {"actor": mail.sender, "published": mail.sent}
    key, answered = (_KEY.findall(mail.key) or mail.key.split())[0], _KEY.findall(mail.answered)[-1:]
    if mail.sender is not None:
        run.name(mail.sender, mail.name or None, mail.sent)
    text = own_text(mail.text)
    said = {"id": key, "content": f"{_SUBJECT_TAG.sub('', mail.subject)}\n\n{text}".strip(), **act}
    if not answered:
        yield record(type="question" if mail.subject.rstrip().endswith("?") else "note", **said)
        return
    yield record(type="reply", object=answered[0], **said)
    for kind, by in dict.fromkeys(_TRAILER.findall(text)):
        if address_of(by) == mail.sender:
            made = _KINDS[kind.lower()]
            value = {"value": 1.0} if made == "review" else {}
            yield record(type=made, id=f"{key}/{kind.lower()}", object=answered[0], **act, **value)


def _header(message: Message, name: str) -> str:
    """Return a header in plain letters, empty where there is none."""
    written = str(message.get(name) or "")
    try:
        return str(make_header(decode_header(written))) if "=?" in written else written
    except (LookupError, ValueError, HeaderParseError):  # a character set that nobody knows, or broken base64
        return written


def _text(message: Message) -> str:
    """Return the plain text of a message, of its page where it has no other."""
    plain = (part for part in message.walk() if part.get_content_type() == "text/plain" and not part.get_filename())
    part = next(plain, None)
    page = part is None and next((each for each in message.walk() if each.get_content_type() == "text/html"), None)
    part = page or part
    body = b"" if part is None else cast("bytes", part.get_payload(decode=True) or b"")
    charset = (part.get_content_charset() if part is not None else None) or "utf-8"
    try:
        text = body.decode(charset, "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    return plain_text(text) if page else text


def own_text(whole: str) -> str:
    """Return what the sender wrote: no quotes, and no signature."""
    lines = whole.replace("\r\n", "\n").partition("\n-- \n")[0].splitlines()
    return "\n".join(line for line in lines if not line.startswith(">")).strip()


FORMAT = Format(FACTS, read, Kinds(any_name=True))
