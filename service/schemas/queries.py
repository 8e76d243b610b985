"""What queries say: which board and whom of it, how to draw, and what the records of an upload are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import marshmallow as ma
from marshmallow import fields, validate

from candor.formats.dumps.registry import FORMATS
from candor.formats.tables import MEDIA_TYPES
from candor.scoring.account_kinds import PEOPLE
from candor.scoring.activity import ACCOUNT_KINDS, MAPPED, RECORD_TYPES, VISIBILITIES
from candor.scoring.method import known_versions
from service.drawing import NARROWEST, THEMES, WIDEST
from service.schemas.base import InstantField, PageQuerySchema, network_name, text
from service.schemas.job_requests import PROFILES
from service.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

UPLOADED = FORMATS.keys() - {"records"}
GROUPS = {"people": PEOPLE, "all": ACCOUNT_KINDS}
ORDERS = ("expertise", "interest")
STATUSES = ("ok", "face_value", "unverified", "not_enough_evidence", "no_trust_root")
MOST_POINTS = 2000
PLACES = 10
MOST_PLACES = 50


def kind_field() -> fields.String:
    """Return the field that chooses kinds of accounts; people unless others are asked for."""
    words = "Accounts of which kind: people (the default) are persons and those of whom nobody says what they are."
    return fields.String(
        load_default="people", validate=validate.OneOf((*GROUPS, *ACCOUNT_KINDS)), metadata={"description": words}
    )


class WholeQuerySchema(PageQuerySchema):
    """How to ask for a page, or for the whole list in one answer."""

    format = fields.String(
        validate=validate.OneOf(MEDIA_TYPES),
        metadata={
            "description": "Send the whole list in one answer, in this form; so does `Accept` with the media type of "
            "any but `json`. Without it, JSON in pages."
        },
    )
    limit = fields.Integer(
        validate=validate.Range(min=1, max=100),
        metadata={
            "description": "How many items a page has at most, 20 by default; of a whole list, how many of it, all by "
            "default."
        },
    )


class FirstPlacesQuerySchema(ma.Schema):
    """Whose places are listed of several boards, and how many of the first of each."""

    kind = kind_field()
    places = fields.Integer(
        load_default=PLACES,
        validate=validate.Range(min=1, max=MOST_PLACES),
        metadata={"description": "How many of the first places of each board are looked at."},
    )


class BoardQuerySchema(PageQuerySchema):
    """Whom of a board to show."""

    kind = kind_field()
    status = fields.String(
        load_default=None,
        validate=validate.OneOf(STATUSES),
        metadata={"description": "Only accounts whose expertise has this status."},
    )
    reachability = fields.Float(
        load_default=None,
        validate=validate.Range(min=0, max=1),
        metadata={"description": "Only accounts that answered at least this share of who addressed them by name."},
    )
    active_since = InstantField(
        load_default=None,
        metadata={
            "description": "Only accounts that did something of their own on the topic since then (RFC 3339, or a day)."
        },
    )


class ExpertsQuerySchema(BoardQuerySchema):
    """Which board, and whom of it to show."""

    dataset = text("Id of the data set that was ranked.", required=True)
    trust_root = text(
        "Under which root: its id, `network`, `none`, or the digest of one that has no id.",
        required=True,
    )
    method = text("Version of the method; the current one by default.", load_default=None)


class WholeBoardQuerySchema(WholeQuerySchema, BoardQuerySchema):
    """Whom of a board to show, and in which form."""


class WholeExpertsQuerySchema(WholeQuerySchema, ExpertsQuerySchema):
    """Which board, whom of it to show, and in which form."""


class ListQuerySchema(PageQuerySchema):
    """Whose word counts in a list that is to be made of a data set, and as of when."""

    trust_root = text(
        "Under which root: its id, `network`, `none`, or the digest of one that has no id.", required=True
    )
    as_of = InstantField(
        load_default=None, metadata={"description": "Only what happened before this time is read; now by default."}
    )
    method = fields.String(
        load_default=None,
        validate=validate.OneOf(known_versions()),
        metadata={"description": "Version of the method; the current one by default."},
    )


class FindingQuerySchema(ListQuerySchema):
    """Of which data set a list is to be made, and whose word counts."""

    dataset = text("Id of the data set.", required=True)


class QuestionQuerySchema(PageQuerySchema):
    """Which scores of an account: those that answer a question."""

    trust_root = text("Only under this root: its id, `network`, `none`, or the digest of one that has no id.")
    dataset = text("Only those made from this data set.")
    method = text("Only those made by this version of the method.")


class LookSchema(ma.Schema):
    """How to draw a picture."""

    lang = fields.String(
        load_default=None,
        validate=validate.OneOf(LANGUAGES),
        metadata={"description": "Language; by default what `Accept-Language` prefers."},
    )
    theme = fields.String(
        load_default="auto",
        validate=validate.OneOf(THEMES),
        metadata={"description": "light, dark, or auto: as whoever looks prefers."},
    )


class WideLookSchema(LookSchema):
    """How to draw a picture whose width can be chosen."""

    width = fields.Integer(
        load_default=760,
        validate=validate.Range(min=NARROWEST, max=WIDEST),
        metadata={"description": "CSS pixels at which text has its natural size; the picture scales all the same."},
    )


class ByLinkSchema(ma.Schema):
    """How to ask without a key."""

    link = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=200),
        metadata={"description": "A signed link to it does instead of a key; `POST …/link` makes it."},
    )


class LinkLifeSchema(ma.Schema):
    """How long a link is to work."""

    days = fields.Integer(
        load_default=None,
        validate=validate.Range(min=1, max=36_500),
        metadata={"description": "After how many days it ends; by default, and at most, when what it opens does."},
    )


class ChartQuerySchema(WideLookSchema, ByLinkSchema):
    """How to draw the whole score."""


class BadgeQuerySchema(LookSchema, ByLinkSchema):
    """How to draw the badge."""


class MapQuerySchema(ExpertsQuerySchema):
    """Which board, and whom of it to show as points."""

    limit = fields.Integer(
        load_default=1000,
        validate=validate.Range(min=1, max=MOST_POINTS),
        metadata={"description": "How many points there are at most, the first in order."},
    )
    order = fields.String(
        load_default="expertise",
        validate=validate.OneOf(ORDERS),
        metadata={"description": "By which score, the highest first: of expertise, as ranks are, or of interest."},
    )


class MapPictureQuerySchema(MapQuerySchema, WideLookSchema):
    """Which board, whom of it to draw, and how."""


class BoardPictureQuerySchema(WideLookSchema, ByLinkSchema):
    """How to draw a board."""

    kind = kind_field()


_MEANINGS = (*RECORD_TYPES, *VISIBILITIES)
"""What a word of a source can stand for."""


def read_renames(pairs: Iterable[str]) -> dict[str, str]:
    """Read pairs: FROM=TO says what a word means, FIELD=COLUMN where a field is; a colon stands for an equals sign.

    Raises marshmallow.ValidationError.
    """
    renamed: dict[str, str] = {}
    for pair in pairs:
        left, sign, right = pair.partition("=" if "=" in pair else ":")
        if not (left and sign and right and (left in MAPPED or right in _MEANINGS)):
            raise ma.ValidationError(
                f"{pair!r} is not FROM=TO with TO one of {', '.join(_MEANINGS)}, nor FIELD=COLUMN with FIELD "
                f"one of {', '.join(sorted(MAPPED))}"
            )
        if renamed.setdefault(left, right) != right:
            raise ma.ValidationError(f"{left!r} is said twice, to be {renamed[left]!r} and {right!r}: leave one out")
    return renamed


def cut_pairs(pairs: str) -> list[str]:
    """Cut pairs at commas, but for those in the name of a column: what has no sign belongs to the pair before it."""
    cut: list[str] = []
    for part in pairs.split(","):
        if cut and "=" not in part and ":" not in part:
            cut[-1] += f",{part}"
        else:
            cut.append(part)
    return cut


class RenameField(fields.Field[Any]):
    """Pairs of `read_renames`, by commas or in turn."""

    is_multiple = True

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> dict[str, str]:
        told = value if isinstance(value, list) else [str(value)]
        return read_renames(pair for pairs in told for pair in cut_pairs(pairs))


class AppendQuerySchema(ma.Schema):
    """How to read the records of an upload."""

    format = fields.String(
        load_default=None,
        validate=validate.OneOf(sorted(UPLOADED)),
        metadata={
            "description": "What the upload is, where it is neither records nor somebody's own export: the dump of a "
            "community, one file or a zip of them, in one of the formats that `candor import` reads."
        },
    )
    account = text("Whose export it is, where it does not say so: of X, the parts after the first.", load_default=None)
    skip_bad = fields.Boolean(
        load_default=False, metadata={"description": "Keep the good records although others are wrong."}
    )
    restore = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Take records again that `DELETE /v1/datasets/{id}/records/{record}` took out of the data "
            "set. Without it they stay out, and are counted as `taken_out`."
        },
    )
    day_first = fields.Boolean(
        load_default=None,
        metadata={
            "description": "What 02/03/2026 begins with in a table, the day or the month, where no row of it tells."
        },
    )
    map = RenameField(
        load_default=dict,
        metadata={
            "description": "Renames record types, such as `like=review`, and words for whom a record is, such as "
            "`visibility=status,1=public,0=private`, and says in which column a field is, such as "
            "`actor=user_id`; `title=COLUMN` is one of titles, which come before the text, `thread=COLUMN` one that "
            "says in which thread a post is, and `accepted=COLUMN` one that says which answers were accepted. Where "
            "each row holds a question and its answer, `answer_content`, `answer_actor`, `answer_published` and "
            "`answer_id` say the same of the answer. "
            "Several with commas, or `map` several times; a comma without a sign after it is part of a name.",
            "type": "string",
        },
    )


class DatasetQuerySchema(AppendQuerySchema):
    """What the records of an upload are, and how to read them."""

    network = network_name(
        "The network the records come from; required for records, and part of a `source`. Somebody's own export, and a "
        "format of one network alone, say it themselves.",
        load_default=None,
    )
    profile = fields.String(
        load_default=None,
        validate=validate.OneOf(PROFILES),
        metadata={
            "description": "Which weights to use; required for `custom:` networks, the others have theirs.",
        },
    )
    granted_rights = fields.Boolean(
        load_default=False,
        metadata={"description": "Your word that whoever accepts changes does so by a right that others gave."},
    )
