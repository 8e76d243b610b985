"""Two scores side by side, and what puts one above the other."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from flask import redirect, request
from msgspec.structs import replace

from candor.scoring.comparison import NotComparableError, compare
from candor.scoring.kinds import LABELS
from candor.scoring.trust_root import root_names
from service.api.scores import documents_to_compare, read_document
from service.auth import owner
from service.context import context
from service.drawing import SIDES, name_of
from service.drawing.provenance import rough_document
from service.drawing.waterfall import rounded_to_sum
from service.problems import Fault, ProblemError, invalid
from service.schemas.base import show_instant
from service.schemas.queries import GROUPS
from service.web.kept_records import accepted_in, kept_records, names_beside, score_dataset
from service.web.progress import explained, to_progress
from service.web.rendering import current_words, render_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.comparison import Difference, SideCompared
    from candor.scoring.document import ScoreDocument
    from candor.scoring.made_from import AccountRef
    from candor.store.models import AccountName, BoardFacts
    from service.words import Words

PLACES = 2
JOBS_SEARCHED = 30
OFFERED = 50


def show_comparison() -> AnyResponse:
    """Compare the two scores named; other than two lead back to the job that they were ticked on, with their ticks.

    Raises ProblemError when they are not two, or were not made the same way.
    """
    made = context().store.jobs.get(owner(), request.args.get("made", ""))
    scores = [result.score_id for result in made.results if result.score_id] if made else []
    named = list(dict.fromkeys([*request.args.getlist("score"), *scores]))
    if len(named) != len("ab") and (job := request.args.get("job")):
        again = urlencode({"choose": "two", "score": named}, doseq=True)
        return redirect(f"/progress/{quote(job, safe='')}?{again}", 303)
    if len(named) != len("ab"):
        raise ProblemError("invalid", "A comparison is of two: go back, tick two boxes and no more, and ask again.")
    a, b = documents_to_compare(*named)
    try:
        compared = compare(a, b)
    except NotComparableError as error:
        raise invalid(Fault("/score", str(error))) from None
    is_one = compared.acts is not None
    weights = {f.id: f.weight for side in SIDES for f in getattr(a, side).features}
    sides, accepted = {side: getattr(compared, side) for side in SIDES}, accepted_in(a, b)
    return render_page(
        "compare.html",
        a=a,
        b=b,
        signed=_signed,
        compared=sides,
        features={side: _rounded(of.by_feature) for side, of in sides.items()},
        kinds={side: [row for row in _rounded(of.by_kind) if row.a or row.b] for side, of in sides.items()},
        difference=_difference,
        said={
            side: [_with_names(line.replace(LABELS["accepted"], accepted), (a, b)) for line in of.words]
            for side, of in sides.items()
        },
        kind_labels={**LABELS, "accepted": accepted},
        side_names=SIDES,
        weights=weights,
        acts=compared.acts,
        names=[f"{name_of(each)} ({current_words().date(each.as_of)})" if is_one else name_of(each) for each in (a, b)],
        people=names_beside(b) if is_one else {},
        act_key=kept_records(score_dataset(b)).act_key,
        rough=[rough_document(document, current_words()) for document in (a, b)],
    )


def compare_with(score_id: str) -> AnyResponse:
    """Compare a score with somebody on the board beside it, of whom the card is made first; may lead to that job.

    Raises ProblemError 404 where the board or the person is not there.
    """
    read_document(score_id)
    job = explained()
    then = f"/compare?{urlencode({'score': score_id, 'made': job.id})}"
    return redirect(then, 303) if job.status == "succeeded" else to_progress(job.id, then)


def board_beside(document: ScoreDocument, dataset: str) -> BoardFacts | None:
    """Return the board of everybody that is made as a score is, so that those on it can be compared with it."""
    boards, root = context().store.boards, document.trust_root
    for name in root_names(root):
        for facts in boards.series_of(owner(), dataset, document.topic.id, name):
            asked = facts.request
            made = (show_instant(asked.as_of), asked.window_days, facts.method, asked.trust_root.digest)
            if made == (document.as_of, document.window_days, document.method.version, root.digest):
                return facts
    return None


def people_beside(board: BoardFacts, account: str) -> dict[str, str]:
    """Return the first people on a board but for one, as their place and name, by account."""
    rows = (row for row in context().store.boards.first_rows(board) if row.account != account)
    people = (row for row in rows if row.kind in GROUPS["people"])
    return {
        row.account: f"{row.rank}. {row.name or row.account}" if row.rank else row.name or row.account
        for row in itertools.islice(people, OFFERED)
    }


def comparable_scores(document: ScoreDocument) -> dict[str, str]:
    """Return accounts by score id, newest first: scores on this topic, network, trust root and day."""
    jobs, _ = context().store.jobs.list(owner(), limit=JOBS_SEARCHED)
    found: dict[str, str] = {}
    for job in jobs:
        asked = job.request
        if asked.trust_root.digest != document.trust_root.digest or show_instant(asked.as_of) != document.as_of:
            continue
        for result in job.results:
            alike = result.topic == document.topic.id and result.score_id not in {None, document.id}
            if alike and result.account and _is_other(result.account, document.account):
                found.setdefault(str(result.score_id), result.account.account)
    names = names_beside(document)
    return {score_id: names.get(who, who) for score_id, who in itertools.islice(found.items(), OFFERED)}


def _is_other(account: AccountName, shown: AccountRef) -> bool:
    return account.network == shown.network and account.account != shown.account


def _rounded(rows: Sequence[Difference]) -> list[Difference]:
    """Round the points of each row so that both columns, and their differences, add up to the sums shown."""
    ours, theirs = (rounded_to_sum([getattr(row, of) for row in rows], PLACES) for of in "ab")
    return [
        replace(row, a=a, b=b, difference=round(a - b, PLACES)) for row, a, b in zip(rows, ours, theirs, strict=True)
    ]


def _difference(side: SideCompared) -> float | None:
    """Return the difference of the scores as their sums are shown."""
    return None if side.a is None or side.b is None else round(side.a, PLACES) - round(side.b, PLACES)


def _with_names(line: str, documents: tuple[ScoreDocument, ...]) -> str:
    """Say a sentence about two accounts with their names."""
    for account in (document.account for document in documents):
        line = re.sub(rf"(?<!\S){re.escape(account.account)}(?!\S)", lambda _, to=account: to.name or to.account, line)  # type: ignore[misc]
    return line


def _signed(value: float | None, words: Words) -> str:
    """Write a difference with its sign."""
    if value is None:
        return "–"
    return ("+" if value > 0 else "−" if value < 0 else "") + words.number(abs(value), PLACES)
