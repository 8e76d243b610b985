"""Evidence: the voices written out, and what each kind of recognition gave."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.document import Act, Backer, Voice
from candor.scoring.kinds import KINDS
from candor.scoring.voices import Voices, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from candor.scoring.backing import Backing
    from candor.scoring.document import Scope
    from candor.scoring.totals import Totals
    from candor.scoring.world import World

    Floats = NDArray[np.float64]


def written_out(world: World, voices: Voices, scope: Scope) -> tuple[Voice, ...]:
    """Write out one subject's voices, the largest first."""
    counts = counted(voices.subject, voices.voice, world.method.voice.halved)
    acts: list[list[Act]] = [[] for _ in range(voices.person.size)]
    for pair, act in _acts(world, voices):
        acts[pair].append(act)
    return tuple(
        Voice(
            by=world.columns.people[voices.person[i]],
            scope=scope,
            standing=float(voices.standing[i]),
            recognised_by=None if np.isnan(voices.recognised_by[i]) else float(voices.recognised_by[i]),
            prominence=float(voices.prominence[i]),
            help=float(voices.help[i]),
            soft=float(voices.soft[i]),
            received=float(voices.received[i]),
            given=float(voices.given[i]),
            reciprocity=float(voices.reciprocity[i]),
            voice=float(voices.voice[i]),
            counted=float(counts[i]),
            acts=tuple(sorted(acts[i], key=lambda act: (act.at, act.of, act.kind))),
        )
        for i in np.lexsort((voices.person, -voices.voice)).tolist()
    )


def backers_written_out(
    world: World, backing: Backing | None, quieter: Sequence[Backing | None], scope: Scope
) -> tuple[Backer, ...]:
    """Write out on whom one subject's voices rest, the largest first.

    `quieter` are the same without the largest voice and without the five largest.
    """
    if backing is None:
        return ()
    without_largest, without_five = (left.of_each(backing.person) for left in quieter if left)
    worth = backing.worth(world.method.voice)
    counts = counted(backing.subject, worth, world.method.voice.halved)
    return tuple(
        Backer(
            by=world.columns.people[backing.person[i]],
            scope=scope,
            trust=float(backing.trust[i]),
            worth=float(worth[i]),
            counted=float(counts[i]),
            without_largest=float(without_largest[i]),
            without_five=float(without_five[i]),
        )
        for i in np.lexsort((backing.person, -worth)).tolist()
        if backing.trust[i] > 0  # of the scored account itself, where it is of the root, nothing is borrowed
    )


def _acts(world: World, voices: Voices) -> Iterator[tuple[int, Act]]:
    ledger = voices.ledger
    prominence = voices.prominence[ledger.pair]
    classes = (
        (ledger.help_act, ledger.help, voices.by_help),
        (ledger.soft_act, ledger.soft * prominence, ~voices.by_help),
    )
    for acts, strengths, credited in classes:
        for line in np.flatnonzero(acts >= 0).tolist():
            act = int(acts[line])
            row, about = world.acts.row[act], world.acts.about[act]
            record, taken_up = world.columns.records[row], world.columns.records[about]
            yield (
                int(ledger.pair[line]),
                Act(
                    kind=KINDS[world.acts.kind[act]].id,
                    of=world.columns.contribution_id(int(ledger.contribution[line])),
                    at=instant(int(world.columns.published[row])),
                    strength=float(strengths[line]),
                    credited=bool(credited[line]),
                    url=taken_up.url or record.url,
                ),
            )


def instant(microseconds: int) -> str:
    """RFC 3339 text of microseconds since 1970 UTC."""
    at = datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)
    return at.isoformat().replace("+00:00", "Z")


def kinds_on_topic(world: World, voices: Voices, totals: Totals) -> dict[str, float]:
    """Return what each kind gave to A, in voices, on the side of the minimum that holds."""
    return _as_backed(_kinds_on_topic(world, voices, totals), totals.voices, totals.backed)


def kinds_of_late(world: World, voices: Voices, totals: Totals) -> dict[str, float]:
    """Return what each kind gave to R, in voices."""
    given = kinds_of_voices(world, voices)
    return _as_backed(given, np.array([math.fsum(given.values())]), totals.recent_backed)


def _as_backed(given: dict[str, float], voices: Floats, backed: Floats | None) -> dict[str, float]:
    """Scale what each kind gave down where those whose trust the voices rest on allow less than they add up to."""
    if backed is None or voices[0] <= backed[0]:
        return given
    share = float(backed[0] / voices[0])
    return {kind: amount * share for kind, amount in given.items()}


def _kinds_on_topic(world: World, voices: Voices, totals: Totals) -> dict[str, float]:
    if totals.all_kinds[0] <= totals.help[0] + totals.posts[0]:
        return kinds_of_voices(world, voices)
    halved = world.method.voice.halved
    help_counted = counted(voices.subject, voices.voice_help, halved)
    by_help = _by_kind(
        world, voices.ledger.help_act, _shares(voices, voices.ledger.help) * help_counted[voices.ledger.pair]
    )
    by_posts = _by_kind(world, voices.ledger.soft_act, _capped(voices, world.method.voice.post_cap))
    return {kind: by_help.get(kind, 0.0) + by_posts.get(kind, 0.0) for kind in {**by_help, **by_posts}}


def kinds_of_voices(world: World, voices: Voices) -> dict[str, float]:
    """Return what each kind gave to the counted voices."""
    rule, ledger = world.method.voice, voices.ledger
    r = voices.reciprocity[ledger.pair]
    soft = ledger.soft * voices.prominence[ledger.pair] * r**rule.soft_reciprocity
    given = np.where(voices.by_help, ledger.help * r**rule.help_reciprocity, soft)
    counts = counted(voices.subject, voices.voice, rule.halved)
    act = np.where(voices.by_help, ledger.help_act, ledger.soft_act)
    return _by_kind(world, act, _shares(voices, given) * counts[ledger.pair])


def _shares(voices: Voices, given: Floats) -> Floats:
    whole = np.bincount(voices.ledger.pair, weights=given, minlength=voices.person.size)[voices.ledger.pair]
    return np.divide(given, whole, out=np.zeros(given.size), where=whole > 0)


def _capped(voices: Voices, cap: float) -> Floats:
    """What each line gives to P, scaled down where its post or list gives more than the cap."""
    _, post = np.unique(voices.ledger.contribution, return_inverse=True)
    whole = np.bincount(post, weights=voices.line_soft)[post] if post.size else np.zeros(0)
    scale = np.divide(np.minimum(cap, whole), whole, out=np.zeros(whole.size), where=whole > 0)
    return np.asarray(voices.line_soft * scale)


def _by_kind(world: World, acts: NDArray[np.int64], gave: Floats) -> dict[str, float]:
    some = (acts >= 0) & (gave > 0)
    sums = np.bincount(world.acts.kind[acts[some]], weights=gave[some], minlength=len(KINDS))
    return {kind.id: float(amount) for kind, amount in zip(KINDS, sums, strict=True) if amount > 0}
