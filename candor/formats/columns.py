"""Columns of tables: how many have to be fields of ours, which probably are, and what tables leave unsaid.

Of answers to questionnaires no table of posts can be made: each row says something of one person alone.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from candor.formats.column_parts import MOST_IN_PARTS, OF_THE_POST, NamedColumns, numbers_within
from candor.formats.column_words import fold_column, known_columns, last_columns, part_words
from candor.formats.compression import UnreadableError
from candor.formats.pair_columns import completed_pair, pair_columns
from candor.formats.people_columns import prefer_numbers
from candor.scoring.activity import (
    ACCEPTED,
    ANSWER_FIELDS,
    MAPPED,
    THREAD,
    TITLE,
    accepted_column,
    has_pairs,
    mapped_columns,
    thread_column,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


OF_DISCORD = (
    "this is what Discord gives one account of its own, which does not say what a message answers: bring the channels "
    "as DiscordChatExporter writes them in JSON, with format=discord"
)
_WATCHED = (
    "this is what somebody watched or looked for, which says nothing that they wrote: bring the export of Google with "
    "the comments of YouTube"
)
_TABLE_OF_DISCORD = (
    "this is a table of DiscordChatExporter, which does not say what a message answers: let it write JSON, and bring "
    "that with format=discord"
)
_SAYING_TOO_LITTLE = (
    (frozenset({"timestamp", "contents", "attachments"}), OF_DISCORD),
    (
        frozenset({"authorid", "author", "date", "content", "attachments", "reactions"}),
        _TABLE_OF_DISCORD,
    ),
    (frozenset({"header", "titleurl", "products"}), _WATCHED),
    (
        frozenset({"uri", "cid", "value"}),
        "these are records of Bluesky: bring the CAR file of the account, with format=car",
    ),
    (frozenset({"accountaddress"}), "this is a list of accounts, and no posts: bring the archive of Mastodon itself"),
)
"""Columns, folded, of what lacks something that no other column can stand for."""
LEAST_COLUMNS = 2
"""A table is read as records where at least so many of its columns are fields of ours or stand for them."""
_NAMED = 20
_AROUND = re.compile(
    r"^(?:(?:_source|fields|attributes|node|doc|record|data|snippet|topLevelComment)\.)+|\.(?:keyword|raw|\$oid|\$date)$"
)
"""What search engines, JSON:API and GraphQL write around the name of a field."""
_ISSUES = frozenset({"issuekey", "issueid"})
"""Columns of Jira, where columns called Comment hold one comment each."""


_TOPICS = {("topic", "id"), ("id", "topic"), ("topicid",), ("idtopic",)}
"""Threads in forums; in communities of Zendesk, whose posts have details and count their comments, places for posts."""
_OF_ROWS = frozenset({"questionid", "postid"})
"""What says which question or post is answered, or which it is where nothing else does."""
_ACCOUNT_NAMES = frozenset({"username", "login", "nickname", "membername", "benutzername", "pseudo"})
"""Beside these `uid` is the number of that account, and no id of a post."""
_NORTHERN_DAYS = frozenset({"datum", "dato"})
"""Beside these `tid` is the time of day."""


class OtherColumnsError(UnreadableError):
    """A table has columns of its own, `names`; nothing says which fields of ours they are.

    `likely` says which they probably are where something else than their names tells.
    """

    def __init__(
        self,
        names: Iterable[str],
        *,
        without_time: bool = False,
        charset: str | None = None,
        likely: Mapping[str, str] | None = None,
    ) -> None:
        self.names = tuple(name for name in names if name)
        self.columns = ", ".join(self.names[:_NAMED])
        probably = dict(likely or likely_columns(self.names))
        texts = () if "title" in probably else ("content",)
        with_id = ("id",) if "id" in probably else ()  # a table without one is read as well
        pairs = {field: probably.get(field, "COLUMN") for field in (*with_id, "actor", "published", *texts)} | probably
        said = ",".join(f"{field}={column}" for field, column in pairs.items())
        if charset is not None:
            super().__init__(
                f"the table is not UTF-8: send it with Content-Type: text/csv; charset={charset}, as it probably is, "
                f"and say which of its columns stand for ours: map={said}. It has: {self.columns}"
            )
        elif without_time:
            super().__init__(
                "none of its columns is `published`, when it was done; say which of them stand for ours: "
                f"map={said}. It has: {self.columns}"
            )
        else:
            super().__init__(
                "none of its columns are ours (id, type, actor, published, …); say which of them stand for ours: "
                f"map={said}. It has: {self.columns}"
            )

    def among(self, chosen: str, others: str) -> OtherColumnsError:
        """Return the error with words for which of several lists of objects its columns are of, and for the others."""
        self.args = (f"{self.args[0]}. These are the columns of {chosen!r}, which looks most like posts. {others}",)
        return self


class IdsUnknownError(UnreadableError):
    """A column of a table names posts, and none is said to hold the ids of its own."""

    def __init__(self, naming: str) -> None:
        super().__init__(
            f"the column {naming!r} names posts, and no column is said to hold their ids: say which with id=COLUMN, or "
            "send the table without that column"
        )


def other_columns(names: Iterable[str], charset: str | None = None) -> UnreadableError:
    """Return the error for a table that has columns of its own, also where it is known and says too little.

    `charset` is how it is written where that has to be said with it.
    """
    names = tuple(names)
    refuse_answers(names)
    folded = {fold_column(name) for name in names}
    why = next((why for columns, why in _SAYING_TOO_LITTLE if columns <= folded), None)
    return OtherColumnsError(names, charset=charset) if why is None else UnreadableError(why)


def refuse_answers(names: Sequence[str]) -> None:
    """Raise UnreadableError for a table of answers to a questionnaire, whatever somebody says that its columns are."""
    refuse_questionnaire(names, [fold_column(name) for name in names], likely_columns(names))


def likely_columns(names: Iterable[str]) -> dict[str, str]:
    """Return by field the column that probably stands for it, by its name; each column for one field at most.

    Columns that share a name can only be tags, of which a post has several.
    """
    counted = Counter(iter(names))
    pairs, neutral = pair_columns(counted.elements())
    if pairs and (found := completed_pair(pairs, likely_columns(neutral), neutral)):
        return found
    if bare := _without_prefix(counted):
        fields = likely_columns(bare[name] for name in counted.elements())
        return {field: next(name for name in bare if bare[name] == column) for field, column in fields.items()}
    folded: dict[str, str] = {}
    for name in sorted(counted, key="_id".__eq__):  # which Elasticsearch gives beside the id that there is
        folded.setdefault(fold_column(_AROUND.sub("", name)), name)
    if not _ISSUES.isdisjoint(folded):
        folded.pop("comment", None)  # each of which is a post of its own
    if not _ACCOUNT_NAMES.isdisjoint(folded):
        folded.pop("uid", None)  # of whoever wrote
    twice = {name for name, times in counted.items() if times > 1}
    whole = {_AROUND.sub("", name): name for name in islice(folded.values(), MOST_IN_PARTS)}
    named = NamedColumns.of(whole)
    found = _of_comments(folded)
    _add_whole(found, known_columns(), folded, twice, {whole[name] for name in named.of_others})
    _add_by_parts(found, named, whole, twice)
    _add_last(found, named, folded)
    _add_numbers(found, named, folded)
    if fold_column(found.get("name", "")) in part_words("names"):  # of what the row is about: a thread, or who wrote
        is_of_whoever = "object" in found and not part_words("id").isdisjoint(
            named.columns.get(found.get("actor", ""), ())
        )
        if not is_of_whoever:  # a reply has no title, and an id is no name
            found.setdefault(TITLE if "actor" in found else "actor", found.pop("name"))
    prefer_numbers(found, folded.values())
    return found


def _without_prefix(names: Collection[str]) -> dict[str, str]:
    """Return by name of a column the rest of it, where most begin with a word that says nothing; empty elsewhere."""
    inner = {name: _AROUND.sub("", name) for name in names}
    if len(inner) > MOST_IN_PARTS or not (named := NamedColumns.of(inner.values())).has_bare_prefix():
        return {}
    bare = {name: named.without_shared(each) for name, each in inner.items()}
    return bare if len({*bare.values()}) == len(bare) else {}


def _of_comments(folded: Mapping[str, str]) -> dict[str, str]:
    """Return what numbers say in tables of comments that have one for each, for its parent and for what both are on."""
    if not {"cid", "pid"} <= folded.keys():
        return {}
    fields = {"id": "cid", "object": "pid", THREAD: "nid"}
    return {field: folded[name] for field, name in fields.items() if name in folded}


def _add_whole(
    found: dict[str, str],
    words: Mapping[str, Iterable[str]],
    folded: Mapping[str, str],
    twice: Collection[str],
    of_others: Collection[str],
) -> None:
    """Add the fields that a column is called after as a whole, in the order of the words for each."""
    for field, known in words.items():
        taken = {
            *found.values(),
            *(() if field == "tags" else twice),
            *(of_others if field in OF_THE_POST else ()),
        }
        column = next((folded[each] for each in known if each in folded and folded[each] not in taken), None)
        if column is not None:
            found.setdefault(field, column)


def _add_by_parts(found: dict[str, str], named: NamedColumns, whole: Mapping[str, str], twice: Collection[str]) -> None:
    """Add the fields that a part of a column's name says."""
    for field in known_columns():
        taken = {_AROUND.sub("", name) for name in (*found.values(), *twice)}
        column = None if field in found else named.probable(field, taken, found.get("id"))
        if column is not None:
            found[field] = whole[column]


def _add_last(found: dict[str, str], named: NamedColumns, folded: Mapping[str, str]) -> None:
    """Add what a column stands for where no other does, and take out what is no thread."""
    last, free = last_columns(), {each: name for each, name in folded.items() if name not in found.values()}
    for field in ("object", "actor"):
        if (column := next((free[each] for each in last[field] if each in free), None)) is not None:
            found.setdefault(field, column)
    if TITLE not in found and fold_column(found.get("tags", "")) in last[TITLE]:
        found[TITLE] = found.pop("tags")
    if "id" not in found and fold_column(found.get("object", "")) in _OF_ROWS:
        found["id"] = found.pop("object")
    thread = named.columns.get(_AROUND.sub("", found.get(THREAD, "")), ())
    is_the_row = named.counts_replies() or thread[:1] in {(word,) for word in named.shared}
    if "id" not in found and is_the_row and thread[-1:] and thread[-1] in part_words("id"):
        found["id"] = found.pop(THREAD)
    elif THREAD in found and not _is_thread(named, thread, found, folded):
        del found[THREAD]


def _add_numbers(found: dict[str, str], named: NamedColumns, folded: Mapping[str, str]) -> None:
    """Add which column names posts by their number within the thread, and take out types that are numbers there."""
    if THREAD not in found:
        return
    free = [name for name in folded.values() if name not in found.values()]
    column = next((name for name in free if numbers_within(name, tuple(named.columns), found.get("id", "id"))), None)
    if column is not None:
        found.setdefault("object", column)
    if "postnumber" in folded and fold_column(found.get("type", "")) == "posttype":  # of Discourse: 1 to 4
        del found["type"]


def _is_thread(
    named: NamedColumns, thread: tuple[str, ...], found: Mapping[str, str], folded: Mapping[str, str]
) -> bool:
    """Say whether the column for threads, its name in parts, tells no place for posts, and no time of day."""
    if thread[-2:] in _TOPICS and not named.has_places():
        return not named.counts_replies() and "details" not in folded
    return thread != ("tid",) or fold_column(found.get("published", "")) not in _NORTHERN_DAYS


def field_named(name: str, ours: Mapping[str, str] | None) -> str:
    """Return which field of ours a column is, in any case and with blanks in its name; any other stays as it is.

    Columns that stand for fields in `ours` stay too; None: all do, as they are of somebody else's format.
    """
    name = name.strip()
    field = name.lower().replace(" ", "_")
    return field if ours is not None and name not in ours.values() and field in MAPPED else name


def check_time(names: Collection[str], ours: Mapping[str, str] | None) -> None:
    """Raise OtherColumnsError for a table of ours that does not say when things were done."""
    if ours is not None and ours.get("published", "published") not in names:
        raise OtherColumnsError(names, without_time=True)


def check_named(names: Sequence[str], ours: Mapping[str, str] | None) -> None:
    """Raise UnreadableError where a column is said to stand for a field of ours, and the table has none of that name.

    `ours` says which columns stand for fields; other pairs in it rename types.
    """
    fields = mapped_columns(ours or {})
    missing = [column for field, column in (ours or {}).items() if field in fields and column not in names]
    if missing:
        raise UnreadableError(f"there is no column {missing[0]!r}; there are {', '.join(names[:_NAMED])}")


def take_titles_and_accepted(names: Collection[str], ours: dict[str, str] | None) -> None:
    """Note in `ours` the columns `title`, `accepted` and of answers in a table of posts, where it says nothing else."""
    if ours is not None and is_of_posts(names, ours):
        said = {*ours, *ours.values()}
        ours.update({name: name for name in (ACCEPTED, TITLE, *ANSWER_FIELDS) if name in names and name not in said})


def post_types(ours: Mapping[str, str] | None) -> tuple[str, str]:
    """Return the types of a post that replies to another and of one that does not, in a table of posts.

    Where it says which answers were accepted it is one of questions and answers.
    """
    of_answers = accepted_column(ours or {}) is not None or has_pairs(ours or {})
    return ("answer", "question") if of_answers else ("reply", "note")


def replied_in(names: Collection[str], ours: Mapping[str, str] | None) -> str | None:
    """Return the column that says what a post replies to, in a table of posts; None where rows or threads say it.

    `ours` says which columns stand for fields; None: it is somebody else's table. Whatever has no column for `type` is
    a table of posts.
    """
    if ours is None or not is_of_posts(names, ours) or thread_column(ours) is not None:
        return None
    return ours.get("object", "object")


def is_of_posts(names: Collection[str], ours: Mapping[str, str]) -> bool:
    """Tell whether a table has posts alone: no column says of what type a row is, or each is a question and answer."""
    return ours.get("type", "type") not in names or has_pairs(ours)


_WHY = (
    "these are answers to a questionnaire: nobody in it answers what somebody else wrote, so that nobody can be scored "
    "by it; bring the posts of a forum, the messages of a chat or the issues of a tracker"
)
_COLUMNS = tuple(
    map(
        frozenset,
        (
            ("responseid", "recordeddate"),  # Qualtrics
            ("respondentid", "collectorid"),  # SurveyMonkey
            ("submitdate", "lastpage", "startlanguage"),  # LimeSurvey, by codes
            ("submitdatedatesubmitted", "lastpagelastpage"),  # the same, by codes and questions
            ("dateoflastaction", "datestarted"),  # the same, by questions
            ("startdateutc", "submitdateutc"),  # Typeform
            ("responseid", "timestarted", "datesubmitted"),  # Alchemer
            ("start", "end", "submissiontime"),  # KoboToolbox, ODK
            ("starttime", "completiontime"),  # Microsoft Forms
            ("startzeit", "fertigstellungszeit"),
            ("heurededebut", "heuredefin"),
            ("horadeinicio", "horadefinalizacion"),
            ("horadeinicio", "horadeconclusao"),
            ("oradiinizio", "oradicompletamento"),
            ("begintijd", "tijdvanvoltooien"),
        ),
    )
)
"""Columns, folded, that only such programs write."""
_TIMES = frozenset(
    {
        *("timestamp", "zeitstempel", "horodateur", "marcatemporal", "carimbodedatahora", "informazionicronologiche"),
        *("tijdstempel", "sygnaturaczasowa", "отметкавремени", "タイムスタンプ", "时间戳记", "타임스탬프"),
    }
)
"""The first column of Google Forms, behind which the questions stand."""
_LEAST_QUESTIONS, _LEAST_WORDS = 2, 4


def refuse_questionnaire(names: Collection[str], folded: Collection[str], probably: Collection[str]) -> None:
    """Raise UnreadableError for a table of answers to a questionnaire.

    `names` are its columns, also `folded`; `probably` the fields of ours that they stand for by their names.
    """
    there = {*folded}
    if any(columns <= there for columns in _COLUMNS):
        raise UnreadableError(_WHY)
    first = next(iter(folded), "")
    if first in _TIMES and {"thread", "object", "title", "accepted", "answer_content"}.isdisjoint(probably):
        questions = sum(name.rstrip().endswith(("?", "？")) or len(name.split()) >= _LEAST_WORDS for name in names)  # noqa: RUF001
        if questions >= _LEAST_QUESTIONS:
            raise UnreadableError(_WHY)
