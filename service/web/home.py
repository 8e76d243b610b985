"""The first page: from a community over a topic to the people one trusts, and what was asked before."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
from flask import redirect, request
from marshmallow import ValidationError

from candor import sample
from candor.formats.encodings import CHARSETS
from candor.names.networks import NETWORKS
from candor.scoring.document import ScoreDocument
from candor.scoring.method import load_method
from candor.scoring.words import fold
from service.auth import TOKEN_FIELD, owner
from service.body import faults_of
from service.context import context, request_id
from service.drawing import Look, draw_waterfall
from service.drawing.provenance import position_sentence
from service.following import source_of, source_response
from service.named_dataset import unknown_dataset
from service.problems import ProblemError, invalid, problem_document
from service.sample import SAMPLE, keep_sample, newest_first, people_shown
from service.schemas.job_requests import PROFILES
from service.web.bring import COLUMNS, DUMPS, EXPORTS, IN_THE_FORM, bring, followed, with_kind
from service.web.choices import OF_STEP, OWN_TOPIC, PEOPLE, TOPIC, Choices, topics_shown
from service.web.once import ONCE_FIELD
from service.web.progress import name_of_asked, submit, to_progress
from service.web.rendering import current_words, render_page, with_topic_in
from service.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from service.drawing import Picture
    from service.problems import Fault


RECENT_JOBS = 8
TOPICS_SHOWN = 24
MOST_UNSOUGHT = 12
"""Communities: among more one can search."""
_COLUMN_FIELDS = tuple(f"column_{name}" for name in COLUMNS)
_OF_FILE = ("file", "kind", "charset", "day_first", "skip_bad", "member", "types", *_COLUMN_FIELDS)
BRINGING = ("community", "profile", "source", "source_site", "tag", *_OF_FILE)
FIELDS = (*BRINGING, *(name for names in OF_STEP.values() for name in names))

PATH = resources.files("service.web").joinpath("sample_card.json")
WIDE, NARROW = 440, 300  # pixels


def show_home() -> Response:
    """Show the step that comes next, as the address says what was chosen."""
    keep_sample()
    asked = Choices(request.args)
    missing = asked.get("dataset") and not asked.network
    return _page(asked, unknown_dataset(asked.get("dataset")) if missing else None, status=200)


def bring_community() -> AnyResponse:
    """Keep or follow what the form brings and go on to the topic; or show the form again with what is wrong."""
    return _or_again(bring)


def pick() -> AnyResponse:
    """Look for people, or pick a suggestion, where a page has no script: what was chosen goes into the address."""
    chosen = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if value and name not in {TOKEN_FIELD, ONCE_FIELD}
    ]
    return redirect(f"/?{urlencode(chosen)}", 303)


def submit_form() -> AnyResponse:
    """Submit what was chosen, and follow the job; or show the step again where something is wrong."""
    return _or_again(_submit)


def _submit() -> AnyResponse:
    asked = Choices(request.form)
    job_id = submit(asked.job_body())
    job = context().store.jobs.get(owner(), job_id)
    if job is not None:
        asked.keep_topic(job.request.topics[0])
    return to_progress(job_id)


def submit_sample() -> AnyResponse:
    """Rank everybody in the sample and explain one of its people, or four."""
    if not context().settings.on_loopback:
        raise ProblemError("not_found", "The sample is for trying Candor on one's own machine.")
    submit(_sample_job())
    people = people_shown(*sample.EXAMPLES)
    return to_progress(submit(_sample_job(*(people[:1] if request.form.get("open") == "card" else people))))


def _or_again(do: Callable[[], AnyResponse]) -> AnyResponse:
    try:
        return do()
    except ValidationError as error:
        return _page(Choices(request.form), invalid(*faults_of(error.messages)))
    except ProblemError as error:
        if error.code not in IN_THE_FORM:
            raise
        return _page(Choices(with_kind(request.form, error)), error)


def _page(asked: Choices, error: ProblemError | None = None, status: int | None = None) -> Response:
    """Show the step; `status` is that of the error unless given."""
    keep_sample()
    problem = None
    if error is not None:
        problem = problem_document(error.code, error.detail, error.errors, request_id())
        asked = Choices(asked.values, dict(_at_fields(error.errors, asked)))
    recent, _ = context().store.jobs.list(owner(), limit=RECENT_JOBS)
    jobs = [job for job in recent if not job.is_part and job.request.finding is None]
    return render_page(
        "home.html",
        status or (200 if problem is None else problem.status),
        asked=asked,
        values=asked.values,
        problem=problem,
        at_field=asked.faults,
        card=sample_card(current_words().language) if people_shown(sample.EXPERT) else None,
        jobs=jobs,
        names={job.id: name for job in jobs if (name := name_of_asked(job))},
        are_all_shown=people_shown(*sample.EXAMPLES) == sample.EXAMPLES,
        with_sample=context().settings.on_loopback,
        **_of_step(asked),
    )


def _of_step(asked: Choices) -> dict[str, Any]:
    """Return what the template of the step needs beside what was chosen."""
    if asked.step == TOPIC:
        return {"topics": topics_shown(asked, TOPICS_SHOWN), "source": source_response(source_of(asked.get("dataset")))}
    if asked.step == PEOPLE:
        return {"few": load_method().status.few_people}
    read = {facts.family for facts in context().store.connectors.all()}
    kept = context().store.datasets.all_of(owner())
    following = [name for name in context().store.sources.all_of(owner()) if name not in {each.id for each in kept}]
    return {
        "datasets": (datasets := newest_first(kept)),
        "communities": [each for each in datasets if _is_called(each.id, asked.get("find"))],
        "following": [name for name in following if _is_called(name, asked.get("find"))],
        "is_searched": len(kept) + len(following) > MOST_UNSOUGHT,
        "networks": [network for network in NETWORKS if network.id in read],
        "followed": followed(),
        "exports": EXPORTS,
        "dumps": DUMPS,
        "profiles": PROFILES,
        "columns": COLUMNS,
        "charsets": CHARSETS,
    }


def _is_called(dataset_id: str, find: str) -> bool:
    """Say whether the name of a community, as it is shown, has what is looked for in it."""
    return fold(find) in fold(current_words()("home.sample_dataset") if dataset_id == SAMPLE else dataset_id)


def _sample_job(*accounts: str) -> dict[str, Any]:
    """Return the body of a job about some people of the sample; about everybody when none is named."""
    return {
        "accounts": [{"network": sample.NETWORK, "account": account} for account in accounts],
        "topics": [sample.TOPIC],
        "trust_root": SAMPLE,
        "dataset": SAMPLE,
        "as_of": sample.AS_OF.isoformat(),
    }


def _at_fields(faults: tuple[Fault, ...], asked: Choices) -> Iterator[tuple[str, str]]:
    """Yield what is wrong by the field of the form where it can be corrected; the rest by no field."""
    person = "person" if asked.get("dataset") else "account"
    own = asked.get("topic") == OWN_TOPIC
    for fault in reversed(faults):  # of several at a field the first is said
        part, _, rest = fault.pointer.removeprefix("/").partition("/")
        bringing = "bring" in asked.values
        name = {
            "accounts": person if not rest.endswith("network") or asked.get("dataset") else "network",
            "topics": "terms" if own else "topic",
            "network": "community" if bringing else "network",
            "account": "member" if bringing else person,
            "trust_root": "trusted" if rest else "trust_root",
        }.get(part, part)
        if name == "source" and rest:
            name = "tag" if rest == "tag" else "source_site"
        if name == "source" and not followed():  # there is no such field then
            name = ""
        yield name if name in FIELDS else "", fault.detail


@cache
def sample_card(language: str) -> tuple[str, str, Picture, Picture]:
    """Return the name, the place among others and the picture of somebody in the sample, for two widths of a screen."""
    said = words(language)
    document = with_topic_in(msgspec.json.decode(PATH.read_bytes(), type=ScoreDocument), said)
    place = position_sentence(document.expertise.position, said)
    wide, narrow = (
        draw_waterfall(document, "expertise", Look(said, width, name=f"sample-{width}")) for width in (WIDE, NARROW)
    )
    return document.account.name or "", place, wide, narrow
