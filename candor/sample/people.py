"""Reads people.toml: who lives in the sample, under which id, and in which role."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from candor.scoring.activity import AccountKind

PUPPET_BIO = "Big fan of Max Sterling. (made up: a sockpuppet)"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody made up. `handle` is what scripts call them, `id` what records call them."""

    id: str
    handle: str
    name: str
    role: str
    bio: str
    kind: AccountKind = "person"
    followers: int = 0
    consent: bool | None = None

    @property
    def first_name(self) -> str:
        """The name a mention shows."""
        return self.name.split()[0]


def read_people(file: Path) -> tuple[Person, ...]:
    """Return everybody in the order of the file, the ring's puppets last."""
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    puppets = [
        {"handle": f"puppet{number}", "name": name, "role": "puppet", "bio": PUPPET_BIO, "followers": 31 + number}
        for number, name in enumerate(said["ring"]["names"])
    ]
    return tuple(Person(id=f"p{number:02}", **one) for number, one in enumerate(said["person"] + puppets, start=1))
