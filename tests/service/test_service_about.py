"""What the service says of itself: one version in every place, and where everything else is."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from candor import __version__
from candor.scoring.method import load_method
from candor.settings import Settings
from service.app import create_app


def test_the_answer_names_the_service_its_version_and_the_method_it_scores_with(client):
    answer = client.get("/v1").json
    assert (answer["name"], answer["version"], answer["method"]) == ("Candor", __version__, load_method().version)


@pytest.mark.parametrize("name", ["docs", "openapi", "networks", "methods", "health", "self"])
def test_every_address_it_names_is_there(client, store, name):
    store.workers.heartbeat("w1")
    assert client.get(client.get("/v1").json["urls"][name]).status_code == 200


def test_it_needs_no_key_where_others_reach_the_service(store):
    others = create_app(Settings(host="0.0.0.0"), store).test_client()
    assert others.get("/v1").status_code == 200
    assert others.get("/v1/methods").status_code == 401


def test_the_metrics_say_which_version_answers(client):
    gauge = f'candor_build_info{{method="{load_method().version}",version="{__version__}"}} 1.0'
    assert gauge in client.get("/metrics").get_data(as_text=True)


def test_the_package_has_the_version_that_the_code_says():
    assert version("candor") == __version__
