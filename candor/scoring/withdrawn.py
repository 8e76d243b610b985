"""Acts that are taken back later, as logs of events have them: accepts, likes, follows and reshares that go again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from candor.names.account_text import UnknownAccountError
from candor.scoring.activity import Instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from candor.scoring.activity import Activity

_WORDS = {
    "accept": (
        *("unaccept", "unaccepted", "acceptwithdrawn", "acceptremoved", "acceptancewithdrawn", "acceptanceremoved"),
        *("unacceptanswer", "answerunaccepted", "unacceptedanswer", "unacceptedsolution", "unacceptsolution"),
        *("solutionremoved", "solutionunmarked", "unmarksolution", "unmarkedsolution", "unsolve", "unsolved"),
        *("acceptrevoked", "revokeaccept", "undoaccept", "answerunmarked", "unmarkanswer"),
    ),
    "like": ("unlike", "unliked", "likeremoved", "undolike", "unfavourite", "unfavorite", "unstar", "reactionremoved"),
    "follow": ("unfollow", "unfollowed", "undofollow", "unsubscribe"),
    "reshare": ("unreshare", "unboost", "unreblog", "unrepost", "unretweet", "undoannounce"),
}
_TAKES_BACK = {word: kind for kind, words in _WORDS.items() for word in words}


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """A record that takes an act of a type back: of anybody where it has no actor, at any time where it has no time."""

    type: str
    object: str | None = None
    target_actor: str | None = None
    actor: str | None = None
    published: Instant | None = None

    @property
    def towards(self) -> tuple[str, str | None, str | None]:
        """What was acted on."""
        return self.type, self.object, self.target_actor if self.type == "follow" else None

    def is_of(self, activity: Activity) -> bool:
        """Tell whether it takes an act back that is towards the same."""
        by_others = self.actor is not None and activity.actor is not None and self.actor != activity.actor
        return not by_others and (self.published is None or activity.published <= self.published)


class Withdrawals:
    """Withdrawals, to be asked for each act whether one of them takes it back."""

    def __init__(self, withdrawals: Iterable[Withdrawal]) -> None:
        self._by_towards: dict[tuple[str, str | None, str | None], list[Withdrawal]] = {}
        for each in withdrawals:
            self._by_towards.setdefault(each.towards, []).append(each)
        self.types = frozenset(kind for kind, _, _ in self._by_towards)
        self.objects = frozenset(on for _, on, _ in self._by_towards if on is not None)

    def take_back(self, activity: Activity) -> bool:
        """Tell whether an act is taken back."""
        target = activity.target_actor if activity.type == "follow" else None
        return any(each.is_of(activity) for each in self._by_towards.get((activity.type, activity.object, target), ()))


def withdrawal_in(record: Mapping[str, Any], names: Mapping[str, str] | None) -> Withdrawal | None:
    """Return what a record takes back, by the word that it has for its type; None where it is no such record.

    `names` has the one name of each account by how it is written; None: as it is written.
    """
    word = record.get("type")
    kind = _TAKES_BACK.get(re.sub(r"[\W_]", "", word.lower())) if isinstance(word, str) else None
    if kind is None or not record.get("target_actor" if kind == "follow" else "object"):
        return None
    told = {name: record[name] for name in ("object", "target_actor", "actor", "published") if record.get(name)}
    try:
        for name in ("actor", "target_actor") if names is not None else ():
            if name in told:
                told[name] = names[told[name]] if names is not None else told[name]
        return msgspec.convert({"type": kind, **told}, Withdrawal)
    except (msgspec.ValidationError, UnknownAccountError, TypeError):
        return None
