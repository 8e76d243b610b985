"""The six-followers story of the sample in one paragraph, from what the service answers about two messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from candor import sample

if TYPE_CHECKING:
    from candor.client import Client


def tell_story(client: Client, **asked: str) -> str:
    """Tell how a message went from a member with six followers to somebody trusted, and where a like-bait post stands.

    `asked` names data set, trust root and time.
    """
    rows = list(client.messages(sample.TOPIC, **asked))
    hers = next(row for row in rows if row["author"]["account"] == sample.NEWCOMER)
    bait = max(rows, key=lambda row: row["likes"])
    message, steps = client.message(hers["message_url"])
    reached = _name(steps[message["first_trusted"]])
    passers = [_name(steps[place]) for place in message["through"][1:]]
    return (
        f"What was said that mattered? {_name(hers)}, a made-up member with six followers, says something true. "
        f"{' and then '.join(passers)}, one of the six, passes it on, and so it reaches {reached}, who "
        "runs a radio show and is trusted here: the show tries it and takes it over. Of "
        f"{len(rows):,} messages hers is number {hers['rank']:,}, with {hers['people']:,} people and {hers['likes']:,} "
        f"likes; a post by {_name(bait)} that asked for likes got {bait['likes']:,} and is number {bait['rank']:,}, as "
        f"{'nobody' if not bait['people'] else 'hardly anybody'} took it up."
    )


def _name(said: dict[str, Any]) -> str:
    author = said["author"]
    return str(author["name"] or author["account"])
