"""Scene: where an attack takes place, and what an attack is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from candor.evaluation.script import Script


@dataclass(frozen=True)
class Scene:
    """Where an attack takes place.

    `target` gains by it; `people` are real accounts that can be bought or fooled, `trusted` those the root names,
    `expert` the one who stands highest. `texts` are what that one wrote, `questions` what others asked on the topic.
    """

    target: str
    people: Sequence[str]
    trusted: Sequence[str]
    expert: str
    texts: Sequence[str]
    questions: Sequence[str]
    random: random.Random

    def bought(self, count: int) -> list[str]:
        """Draw real accounts, the target not among them."""
        others = [name for name in self.people if name != self.target]
        return self.random.sample(others, min(count, len(others)))

    def corrupt(self, count: int) -> list[str]:
        """Draw trusted accounts, the target not among them."""
        others = [name for name in self.trusted if name != self.target]
        return self.random.sample(others, min(count, len(others)))


@dataclass(frozen=True)
class Attack:
    """One attack: its id, what is done, the sizes staged, what they count, and the function that stages it.

    `standing` says whether an account with standing may take part; `lowers` that the expert is to be brought down.
    """

    id: str
    label: str
    sizes: tuple[int, ...]
    unit: str
    stage: Callable[[Script, Scene, int], None]
    standing: bool = True
    lowers: bool = False
