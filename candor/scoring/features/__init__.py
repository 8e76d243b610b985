"""The features, one a file. The order here is the order of every table, document and page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.features import (
    acknowledged_help,
    active_weeks,
    activity_share,
    conversation,
    likes_given,
    questions_asked,
    reshares_made,
    specialised_help,
    still_recognised,
)

if TYPE_CHECKING:
    from candor.scoring.features.feature import ExpertiseFeature, InterestFeature
    from candor.scoring.method import Method, Profile

EXPERTISE = (
    acknowledged_help.FEATURE,
    specialised_help.FEATURE,
    still_recognised.FEATURE,
)
INTEREST = (
    activity_share.FEATURE,
    active_weeks.FEATURE,
    questions_asked.FEATURE,
    conversation.FEATURE,
    likes_given.FEATURE,
    reshares_made.FEATURE,
)


class FeatureError(ValueError):
    """A feature and the figures in method.toml do not fit."""


def expertise_features(profile: Profile) -> tuple[ExpertiseFeature, ...]:
    """Return the features of expertise that have a weight in a profile; the others are not measured for it."""
    return tuple(feature for feature in EXPERTISE if feature.id in profile.expertise)


def interest_features(profile: Profile) -> tuple[InterestFeature, ...]:
    """Return the features of interest that have a weight in a profile."""
    return tuple(feature for feature in INTEREST if feature.id in profile.interest)


def check_features(method: Method) -> None:
    """Raise FeatureError, saying what to do, unless every feature has its figures and every figure its feature."""
    registered = {feature.id: feature for feature in (*EXPERTISE, *INTEREST)}
    for name in registered:
        if name not in method.control_points:
            raise FeatureError(f"method.toml has no control points for {name}: add its p50 and p90 to [control_points]")
    for name in method.control_points:
        if name not in registered:
            raise FeatureError(
                f"method.toml has control points for {name}, and no feature is called so: add features/{name}.py to "
                "features/__init__.py, or take the line out"
            )
    for side, features in (("expertise", EXPERTISE), ("interest", INTEREST)):
        order = [feature.id for feature in features]
        weighed = {name: list(getattr(profile, side)) for name, profile in method.profiles.items()}
        for name, weights in weighed.items():
            if weights != [feature for feature in order if feature in weights]:
                raise FeatureError(
                    f"profile {name} in method.toml weighs {', '.join(weights)} for {side}; features/__init__.py has "
                    f"{', '.join(order)}: name only those, in that order"
                )
        for feature in order:
            if not any(feature in weights for weights in weighed.values()):
                raise FeatureError(f"no profile in method.toml weighs {feature}: add its weight to {side} of one, or 0")
