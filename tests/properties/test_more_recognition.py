"""More recognition never lowers a person, a larger root never does, and other topics create nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from properties.acting import recognition, recognition_elsewhere
from properties.asking import TOLERANCE, ask, fallen, number, tried
from properties.worlds import SEEDS, make_setting, random_pick

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument


def recognised_once_more(seed: int) -> list[tuple[ScoreDocument, ScoreDocument]]:
    """One account's documents before and after somebody recognises it once more."""
    pick = random_pick(seed)
    setting = make_setting(pick, declared=True)
    me, *others = setting.people
    more = recognition(pick, setting, me, others[pick(len(others))])
    before, after = ask(setting, accounts=(me,)), ask(setting, [more], accounts=(me,))
    return [(before[key], after[key]) for key in before]


def elsewhere(document: ScoreDocument) -> float:
    """B − A: what others took up on other topics, in voices."""
    return document.expertise.totals.all_topics - document.expertise.totals.on_topic


@tried(60)
@given(SEEDS)
def test_one_more_act_of_recognition_never_lowers_what_counts_on_the_topic_nor_the_score(seed: int) -> None:
    for before, after in recognised_once_more(seed):
        is_on_the_topic_alone = abs(elsewhere(after) - elsewhere(before)) <= TOLERANCE
        assert fallen(before, after).keys() <= (set() if is_on_the_topic_alone else {"specialised_help"})


@tried(30)
@given(SEEDS)
def test_recognition_on_other_topics_creates_no_score_and_raises_one_only_a_little(seed: int) -> None:
    pick = random_pick(seed)
    setting = make_setting(pick, declared=True)
    me, *others = setting.people
    more = [recognition_elsewhere(pick, me, others[pick(len(others))])]
    before, after = ask(setting, accounts=(me,)), ask(setting, more, accounts=(me,))
    for key, was in before.items():
        most = 40.0 if setting.question.profile == "qa" and was.expertise.totals.on_topic > 0 else TOLERANCE
        assert after[key].expertise.totals.on_topic == was.expertise.totals.on_topic
        assert number(after[key]) - number(was) < most
