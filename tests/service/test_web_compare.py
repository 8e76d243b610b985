"""A comparison that cannot be made leads back to where the scores were ticked."""

from __future__ import annotations

import re
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
    page = client.get(f"/compare?{both}", headers=HTML).text
    assert "Sum: the score" in page
    tables = [_figures(table) for table in re.findall(r"<tbody.*?</tbody>", page, re.DOTALL)]
    assert len(tables) == 2
    for rows in tables:
        sums = [place for place, (head, _) in enumerate(rows) if head == "Sum: the score"]
        for first, last in zip((1, sums[0] + 2), sums, strict=False):
            parts = [figures for _, figures in rows[first:last]]
            assert [round(sum(column), 2) for column in zip(*parts, strict=True)] == rows[last][1]
            assert all(round(a - b, 2) == difference for a, b, difference in parts)


def _figures(table: str) -> list[tuple[str, list[float]]]:
    """Return the head of each row, and its points to two decimals."""
    rows = []
    for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL):
        head, *cells = (
            re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        )
        figures = [re.fullmatch(r"[+−]?[\d.]+", cell) and float(cell.replace("−", "-")) for cell in cells]
        rows.append((head.partition(" of")[0], [each for each in figures if each is not None]))
    return rows
