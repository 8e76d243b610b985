"""What is accepted in a community: answers alone, as in a forum, or changes too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.columns import of_types

if TYPE_CHECKING:
    from candor.scoring.table import Table

ANSWERS = frozenset({"answer", "reply"})
"""Types of records that are answers; anything else that is accepted is a change."""


def takes_changes(table: Table) -> bool:
    """Say whether anybody took a change here."""
    types, under = np.asarray(table.type[: table.acts]), np.asarray(table.object[: table.acts])
    taken = under[of_types(types, "accept")]
    taken = taken[(taken >= 0) & (taken < types.size)]
    return bool((~of_types(types[taken], *ANSWERS)).any())
