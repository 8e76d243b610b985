"""What all connectors have in common: facts that are published, and tests that show what they can not see."""

from __future__ import annotations

from pathlib import Path

import pytest

from candor.names.networks import network_of
from worker.connectors import CONNECTORS, connector_for

NAMES = ("mastodon", "bluesky", "github", "stackexchange:travel", "hackernews", "x", "discourse:forum.example")
each_connector = pytest.mark.parametrize("connector", CONNECTORS, ids=lambda connector: connector.facts.family)


@pytest.mark.parametrize("network", NAMES)
def test_each_network_has_one_connector_with_the_profile_of_the_method(network):
    assert sum(connector.supports(network) for connector in CONNECTORS) == 1
    assert connector_for(network).facts.profile == network_of(network).profile


@pytest.mark.parametrize("network", ["linkedin", "custom:demo", "git:linux", "mastodonish"])
def test_a_network_whose_records_must_be_brought_has_none(network):
    assert connector_for(network) is None


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
