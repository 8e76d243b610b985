"""Near-copies are exactly the pairs of texts whose sets of shingles overlap enough, whoever compares them."""

import random
from itertools import combinations

import numpy as np

from candor.scoring.copies import Copies, find_copies
from candor.scoring.method import load_method
from candor.scoring.words import words

RULE = load_method().copies


def shingles(text: str | None) -> set[tuple[str, ...]]:
    said = words(text or "")
    size = RULE.shingle_words
    return {tuple(said[at : at + size]) for at in range(len(said) - size + 1)}


def spoken(texts: list[str | None]) -> list[tuple[int, str]]:
    return [(row, text) for row, text in enumerate(texts) if text]


def near_copies(texts: list[str | None]) -> set[tuple[int, int]]:
    said = {place: found for place, text in enumerate(texts) if (found := shingles(text))}
    return {
        (one, other)
        for one, other in combinations(said, 2)
        if len(said[one] & said[other]) / len(said[one] | said[other]) >= RULE.jaccard
    }


def found_by(copies: Copies) -> set[tuple[int, int]]:
    alike = set(zip(*(side.tolist() for side in copies.similar), strict=True))
    group = dict(zip(copies.row.tolist(), copies.group.tolist(), strict=True))
    return {pair for pair in combinations(group, 2) if (group[pair[0]], group[pair[1]]) in alike}


def changed(text: str, pick: random.Random) -> str:
    said = text.split()
    for _ in range(pick.randrange(3)):
        said[pick.randrange(len(said))] = str(pick.randrange(50))
    return " ".join(said)


def test_near_copies_are_those_that_comparing_every_pair_finds():
    for seed in range(20):
        pick = random.Random(seed)
        originals = [" ".join(str(pick.randrange(40)) for _ in range(pick.randrange(3, 60))) for _ in range(4)]
        texts = [pick.choice([None, *(changed(pick.choice(originals), pick) for _ in range(9))]) for _ in range(40)]
        copies = find_copies(spoken(texts), np.arange(len(texts)) % 7, RULE)
        assert found_by(copies) == near_copies(texts)
        assert copies.row.tolist() == [place for place, text in enumerate(texts) if shingles(text)]


def test_some_texts_are_near_copies_without_being_equal():
    said = [str(number) for number in range(60)]
    texts: list[str | None] = [" ".join(said), " ".join([*said, "more"]), " ".join(said[:30])]
    copies = find_copies(spoken(texts), np.zeros(3, np.int64), RULE)
    assert found_by(copies) == {(0, 1)}
    assert copies.repeats_self.tolist() == [False, True, False]


def test_without_texts_there_are_no_copies():
    for texts in ([], [None], ["too short for it"]):
        copies = find_copies(spoken(texts), np.zeros(len(texts), np.int64), RULE)
        assert copies.row.size == copies.group.size == copies.repeats_self.size == 0
