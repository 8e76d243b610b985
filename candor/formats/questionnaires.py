"""Answers to questionnaires, of which no table of posts can be made: each row says something of one person alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.formats.compression import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection

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
    if first in _TIMES and {"thread", "object", "title", "accepted"}.isdisjoint(probably):
        questions = sum(name.rstrip().endswith(("?", "？")) or len(name.split()) >= _LEAST_WORDS for name in names)  # noqa: RUF001
        if questions >= _LEAST_QUESTIONS:
            raise UnreadableError(_WHY)
