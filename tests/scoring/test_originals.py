"""Which of the texts that others took up are copies, whoever is trusted: as comparing every pair says."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np

from candor.scoring.copies import find_copies
from candor.scoring.method import load_method
from candor.scoring.originals import Originals

RULE = load_method().copies
PEOPLE = 8


def near(one: str, other: str) -> bool:
    """Whether two texts share enough runs of words."""
    mine, theirs = (
        {tuple(said[at : at + RULE.shingle_words]) for at in range(len(said) - RULE.shingle_words + 1)}
        for said in (one.split(), other.split())
    )
    return bool(mine and theirs) and len(mine & theirs) >= RULE.jaccard * len(mine | theirs)


def test_a_text_is_a_copy_where_its_author_or_a_text_recognised_no_less_said_so_earlier() -> None:
    same = "one two three four five"
    for seed in range(60):
        pick = random.Random(seed)
        author = [pick.randrange(4) for _ in range(2)]
        acts = [(pick.randrange(-1, 2), pick.randrange(PEOPLE)) for _ in range(6)]
        standing = np.array([pick.choice((0.0, 0.25, 1.0)) for _ in range(PEOPLE)])
        originals = Originals.of(find_copies(enumerate([same, same]), np.array(author), RULE), *np.array(acts).T)
        earlier, later = (sum(standing[by] for by in {w for text, w in acts if text == at}) for at in (0, 1))
        taken_up = {text for text, _ in acts}
        own = author[0] == author[1]
        expected = {1} & taken_up if own or (0 in taken_up and 0 < earlier >= later) else set()
        assert set(originals.row[originals.void(standing)].tolist()) == expected
        assert set(originals.shared_authors.tolist()) == ({author[1]} if {0, 1} <= taken_up and not own else set())


def test_whoever_is_no_copy_is_not_near_any_earlier_text_that_others_took_up() -> None:
    for seed in range(60):
        pick = random.Random(seed)
        words = [[str(pick.randrange(40)) for _ in range(pick.randrange(4, 30))] for _ in range(4)]
        texts = [" ".join([*pick.choice(words), *"xyz"[: pick.randrange(3)]]) for _ in range(30)]
        author = np.array([pick.randrange(4) for _ in texts])
        said, recogniser = np.array([(pick.randrange(-1, 30), pick.randrange(PEOPLE)) for _ in range(50)]).T
        originals = Originals.of(find_copies(enumerate(texts), author, RULE), said, recogniser)
        pairs = [pair for pair in combinations(range(30), 2) if near(*(texts[at] for at in pair))]
        repeats = {two for one, two in pairs if author[one] == author[two]}
        taken_up = set(said.tolist())
        assert set(originals.row[originals.repeats_self].tolist()) == repeats & taken_up
        shared = {int(author[two]) for one, two in pairs if {one, two} <= taken_up and two not in repeats}
        assert set(originals.shared_authors.tolist()) == shared


def test_who_took_up_earlier_texts_voids_no_more_recognition_than_they_weigh() -> None:
    texts = [" ".join(f"{text}-{word}" for word in range(5)) for text in range(10)] * 2
    copies = find_copies(enumerate(texts), np.array([1] * 10 + [2] * 10), RULE)
    lost = []
    for seed in range(60):
        pick = random.Random(seed)
        cheats = [(text, 0) for text in pick.sample(range(10), pick.randrange(1, 10))]
        acts = {(text, pick.randrange(1, PEOPLE)) for text in range(10, 20) for _ in range(2)}
        standing = np.array([1.0, *(pick.random() / 3 for _ in range(PEOPLE - 1))])
        said, recogniser = np.array([*cheats, *acts]).T
        originals = Originals.of(copies, said, recogniser)
        void = set(originals.row[originals.void(standing)].tolist())
        lost.append(sum(standing[by] for text, by in acts if text in void))
    assert 0.5 < max(lost) <= 1 + 1e-6


def test_sums_that_differ_in_the_last_digit_are_equal() -> None:
    said, recogniser = np.array([0, 0, 0, 1]), np.array([0, 1, 2, 3])
    copies = find_copies(enumerate(["one two three four five"] * 2), np.array([4, 5]), RULE)
    originals = Originals.of(copies, said, recogniser)
    assert originals.void(np.array([0.1, 0.1, 0.1, 0.3 + 1e-12, 0, 0])).tolist() == [False, True]
    assert originals.void(np.array([0.1, 0.1, 0.1, 0.31, 0, 0])).tolist() == [False, False]


def test_what_nobody_took_up_decides_nothing() -> None:
    copies = find_copies(enumerate(["one two three four five"] * 2), np.array([4, 5]), RULE)
    for said in ([], [-1], [0], [1]):
        originals = Originals.of(copies, np.array(said, np.int64), np.zeros(len(said), np.int64))
        assert not originals.void(np.ones(6)).any()
        assert originals.shared_authors.size == 0
