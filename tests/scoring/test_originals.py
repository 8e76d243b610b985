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
    for seed in range(60):
        pick = random.Random(seed)
        words = [[str(pick.randrange(40)) for _ in range(pick.randrange(4, 30))] for _ in range(4)]
        texts = [" ".join([*pick.choice(words), *"xyz"[: pick.randrange(3)]]) for _ in range(30)]
        author = [pick.randrange(4) for _ in texts]
        acts = [(pick.randrange(-1, 30), pick.randrange(PEOPLE)) for _ in range(50)]
        standing = np.array([pick.choice((0.0, 0.25, 1.0)) for _ in range(PEOPLE)])
        said, recogniser = np.array(acts).T
        originals = Originals.of(find_copies(enumerate(texts), np.array(author), RULE), said, recogniser)
        recognition = [float(sum(standing[by] for by in {w for text, w in acts if text == at})) for at in range(30)]
        expected = {
            later
            for earlier, later in combinations(range(30), 2)
            if near(texts[earlier], texts[later])
            and (author[earlier] == author[later] or 0 < recognition[earlier] >= recognition[later])
        }
        void = set(originals.row[originals.void(standing)].tolist())
        taken_up = {text for text, _ in acts}
        assert void == expected & taken_up
        mine = {author[later] for later in expected if later in taken_up}
        repeats = {int(who) for who in originals.author[originals.repeats_self]}
        assert mine <= repeats | set(originals.shared_authors.tolist())


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
