"""Who lives on the test's Bluesky, and what they wrote about baking: all of it made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.integration.bluesky.network import facet

if TYPE_CHECKING:
    from tests.integration.bluesky.network import Network, Person, Ref

LINK = "https://bakery.example/rye/starters-and-why-they-fail"
ESSAY = "Crème brûlée can wait: why a #sourdough starter wants rye, bakery.example/rye/…"
QUESTION = "How wet should a sourdough be in winter, @ada.test?"
HALF = 60
WORDS = ("!no-unauthenticated", "Only for people who are signed in: my sourdough failed")


@dataclass
class People:
    """Ada, who is scored; six bakers around her; and three whose records nobody is to have."""

    ada: Person
    bakers: tuple[Person, ...]
    shy: Person
    removed: Person
    left: Person
    question: Ref
    answer: Ref
    essay: Ref
    hers: set[str]
    bakers_list: Ref
    pack: Ref


def settle_in(network: Network) -> People:
    """Let them all join and write, and wait until it can be read."""
    ada = network.join("ada", description="Bread, above all.")
    bakers = tuple(network.join(name, description="I bake.") for name in ("ben", "cat", "dan", "eve", "fay", "gus"))
    shy, removed, left = network.join("ivy", WORDS[0]), network.join("ray"), network.join("lea")
    question, answer = _converse(ada, *bakers[:2])
    essay = _essay(ada)
    first = ada.post_many(f"Loaf {number}: the sourdough rose" for number in range(HALF))
    _gone_soon(ada, removed, left)
    second = ada.post_many(f"Loaf {HALF + number}: the sourdough sank" for number in range(HALF))
    _take_up(essay, bakers, shy)
    ada.like(question)
    bakers_list = bakers[0].list_of("Sourdough bakers", ada, bakers[1])
    pack = bakers[0].starter_pack_of("People who bake sourdough", *bakers)
    network.settle()
    network.take_down(removed)
    left.leave()
    network.settle()
    hers = {answer.uri, essay.uri, *first, *second}
    return People(ada, bakers, shy, removed, left, question, answer, essay, hers, bakers_list, pack)


def _converse(ada: Person, ben: Person, cat: Person) -> tuple[Ref, Ref]:
    """Ben asks Ada by name; she answers; he and Cat reply under her answer."""
    question = ben.post(QUESTION, facets=[facet(QUESTION, "@ada.test", "mention", did=ada.did)])
    answer = ada.post("Start your sourdough at 70 % and watch it.", under=question)
    ben.post("It stood up like never before.", under=question, parent=answer)
    cat.post("And in summer?", under=question, parent=answer)
    return question, answer


def _essay(ada: Person) -> Ref:
    tag = facet(ESSAY, "#sourdough", "tag", tag="sourdough")
    return ada.post(ESSAY, facets=[tag, facet(ESSAY, "bakery.example/rye/…", "link", uri=LINK)], tags=["baking"])


def _gone_soon(ada: Person, removed: Person, left: Person) -> None:
    """Ada reposts two whose posts the AppView will hide: the page they would stand on comes short."""
    for person in (removed, left):
        ada.repost(person.post("A sourdough that nobody will see."))


def _take_up(essay: Ref, bakers: tuple[Person, ...], shy: Person) -> None:
    """Ben likes the essay and no more; the other bakers and Ivy repost it, and two quote it."""
    bakers[0].like(essay)
    for person in (*bakers[1:], shy):
        person.repost(essay)
    shy.post(WORDS[1])
    for person in bakers[1:3]:
        person.post("Every baker should read this.", quoting=essay)
