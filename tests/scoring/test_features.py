"""Features and figures fit: whoever forgets one of them is told which, and where it goes."""

from __future__ import annotations

from dataclasses import fields
from dataclasses import replace as replaced
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from msgspec.structs import replace

from candor.scoring import features
from candor.scoring.evidence import Evidence
from candor.scoring.features import (
    EXPERTISE,
    FEATURES,
    FeatureError,
    acknowledged_help,
    check_features,
    expertise_features,
    find_features,
    interest_features,
)
from candor.scoring.method import load_method
from candor.scoring.published import published
from candor.scoring.totals import Totals

if TYPE_CHECKING:
    from candor.scoring.arrays import Floats
    from candor.scoring.evidence import Scope
    from candor.scoring.features.feature import ExpertiseFeature
    from candor.scoring.method import Method
    from candor.scoring.votes import Votes

METHOD = load_method()
LAST = EXPERTISE[-1].id
NOBODY = "feature_of_nobody"


def weighing(**weights: Any) -> Method:
    """The method with other weights of expertise in one profile."""
    forum = replace(METHOD.profiles["forum"], expertise=weights)
    return replace(METHOD, profiles=METHOD.profiles | {"forum": forum})


def test_the_features_and_the_figures_fit() -> None:
    check_features(METHOD)


def test_a_feature_without_control_points_is_named() -> None:
    points = {name: pair for name, pair in METHOD.control_points.items() if name != LAST}
    with pytest.raises(FeatureError, match=rf"no control points for {LAST}: add its p50 and p90"):
        check_features(replace(METHOD, control_points=points))


def test_figures_of_no_feature_are_named() -> None:
    with pytest.raises(FeatureError, match=rf"control points for {NOBODY}, and no feature is called so"):
        check_features(replace(METHOD, control_points=METHOD.control_points | {NOBODY: (1.0, 2.0)}))


def test_a_weight_of_no_feature_is_named_with_those_there_are() -> None:
    with pytest.raises(FeatureError, match=rf"profile forum in method\.toml weighs acknowledged_help, {NOBODY}"):
        check_features(weighing(acknowledged_help=50, **{NOBODY: 50}))


def test_a_feature_that_no_profile_weighs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "EXPERTISE", EXPERTISE[:-1])
    with pytest.raises(FeatureError, match=rf"control points for {LAST}, and no feature"):
        check_features(METHOD)
    monkeypatch.undo()
    others = {name: replace(p, expertise=p.expertise | {}) for name, p in METHOD.profiles.items()}
    for profile in others.values():
        profile.expertise.pop(LAST, None)
    with pytest.raises(FeatureError, match=rf"no profile in method\.toml weighs {LAST}: add its weight"):
        check_features(replace(METHOD, profiles=others))


def test_a_file_without_a_feature_is_named() -> None:
    with pytest.raises(FeatureError, match=r"features/feature\.py has no feature: end it with FEATURE"):
        list(find_features(["feature"]))


def test_a_file_whose_feature_has_another_name_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acknowledged_help, "FEATURE", EXPERTISE[-1])
    with pytest.raises(FeatureError, match=rf"features/acknowledged_help\.py calls its feature {LAST}: give"):
        list(find_features(["acknowledged_help"]))


def unnamed_kinds(feature: ExpertiseFeature) -> set[str]:
    """The kinds by which a feature counts people without saying so, by which boards count them and documents split."""
    asked: set[tuple[str, ...]] = set()

    class Counting(Evidence):
        def people(self, *kinds: str, scope: Scope = "on_topic") -> Floats:  # noqa: ARG002 # as its base has it
            asked.add(kinds)
            return np.ones(1)

    sums = {field.name: np.ones(1) for field in fields(Totals)}
    feature.measure(Counting(cast("Votes", None), Totals(**sums), METHOD))
    return set().union(*(kinds for kinds in asked if kinds != feature.kinds))


@pytest.mark.parametrize("feature", EXPERTISE, ids=lambda feature: feature.id)
def test_a_feature_names_the_kinds_by_which_it_counts_people(feature: ExpertiseFeature) -> None:
    kinds = unnamed_kinds(feature)
    assert not kinds, (
        f"{feature.id} counts people by {', '.join(sorted(kinds))}: name the same kinds, in the same order, as "
        f"`kinds` of its ExpertiseFeature in features/{feature.id}.py"
    )


def test_kinds_that_a_feature_does_not_name_are_found() -> None:
    counting = replaced(acknowledged_help.FEATURE, measure=lambda evidence: evidence.people("thanked"))
    assert unnamed_kinds(counting) == {"thanked"}
    assert unnamed_kinds(replaced(counting, kinds=("thanked",))) == set()


def test_every_file_has_its_feature_and_the_figures_say_in_which_order_they_are_shown() -> None:
    files = {file.stem for file in Path(features.__file__).parent.glob("*.py")}
    assert {feature.id for feature in FEATURES} == files - {"__init__", "feature"}
    assert [feature.facts.id for feature in published(METHOD).features] == list(METHOD.control_points)
    for profile in METHOD.profiles.values():
        shown = (expertise_features(profile), interest_features(profile))
        assert [[feature.id for feature in side] for side in shown] == [[*profile.expertise], [*profile.interest]]


def test_what_a_profile_does_not_weigh_is_not_measured_for_it() -> None:
    profile = weighing(acknowledged_help=30, specialised_help=70).profiles["forum"]
    assert [feature.id for feature in expertise_features(profile)] == ["acknowledged_help", "specialised_help"]


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.id)
def test_a_feature_says_all_its_weaknesses_in_french_too(feature: Any) -> None:
    assert len(feature.french.weaknesses) == len(feature.facts.weaknesses)
