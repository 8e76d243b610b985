"""Bad input: every way to be wrong has its own answer, and none is a crash."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from service.body import ArgumentParser
from service.problems import MEDIA_TYPE
from service.schemas.queries import ByLinkSchema

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

RECORD = {"id": "a3", "actor": "u7", "type": "note", "published": "2026-10-01T12:00:00Z"}


def post(client: FlaskClient, body: bytes | str) -> TestResponse:
    return client.post("/v1/jobs", data=body, content_type="application/json")


def pointers(answer: TestResponse) -> list[str]:
    assert answer.mimetype == MEDIA_TYPE
    return [error["pointer"] for error in answer.get_json().get("errors", [])]


def with_record(job: dict[str, Any], text: str) -> str:
    """The job's JSON with one more record, written by hand."""
    written = json.dumps(job)
    return written.replace('"activities": [', f'"activities": [{text}, ')


def test_a_right_job_is_accepted(client, job):
    assert client.post("/v1/jobs", json=job).status_code == 202


@pytest.mark.parametrize("body", ["", "{", '{"accounts": [}', "nonsense", '{"accounts": 1} trailing'])
def test_malformed_json_is_400(client, body):
    answer = post(client, body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "3"])
def test_json_that_is_no_object_is_422(client, body):
    assert post(client, body).status_code == 422


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("accounts", "u19", "/accounts"),
        ("accounts", [], "/accounts"),
        ("accounts", None, "/accounts"),
        ("accounts", ["u19"], "/accounts/0"),
        ("accounts", [{"network": "custom:beer", "account": 19}], "/accounts/0/account"),
        ("accounts", [{"network": "myspace", "account": "u19"}], "/accounts/0/network"),
        ("accounts", [{"network": "custom:beer", "account": "u19"}] * 101, "/accounts"),
        ("accounts", [{"network": "custom:beer", "account": "u19"}] * 2, "/accounts/1"),
        ("topics", [], "/topics"),
        ("topics", ["hops"] * 21, "/topics"),
        ("topics", [7], "/topics/0"),
        ("topics", ["tag:"], "/topics/0"),
        ("topics", [{"id": "hops", "label": "Hops"}], "/topics/0/terms"),
        ("topics", [{"id": "hops", "label": "Hops", "terms": ["hops"], "colour": "green"}], "/topics/0/colour"),
        ("topics", [{"id": "hops", "label": "Hops", "terms": "hops"}], "/topics/0/terms"),
        ("trust_root", 5, "/trust_root"),
        ("trust_root", "nobody-knows", "/trust_root"),
        ("trust_root", {"kind": "list", "network": "mastodon"}, "/trust_root/list"),
        ("trust_root", {"kind": "list", "list": "a.example/lists/1"}, "/trust_root/network"),
        ("trust_root", {"kind": "accounts", "network": "custom:beer"}, "/trust_root/accounts"),
        ("trust_root", {"kind": "accounts", "network": "github", "accounts": [{"account": "p"}]}, "/trust_root"),
        ("window_days", 0, "/window_days"),
        ("window_days", 36_501, "/window_days"),
        ("window_days", 7.5, "/window_days"),
        ("window_days", True, "/window_days"),
        ("window_days", 10**30, "/window_days"),
        ("profile", "best", "/profile"),
        ("profile", None, "/profile"),
        ("granted_rights", "yes", "/granted_rights"),
        ("activities", {"id": "a1"}, "/activities"),
        ("dataset", "unknown", "/dataset"),
    ],
)
def test_a_wrong_field_is_422_with_a_pointer(client, job, field, value, pointer):
    answer = client.post("/v1/jobs", json={**job, field: value})
    assert answer.status_code == 422
    assert pointer in pointers(answer)


@pytest.mark.parametrize("field", ["accounts", "topics"])
def test_a_missing_field_is_422_with_a_pointer(client, job, field):
    del job[field]
    assert pointers(client.post("/v1/jobs", json=job)) == [f"/{field}"]


@pytest.mark.parametrize("field", ["colour", "a/b~c"])
def test_an_unknown_field_of_a_job_is_422(client, job, field):
    answer = client.post("/v1/jobs", json={**job, field: None})
    assert answer.status_code == 422
    assert pointers(answer) == ["/" + field.replace("~", "~0").replace("/", "~1")]


def test_an_unknown_topic_is_answered_with_how_a_tag_is_asked_for(client, job):
    (fault,) = client.post("/v1/jobs", json=job | {"topics": ["beer"]}).json["errors"]
    assert "ask for 'tag:beer' (GET /v1/datasets/DATASET/suggestions" in fault["detail"]


def test_an_unknown_topic_is_422_with_a_pointer(client, job):
    answer = client.post("/v1/jobs", json={**job, "topics": ["space-technology", "no-such-topic"]})
    assert (answer.status_code, pointers(answer)) == (422, ["/topics/1"])


def test_an_account_without_activity_is_a_valid_question(client, job):
    job["accounts"] = [{"network": "custom:beer", "account": "nobody-ever-saw-me"}]
    assert client.post("/v1/jobs", json=job).status_code == 202


def test_more_records_than_the_limit_are_413(client, job):
    job["activities"] = [{**RECORD, "id": f"n{i}"} for i in range(21)]
    answer = client.post("/v1/jobs", json=job)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_many_records")


def test_as_many_records_as_the_limit_are_accepted(client, job):
    job["activities"] = [{**RECORD, "id": f"n{i}"} for i in range(20)]
    assert client.post("/v1/jobs", json=job).status_code == 202


def test_a_body_that_announces_2_gigabytes_is_413_unread(client):
    environ = {"CONTENT_LENGTH": str(2 * 1024**3), "wsgi.input": Unreadable()}
    answer = client.post("/v1/jobs", content_type="application/json", environ_overrides=environ)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")


class Unreadable:
    """A body that must not be read."""

    def read(self, _size: int = -1) -> bytes:
        raise AssertionError("the body was read")


def test_a_body_without_a_length_is_413_once_it_is_too_long(client):
    answer = client.post(
        "/v1/jobs",
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "wsgi.input": Endless()},
    )
    assert answer.status_code == 413


class Endless(io.RawIOBase):
    """A body without end; reading far beyond the limit fails the test."""

    given = 0

    def readinto(self, buffer: bytearray) -> int:
        assert self.given < 400_000
        self.given += len(buffer)
        return len(buffer)


def test_a_body_that_stops_half_way_is_400(client):
    environ = {"CONTENT_LENGTH": "500", "wsgi.input": io.BytesIO(b"{}")}
    answer = client.post("/v1/jobs", content_type="application/json", environ_overrides=environ)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "place", ["[{0}]", '{{"accounts": {0}}}', '{{"activities": [{{"content": {0}}}]}}', '{{"activities": {0}}}']
)
def test_nesting_without_end_is_400(client, place):
    deep = "[" * 90_000 + "]" * 90_000
    answer = post(client, place.format(deep))
    assert (answer.status_code, answer.get_json()["code"]) in {(400, "malformed"), (422, "invalid")}
    if place != "[{0}]":
        assert answer.status_code == 400


def test_nesting_that_never_closes_is_400(client):
    assert post(client, '{"topics": ' + "[" * 150_000).status_code == 400


def test_as_of_in_the_future_is_422(client, job):
    answer = client.post("/v1/jobs", json={**job, "as_of": "2026-11-01T12:05:01Z"})
    assert (answer.status_code, pointers(answer)) == (422, ["/as_of"])


def test_as_of_within_five_minutes_is_a_clock_that_is_off(client, job):
    assert client.post("/v1/jobs", json={**job, "as_of": "2026-11-01T12:05:00Z"}).status_code == 202


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-14:00"])
@pytest.mark.parametrize("among", [1, 300])
def test_a_record_of_no_real_time_is_named_and_not_kept(client, written, among):
    lines = [
        {"id": f"n{n}", "actor": "eddi", "type": "note", "published": "2026-10-01T00:00:00Z"} for n in range(among)
    ]
    lines[-1]["published"] = written
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    answer = client.put(
        "/v1/datasets/edge?network=custom:edge&profile=qa", data=body, content_type="application/x-ndjson"
    )
    assert (answer.status_code, pointers(answer)) == (422, [f"/{among}/published"])


def test_a_day_stands_for_its_first_moment(client, job):
    asked = client.post("/v1/jobs", json={**job, "as_of": "2026-10-01"})
    assert (asked.status_code, asked.json["request"]["as_of"]) == (202, "2026-10-01T00:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-10-01T00:00:00",
        "2026-10",
        1_700_000_000,
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00Z",
    ],
)
def test_an_unparsable_as_of_is_422(client, job, text):
    answer = client.post("/v1/jobs", json={**job, "as_of": text})
    assert (answer.status_code, pointers(answer)) == (422, ["/as_of"])


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01T00:00:00Z", "2026-10-01T00:00:00", 3])
def test_an_unparsable_date_of_a_record_is_422(client, job, text):
    job["activities"].append({**RECORD, "published": text})
    answer = client.post("/v1/jobs", json=job)
    assert (answer.status_code, pointers(answer)) == (422, ["/activities/2/published"])


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_422_with_a_pointer(client, job, value):
    text = json.dumps({**RECORD, "type": "vote", "value": 0}).replace('"value": 0', f'"value": {value}')
    answer = post(client, with_record(job, text))
    assert (answer.status_code, pointers(answer)) == (422, ["/activities/0/value"])


def test_nan_outside_the_records_is_422_with_a_pointer(client, job):
    answer = post(client, json.dumps(job)[:-1] + ', "window_days": NaN}')
    assert (answer.status_code, pointers(answer)) == (422, ["/window_days"])


def test_a_lone_surrogate_in_a_record_is_422_with_a_pointer(client, job):
    answer = post(client, with_record(job, json.dumps({**RECORD, "content": "X"}).replace("X", "\\ud800")))
    assert (answer.status_code, pointers(answer)) == (422, ["/activities/0/content"])


def test_a_lone_surrogate_outside_the_records_is_422_with_a_pointer(client, job):
    answer = post(client, json.dumps({**job, "trust_root": "XX"}).replace("XX", "\\udfff"))
    assert (answer.status_code, pointers(answer)) == (422, ["/trust_root"])


def test_bytes_that_are_not_utf_8_are_refused(client, job):
    answer = post(client, json.dumps({**job, "trust_root": "XX"}).encode().replace(b"XX", b"\xff\xfe"))
    assert answer.status_code == 400


def test_an_account_id_of_10_000_characters_is_422(client, job):
    job["accounts"][0]["account"] = "u" * 10_000
    assert pointers(client.post("/v1/jobs", json=job)) == ["/accounts/0/account"]


def test_a_record_id_of_10_000_characters_is_422(client, job):
    job["activities"].append({**RECORD, "id": "a" * 10_000})
    assert pointers(client.post("/v1/jobs", json=job)) == ["/activities/2/id"]


def test_a_network_of_10_000_characters_is_422(client, job):
    job["accounts"][0]["network"] = "custom:" + "b" * 10_000
    assert pointers(client.post("/v1/jobs", json=job)) == ["/accounts/0/network"]


def test_one_id_with_two_contents_is_422_and_names_both(client, job):
    job["activities"].append({**RECORD, "id": "a1"})
    answer = client.post("/v1/jobs", json=job)
    assert pointers(answer) == ["/activities/2/id"]
    assert "1" in answer.get_json()["errors"][0]["detail"]


def test_an_exact_repetition_counts_once_and_is_reported(client, job, store):
    job["activities"].append(job["activities"][0])
    made = client.post("/v1/jobs", json=job).get_json()
    assert made["received"]["duplicates"] == 1
    assert len(store.jobs.activities(store.jobs.get("local", made["id"])).splitlines()) == 2


def test_an_object_that_is_never_defined_is_accepted(client, job):
    job["activities"].append({**RECORD, "type": "reply", "object": "nowhere"})
    assert client.post("/v1/jobs", json=job).status_code == 202


def test_html_and_control_characters_are_kept_as_data(client, job, store):
    content = "<script>alert(1)</script>\x00\x07\u202e"
    job["activities"].append({**RECORD, "content": content})
    made = client.post("/v1/jobs", json=job).get_json()
    kept = store.jobs.activities(store.jobs.get("local", made["id"])).splitlines()[-1]
    assert json.loads(kept)["content"] == content


def test_unknown_fields_of_a_record_are_ignored_and_counted(client, job):
    job["activities"].append({**RECORD, "mood": "fine", "weather": "wet"})
    assert client.post("/v1/jobs", json=job).get_json()["received"]["unknown_fields"] == 2


def test_private_records_are_counted_and_not_stored(client, job, store):
    job["activities"].append({**RECORD, "visibility": "private", "content": "secret"})
    made = client.post("/v1/jobs", json=job).get_json()
    assert made["received"]["private"] == 1
    assert b"secret" not in store.jobs.activities(store.jobs.get("local", made["id"]))


def test_two_networks_in_one_job_are_422(client, job):
    job["accounts"].append({"network": "custom:wine", "account": "u2"})
    assert pointers(client.post("/v1/jobs", json=job)) == ["/accounts/1/network"]


def test_another_profile_than_the_networks_own_is_422(client, job):
    job |= {"accounts": [{"network": "stackexchange:travel", "account": "19"}], "profile": "forum"}
    assert pointers(client.post("/v1/jobs", json=job)) == ["/profile"]


def test_the_profile_that_the_network_has_anyway_is_taken(client, job):
    job |= {"accounts": [{"network": "stackexchange:travel", "account": "19"}], "activities": []}
    assert client.post("/v1/jobs", json=job | {"profile": "qa"}).status_code == 202


def test_an_unknown_network_is_told_how_a_community_of_ones_own_is_called(client, job):
    job["accounts"] = [{"network": "beer", "account": "u19"}]
    (fault,) = client.post("/v1/jobs", json=job).json["errors"]
    assert "custom:NAME" in fault["detail"]


def test_at_most_a_hundred_errors_are_listed(client, job):
    job["topics"] = [
        {"id": f"t{i}", "label": "", "terms": ["x"] * 10, "labels": {str(k): "" for k in range(9)}} for i in range(20)
    ]
    assert len(pointers(client.post("/v1/jobs", json=job))) == 100


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_media_type_is_415(client, media_type):
    answer = client.post("/v1/jobs", data=b"{}", content_type=media_type)
    assert (answer.status_code, answer.get_json()["code"]) == (415, "unsupported_media_type")


def test_a_compressed_job_is_415(client):
    answer = client.post("/v1/jobs", data=b"{}", content_type="application/json", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415
    assert answer.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=", "cursor=%21", "cursor=aGk", "colour=red"]
)
def test_a_wrong_query_is_422(client, query):
    assert client.get(f"/v1/jobs?{query}").status_code == 422


def test_what_is_wrong_is_said_in_the_callers_language(client, job):
    wrong = job | {"profile": "club", "as_of": "soon", "topics": []}
    french = client.post("/v1/jobs", json=wrong, headers={"Accept-Language": "fr-CA, en;q=0.5"})
    assert (french.status_code, french.headers["Content-Language"]) == (422, "fr")
    assert "Accept-Language" in french.headers["Vary"]
    assert french.json["title"] == "Valeurs à corriger"
    assert french.json["detail"] == "Corrigez `topics`, `as_of`, `profile`."
    said = {fault["pointer"]: fault["detail"] for fault in french.json["errors"]}
    assert said["/profile"].startswith("l'un de\u00a0: qa, forum")
    assert said["/as_of"].startswith("ce n'est pas une date\u00a0: écrivez 2026-10-01T12:00:00Z")
    assert said["/topics"] == "de 1 à 20 éléments"
    english = client.post("/v1/jobs", json=wrong, headers={"Accept-Language": "de, en;q=0.5, fr;q=0.4"})
    assert (english.json["title"], english.headers["Content-Language"]) == ("Some values need correcting", "en")
    assert [fault["pointer"] for fault in english.json["errors"]] == list(said)


def test_an_address_that_is_not_there_is_said_in_french(client):
    answer = client.get("/v1/nothing", headers={"Accept-Language": "fr"})
    assert answer.json["title"] == "Introuvable"
    assert answer.json["detail"].startswith("Cette adresse n'existe pas ici.")
    page = client.get("/nothing", headers={"Accept": "text/html", "Accept-Language": "fr"}).get_data(as_text=True)
    assert "Cette adresse n&#39;existe pas ici." in page
    assert 'lang="en"' not in page.partition("<main")[2]


def faults(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 422, answer.get_data(as_text=True)
    return {error["pointer"]: error["detail"] for error in answer.get_json()["errors"]}


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/v1/datasets/sample/records?limit=2"),
        ("GET", "/v1/datasets/sample?limt=2"),
        ("GET", "/v1/networks?x=1"),
        ("DELETE", "/v1/datasets/none?x=1"),
        ("POST", "/v1/jobs?dataset=sample"),
    ],
)
def test_a_parameter_is_refused_where_none_is_taken(client, method, address):
    name = address.partition("?")[2].partition("=")[0]
    assert faults(client.open(address, method=method)) == {
        f"/{name}": "Unknown field: no parameter is taken here.",
    }


def test_a_misspelt_parameter_is_told_the_nearest_one(client):
    assert faults(client.get("/v1/datasets?limt=2")) == {"/limt": "Unknown field: did you mean `limit`?"}
    assert "`map`" in faults(client.put("/v1/datasets/a?network=custom:a&mapp=x=y", data=b""))["/mapp"]


def test_an_unlike_parameter_is_told_which_there_are(client):
    assert faults(client.get("/v1/datasets?zzz=2")) == {"/zzz": "Unknown field: the fields are `cursor`, `limit`."}


def test_misspelt_fields_of_a_body_are_told_the_nearest_at_any_depth(client, job):
    wrong = {**job, "trustroot": "none", "accounts": [{"network": "custom:beer", "acount": "u19"}]}
    said = faults(client.post("/v1/jobs", json=wrong))
    assert said["/trustroot"] == "Unknown field: did you mean `trust_root`?"
    assert said["/accounts/0/acount"] == "Unknown field: did you mean `account`?"


def test_what_libraries_say_is_said_in_plain_english(client, job):
    assert faults(client.post("/v1/jobs", json={**job, "topics": "space"})) == {"/topics": "Must be a list: [ … ]."}
    assert faults(client.get("/v1/datasets?limit=1000")) == {"/limit": "Must be from 1 to 100."}
    answer = client.post("/v1/jobs", data=b'{"topics":["x"]', content_type="application/json")
    assert answer.json["detail"] == "The JSON ends too early: a bracket or a quotation mark is not closed."


def test_the_nearest_field_is_named_in_french_too(client):
    answer = client.get("/v1/datasets?limt=2", headers={"Accept-Language": "fr"})
    assert faults(answer) == {"/limt": "champ inconnu\N{NO-BREAK SPACE}: vouliez-vous dire `limit`\N{NO-BREAK SPACE}?"}
    assert answer.get_json()["detail"] == "Corrigez `limt`."


def test_the_detail_names_the_fields_that_are_wrong(client):
    assert client.get("/v1/datasets?limit=x").get_json()["detail"] == "Please correct `limit`."
    many = client.get("/v1/datasets?a=1&b=1&c=1&d=1&e=1&f=1")
    assert many.get_json()["detail"].endswith("` and 2 more.")


def test_an_address_that_is_not_there_is_told_in_our_words(client):
    assert client.get("/v1/nothing").get_json()["detail"].startswith("There is nothing at this address.")


@pytest.mark.parametrize("path", ["/v1/nothing", "/*", "/v1//jobs", "//x/y"])
def test_what_an_address_that_is_not_there_takes_can_be_asked_for(client, path):
    answer = client.options(path, base_url="http://localhost")
    assert answer.status_code in {308, 404}
    assert "Allow" not in answer.headers


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("dataset", "there is no data set 'none' (GET /v1/datasets lists yours)"),
        ("trust_root", "there is no trust root 'nobody' (GET /v1/trust-roots lists yours)"),
        (
            "webhook",
            "there is no webhook 'a.example': register an address with POST /v1/webhooks, and send its id",
        ),
    ],
)
def test_an_id_that_is_not_there_is_told_where_to_find_one(client, job, field, said):
    del job["activities"]
    wrong = {**job, "dataset": "none", "trust_root": "nobody", "webhook": "a.example"}
    assert faults(client.post("/v1/jobs", json=wrong))[f"/{field}"] == said


def test_a_webhook_on_this_machine_is_refused_in_plain_words(client):
    said = faults(client.post("/v1/webhooks", json={"url": "http://127.0.0.1:9000/", "events": ["job.succeeded"]}))
    assert said["/url"] == "webhooks are not sent to this address: its address is not a public one (loopback)"


def test_what_an_empty_query_says_stays_as_it_is_whatever_its_reader_does_with_it(app):
    parser, schema = ArgumentParser(), ByLinkSchema()
    with app.test_request_context("/"):
        read = parser.parse(schema, location="query")
        assert read == parser.parse(schema, location="query")
        read.update(link="another")
        assert parser.parse(schema, location="query") == schema.load({})
    with app.test_request_context("/?link=sl_1"):
        assert parser.parse(schema, location="query") == {"link": "sl_1"}
