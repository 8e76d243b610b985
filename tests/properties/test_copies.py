"""Copies: texts that nobody took up, of whomever and however old, take nothing from anybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import given

from candor.scoring.activity import POSTS, Activity
from properties.acting import instant
from properties.asking import ask, raws, tried
from properties.worlds import SEEDS, TAGS, TEXTS, Setting, make_setting, random_pick

if TYPE_CHECKING:
    from collections.abc import Callable


def silent(setting: Setting, who: str) -> Setting:
    """The same world where one person's posts, which others may have taken up, have no words."""
    activities = tuple(
        msgspec.structs.replace(record, content=None) if record.actor == who and record.type in POSTS else record
        for record in setting.activities
    )
    return msgspec.structs.replace(setting, activities=activities)


def notes_of(pick: Callable[[int], int], setting: Setting, who: str) -> list[Activity]:
    """Draw notes of one person that say, mostly earlier, what others said."""
    texts = [record.content for record in setting.activities if record.content] or [*TEXTS]
    return [
        Activity(
            type="note",
            id=f"copy-{i}",
            actor=who,
            content=texts[pick(len(texts))],
            tags=TAGS[pick(len(TAGS))],
            **instant(pick),
        )
        for i in range(12)
    ]


def numbers(setting: Setting, more: list[Activity], but: str) -> dict[tuple[str, str], list[Any]]:
    """The numbers of expertise of everybody but one person."""
    return {
        key: [raws(document), document.expertise.score, document.expertise.at_face_value]
        for key, document in ask(setting, more, accounts=setting.people).items()
        if key[0] != but
    }


@tried(60)
@given(SEEDS)
def test_texts_that_nobody_takes_up_change_nobody_elses_expertise_when_written_or_edited(seed: int) -> None:
    pick = random_pick(seed)
    setting = make_setting(pick, declared=True)
    rival = setting.people[pick(len(setting.people))]
    setting = silent(setting, rival)
    copies = notes_of(pick, setting, rival)
    before = numbers(setting, [], rival)
    hello = [msgspec.structs.replace(note, content="hello to all of you out there") for note in copies]
    assert numbers(setting, hello, rival) == before
    assert numbers(setting, copies, rival) == before
