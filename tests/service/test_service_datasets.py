"""Data sets over HTTP: streamed in, whole or not at all."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import duckdb
import pytest
from openpyxl import Workbook

from candor.formats.compression import zstd
from candor.store import record_reading
from service.app import create_app

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

URL = "/v1/datasets/beer?network=custom:beer&profile=qa"
NDJSON = "application/x-ndjson"


def line(number: int, **more: object) -> bytes:
    record = {"id": f"r{number}", "actor": "u", "type": "note", "published": "2026-10-01T12:00:00Z", **more}
    return json.dumps(record).encode() + b"\n"


GOOD = line(1) + line(2)


def put(client, body: bytes, url: str = URL, **headers: str) -> TestResponse:
    return client.put(url, data=body, content_type=NDJSON, headers=headers)


def test_a_data_set_is_made_and_read(client):
    made = put(client, GOOD)
    assert (made.status_code, made.json["records"], made.json["network"]) == (201, 2, "custom:beer")
    assert client.get("/v1/datasets/beer").json == made.json


def test_the_same_again_changes_nothing(client):
    first, second = put(client, GOOD), put(client, line(2) + line(1))
    assert second.status_code == 200
    assert second.json["digest"] == first.json["digest"]


def test_another_content_replaces_it(client):
    put(client, GOOD)
    assert put(client, line(3)).json["records"] == 1


@pytest.mark.parametrize("change", ["records", "source"])
def test_a_data_set_is_not_replaced_by_one_of_another_network(client, change):
    put(client, GOOD)
    if change == "records":
        refused, at = put(client, line(3), URL.replace("custom:beer", "custom:wine")), "/network"
    else:
        source = {"network": "stackexchange:travel", "max_requests": 10, "window_days": 30}
        refused, at = client.put("/v1/datasets/beer", json={"source": source}), "/source/network"
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, at)
    assert "the data set 'beer' holds custom:beer, not " in refused.json["errors"][0]["detail"]
    assert client.get("/v1/datasets/beer").json["records"] == 2


def test_a_deleted_data_set_is_gone(client):
    put(client, GOOD)
    assert client.delete("/v1/datasets/beer").status_code == 204
    assert client.get("/v1/datasets/beer").status_code == client.delete("/v1/datasets/beer").status_code == 404


def test_a_data_set_whose_file_is_gone_is_gone(client, data_dir, job):
    put(client, GOOD)
    for path in (data_dir / "datasets").iterdir():
        path.unlink()
    refused = client.post("/v1/jobs", json=job | {"activities": None, "dataset": "beer"})
    assert client.get("/v1/datasets/beer").status_code == client.delete("/v1/datasets/beer").status_code == 404
    assert "/dataset" in [fault["pointer"] for fault in refused.json["errors"]]
    assert put(client, GOOD).status_code == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/datasets/beer/records"),
        ("POST", "/v1/datasets/beer/records"),
        ("DELETE", "/v1/datasets/beer/records/r1"),
    ],
)
def test_from_a_damaged_file_nothing_is_read_or_written(client, data_dir, method, path):
    put(client, GOOD)
    (file,) = (data_dir / "datasets").iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    answer = client.open(path, method=method, data=line(9), content_type=NDJSON)
    assert (answer.status_code, answer.json["code"]) == (500, "dataset_damaged")
    assert str(file) not in answer.text


@pytest.mark.parametrize("junk", [b"\n", b"x\n", b"{}\n"])
@pytest.mark.parametrize("more", ["", "&skip_bad=true"])
def test_of_an_upload_that_is_mostly_junk_the_rest_is_not_read_and_nothing_stored(client, monkeypatch, junk, more):
    monkeypatch.setattr(record_reading, "MOST_JUNK", 1_000)
    refused = put(client, GOOD + junk * 10_000 + line(3) * 5_000, URL + more)
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_records")
    assert refused.json["detail"].endswith("lines are blank or no records; the rest was not read.")
    assert client.get("/v1/datasets/beer").status_code == 404


def test_an_upload_with_much_junk_and_more_records_is_read_to_its_end(client, monkeypatch):
    monkeypatch.setattr(record_reading, "MOST_JUNK", 10)
    body = b"".join(line(number) + b"\n" for number in range(100)) + line(100)
    assert put(client, body).json["records"] == 101


def test_gzip_is_inflated(client):
    assert put(client, gzip.compress(GOOD), **{"Content-Encoding": "gzip"}).json["records"] == 2


def test_several_gzip_members_are_one_body(client):
    body = gzip.compress(line(1)) + gzip.compress(line(2))
    assert put(client, body, **{"Content-Encoding": "gzip"}).json["records"] == 2


def test_a_last_line_without_an_end_counts(client):
    assert put(client, GOOD.rstrip()).json["records"] == 2


@pytest.mark.parametrize("cut", [1, 8, 20])
def test_gzip_that_ends_too_early_stores_nothing(client, cut):
    answer = put(client, gzip.compress(GOOD)[:-cut], **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json["code"]) == (400, "malformed")
    assert client.get("/v1/datasets/beer").status_code == 404


def test_what_is_not_gzip_is_400(client):
    assert put(client, GOOD, **{"Content-Encoding": "gzip"}).status_code == 400


def test_another_encoding_is_415(client):
    answer = put(client, GOOD, **{"Content-Encoding": "br"})
    assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "gzip, zstd, identity")


def test_another_media_type_is_415(client):
    assert client.put(URL, data=GOOD, content_type="text/html").status_code == 415


RECORDS_URL = "/v1/datasets/beer/records"


def test_a_table_in_another_charset_with_columns_of_its_own_is_told_both_at_once(client):
    table = "N°;Discussion;Auteur;Date;Message;Réponse à\n1;d;ada;2026-10-01;Où ça ?;\n2;d;bo;2026-10-02;Là;1\n"
    table = table.encode("windows-1252")
    refused = client.put(URL, data=table, content_type="text/csv").json["detail"]
    said = "id=N°,actor=Auteur,published=Date,content=Message,object=Réponse à,thread=Discussion"
    assert refused.startswith("The table is not UTF-8: send it with Content-Type: text/csv; charset=windows-1252")
    assert f"map={said}. It has: N°, Discussion" in refused
    address = f"{URL}&map={quote(said)}"
    assert "The table is not UTF-8" in client.put(address, data=table, content_type="text/csv").json["detail"]
    kept = client.put(address, data=table, content_type="text/csv; charset=windows-1252").json
    assert (kept["records"], kept["references"]["answering"]) == (2, 1)
    (fault,) = client.put(f"{URL}&charset=windows-1252", data=table, content_type="text/csv").json["errors"]
    assert fault["detail"].endswith("as in Content-Type: text/csv; charset=windows-1252.")


def test_the_charset_of_a_table_is_the_one_of_its_media_type(client):
    table = "id,type,actor,published\nr1,note,Jörg,2026-10-01T12:00:00Z\n".encode("latin-1")
    refused = client.put(URL, data=table, content_type="text/csv")
    assert (refused.status_code, "charset=windows-1252" in refused.json["detail"]) == (400, True)
    assert client.put(URL, data=table, content_type="text/csv; charset=iso-8859-1").status_code == 201
    assert b"J\xc3\xb6rg" in client.get(RECORDS_URL).data
    unknown = client.post(RECORDS_URL, data=table, content_type="text/csv; charset=zip")
    assert (unknown.status_code, unknown.json["detail"][:29]) == (400, "There is no charset 'zip' for")


TABLE = b"id,type,actor,published\nr1,note,u,2026-10-01T12:00:00Z\nr2,note,u,2026-10-01T12:00:00Z\n"


@pytest.mark.parametrize("body", [TABLE, TABLE.replace(b"\n", b"\r\n")])
def test_a_table_whose_lines_curl_joined_is_told_from_a_file_as_it_is(client, body):
    joined = body.replace(b"\r", b"").replace(b"\n", b"")  # what `curl -d @FILE` sends
    answer = client.put(URL, data=joined, content_type="text/csv")
    assert (answer.status_code, answer.json["code"]) == (400, "malformed")
    assert "curl --data-binary @FILE -H 'Content-Type: text/csv'" in answer.json["detail"]
    assert client.put(URL, data=body, content_type="text/csv").json["records"] == 2


def test_records_that_stand_one_behind_the_other_without_ends_of_lines_are_read(client):
    assert client.put(URL, data=GOOD.replace(b"\n", b""), content_type=NDJSON).json["records"] == 2


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_file_that_came_as_a_form_is_told_how_to_come(client, kind):
    answer = client.put(URL, data=GOOD, content_type=kind)
    assert answer.status_code == 415
    assert "curl --data-binary @FILE" in answer.json["detail"]


@pytest.mark.parametrize("more", ["}{", '"} {"', "\\"])
def test_one_record_without_an_end_of_line_is_one(client, more):
    assert put(client, line(1, content=more).rstrip()).json["records"] == 1


def test_a_body_that_stops_half_way_stores_nothing(client):
    environ = {"CONTENT_LENGTH": str(len(GOOD) + 100), "wsgi.input": io.BytesIO(GOOD)}
    answer = client.put(URL, content_type=NDJSON, environ_overrides=environ)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
    assert client.get("/v1/datasets/beer").status_code == 404


def test_a_failed_upload_leaves_the_old_set_alone(client, data_dir):
    before = put(client, GOOD).json
    put(client, line(1) + b"nonsense\n")
    assert client.get("/v1/datasets/beer").json == before
    assert len(list((data_dir / "datasets").iterdir())) == 1


def test_bad_lines_are_listed_and_nothing_is_stored(client):
    answer = put(client, line(1) + b"\n{}\n" + line(2, published="then"))
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_records")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/3/type", "/3/published", "/3/id", "/4/published"]
    assert client.get("/v1/datasets/beer").status_code == 404


def test_the_first_hundred_bad_lines_are_listed(client):
    answer = put(client, b"{x\n" * 150)
    assert len(answer.json["errors"]) == 100
    assert "150" in answer.json["detail"]


def test_skip_bad_keeps_the_good_lines(client):
    answer = put(client, line(1) + b"nonsense\n" + line(2), URL + "&skip_bad=true")
    assert (answer.status_code, answer.json["records"], answer.json["counts"]["bad"]) == (201, 2, 1)


def test_an_upload_of_nothing_is_refused_and_what_was_there_stays(client):
    before = put(client, GOOD).json
    for body in (b"", b"\n\n", b"[]", line(1, visibility="private")):
        assert (put(client, body).status_code, client.get("/v1/datasets/beer").json) == (422, before)


@pytest.mark.parametrize("pair", ["like=review", "like%3Dreview", "like:review"])
def test_types_are_renamed(client, store, pair):
    put(client, line(1, type="like", object="r0"), f"{URL}&map={pair}")
    assert store.datasets.activities("local", "beer")[0].type == "review"


def test_fields_are_read_from_the_columns_that_a_map_names(client, store):
    body = b"id,user_id,kind,when\n1,7,question,2026-10-01T12:00:00Z\n"
    put(client, body, URL + "&map=actor=user_id,type=kind,published=when")
    record = store.datasets.activities("local", "beer")[0]
    assert (record.id, record.actor, record.type) == ("1", "7", "question")


@pytest.mark.parametrize(
    ("network", "actors", "said"),
    [
        ("stackexchange:beer", ["ada", "u1"], True),
        ("stackexchange:beer", ["ada", "7"], False),
        ("stackexchange:beer", [], False),
        ("custom:beer", ["a" * 600], False),
    ],
)
def test_ids_of_ones_own_are_told_where_they_belong(client, network, actors, said):
    body = b"".join(line(number, actor=actor) for number, actor in enumerate(actors))
    profile = "&profile=qa" if network.startswith("custom:") else ""
    refused = put(client, body, f"/v1/datasets/beer?network={network}{profile}")
    assert refused.status_code == 422
    assert ("If these are ids of your own, send them with `network=custom:NAME`" in refused.json["detail"]) == said


def test_posts_of_another_program_are_records_where_a_map_says_how(client):
    posts = b'[{"id": "1", "user": "u", "created_at": "2026-10-01T12:00:00Z", "in_reply_to_id": null, "kind": "note"}]'
    assert put(client, posts).status_code == 422
    named = "&map=actor:user,published:created_at,object:in_reply_to_id,type:kind"
    assert put(client, posts, URL + named).json["records"] == 1


def test_twenty_records_faults_are_in_one_answer(client):
    answer = put(client, b"".join(line(number, type="post", published="soon") for number in range(25)))
    assert len({error["pointer"].split("/")[1] for error in answer.json["errors"]}) >= 20


def test_an_unknown_type_is_answered_with_the_types_and_the_nearest(client):
    (fault,) = put(client, line(1, type="questoin")).json["errors"]
    assert "did you mean 'question'? The types are note, question, " in fault["detail"]


def test_unknown_fields_are_named_with_the_nearest_that_is_known(client):
    counts = put(client, line(1, Contents="x", zzz=1)).json["counts"]
    assert counts["unknown_field_names"] == {"Contents": "content", "zzz": None}


def by(number: int, **who: str) -> bytes:
    """Write an act of whoever is named, by the field that is given; of nobody otherwise."""
    return json.dumps({"id": f"r{number}", "type": "note", "published": "2026-10-01T12:00:00Z", **who}).encode() + b"\n"


@pytest.mark.parametrize(
    ("body", "nearest"),
    [
        (b"".join(by(n, author="u") for n in range(60)), ["`author`: did you mean `actor`? map=actor:author"]),
        (
            b"".join(by(n, author="u") for n in range(99)) + line(99),
            ["`author`: did you mean `actor`? map=actor:author"],
        ),
        (
            b"id,type,published,wer\nr1,note,2026-10-01T12:00:00Z,u\n",
            ["`wer`: did you mean `actor`? map=actor:wer"],
        ),
        (b"id,type,published,colour\nr1,note,2026-10-01T12:00:00Z,u\n", []),
        (by(1), []),
    ],
)
def test_an_upload_of_acts_of_nobody_known_is_refused_with_the_nearest_field(client, body, nearest):
    answer = put(client, body)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_records")
    assert "do not say who did it" in answer.json["detail"]
    assert [fault["detail"] for fault in answer.json.get("errors", ())] == nearest
    assert client.get("/v1/datasets/beer").status_code == 404


def test_acts_of_nobody_known_are_added_where_others_have_a_name_and_no_field_was_meant(client):
    put(client, GOOD)
    added = "/v1/datasets/beer/records"
    assert client.post(added, data=by(3), content_type=NDJSON).status_code == 200
    refused = client.post(added, data=by(4, author="u"), content_type=NDJSON)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/map")


def test_votes_of_nobody_known_are_an_upload(client):
    assert put(client, by(1, type="vote", object="r2")).status_code == 201


@pytest.mark.parametrize("query", ["map=actor:who,published:at", "map=actor:who&map=published:at"])
def test_columns_are_named_with_commas_or_one_a_parameter(client, query):
    lines = b'{"id": "r1", "who": "ada", "type": "note", "at": "2026-10-01T12:00:00Z"}\n'
    assert put(client, lines, f"{URL}&{query}").json["records"] == 1


def test_a_column_may_have_a_comma_in_its_name(client):
    table = b'id,who,"Text, or body",at\nr1,ada,hops,2026-10-01\n'
    query = "map=actor=who,content=Text, or body,published=at"
    assert put(client, table, f"{URL}&{query}").status_code == 201
    assert b'"content":"hops"' in client.get("/v1/datasets/beer/records").data


def test_an_accept_is_of_whoever_asked_in_an_earlier_upload(client):
    table = "id,actor,object,published,ok\n{}\n"
    put(client, table.format("q1,ada,,2026-10-01,").encode(), f"{URL}&map=accepted=ok")
    later = table.format("a1,bo,q1,2026-10-02,yes").encode()
    added = client.post("/v1/datasets/beer/records?map=accepted=ok", data=later, content_type="text/csv").json
    assert (added["records"], added["counts"]["nameless"]) == (3, 0)
    assert b'"id":"a1:accepted"' in (told := client.get("/v1/datasets/beer/records").data)
    assert b'"actor":"ada"' in told.splitlines()[-1]


def test_faults_in_several_files_of_a_zip_name_the_file_and_its_own_line(client):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("a.ndjson", GOOD)
        archive.writestr("b.ndjson", line(7) + b"{\n")
    refused = put(client, body.getvalue(), f"{URL}&map=like=review")
    assert [(each["pointer"], each["detail"][:12]) for each in refused.json["errors"]] == [("/2", "in b.ndjson:")]


def test_a_workbook_and_packed_parts_may_come_in_a_zip(client):
    sheet, book, body = io.BytesIO(), Workbook(), io.BytesIO()
    book.active.append(["id", "type", "actor", "published"])
    book.active.append(["r1", "note", "ada", "2026-10-01"])
    book.save(sheet)
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("posts.xlsx", sheet.getvalue())
    assert put(client, body.getvalue()).json["records"] == 1
    parts = io.BytesIO()
    with zipfile.ZipFile(parts, "w") as archive:
        archive.writestr("part-0.json.gz", gzip.compress(line(1)))
        archive.writestr("part-1.json.gz", gzip.compress(line(2)))
    assert put(client, parts.getvalue()).json["records"] == 2


def test_a_field_is_in_one_column_only(client):
    refused = put(client, GOOD, f"{URL}&map=actor=who,actor=text")
    assert [each["detail"] for each in refused.json["errors"]] == [
        "'actor' is said twice, to be 'who' and 'text': leave one out"
    ]


def test_what_is_given_twice_where_one_value_is_read_is_refused_and_not_lost(client):
    answer = put(client, GOOD, f"{URL}&skip_bad=true&skip_bad=false")
    assert [(each["pointer"], each["detail"]) for each in answer.json["errors"]] == [
        ("/skip_bad", "is given more than once")
    ]
    assert put(client, GOOD, f"{URL}&skip_bad=true&skip_bad=true").status_code == 201


def test_an_unknown_field_may_have_any_name(client):
    name = '\x0b"'
    counts = put(client, line(1, **{name: 1}) + line(2, **{name: 2})).json["counts"]
    assert (counts["unknown_fields"], counts["unknown_field_names"]) == (2, {name: None})


def test_objects_that_are_the_id_of_no_record_are_counted_with_examples(client):
    body = line(1) + line(2, object="r1") + line(3, object="1") + line(4, object="1")
    assert put(client, body).json["references"] == {
        "answering": 1,
        "unmatched": 2,
        "unmatched_examples": ["1"],
        "asks": False,
    }


@pytest.mark.parametrize(
    "kind",
    [
        *("application/octet-stream", "application/json", "application/gzip", "application/zstd"),
        *("text/csv", "text/tab-separated-values"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress], ids=["plain", "gzip", "zstd"])
def test_content_decides_what_records_are_whatever_they_are_sent_as(client, kind, pack):
    array = b"[" + GOOD.strip().replace(b"\n", b",") + b"]"
    for body in (GOOD, array, b"\xef\xbb\xbf" + GOOD):
        answer = client.put(URL, data=pack(body), content_type=kind)
        assert (answer.status_code < 300, answer.json.get("records")) == (True, 2)


def test_a_parquet_file_is_read(client, tmp_path):
    path = tmp_path / "records.parquet"
    time = "TIMESTAMP '2026-10-01 12:00:00' AS published"
    rows = f"SELECT 1 AS id, 7 AS actor, 'note' AS type, {time}, 'NaN'::DOUBLE AS value"
    duckdb.sql(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")
    answer = client.put(URL, data=path.read_bytes(), content_type="application/vnd.apache.parquet")
    assert (answer.json["records"], answer.json["counts"]["without_zone"]) == (1, 1)


def test_a_parquet_file_cut_short_is_400_and_leaves_nothing(client, data_dir):
    assert client.put(URL, data=b"PAR1" + b"x" * 50, content_type="application/octet-stream").status_code == 400
    assert list((data_dir / "datasets").iterdir()) == []


@pytest.mark.parametrize("pairs", ["like", "like:", ":review", "like:applause"])
def test_a_wrong_map_is_422(client, pairs):
    assert put(client, GOOD, f"{URL}&map={pairs}").status_code == 422


@pytest.mark.parametrize(
    ("url", "pointer"),
    [
        ("/v1/datasets/beer", "/network"),
        ("/v1/datasets/beer?network=myspace", "/network"),
        ("/v1/datasets/beer?network=custom:beer", "/profile"),
        ("/v1/datasets/beer?network=custom:beer&profile=best", "/profile"),
        ("/v1/datasets/beer?network=github&profile=qa", "/profile"),
        ("/v1/datasets/Beer?network=github", "/dataset_id"),
        ("/v1/datasets/beer?network=github&colour=red", "/colour"),
        ("/v1/datasets/beer?network=github&skip_bad=perhaps", "/skip_bad"),
    ],
)
def test_a_wrong_query_is_422_with_a_pointer(client, url, pointer):
    answer = put(client, GOOD, url)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_gzip_that_inflates_without_end_is_413(settings, store):
    client = create_app(replace(settings, max_inflated_bytes=1_000_000), store).test_client()
    answer = put(client, gzip.compress(b"\n" * 50_000_000), **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


def test_an_upload_beyond_the_limit_is_413(settings, store):
    client = create_app(replace(settings, max_upload_bytes=1024), store).test_client()
    assert put(client, line(1) * 100).status_code == 413


def test_an_upload_may_be_larger_than_a_job(settings, store):
    client = create_app(replace(settings, max_body_bytes=1024), store).test_client()
    assert put(client, b"".join(map(line, range(100)))).status_code == 201


def test_a_line_without_end_is_named(client):
    refused = put(client, gzip.compress(b'{"' + b"x" * 5_000_000), **{"Content-Encoding": "gzip"})
    assert refused.status_code == 422
    assert "longer than" in refused.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    "bad",
    [
        line(3, value=0).replace(b'"value": 0', b'"value": Infinity'),
        line(3, content="X").replace(b"X", b"\\ud800"),
        line(3, content="X").replace(b"X", b"\xff"),
        line(3, id="x" * 10_000),
        line(3, published="1/10/2026"),
        line(1, content="another"),
        b"[" * 3_000_000 + b"\n",
        b'{"content":' * 200_000 + b"1" + b"}" * 200_000 + b"\n",
        b"[]\n",
    ],
)
def test_a_bad_line_is_named(client, bad):
    answer = put(client, line(1) + bad)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_records")
    assert answer.json["errors"][-1]["pointer"].startswith("/2")


PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ADA = "https://a.example/users/ada"


def said(key: str, to: str) -> dict[str, object]:
    post = {"id": f"{ADA}/{key}", "type": "Note", "content": "<p>hops</p>", "to": to}
    return {"type": "Create", "actor": ADA, "published": "2026-10-01T00:00:00Z", "to": to, "object": post}


OUTBOX = json.dumps({"orderedItems": [said("1", PUBLIC), said("2", f"{ADA}/followers")]}).encode()


def zipped(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, body in entries.items():
            archive.writestr(f"{name}.json", body)
    return file.getvalue()


def put_export(client, body: bytes, kind: str, query: str = "network=mastodon", **headers: str) -> TestResponse:
    return client.put(f"/v1/datasets/mine?{query}", data=body, content_type=kind, headers=headers)


def test_an_export_says_itself_of_which_network_it_is(client):
    made = put_export(client, OUTBOX, "application/activity+json", "")
    assert (made.status_code, made.json["network"]) == (201, "mastodon")
    other = put_export(client, OUTBOX, "application/activity+json", "network=x")
    assert (other.status_code, other.json["errors"][0]["pointer"]) == (422, "/network")


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", "missing: which network the records come from, as in network=custom:NAME"),
        ("format=zulip", "missing: which network the records come from, as in network=zulip:HOST"),
        ("format=slack", "missing: which network the records come from, as in network=custom:NAME"),
    ],
)
def test_records_and_dumps_without_a_network_are_told_how_to_say_it(client, query, detail):
    refused = client.put(f"/v1/datasets/d?{query}", data=GOOD, content_type="application/x-ndjson")
    assert (refused.status_code, refused.json["errors"]) == (422, [{"pointer": "/network", "detail": detail}])


def test_a_dump_of_one_network_needs_no_network(client):
    story = {"id": 1, "type": "story", "by": "ada", "time": 1767600000, "title": "Ask HN: Which hops?"}
    made = client.put("/v1/datasets/d?format=hackernews", json=story)
    assert (made.status_code, made.json["network"]) == (201, "hackernews")


@pytest.mark.parametrize(
    ("body", "kind"),
    [(OUTBOX, "application/activity+json"), (zipped(outbox=OUTBOX), "application/zip")],
    ids=["outbox.json", "zip"],
)
def test_an_export_becomes_a_data_set_without_what_was_not_for_everybody(client, body, kind):
    made = put_export(client, body, kind)
    assert (made.status_code, made.json["records"]) == (201, 1)
    assert (made.json["archive"]["account"], made.json["archive"]["left_out"]) == ("@ada@a.example", {"private": 1})
    assert client.get("/v1/datasets/mine").json == made.json


def test_an_export_that_leaves_no_record_is_refused_and_says_what_was_left_out(client):
    private = json.dumps({"orderedItems": [said("1", f"{ADA}/followers")]}).encode()
    refused = put_export(client, private, "application/activity+json")
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_archive")
    assert "1 private" in refused.json["detail"]


def test_the_account_that_a_caller_names_settles_whose_a_part_of_an_export_is(client):
    posts = [{"tweet": {"id_str": "1", "full_text": "hops", "created_at": "Thu Oct 01 12:00:00 +0000 2026"}}]
    part = b"window.YTD.tweets.part1 = " + json.dumps(posts).encode()
    assert put_export(client, part, "application/octet-stream", "network=x").status_code == 422
    made = put_export(client, part, "application/octet-stream", "network=x&account=@Ada")
    assert (made.status_code, made.json["archive"]["account"]) == (201, "ada")


def test_records_of_a_community_are_no_export(client):
    assert put(client, GOOD).json["archive"] is None


@pytest.mark.parametrize(
    "body",
    [b"PK\x03\x04nonsense", zipped(pictures=b"{}"), zipped(**{"../outbox": OUTBOX}), b"\x1f\x8bnonsense", b""],
    ids=["broken zip", "other entries", "a name that leads elsewhere", "broken gzip", "nothing"],
)
def test_what_is_no_export_is_refused_and_leaves_nothing(client, body):
    refused = put_export(client, body, "application/zip")
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_archive")
    assert client.get("/v1/datasets/mine").status_code == 404


def test_a_mapping_for_a_zip_of_several_tables_is_refused_and_says_what_to_do(client):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("posts.csv", "likes.csv"):
            archive.writestr(name, "nr,who\n1,ada\n")
    refused = put_export(client, file.getvalue(), "application/zip", "network=custom:c&profile=qa&map=actor=who")
    said = refused.json["errors"]
    assert (refused.status_code, [each["pointer"] for each in said]) == (422, ["/map"])
    assert "of several tables send one and add the others to it" in said[0]["detail"]
    french = put_export(
        client,
        file.getvalue(),
        "application/zip",
        "network=custom:c&profile=qa&map=actor=who",
        **{"Accept-Language": "fr"},
    )
    assert "envoyez-en un puis ajoutez-y les autres" in french.get_data(as_text=True)


TABLE = "id,actor,type,published\n{},ada,note,2026-10-01T10:00:00Z\n"
PARTS: dict[str, dict[str, bytes]] = {
    "one list": {"beer/records.json": b"[" + line(1).strip() + b"," + line(2).strip() + b"]"},
    "lines of Spark": {
        "out/_SUCCESS": b"",
        "out/part-0.json": line(1),
        "out/part-1.json": line(2),
        "out/.part.crc": b"x",
    },
    "tables": {"part-0.csv": TABLE.format("r1").encode(), "part-1.csv": TABLE.format("r2").encode()},
    "beside a text and what macOS notes": {"a.json": line(1) + line(2), "README.txt": b"x", "__MACOSX/._a.json": b"\0"},
}


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_a_zip_of_files_of_one_kind_is_records(client, store, parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    assert put(client, file.getvalue()).json["records"] == 2
    assert [each.id for each in store.datasets.activities("local", "beer")] == ["r1", "r2"]


def test_an_outbox_alone_in_a_zip_under_any_name_is_an_export(client):
    taken = put_export(client, zipped(mine=OUTBOX), "application/zip")
    assert (taken.status_code, taken.json["archive"]["left_out"]) == (201, {"private": 1})


def test_of_several_files_the_one_that_cannot_be_read_is_named(client):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("notes.csv", TABLE.format("r1"))
        archive.writestr("people.csv", "nr,who\n1,ada\n")
    assert put(client, file.getvalue()).json["detail"].startswith("In people.csv: none of its columns are ours")


def test_a_zip_in_a_zip_is_not_opened_as_one_may_hold_itself(client):
    body = TABLE.format("r1").encode()
    for _ in range(2):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("records.csv", body)
        body = file.getvalue()
    answer = put(client, body)
    assert (answer.status_code, "packed itself" in answer.json["detail"]) == (400, True)


@pytest.mark.parametrize("folders", [(), ("a/",)])
def test_a_zip_without_a_file_says_so(client, folders):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in folders:
            archive.writestr(name, b"")
    assert put(client, file.getvalue()).json["detail"] == "Nothing was stored: there is no file in it."


@pytest.mark.parametrize(
    "names", [["beer.ndjson"], ["beer/part-0.jsonl", "beer/part-1.jsonl.gz", "__MACOSX/beer/._part-0.jsonl"]]
)
def test_a_zip_of_records_alone_is_records(client, names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for place, name in enumerate(names):
            row = line(place)
            archive.writestr(name, gzip.compress(row) if name.endswith(".gz") else row)
    made = put_export(client, file.getvalue(), "application/zip", "network=custom:beer&profile=qa")
    assert (made.status_code, made.json["archive"]) == (201, None)
    assert made.json["records"] == len([name for name in names if "MACOSX" not in name])


def test_an_export_of_another_network_is_refused(client):
    refused = put_export(client, OUTBOX, "application/activity+json", "network=x")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/network")


@pytest.mark.parametrize("option", ["granted_rights=true", "skip_bad=true", "map=like:review"])
def test_what_is_for_records_is_refused_with_an_export(client, option):
    refused = put_export(client, OUTBOX, "application/activity+json", f"network=mastodon&{option}")
    assert [error["pointer"] for error in refused.json["errors"]] == ["/" + option.partition("=")[0]]


def test_an_export_is_not_compressed_once_more(client):
    refused = put_export(client, gzip.compress(OUTBOX), "application/activity+json", **{"Content-Encoding": "gzip"})
    assert refused.status_code == 415


def test_an_upload_of_an_export_leaves_no_file_of_its_own(client, data_dir):
    put_export(client, zipped(outbox=OUTBOX), "application/zip")
    assert sorted(path.name for path in data_dir.iterdir()) == ["cache", "datasets"]


RECORDS_URL = "/v1/datasets/beer/records"


def add(client, body: bytes, query: str = "", **headers: str) -> TestResponse:
    return client.post(RECORDS_URL + query, data=body, content_type=NDJSON, headers=headers)


def test_records_are_added_to_a_data_set_and_replace_those_of_their_ids(client):
    put(client, GOOD)
    answer = add(client, line(2, content="new") + line(3))
    assert (answer.status_code, answer.json["records"], answer.json["counts"]["records"]) == (200, 3, 4)
    assert client.get("/v1/datasets/beer").json == answer.json
    assert b'"content":"new"' in client.get(RECORDS_URL).data


def test_the_same_records_again_change_nothing(client):
    assert put(client, GOOD).json == add(client, line(2)).json


def test_what_is_added_is_read_as_a_whole_upload_is(client):
    put(client, GOOD)
    assert add(client, gzip.compress(b"[" + line(3).strip() + b"]")).json["records"] == 3
    assert add(client, line(4, type="like", object="r1"), "?map=like:review").json["records"] == 4
    assert [add(client, body).status_code for body in (b"nonsense", b"{nonsense", b"")] == [400, 422, 422]
    assert client.get("/v1/datasets/beer").json["records"] == 4


def zipped_tables(*tables: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, table in enumerate(tables):
            archive.writestr(f"{number}.csv", table)
    return file.getvalue()


SHOP = "lb_nr,lb_who,lb_when,lb_text,lb_parent\n"
SHOP_MAP = "id=lb_nr,actor=lb_who,published=lb_when,content=lb_text,object=lb_parent"


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, lambda body: zipped_tables(body, SHOP.encode() + b"3,cy,2026-10-03,So,1\n")]
)
def test_a_table_that_is_added_without_a_map_is_read_as_the_last_was(client, pack):
    first = SHOP + "1,ada,2026-10-01,Why?,\n"
    made = put(client, first.encode(), f"{URL}&map={SHOP_MAP}").json
    body = pack((SHOP + "2,bo,2026-10-02,So,1\n").encode())
    added = client.post(RECORDS_URL, data=body, content_type="text/csv")
    assert (added.status_code, added.json["map"]) == (200, made["map"])
    assert b'"actor":"bo","object":"1"' in client.get(RECORDS_URL).data.replace(b": ", b":").replace(b", ", b",")


def test_another_table_that_is_added_is_not_read_as_the_last_was(client):
    put(client, (SHOP + "1,ada,2026-10-01,Why?,\n").encode(), f"{URL}&map={SHOP_MAP}")
    refused = client.post(RECORDS_URL, data=b"nr,wer,wann,was\n2,bo,2026-10-02,So\n", content_type="text/csv")
    assert refused.status_code == 400
    assert "actor=wer,published=wann" in refused.json["detail"]


def test_nothing_is_added_to_a_data_set_that_is_not_there_or_has_changed(client):
    assert add(client, GOOD).status_code == 404
    put(client, GOOD)
    assert add(client, line(3), **{"If-Match": '"other"'}).status_code == 412


def test_a_second_part_of_an_export_is_added_with_what_was_left_out_of_both(client):
    parts = [json.dumps({"orderedItems": [said(str(n), PUBLIC), said(str(n + 1), "x")]}).encode() for n in (1, 3)]
    put_export(client, parts[0], "application/activity+json")
    answer = client.post("/v1/datasets/mine/records", data=parts[1], content_type="application/activity+json")
    assert (answer.json["records"], answer.json["archive"]["left_out"]) == (2, {"private": 2})


def test_what_is_read_back_can_be_sent_again(client):
    before = put(client, line(1, tags=["a"], value=1.0, published="2026-10-01T12:00:00+02:00") + line(2)).json
    answer = client.get(RECORDS_URL)
    assert answer.mimetype == NDJSON
    assert put(client, answer.data).json["digest"] == before["digest"]
    assert client.get("/v1/datasets/none/records").status_code == 404


def test_one_record_is_deleted(client):
    put(client, line(1) + line(2, id="https://a.example/users/x?y#1"))
    assert client.delete(RECORDS_URL + "/https%3A%2F%2Fa.example%2Fusers%2Fx%3Fy%231").status_code == 204
    assert client.get("/v1/datasets/beer").json["records"] == 1
    assert client.delete(RECORDS_URL + "/none").status_code == 404


def test_data_sets_are_listed_page_by_page(client):
    for name in ("b", "a", "c"):
        put(client, GOOD, URL.replace("beer?", f"{name}?"))
    page = client.get("/v1/datasets?limit=2").json
    assert [each["id"] for each in page["data"]] == ["a", "b"]
    rest = client.get(f"/v1/datasets?limit=2&cursor={page['next_cursor']}").json
    assert [each["id"] for each in rest["data"]] == ["c", "sample"]


@pytest.mark.parametrize(
    ("published", "status"), [(1_790_000_000, 201), (1.79e12, 201), (46296.375, 422), (20_741, 422)]
)
def test_a_count_of_days_is_no_time_in_seconds(client, published, status):
    assert put(client, line(1, published=published)).status_code == status


UNTOLD = b"id,actor,type,published\n1,ada,note,02/03/2026\n2,bob,note,04/03/2026 10:00\n"


@pytest.mark.parametrize(("said", "days"), [("true", ["03-02", "03-04"]), ("false", ["02-03", "04-03"])])
def test_who_sends_a_table_says_which_number_is_the_day_where_no_row_tells(client, store, said, days):
    refused = client.put(URL, data=UNTOLD, content_type="text/csv")
    assert refused.status_code == 422
    assert [(each["pointer"], "day_first=true" in each["detail"]) for each in refused.json["errors"]] == [
        ("/day_first", True),
        ("/1/published", False),
        ("/2/published", False),
    ]
    assert refused.json["detail"].endswith("say it with `day_first`.")
    assert client.put(f"{URL}&day_first={said}", data=UNTOLD, content_type="text/csv").status_code == 201
    records = list(store.datasets.activities("local", "beer"))
    assert [each.published.strftime("%m-%d") for each in records] == days
    more = UNTOLD.replace(b"\n1,", b"\n3,").replace(b"\n2,", b"\n4,")
    added = client.post(f"/v1/datasets/beer/records?day_first={said}", data=more, content_type="text/csv")
    assert added.json["records"] == 4


def test_of_more_faults_than_are_told_the_one_that_names_the_parameter_is_among_them(client):
    rows = b"id,actor,type,published\n" + b"".join(b"%d,ada,note,02/03/2026\n" % number for number in range(150))
    refused = client.put(URL, data=rows, content_type="text/csv")
    assert len(refused.json["errors"]) == 100
    assert refused.json["errors"][0]["pointer"] == "/day_first"


def test_a_day_of_acceptance_that_no_row_tells_names_the_parameter(client, store):
    rows = (
        b"id,actor,published,content,object,accepted\n1,ada,2026-03-01,Which?,,\n2,bob,2026-03-02,Saaz,1,04/03/2026\n"
    )
    refused = client.put(URL, data=rows, content_type="text/csv")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (400, "/day_first")
    assert "say day_first=true or day_first=false" in refused.json["detail"]
    assert client.put(f"{URL}&day_first=true", data=rows, content_type="text/csv").status_code == 201
    accepted = next(each for each in store.datasets.activities("local", "beer") if each.type == "accept")
    assert (accepted.published.month, accepted.published.day) == (3, 4)


def test_rows_that_tell_the_day_tell_more_than_who_sends_them(client, store):
    rows = UNTOLD.replace(b"04/03/2026", b"13/03/2026")
    assert client.put(f"{URL}&day_first=false", data=rows, content_type="text/csv").status_code == 201
    assert [each.published.month for each in store.datasets.activities("local", "beer")] == [3, 3]
