"""The features, one a file. Whatever file is put here is found; method.toml says in which order they are shown."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from candor.scoring.features.feature import ExpertiseFeature, InterestFeature

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from candor.scoring.method import Method, Profile

Feature = TypeVar("Feature", ExpertiseFeature, InterestFeature)


class FeatureError(ValueError):
    """A feature and its file, or the figures in method.toml, do not fit."""


def find_features(files: Iterable[str]) -> Iterator[ExpertiseFeature | InterestFeature]:
    """Yield the feature of each file of this package. Raises FeatureError for one without, or of another name."""
    for name in files:
        feature = getattr(import_module(f"{__name__}.{name}"), "FEATURE", None)
        if not isinstance(feature, ExpertiseFeature | InterestFeature):
            raise FeatureError(f"features/{name}.py has no feature: end it with FEATURE = ExpertiseFeature(...)")
        if feature.id != name:
            raise FeatureError(f"features/{name}.py calls its feature {feature.id}: give the file and `id` one name")
        yield feature


FEATURES: tuple[ExpertiseFeature | InterestFeature, ...] = tuple(
    find_features(sorted({module.name for module in pkgutil.iter_modules(__path__)} - {"feature"}))
)
EXPERTISE = tuple(feature for feature in FEATURES if isinstance(feature, ExpertiseFeature))
INTEREST = tuple(feature for feature in FEATURES if isinstance(feature, InterestFeature))


def expertise_features(profile: Profile) -> tuple[ExpertiseFeature, ...]:
    """Return the features of expertise that have a weight in a profile; the others are not measured for it."""
    return in_order(EXPERTISE, profile.expertise)


def interest_features(profile: Profile) -> tuple[InterestFeature, ...]:
    """Return the features of interest that have a weight in a profile."""
    return in_order(INTEREST, profile.interest)


def in_order(features: tuple[Feature, ...], figures: Mapping[str, object]) -> tuple[Feature, ...]:
    """Return the features for which a table of method.toml has figures, in the order of that table."""
    by_id = {feature.facts.id: feature for feature in features}
    return tuple(by_id[name] for name in figures if name in by_id)


def check_features(method: Method) -> None:
    """Raise FeatureError, saying what to do, unless every feature has its figures and every figure its feature."""
    registered = {feature.id for features in (EXPERTISE, INTEREST) for feature in features}
    for name in registered:
        if name not in method.control_points:
            raise FeatureError(f"method.toml has no control points for {name}: add its p50 and p90 to [control_points]")
    for name in method.control_points:
        if name not in registered:
            raise FeatureError(
                f"method.toml has control points for {name}, and no feature is called so: add features/{name}.py, "
                "or take the line out"
            )
    for side, names in (("expertise", {f.id for f in EXPERTISE}), ("interest", {f.id for f in INTEREST})):
        order = [name for name in method.control_points if name in names]
        weighed = {name: list(getattr(profile, side)) for name, profile in method.profiles.items()}
        for name, weights in weighed.items():
            if weights != [feature for feature in order if feature in weights]:
                raise FeatureError(
                    f"profile {name} in method.toml weighs {', '.join(weights)} for {side}; its "
                    f"control points are of {', '.join(order)}: name only those, in that order"
                )
        for feature in order:
            if not any(feature in weights for weights in weighed.values()):
                raise FeatureError(f"no profile in method.toml weighs {feature}: add its weight to {side} of one, or 0")
