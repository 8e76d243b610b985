"""What all connectors have in common: facts that are published, and tests that show what they can not see."""

from __future__ import annotations

from pathlib import Path

import pytest

from candor.names.networks import network_of
from candor.settings import read_settings
from worker.connectors import CONNECTORS, access_of, connector_for

NAMES = ("mastodon", "bluesky", "github", "stackexchange:travel", "hackernews", "x", "discourse:forum.example")
each_connector = pytest.mark.parametrize("connector", CONNECTORS, ids=lambda connector: connector.facts.family)


@pytest.mark.parametrize("network", NAMES)
def test_each_network_has_one_connector_with_the_profile_of_the_method(network):
    assert sum(connector.supports(network) for connector in CONNECTORS) == 1
    assert connector_for(network).facts.profile == network_of(network).profile


@pytest.mark.parametrize("network", ["linkedin", "custom:demo", "git:linux", "mastodonish"])
def test_a_network_whose_records_must_be_brought_has_none(network):
    assert connector_for(network) is None


def test_a_token_that_is_set_is_for_one_host_only():
    settings = read_settings({"CANDOR_GITHUB_TOKEN": " gh ", "CANDOR_MASTODON_TOKENS": "a.example=one, b.example=t="})
    assert access_of(settings).tokens == {"api.github.com": "gh", "a.example": "one", "b.example": "t="}


def test_a_test_network_is_found_where_the_settings_say():
    settings = read_settings({"CANDOR_TEST_PLACES": "plc.directory=http://localhost:2"})
    assert access_of(settings).places == {"plc.directory": "http://localhost:2"}


@each_connector
def test_facts_say_under_whose_terms_how_fast_and_what_is_taken_for_a_no(connector):
    facts = connector.facts
    assert all((facts.terms, facts.limits, facts.consent, facts.unseen))


@each_connector
def test_each_thing_that_can_not_be_seen_has_a_test_that_shows_it(connector):
    family = connector.facts.family
    tests = (Path(__file__).parent / f"test_{family}.py").read_text()
    for name in connector.facts.unseen:
        assert f"def test_{family}_can_not_see_{name}(" in tests
