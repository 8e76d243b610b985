"""A comparison that cannot be made leads back to where the scores were ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from candor import sample
from worker import jobs

if TYPE_CHECKING:
    from flask.testing import FlaskClient

HTML = {"Accept": "text/html", "Accept-Language": "en"}

pytestmark = pytest.mark.usefixtures("worker")


def test_a_comparison_of_other_than_two_leads_back_with_what_was_ticked(client: FlaskClient):
    body = {"topics": [sample.TOPIC], "dataset": "sample", "trust_root": "sample", "as_of": "2026-11-01T00:00:00Z"}
    accounts = [{"network": sample.NETWORK, "account": name} for name in (sample.EXPERT, sample.ENTHUSIAST)]
    job = client.post("/v1/jobs", json=body | {"accounts": accounts}).json
    jobs.score("local", job["id"])
    made = [each["score_id"] for each in client.get(job["urls"]["self"]).json["results"]]
    assert len(made) == 2
    for ticked in (made[:1], []):
        query = urlencode({"job": job["id"], "score": ticked}, doseq=True)
        page = client.get(f"/compare?{query}", headers=HTML, follow_redirects=True).text
        assert "Tick exactly two scores to compare." in page
        assert page.count(" checked>") == len(ticked)
    both = urlencode({"job": job["id"], "score": made}, doseq=True)
    assert "Sum: the score" in client.get(f"/compare?{both}", headers=HTML).text
