"""Whatever JSON or bytes are sent, the answer is one of ours and never a crash."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.problems import MEDIA_TYPE
from tests.effort import examples

NAMES = [
    "accounts",
    "topics",
    "trust_root",
    "as_of",
    "window_days",
    "profile",
    "granted_rights",
    "activities",
    "dataset",
]
NAMES += ["kind", "network", "account", "weight", "id", "label", "terms", "hashtags", "labels", "records", "topic"]
NAMES += ["name", "scopes", "expires_at", "actor", "type", "object", "published", "content", "value"]
WORDS = [
    "custom:beer",
    "github",
    "network",
    "none",
    "accounts",
    "list",
    "tag:x",
    "qa",
    "read",
    "2026-10-01T00:00:00Z",
    "note",
]
plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(WORDS)
anything = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=25,
)
bodies = st.dictionaries(st.sampled_from(NAMES), anything, max_size=8)
account = st.fixed_dictionaries({"network": st.sampled_from(WORDS[:2]), "account": st.text(max_size=3)})
likely_jobs = st.fixed_dictionaries(
    {
        "accounts": st.lists(account, max_size=3),
        "topics": st.lists(anything, max_size=3),
        "activities": st.lists(anything, max_size=3),
    },
    optional=dict.fromkeys(NAMES[2:7], anything),
)
many = settings(max_examples=examples(20))


def is_ours(answer) -> bool:
    if answer.status_code < 400:
        return True
    return answer.mimetype == MEDIA_TYPE and answer.status_code < 500 and answer.json["status"] == answer.status_code


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/jobs"),
        ("PUT", "/v1/topics/malt"),
        ("POST", "/v1/topics/preview"),
        ("PUT", "/v1/trust-roots/brewers"),
        ("POST", "/v1/keys"),
    ],
)
@many
@given(body=bodies)
def test_no_json_is_a_crash(client, method, path, body):
    assert is_ours(client.open(path, method=method, data=json.dumps(body), content_type="application/json"))


@many
@given(body=likely_jobs)
def test_no_job_that_is_nearly_right_is_a_crash(client, body):
    assert is_ours(client.post("/v1/jobs", data=json.dumps(body), content_type="application/json"))


@many
@given(
    body=st.binary(max_size=200)
    | st.lists(anything, max_size=4).map(lambda rows: "\n".join(map(json.dumps, rows)).encode())
)
def test_no_upload_is_a_crash(client, body):
    url = "/v1/datasets/beer?network=custom:beer&profile=qa"
    for encoding in ("identity", "gzip"):
        headers = {"Content-Encoding": encoding}
        assert is_ours(client.put(url, data=body, content_type="application/x-ndjson", headers=headers))


@many
@given(
    path=st.text(max_size=30),
    query=st.text(max_size=20),
    prefix=st.sampled_from(["/", "/v1/", "/v1/topics/", "/v1/accounts/", "/docs/"]),
)
def test_no_address_is_a_crash(client, path, query, prefix):
    environ = {
        "PATH_INFO": (prefix + path).encode().decode("latin-1"),
        "QUERY_STRING": query.encode().decode("latin-1"),
    }
    with client.get("/", environ_overrides=environ) as answer:
        assert is_ours(answer)


@many
@given(value=st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40))
@pytest.mark.parametrize(
    "name", ["Prefer", "If-None-Match", "If-Match", "Authorization", "X-Request-Id", "Content-Encoding"]
)
def test_no_header_is_a_crash(client, name, value):
    topic = {"label": "Malt", "terms": ["malt"]}
    assert is_ours(client.put("/v1/topics/malt", json=topic, headers={name: value}))
    assert is_ours(client.get("/v1/topics/malt", headers={name: value}))
