"""A name with a typing error is answered with the nearest that there is, and an empty body with what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

BODY = {
    "accounts": [{"network": "custom:demo", "account": "p03"}],
    "topics": ["space-technology"],
    "dataset": "sample",
    "trust_root": "sample",
}


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        ("topics", ["space-tecnology"], "there is no topic 'space-tecnology': did you mean 'space-technology'?"),
        ("dataset", "sampel", "there is no data set 'sampel': did you mean 'sample'?"),
        ("trust_root", "smaple", "there is no trust root 'smaple': did you mean 'sample'?"),
    ],
)
def test_a_typing_error_is_answered_with_the_nearest_name(client: FlaskClient, field, given, said):
    client.get("/questions")
    answer = client.post("/v1/jobs", json=BODY | {field: given})
    assert answer.status_code == 422
    assert said in [each["detail"] for each in answer.json["errors"]]
    french = client.post("/v1/jobs", json=BODY | {field: given}, headers={"Accept-Language": "fr"})
    assert any("vouliez-vous dire" in each["detail"] for each in french.json["errors"])


def test_an_empty_body_is_said_to_be_empty(client: FlaskClient):
    answer = client.post("/v1/jobs", data=b"", content_type="application/json")
    assert (answer.status_code, answer.json["detail"]) == (400, "The body is empty: send a JSON object.")
