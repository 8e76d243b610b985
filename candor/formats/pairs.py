"""Tables of which each row holds a question and its answer: two posts, of which the second replies to the first."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.column_parts import parts_of, says_of_answers
from candor.formats.hidden_rows import HiddenRows
from candor.formats.nested import ANSWER_HIDDEN, decoded
from candor.scoring.activity import ANSWER_FIELDS, accepted_column, title_column
from candor.scoring.hidden_records import is_hidden, may_hide
from candor.scoring.loose_values import id_of
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_DIGEST_BYTES = 8


def with_pairs(rows: Iterable[Any], ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield the rows of a table of questions with their answers as those of a table of posts: two rows for each.

    `ours` says which columns stand for fields, of the answers those for `answer_content` and its like. A question that
    stands in several rows, once for each answer, comes once; where its cells are empty it is that of the row before. An
    answer without a time of its own has that of its question, and one without an id has one made of what it says.
    Whatever hides a row hides both; what hides answers, such as `answer_deleted`, only the answer.
    """
    pairs = _Pairs(ours)
    for row in rows:
        record = decoded(row)
        if record is None:
            yield row
        else:
            yield from pairs.posts(record)


class _Pairs:
    """Takes rows of one table apart, and remembers the questions that came."""

    def __init__(self, ours: Mapping[str, str]) -> None:
        self._answer = {
            field.removeprefix("answer_"): ours.get(field, field) for field in ANSWER_FIELDS
        }  # its columns by what they stand for in a post
        self._post = {field: ours.get(field, field) for field in ("id", "actor", "published", "content")}
        self._on, self._type = ours.get("object", "object"), ours.get("type", "type")
        self._accepted, self._title = accepted_column(ours), title_column(ours)
        self._of_question = {*self._post.values(), self._title, ours.get("name", "name")}
        self._seen: set[bytes] = set()
        self._last: str | None = None
        self._is_last_hidden = False
        self._hidden = HiddenRows(ours)
        self._of_answers: dict[str, bool] = {}

    def posts(self, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the question of a row where it is new, and its answer where there is one."""
        told = {field: row.pop(column, None) for field, column in self._answer.items()}
        accepted = None if self._accepted is None else row.pop(self._accepted, None)
        hidden = {name: row.pop(name) for name in [*row] if self._hides_answers(name)}
        if row.pop(ANSWER_HIDDEN, None):
            hidden["deleted"] = True
        asked = self._asked(row)
        if asked is not None:
            self._is_last_hidden = self._hidden.takes({**row}) or is_hidden(row)
            yield from self._new(asked)
        elif self._is_last_hidden:
            hidden["deleted"] = True
        if told["content"] not in (None, ""):
            yield self._answered(row, told, accepted) | hidden

    def _asked(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the question of a row, and note its id; None where the question is that of the row before."""
        columns = [self._post["content"], self._post["actor"], *([self._title] if self._title else [])]
        if self._last is not None and all(row.get(column) in (None, "") for column in columns):
            return None
        asked = {name: value for name, value in row.items() if name not in {self._type, self._on}}
        self._last = id_of(row.get(self._post["id"])) or f"question-{_digest([row.get(each) for each in columns])}"
        return asked | {self._post["id"]: self._last, self._type: "question"}

    def _new(self, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        digest = _digest(asked).encode()
        if digest not in self._seen:
            self._seen.add(digest)
            yield asked

    def _answered(self, row: Mapping[str, Any], told: Mapping[str, Any], accepted: object) -> dict[str, Any]:
        around = {name: value for name, value in row.items() if name not in self._of_question}
        said = told["published"]
        when = row.get(self._post["published"]) if said is None or said == "" else said
        own = id_of(told["id"])
        # numbers of questions and of answers may be the same
        number = f"answer-{own}" if own is not None and own.isdecimal() else own
        made = f"{self._last}-answer-{_digest([told['actor'], said, told['content']])}"
        post = {"id": number or made, "actor": told["actor"], "published": when, "content": told["content"]}
        answer = around | {self._post[field]: value for field, value in post.items() if value is not None}
        answer |= {self._on: self._last, self._type: "answer"}
        if self._accepted is not None and accepted is not None:
            answer[self._accepted] = self._whether(accepted, own)
        return answer

    @staticmethod
    def _whether(accepted: object, own: str | None) -> object:
        """Return what a cell says of acceptance; one that holds the id of the accepted answer is a yes or a no."""
        named = id_of(accepted)
        if own is None or named is None or time_of(accepted)[0] is not None:
            return accepted
        if named == own:
            return "yes"
        return "no" if named.isdecimal() and own.isdecimal() and named not in {"0", "1"} else accepted

    def _hides_answers(self, name: str) -> bool:
        if (known := self._of_answers.get(name)) is None:
            known = self._of_answers[name] = may_hide(name) and says_of_answers(parts_of(name))
        return known


def _digest(told: object) -> str:
    return hashlib.blake2b(msgspec.json.encode(told), digest_size=_DIGEST_BYTES).hexdigest()
