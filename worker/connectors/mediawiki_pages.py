"""The shapes of a wiki's answers that we read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from candor.formats.lenient import NEEDED
from candor.names.work_accounts import TEMPORARY
from candor.scoring.account_kinds import by_sign
from candor.scoring.activity import Instant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.activity import AccountKind

_FOR_EVER = frozenset({"infinite", "infinity", "indefinite", "never"})
HEADING = "heading"


class User(msgspec.Struct):
    """An account: its groups, and whether it is blocked."""

    name: str
    groups: list[str] = []
    missing: Annotated[bool, NEEDED] = False
    invalid: Annotated[bool, NEEDED] = False
    blockexpiry: Annotated[str | None, NEEDED] = None
    blockpartial: bool = False

    @property
    def kind(self) -> tuple[AccountKind, str]:
        """Say what stands behind it: the wiki has a group of bots, and tells no more."""
        return by_sign("mediawiki", "group bot" if "bot" in self.groups else "")

    @property
    def reason(self) -> str | None:
        """Say why it is no more, None where it is."""
        if self.missing or self.invalid:
            return "account not found on the wiki"
        if TEMPORARY.fullmatch(self.name):
            return "a temporary account, which stands for somebody without one"
        return "blocked by the wiki" if self.blockexpiry in _FOR_EVER and not self.blockpartial else None


class Space(msgspec.Struct):
    """A namespace, by its name in the wiki's language, or another name that it has."""

    id: int
    name: str = ""
    canonical: str = ""
    alias: str = ""

    @property
    def names(self) -> Iterator[str]:
        """Yield its names as addresses write them."""
        return (each.replace(" ", "_") for each in (self.name, self.canonical, self.alias) if each)


class Page(msgspec.Struct):
    """A page, with its properties."""

    pageprops: Annotated[dict[str, Any], NEEDED] = {}


class Pages(msgspec.Struct):
    """The pages that were asked for."""

    pages: Annotated[list[Page], NEEDED] = []


class PagesAnswer(msgspec.Struct):
    """An answer about pages; what cannot be read of it is no leave to read anybody."""

    query: Pages


class Edit(msgspec.Struct):
    """An edit, as the list of an account's contributions shows it. Talk pages have odd numbers of namespaces."""

    revid: int
    ns: int
    title: str
    timestamp: Instant
    comment: str = ""
    tags: list[str] = []
    suppressed: Annotated[bool, NEEDED] = False
    texthidden: Annotated[bool, NEEDED] = False


class Revision(msgspec.Struct):
    """A revision in the history of a page."""

    revid: int
    timestamp: Instant
    user: str | None = None
    tags: list[str] = []


class History(msgspec.Struct):
    """The history of a page, as far as it was asked for."""

    revisions: list[Revision] = []


class Thanks(msgspec.Struct):
    """An entry of the log of thanks: by whom, and to whom as the title of their page."""

    logid: int
    title: str
    timestamp: Instant
    user: str | None = None


class Item(msgspec.Struct):
    """A heading or a comment on a talk page, with what stands under it."""

    id: str
    type: str = ""
    html: str = ""
    author: str | None = None
    timestamp: Instant | None = None
    replies: list[Item] = []

    @property
    def comments(self) -> list[Item]:
        """Return what answers it. A heading further down stands there, and once more as a thread of its own."""
        return [each for each in self.replies if each.type != HEADING]

    def whole(self) -> Iterator[Item]:
        """Yield it, and what stands below."""
        yield self
        for each in self.comments:
            yield from each.whole()

    def everybody(self) -> Iterator[str]:
        """Yield who wrote it, and who wrote below."""
        return (each.author for each in self.whole() if each.author)


class Refusal(msgspec.Struct):
    """Why the wiki does not do what it was asked for."""

    code: str = ""

    @property
    def words(self) -> str:
        """Say so, as a gap does."""
        return f"refused ({self.code[:100] or 'it does not say why'})"
