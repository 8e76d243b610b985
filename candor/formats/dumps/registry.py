"""All formats of dumps, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.formats.dumps import (
    car,
    discord,
    discourse,
    gerrit,
    gharchive,
    git,
    hackernews,
    jetstream,
    mattermost,
    mbox,
    perceval,
    records,
    reddit,
    slack,
    stackexchange,
    telegram,
    zulip,
)

if TYPE_CHECKING:
    from candor.formats.dumps.dump import Format

_ALL = (
    *(records, stackexchange, git, slack, mattermost, zulip, discord, telegram),
    *(mbox, discourse, hackernews, reddit, gharchive),
    *(gerrit, jetstream, car, perceval),
)
FORMATS: dict[str, Format] = {each.FORMAT.facts.id: each.FORMAT for each in _ALL}
