"""Method: version, weights, control points and constants, loaded from method.toml and checked."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any

import msgspec

from candor.names.networks import network_of
from candor.scoring.verify.digests import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.document import Figure


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far back activity is read and how fast it fades; days."""

    window_days: int
    half_life_days: float
    recent_half_life_days: float


class StandingRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How standing flows from the trust root."""

    passed_on: float
    least_outdegree: int
    tolerance: float
    most_rounds: int


class VoiceRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much one person's acts count for another.

    All that rests on one person of the root is together worth less than `seed_cap`.
    """

    most: float
    half_at: float
    halved: int
    help_reciprocity: float
    soft_reciprocity: float
    prominence_floor: float
    prominence_half_at: float
    post_cap: float
    recent_to_topic: float
    specialist_prior: float
    seed_cap: float


class CopyRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a text is a near-copy of an earlier one."""

    least_words: int
    shingle_words: int
    jaccard: float


class TopicRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record with more tags than this is on topic by its text only."""

    most_tags: int


class StatusRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a number needs before it is given."""

    people: int
    standing_each: float
    standing_sum: float
    own_acts: int
    own_acts_days: int


class IntervalRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Level of the intervals, and the normal quantile that goes with it in the Wilson limits."""

    level: float
    z: float


class RobustnessRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many corrupt people the robustness figures assume."""

    corrupt_people: tuple[int, ...]


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weights in points by feature; each side sums to 100."""

    replies_are_answers: bool
    expertise: dict[str, float]
    interest: dict[str, float]
    experimental: bool = False


class Method(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The method. `kinds` are strengths q, `control_points` (p50, p90) by feature."""

    version: str
    window: Window
    standing: StandingRule
    voice: VoiceRule
    copies: CopyRule
    topics: TopicRule
    status: StatusRule
    interval: IntervalRule
    robustness: RobustnessRule
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

    @property
    def figures(self) -> dict[str, Figure]:
        """Every figure by its dotted name (`voice.most`): documents carry these, so that anybody can recompute them."""
        return dict(_flat(msgspec.to_builtins(self)))

    @property
    def digest(self) -> str:
        """Digest of every figure of the method."""
        return digest_of(self.figures)


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
