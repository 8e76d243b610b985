"""Made-up places of several networks that a data set follows: several things in each list, and people to ask about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from candor.store.sources import AskedSource
from tests.worker.connectors.made_up import bluesky, discourse, github, mastodon, stackexchange

if TYPE_CHECKING:
    from tests.worker.connectors.made_up import MadeUp


@dataclass(frozen=True, kw_only=True)
class Followed:
    """A place, what answers there beside what the network answers about one account, and people to ask about."""

    asked: AskedSource
    tried: MadeUp
    people: tuple[str, ...]


def followed(
    tried: MadeUp, answers: dict[str, Any], people: tuple[str, ...], missing: tuple[str, ...] = (), **place: str
) -> Followed:
    asked = AskedSource(network=tried.network, max_requests=100, window_days=365, **place)
    may_be_missing = tried.may_be_missing | set(missing)
    others = {address: answer for address, answer in tried.answers.items() if address not in answers}
    both = replace(tried, answers=answers | others, following={}, may_be_missing=may_be_missing)
    return Followed(asked=asked, tried=both, people=people)


def topic(number: int) -> dict[str, Any]:
    return {"id": number, "bumped_at": discourse.AT, "pinned": False, "pinned_globally": False}


def repository(name: str) -> dict[str, Any]:
    return {"full_name": f"orbits/{name}", "private": False, "fork": False}


def by_number(kind: str, what: str, about: dict[int, list[dict[str, Any]]]) -> dict[str, Any]:
    """What a site answers about two posts, and about each."""
    whole = [each for found in about.values() for each in found]
    several = {"%3B".join(map(str, about)): whole, **{str(number): found for number, found in about.items()}}
    return {f"{stackexchange.API}/{kind}/{ids}/{what}": stackexchange.items(*found) for ids, found in several.items()}


ASKED = [stackexchange.question(number, stackexchange.BOB, last_activity_date=1_788_000_100) for number in (101, 107)]
SAID = [stackexchange.answer(102, 101, stackexchange.ADA), stackexchange.answer(108, 107, stackexchange.CY)]
OTHER_TOPIC = {
    **discourse.TOPIC,
    "id": 4,
    "posts_count": 2,
    "accepted_answer": None,
    "post_stream": {"posts": [discourse.post(1, "cy", 41), discourse.post(2, "ada", 42)], "stream": [41, 42]},
}
DISCUSSED = github.said("9", "cy", title="Why?", updatedAt="2026-10-01T12:00:00Z", repository={"isPrivate": False})
LISTED = [github.issue(1, "bob", comments=2), github.issue(3, "ada")]
FOLLOWED = (
    followed(
        discourse.MADE_UP,
        {
            f"{discourse.FORUM}/latest.json": {"topic_list": {"topics": [topic(1), topic(4)], "more_topics_url": None}},
            f"{discourse.FORUM}/t/4.json": OTHER_TOPIC,
        },
        ("ada",),
    ),
    followed(
        stackexchange.MADE_UP,
        {
            f"{stackexchange.API}/questions": stackexchange.items(*ASKED),
            **by_number("questions", "answers", {101: SAID[:1], 107: SAID[1:]}),
            **by_number("questions", "timeline", {101: [stackexchange.accepted(101, 102)], 107: []}),
            **by_number("questions", "comments", {101: [stackexchange.comment(110, 101, 8)], 107: []}),
            **by_number("answers", "comments", {102: [], 108: [stackexchange.comment(111, 108, 7)]}),
            f"{stackexchange.API}/users/7;8": stackexchange.items(stackexchange.member(7), stackexchange.member(8)),
        },
        ("7", "8"),
    ),
    followed(
        github.MADE_UP,
        {
            f"{github.API}/orgs/orbits/repos": [repository("cubesat"), repository("probe")],
            f"{github.KEPT}/issues": LISTED,
            f"{github.API}/repos/orbits/probe/issues": [github.issue(7, "cy")],
            f"POST {github.API}/graphql": {"data": {"repository": {"page": github.nodes(DISCUSSED)}}},
        },
        ("ada",),
        part="organisation",
        name="orbits",
    ),
    followed(
        mastodon.MADE_UP,
        {
            f"{mastodon.HOST}/api/v2/instance": {"domain": "example.social"},
            f"{mastodon.API}/timelines/tag/cubesat": mastodon.MADE_UP.answers[mastodon.FIRST],
        },
        ("@ada@example.social",),
        part="hashtag",
        name="example.social/tags/cubesat",
    ),
    followed(
        bluesky.MADE_UP,
        {
            f"{bluesky.VIEW}/app.bsky.feed.getListFeed": {
                "feed": bluesky.MADE_UP.answers[f"{bluesky.VIEW}/app.bsky.feed.getAuthorFeed"]["feed"][:3]
            },
            f"{bluesky.VIEW}/app.bsky.actor.getProfiles": {"profiles": [bluesky.OF_BOB, bluesky.OF_CY]},
        },
        (bluesky.BOB, bluesky.CY),
        part="list",
        name=bluesky.LIST,
    ),
)
