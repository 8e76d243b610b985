"""An export of a community that is brought as something else: the refusal names what it is, and the form chooses it."""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from candor.formats.compression import UnreadableError
from candor.formats.dumps.recognised import looks_like
from candor.formats.rows import records_in
from tests.formats.dump_files import SLACK

if TYPE_CHECKING:
    from flask.testing import FlaskClient

HTML = {"Accept": "text/html", "Accept-Language": "en"}
MAIL = b"From ada@beer.example Mon Jan  5 10:00:00 2026\nFrom: ada@beer.example\nSubject: hops\n\nSaaz or Cascade?\n"
DISCORD = {"guild": {"id": "1"}, "channel": {"id": "2", "type": "GuildTextChat", "name": "hops"}, "messages": []}
DISCORD["messages"] = [
    {"id": "3", "type": "Default", "timestamp": "2026-01-05T10:00:00+00:00", "content": "Saaz", "author": {"id": "4"}}
]
TELEGRAM = {"name": "hops", "type": "public_supergroup", "id": 5, "messages": []}
DISCOURSE = {"post_stream": {"posts": [{"id": 1, "username": "ada"}]}, "id": 9, "title": "hops"}


def packed(**files: object) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as file:
        for name, content in files.items():
            file.writestr(name, json.dumps(content))
    return body.getvalue()


def tarred(*names: str) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as file:
        for name in names:
            info = tarfile.TarInfo(f"zulip-export/{name}")
            info.size = 2
            file.addfile(info, io.BytesIO(b"{}"))
    return body.getvalue()


REDDIT = {
    "id": "abc",
    "name": "t3_abc",
    "author": "Ada",
    "created_utc": 1767600000,
    "subreddit": "beer",
    "title": "Which hops?",
    "selftext": "",
}
FILES = {
    "slack": packed(**SLACK),
    "zulip": tarred("realm.json", "messages-000001.json"),
    "mbox": MAIL,
    "discord": json.dumps(DISCORD).encode(),
    "telegram": json.dumps(TELEGRAM).encode(),
    "discourse": json.dumps(DISCOURSE).encode(),
    "reddit": json.dumps(REDDIT).encode(),
}
ZIPPED = {"mbox": "2026-01.mbox", "discord": "hops.json", "telegram": "result.json"}


@pytest.fixture
def token(client: FlaskClient, kept_sample: None) -> str:
    found = re.search(r'name="csrf" value="([\w-]+)"', client.get("/", headers=HTML).text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("form", FILES)
def test_the_interface_says_which_format_an_export_looks_like(client, form):
    refused = client.put(
        "/v1/datasets/beer?network=custom:beer&profile=qa", data=FILES[form], content_type="application/octet-stream"
    )
    assert refused.status_code == 422
    (fault,) = refused.json["errors"]
    assert fault["pointer"] == "/format"
    assert f"send it with format={form}" in fault["detail"]


def test_a_chat_whose_members_came_and_went_is_told_from_records():
    joined = {"id": 1, "type": "service", "actor": "Ada", "actor_id": "user1", "action": "join_group_by_link"}
    chat = {**TELEGRAM, "messages": [joined]}
    assert looks_like(io.BytesIO(json.dumps(chat).encode())) == "telegram"


def test_a_zip_of_stack_exchange_is_known_by_its_names():
    assert looks_like(io.BytesIO(packed(**{"x/Posts.xml": 1, "x/Users.xml": 1}))) == "stackexchange"


@pytest.mark.parametrize("kind", ["records", "mastodon", "gerrit"])
@pytest.mark.parametrize("form", FILES)
def test_the_form_chooses_what_the_file_looks_like_and_takes_it_then(client, token, form, kind):
    sent = {"csrf": token, "bring": "file", "kind": kind, "community": "beer", "profile": "qa"}
    refused = client.post("/community", data=sent | {"file": (io.BytesIO(FILES[form]), "it")}, headers=HTML)
    assert refused.status_code == 422
    assert "choose that, and the file again" in refused.text
    assert re.findall(r'<option value="(\w+)" selected>', refused.text)[0] == form
    french = client.post(
        "/community", data=sent | {"file": (io.BytesIO(FILES[form]), "it")}, headers={**HTML, "Accept-Language": "fr"}
    )
    assert "choisissez cela" in french.text


@pytest.mark.parametrize("form", ZIPPED)
def test_a_zip_is_known_by_what_is_in_it(client, form):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as file:
        file.writestr(ZIPPED[form], FILES[form])
    refused = client.put(
        "/v1/datasets/beer?network=custom:beer&profile=qa",
        data=body.getvalue(),
        content_type="application/octet-stream",
    )
    assert f"send it with format={form}" in refused.text


def test_records_that_only_speak_of_an_export_are_records(client):
    record = {"id": "1", "actor": "ada", "type": "note", "published": "2026-01-05T10:00:00Z"}
    record["content"] = 'From ada Mon 2026\n"post_stream" "guild" "channel" "messages" "type":"public_group"'
    url = "/v1/datasets/beer?network=custom:beer&profile=qa"
    assert client.put(url, data=json.dumps(record), content_type="application/x-ndjson").status_code == 201


def test_a_spreadsheet_of_libreoffice_is_called_what_it_is(client, token):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", "<x/>")
        file.writestr("META-INF/manifest.xml", "<x/>")
    ods = body.getvalue()
    url = "/v1/datasets/beer?network=custom:beer&profile=qa"
    refused = client.put(url, data=ods, content_type="application/octet-stream")
    assert (
        "this is an OpenDocument spreadsheet: save it as an Excel workbook (xlsx) or as CSV" in refused.json["detail"]
    )
    sent = {"csrf": token, "bring": "file", "kind": "records", "community": "beer", "profile": "qa"}
    page = client.post("/community", data=sent | {"file": (io.BytesIO(ods), "forum.ods")}, headers=HTML)
    assert "this is an OpenDocument spreadsheet" in page.text
    with pytest.raises(UnreadableError, match="OpenDocument"):
        list(records_in([ods], 10**6))
