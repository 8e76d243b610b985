"""Method: version, weights, control points and constants, loaded from method.toml and checked."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from candor.names.networks import network_of
from candor.scoring.verify.digests import digest_of
from candor.scoring.verify.position import RANGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.made_from import Figure


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far back activity is read and how fast it fades; days."""

    window_days: Annotated[int, Meta(description="Days read unless the job says otherwise.")]
    half_life_days: Annotated[float, Meta(description="Days in which recognition loses half its strength.")]
    recent_half_life_days: Annotated[float, Meta(description="Days in which it does where only what is recent counts.")]


class StandingRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How standing comes from the trust root: by how many people who have some vouch."""

    half_at: Annotated[
        float,
        Meta(
            description="How many people of full standing must vouch until somebody's standing is one half; never "
            "more than half of the root and one half."
        ),
    ]
    steepness: Annotated[float, Meta(description="Exponent with which standing rises around that.")]


class VoiceRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much one person's acts count for another."""

    most: Annotated[float, Meta(description="What one person can be worth, in voices.")]
    help_reciprocity: Annotated[float, Meta(description="Exponent of reciprocity for help.")]
    soft_reciprocity: Annotated[float, Meta(description="Exponent of reciprocity for endorsements and lists.")]
    prominence_floor: Annotated[float, Meta(description="m, a factor of 0 to 1, of somebody whom nobody recognised.")]
    prominence_half_at: Annotated[float, Meta(description="N, summed standing, at which m is half way to 1.")]
    post_cap: Annotated[float, Meta(description="What one endorsed post or one list can give to P, in voices.")]
    recent_to_topic: Annotated[float, Meta(description="How many times A the most is that R counts.")]
    specialist_prior: Annotated[float, Meta(description="Voices added above and below in specialised_help.")]
    specialist_power: Annotated[float, Meta(description="Exponent of the share of the topic in specialised_help.")]


class BackingRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much may rest on one person's word, in voices."""

    through_one: Annotated[
        float,
        Meta(
            description="What may rest on one person whom the root does not name: of its own voice what people of the "
            "root vouch for, and what its vouches give to the voices of others, in voices."
        ),
    ]
    alone: Annotated[
        float,
        Meta(description="What may rest on one person of the root where hardly another stands behind, in voices."),
    ]
    together: Annotated[
        float,
        Meta(description="What may rest, beyond that, on the whole root if everybody in it stands behind, in voices."),
    ]
    shared_power: Annotated[
        float, Meta(description="Exponent with which that grows with the share of the root that stands behind.")
    ]
    half_behind: Annotated[
        float, Meta(description="How much must rest on somebody of the root to stand half behind, in voices.")
    ]


class CopyRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a text is a near-copy of an earlier one."""

    least_words: Annotated[int, Meta(description="Texts of fewer words are never copies.")]
    shingle_words: Annotated[int, Meta(description="Words in a shingle.")]
    jaccard: Annotated[float, Meta(description="Similarity, 0 to 1, from which on a text is a copy.")]


class TopicRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record with more tags than this is on topic by its text only."""

    most_tags: Annotated[int, Meta(description="A record with more tags than this is on topic by its text only.")]


class StatusRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a number needs before it is given."""

    few_people: Annotated[
        int, Meta(description="With fewer people who recognised the account, or fewer in the root, a score is rough.")
    ]
    standing_each: Annotated[float, Meta(description="Standing from which on somebody is counted as trusted.")]
    own_acts: Annotated[int, Meta(description="Acts of its own that interest needs.")]
    own_acts_days: Annotated[int, Meta(description="Days within which they count.")]


class IntervalRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Level of the intervals, and the normal quantile that goes with it in the Wilson limits."""

    level: Annotated[float, Meta(description="Share of cases that an interval is meant to cover.")]
    z: Annotated[float, Meta(description="Normal quantile that goes with it, in standard deviations.")]
    one_more: Annotated[
        float, Meta(description="What one more supporter whom chance may have left out would count, in voices.")
    ]


class RobustnessRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many corrupt people the robustness figures assume."""

    corrupt_people: Annotated[tuple[int, ...], Meta(description="How many corrupt people the figures are given for.")]


class PositionRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of a place among those with a number: by rank, never by the number itself."""

    least_placed: Annotated[int, Meta(description="With fewer who have a number there are no words for a place.")]
    first_share: Annotated[
        float,
        Meta(description=f"Share of them, from the front, of whom is said: {RANGES['first']} (range `first`)."),
    ]
    upper_share: Annotated[float, Meta(description=f"Up to this share: {RANGES['upper']} (range `upper`).")]
    middle_share: Annotated[
        float,
        Meta(
            description=f"Up to this share: {RANGES['middle']} (range `middle`); "
            f"beyond: {RANGES['lower']} (range `lower`)."
        ),
    ]


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weights in points by feature; each side sums to 100."""

    replies_are_answers: bool
    expertise: dict[str, float]
    interest: dict[str, float]
    experimental: bool = False


class Method(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """The method. `kinds` are strengths q, `control_points` (p50, p90) by feature."""

    version: str
    window: Window
    standing: StandingRule
    voice: VoiceRule
    backing: BackingRule
    copies: CopyRule
    topics: TopicRule
    status: StatusRule
    interval: IntervalRule
    robustness: RobustnessRule
    position: PositionRule
    kinds: dict[str, float]
    control_points: dict[str, tuple[float, float]]
    profiles: dict[str, Profile]

    def profile_name(self, network: str, profile: str | None) -> str:
        """Return the profile of weights a network is scored with.

        Raises ValueError where a custom network comes without one, another network with one, or the name is unknown.
        """
        own = network_of(network).profile
        if own is not None:
            if profile not in (None, own):
                raise ValueError(f"{network} is scored with the profile {own}; only custom: networks choose")
            return own
        if profile is None:
            raise ValueError(f"{network} needs a profile: {', '.join(self.profiles)}")
        if profile not in self.profiles:
            raise ValueError(f"no profile is called {profile!r}; known are {', '.join(self.profiles)}")
        return profile

    def profile_of(self, network: str, profile: str | None) -> Profile:
        """Return the weights of that profile. Raises ValueError as `profile_name` does."""
        return self.profiles[self.profile_name(network, profile)]

    @functools.cached_property
    def figures(self) -> dict[str, Figure]:
        """Every figure by its dotted name (`voice.most`): documents carry these, so that anybody can recompute them."""
        return dict(_flat(msgspec.to_builtins(self)))

    @functools.cached_property
    def digest(self) -> str:
        """Digest of every figure of the method."""
        return digest_of(self.figures)

    @functools.cached_property
    def kept(self) -> dict[str, Any]:
        """What was found of this very method, and of none that is made from it."""
        return {}


def _flat(part: dict[str, Any], above: str = "") -> Iterator[tuple[str, Figure]]:
    for name, inner in part.items():
        if isinstance(inner, dict):
            yield from _flat(inner, f"{above}{name}.")
        else:
            yield f"{above}{name}", inner


class UnknownMethodError(ValueError):
    """There is no such version of the method."""


@functools.cache
def load_method(version: str | None = None) -> Method:
    """Return the method, by its version if one is named.

    Raises UnknownMethodError for another version, and ValueError when the weights of a profile do not sum to 100.
    """
    if version is not None:
        method = load_method()
        if version != method.version:
            raise UnknownMethodError(f"there is no method {version!r}; there is {method.version}")
        return method
    text = resources.files("candor.scoring").joinpath("method.toml").read_text(encoding="utf-8")
    method = msgspec.convert(tomllib.loads(text), Method, strict=False)
    for name, profile in method.profiles.items():
        for weights in (profile.expertise, profile.interest):
            if sum(weights.values()) != 100:
                raise ValueError(f"the weights of profile {name} do not sum to 100")
    return method


def known_versions() -> tuple[str, ...]:
    """Return every version of the method that can be computed, newest first."""
    return (load_method().version,)
