"""The kinds of recognition: what each is made of and where it is weak. Strengths stand in method.toml."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """Published facts of one kind of recognition.

    `made_of` names the record types it is read from. `soft` kinds (endorsed, listed) are weighed by prominence and by
    the square of reciprocity; a `vouch` lets standing flow; `by_recogniser` is false where somebody else than the
    recogniser acted; `face_value_only` kinds have no name behind them.
    """

    id: Annotated[str, Meta(description="Its id.")]
    label: Annotated[str, Meta(description="Its name.")]
    when: Annotated[str, Meta(description="When it is seen.")]
    made_of: Annotated[str, Meta(description="Which records it is read from.")]
    weakness: Annotated[str, Meta(description="What is known to be wrong with it.")]
    soft: Annotated[bool, Meta(description="Whether it is weighed by prominence and the square of reciprocity.")] = (
        False
    )
    vouch: Annotated[bool, Meta(description="Whether standing flows along it.")] = False
    by_recogniser: Annotated[bool, Meta(description="Whether the one who recognises is the one who acted.")] = True
    face_value_only: Annotated[
        bool, Meta(description="Whether it counts at face value only, as nobody stands behind it.")
    ] = False


KINDS: tuple[Kind, ...] = (
    Kind(
        id="accepted",
        label="accepted answers and changes",
        when="a person accepted the account's answer, or a maintainer merged its change",
        made_of="an `accept` of the account's record",
        weakness="the first working answer is accepted, not the best one",
        vouch=True,
    ),
    Kind(
        id="reviewed",
        label="reviews credited in a merged change",
        when="a third person merged a change, and the record of the merge credits the account's review",
        made_of="an `accept` of its `review`; with granted rights an `accept` of a change it reviewed that instant",
        weakness="a review can be a formality",
        vouch=True,
    ),
    Kind(
        id="fixed",
        label="fixed reports",
        when="a third person merged the account's change, and the record of the merge says whose report it fixes",
        made_of="with granted rights, an `accept` of the account's change that a `report` of the same instant names",
        weakness="small and large repairs count the same",
        vouch=True,
    ),
    Kind(
        id="consulted",
        label="questions asked by name",
        when="a person addressed the account by name, the account answered, and the person used the answer",
        made_of="a `mention` of or `question` to the account, its post in that thread, and an act on that very post",
        weakness="people address those who answer, not only those who know",
    ),
    Kind(
        id="took",
        label="merged changes",
        when="the account merged a person's change, where the source says that others gave it the right to",
        made_of="with granted rights, the account's `accept` of a person's change",
        weakness="the account's own act; it shows trust given earlier",
        by_recogniser=False,
    ),
    Kind(
        id="approved",
        label="approved changes",
        when="a reviewer approved the account's change, and whoever took the change wrote that down with it",
        made_of="with granted rights, a `review` above 0 of the account's change at the instant that it was taken",
        weakness="an approval can be a formality",
    ),
    Kind(
        id="tested",
        label="tested changes",
        when="a person tested the account's change",
        made_of="a `test` of the account's change",
        weakness="testing shows that it mattered, not that it was good",
    ),
    Kind(
        id="thanked",
        label="replies from the asker",
        when="the person who asked replied under the account's answer",
        made_of="a `reply` of the asker under the account's answer",
        weakness="a reply may be an objection",
    ),
    Kind(
        id="replied",
        label="replies from others",
        when="somebody else replied under the account's answer",
        made_of="a `reply` of anyone else under the account's answer",
        weakness="a reply may be an objection; controversy draws replies",
    ),
    Kind(
        id="voted",
        label="anonymous upvotes",
        when="an anonymous upvote on the account's answer, credited to the asker; only where everyone counts equally",
        made_of="a `vote` with a value above 0 on the account's answer",
        weakness="nobody stands behind it",
        by_recogniser=False,
        face_value_only=True,
    ),
    Kind(
        id="listed",
        label="lists and collections",
        when="the account is on a person's list, starter pack or collection whose name or description is on topic",
        made_of="a `list` record with the account as its target",
        weakness="lists are copied from one another and seldom tidied",
        soft=True,
        vouch=True,
    ),
    Kind(
        id="endorsed",
        label="reshares and quotes",
        when="a person reshared or quoted the account's own post on the topic",
        made_of="a `reshare` or `quote` of the account's post",
        weakness="what is agreeable spreads further than what is right; a quote may disagree",
        soft=True,
        vouch=True,
    ),
)
REPLIES = ("thanked", "replied")
"""Kinds that are seen whatever the words say: a reply may be an objection."""
MOSTLY_REPLIES = 0.9
"""From this share on, of points or of acts, it is said that hardly anything but replies is behind."""
KIND_CODE = {kind.id: code for code, kind in enumerate(KINDS)}


def are_replies(replies: float, whole: float) -> bool:
    """Say whether nearly all of so many points or acts are of replies; not where there are none."""
    return whole > 0 and replies >= MOSTLY_REPLIES * whole


LABELS = {kind.id: kind.label for kind in KINDS}
