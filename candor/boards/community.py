"""What boards of a community have in common, as SQL: acts of recognition, vouches, standing and ways back to the root.

Each step is a table made of earlier ones and of the relations of `candor.boards.relations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.boards.sql import (
    Step,
    age_days,
    decayed,
    fixed,
    near_each_other,
    number,
    saturated,
    total,
    total_of,
    types,
    unfixed,
    units,
)
from candor.scoring.activity import POSTS, TYPE_CODE
from candor.scoring.columns import NAMING, SAYING
from candor.scoring.interest import OWN_ACTS
from candor.scoring.kinds import KIND_CODE

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.boards.sql import Plan


def community_steps(plan: Plan) -> list[Step]:
    """Return what does not depend on the topic: acts of recognition, vouches, standing and ways back to the root."""
    steps = [
        Step("linked", _linked(plan), is_view=True),
        Step("found", " union all ".join(_recognition(plan)), is_view=True),
        Step("acts", _acts(plan)),
        Step("vouches", _vouches(plan)),
        Step("everywhere", _everywhere(plan), is_view=True),
        Step("addressed", _addressed(), is_view=True),
    ]
    return steps if plan.face_value else [*steps, *_standing(plan)]


def _linked(plan: Plan) -> str:
    """Say of each record what it acts on, and what that acted on, as far as they are in the window."""
    inside, naming, question_or_note = plan.inside("n.object"), types(*NAMING), types("question", "note")
    both = f"({inside} and {plan.inside('n.under_object')})"
    asked = f"case when {both} and n.under_type not in ({naming}) then n.under_under_actor else n.under_named end"
    under = "case when n.under_object >= 0 then n.under_object else n.object end"
    to_others = f"{inside} and n.under_type in ({question_or_note}) and n.under_actor <> n.actor"
    answers = f"n.type = {TYPE_CODE['answer']} or (n.type = {TYPE_CODE['reply']} and {to_others})"
    return f"""
select n.rec, n.type, n.published, n.actor, n.positive, n.tags, n.spoken, {answers} as answers,
  case when {inside} then n.object else -1 end as object,
  case when {inside} and n.type not in ({naming}) then n.under_actor else n.named end as target,
  case when n.object >= 0 then n.object else n.rec end as contribution,
  case when {inside} then n.under_type end as under_type, case when {inside} then n.under_actor end as under_actor,
  case when {inside} then {asked} end as under_target, case when {inside} then {under} end as under_contribution,
  case when {both} and n.under_under_type in ({question_or_note}) then n.under_under_type end as under_under_type,
  case when {both} then {asked} else -1 end as under_asker
from numbers n"""


def about_topic(plan: Plan) -> list[Step]:
    """Find what is on a topic: by itself, or by what it acts on where it states no tags, as `columns.inherit` does."""
    what, silent = "l.rec, l.type, l.actor, l.published, l.answers", f"b.tags is not null and {plan.inside('l.object')}"
    inherited = "from linked l join blank_tags b on b.tags = l.tags left join topic_texts s on s.rec = l.rec"
    own = f"select {what} from linked l join topic_tags t on t.tags = l.tags where not l.spoken"
    of_text = f"select {what} from linked l join topic_texts s on s.rec = l.rec"
    by_object = f"select {what} {inherited} join topic_{{0}} o on o.rec = l.object where s.rec is null and {silent}"
    saying = f"l.type in ({types(*SAYING)})"
    return [
        Step("topic_own", f"{own} union all {of_text}"),
        Step("topic_said", f"select * from topic_own union all {by_object.format('own')} and {saying}"),
        Step("about_topic", f"select * from topic_said union all {by_object.format('said')} and not {saying}"),
    ]


def _listings() -> str:
    """Select the lists; one without an id is known by its owner and name, and that by its first record."""
    return f"""(select l.rec, l.actor, l.target, l.published, coalesce(f.first, l.contribution) as contribution
from linked l left join lists f on f.rec = l.rec where l.type = {TYPE_CODE["list"]}) c"""


def _act(kind: str, where: str, *, recognised: str, recogniser: str, contribution: str, **more: str) -> str:
    """Select acts of recognition of one kind; `about` and `said` default to what the record acts on."""
    about = more.get("about", "case when object >= 0 then object else rec end")
    return (
        f"select {recognised} as recognised, {recogniser} as recogniser, {KIND_CODE[kind]} as kind, {contribution} "
        f"as contribution, rec, {about} as about, {more.get('said', 'object')} as said, published "
        f"from {more.get('source', 'linked')} where {where}"
    )


def _recognition(plan: Plan) -> list[str]:
    """Return one query for each way in which records show recognition: candor/scoring/recognition.py in SQL."""
    under = {"recognised": "under_actor", "contribution": "object"}
    queries = [
        _alone(plan),
        _act("listed", "0 = 0", **_THEIRS, about="rec", said="-1", source=_listings()),
        _act("consulted", "0 = 0", recogniser="actor", **under, source=f"({_consulted()}) c"),
    ]
    return [*queries, *_granted(_PLAIN)] if plan.granted_rights else queries


_ACCEPT, _REVIEW = TYPE_CODE["accept"], TYPE_CODE["review"]
_PLAIN = f"type = {_ACCEPT} and (under_type is null or under_type <> {_REVIEW})"
_THEIRS = {"recognised": "target", "recogniser": "actor", "contribution": "contribution"}


def _alone(plan: Plan) -> str:
    """Select the acts that a record shows by itself, one at most: all from one look at the records."""
    question_or_note, answer = types("question", "note"), TYPE_CODE["answer"]
    under_answer = f"under_type = {answer}"
    if plan.profile.replies_are_answers:
        asked = f"under_under_type in ({question_or_note}) and under_asker <> under_actor"
        under_answer = f"({under_answer} or (under_type = {TYPE_CODE['reply']} and {asked}))"
    reply, post = f"type = {TYPE_CODE['reply']} and {under_answer}", f"under_type in ({types(*POSTS)})"
    of_review = f"type = {_ACCEPT} and under_type = {_REVIEW} and actor <> under_target"
    shown = {
        "accepted": _PLAIN,
        "reviewed": of_review,
        "tested": f"type = {TYPE_CODE['test']}",
        "thanked": f"{reply} and actor = under_asker",
        "replied": f"{reply} and actor <> under_asker",
        "voted": f"type = {TYPE_CODE['vote']} and positive and {under_answer}",
        "endorsed": f"type in ({types('reshare', 'quote')}) and (object < 0 or {post})",
    }
    kind = " ".join(f"when {where} then {KIND_CODE[name]}" for name, where in shown.items())
    of_answer = f"type in ({types('reply', 'vote')})"
    contribution = (
        f"when {of_answer} then object when type = {_ACCEPT} and under_type = {_REVIEW} then under_contribution"
    )
    return f"""
select case when {of_answer} then under_actor else target end as recognised,
  case when type = {TYPE_CODE["vote"]} then under_asker else actor end as recogniser, kind,
  case {contribution} else contribution end as contribution, rec,
  case when object >= 0 then object else rec end as about, object as said, published
from (select l.*, case {kind} end as kind from linked l where type in ({types(*_SHOWING)})) c where kind is not null"""


_SHOWING = ("accept", "test", "reply", "vote", "reshare", "quote")


def _consulted() -> str:
    """Select who took up a post in a thread in which its author had been addressed by them before."""
    return f"""
select l.* from linked l
join threads t on t.rec = l.object
join (select q.actor, q.target, t.thread, min(q.rec) as first_rec from linked q join threads t on t.rec = q.rec
  where q.type in ({types("mention", "question")}) and q.actor >= 0 and q.target >= 0
  group by q.actor, q.target, t.thread) a
on a.actor = l.actor and a.target = l.under_actor and a.thread = t.thread
where l.type in ({types("reply", "quote", "reshare", "accept")})
and l.under_type in ({types("answer", "reply", "note")}) and a.first_rec < l.object and l.object < l.rec"""


def _granted(plain: str) -> list[str]:
    """Return the acts of people whom others gave the right to take changes."""
    taking = "rec, actor, author, object, published"
    reports = _at_once(plain, "report", "t.actor <> t.author and t.actor <> n.actor and n.actor <> t.author")
    first = f"(select {taking}, min(named) as named from {reports} group by {taking}) k"
    reviews = _at_once(plain, "review", "n.actor <> t.author")
    approvals = f"""(select named as rec, named_actor, author, contribution, published, named_object as object
from {reviews} where positive) a"""
    took = f"{plain} and (under_type is null or under_type <> {TYPE_CODE['answer']})"
    taker, named = {"recogniser": "actor"}, {"contribution": "named", "about": "named"}
    return [
        _act("took", took, recogniser="target", recognised="actor", contribution="contribution", said="-1"),
        _act("fixed", "0 = 0", recognised="author", source=first, **taker, **named),
        _act(
            "reviewed",
            "actor <> named_actor",
            recognised="named_actor",
            contribution="contribution",
            about="named",
            said="named",
            source=reviews,
            **taker,
        ),
        _act(
            "approved",
            "0 = 0",
            recogniser="named_actor",
            recognised="author",
            contribution="contribution",
            source=approvals,
        ),
    ]


def _at_once(plain: str, kind: str, where: str) -> str:
    """Join takings of changes with the records of a kind that name the same change at the same instant."""
    note = TYPE_CODE["note"]
    takings = f"""
select rec, actor, case when type = {note} then actor else target end as author, contribution, published, object
from linked where ({plain}) or (type = {note} and rec not in (select contribution from linked where {plain}))"""
    return f"""(
select t.rec, t.actor, t.author, t.contribution, t.published, t.object, n.rec as named, n.actor as named_actor,
  n.object as named_object, n.positive from ({takings}) t
join linked n on n.contribution = t.contribution and n.published = t.published
where n.type = {TYPE_CODE[kind]} and {where}) j"""


def _acts(plan: Plan) -> str:
    """Keep what is between two people; say whether it is soft, returns recognition, and may be counted."""
    counted = "0 = 0" if plan.face_value else "k.named"
    return f"""
select f.recognised, f.recogniser, f.kind, f.contribution, f.rec, f.about, f.said, f.published, k.q, k.soft,
  k.by_recogniser, k.named, k.vouch, {counted} as countable
from found f join kinds k on k.kind = f.kind
where f.recogniser >= 0 and f.recognised >= 0 and f.recogniser <> f.recognised"""


def _vouches(plan: Plan) -> str:
    """Select who vouches for whom, each pair once, with those known from before."""
    answering = f"type in ({types('answer', 'review')})"
    if plan.profile.replies_are_answers:
        answering = f"({answering} or (type = {types('reply')} and under_type = {types('question')}))"
    return f"""
select distinct voucher, vouched from (
select recogniser as voucher, recognised as vouched from acts where vouch
union all select actor, target from linked where {answering} and actor >= 0 and target >= 0 and actor <> target
union all select voucher, vouched from known_vouches) v order by {near_each_other("vouched", "voucher")}"""


def _standing(plan: Plan) -> list[Step]:
    """Let trust flow from the root, two steps, and follow it back."""
    by_root = f"coalesce({unfixed('b.by_root')}, 0e0)"
    vouched = f"coalesce({unfixed('c.vouched')}, 0e0)"
    lent = fixed(f"coalesce(r.weight, {saturated(plan, by_root)})")
    return [
        Step(
            "by_root",
            f"select v.vouched as person, {units('r.weight')} as by_root from vouches v "
            "join root r on r.person = v.voucher group by v.vouched",
            is_view=True,
        ),
        Step(
            "near",
            f"select coalesce(b.person, r.person) as person, {by_root} as by_root, r.person is not null as inside, "
            f"{lent} as lent "
            "from by_root b full outer join root r on r.person = b.person",
        ),
        Step(
            "standing",
            f"select coalesce(c.person, r.person) as person, {vouched} as vouched, coalesce(c.vouched, 0) as units, "
            f"r.person is not null as inside, coalesce(r.weight, {saturated(plan, vouched)}) as standing, "
            "case when r.person is null then coalesce(n.lent, 0) else 0 end as lent from ("
            "select v.vouched as person, cast(sum(n.lent) as bigint) as vouched from vouches v "
            "join near n on n.person = v.voucher group by v.vouched) c "
            "full outer join root r on r.person = c.person left join near n on n.person = c.person",
        ),
        Step(
            "of_near",
            "select v.vouched as person, v.voucher as seed, r.weight / n.by_root as share from vouches v "
            "join root r on r.person = v.voucher join near n on n.person = v.vouched where not n.inside",
        ),
        *_ways(plan),
    ]


def _ways(plan: Plan) -> list[Step]:
    """Find which part of the standing of whom somebody outside the root vouches for comes from each of the root.

    For a small root a row a person with a column for each of the root: most of it is filled, and to add rows of columns
    up is less work than to group a row for each pair. Else a row for each pair that there is.
    """
    if not plan.is_small:
        return [Step("ways", _WAYS)]
    columns = range(len(plan.seeds_there))
    pivoted = "".join(
        f", max(case when seed = {seed} then share else 0e0 end) as w{column}"
        for column, seed in enumerate(plan.seeds_there)
    )
    sums = "".join(f", {total_of(f's{column}')} as w{column}" for column in columns)
    lent = "".join(f", o.s{column}" for column in columns)

    def _shares(of: str) -> str:
        return "".join(f", {fixed(f'{of} * o.w{column}')} as s{column}" for column in columns)

    def _some(people: Callable[[str], str]) -> str:
        return f"""
select person{sums} from (select v.vouched as person{lent} from vouches v
join (select o.person{_shares(LENT)} from of_near_wide o join near n on n.person = o.person) o on o.person = v.voucher
where {people("v.vouched")}
union all select o.person{_shares("n.by_root")} from of_near_wide o join near n on n.person = o.person
where {people("o.person")}) w group by person"""

    first, *rest = map(_some, plan.people_parts)
    return [
        Step("of_near_wide", f"select person{pivoted} from of_near group by person"),
        Step("ways", first, more=tuple(rest)),
    ]


LENT = unfixed("n.lent")
_WAYS = f"""
select person, seed, {unfixed("sum(share)")} as share from (
select v.vouched as person, o.seed, {fixed(LENT + " * o.share")} as share
from vouches v join near n on n.person = v.voucher join of_near o on o.person = n.person
union all
select o.person, o.seed, {fixed("n.by_root * o.share")} from of_near o join near n on n.person = o.person
) w group by person, seed"""


def _everywhere(plan: Plan) -> str:
    """Count everybody's own acts, whatever their topic."""
    window, status = plan.method.window, plan.method.status
    age = age_days(plan)
    return f"""
select actor as person, {total(decayed(plan, window.recent_half_life_days))} as all_acts,
  cast(sum(case when {age} <= {number(status.own_acts_days)} then 1 else 0 end) as bigint) as last_year,
  max(published) as latest
from linked where actor >= 0 and type in ({types(*OWN_ACTS)}) group by actor"""


def _addressed() -> str:
    """Count by whom everybody was addressed by name, and whom of them they answered in that thread."""
    return f"""
select who as person, cast(count(*) as bigint) as addressed, cast(sum(answered) as bigint) as answered from (
select a.who, a.by_whom, max(case when p.last_said > a.rec then 1 else 0 end) as answered from (
  select q.target as who, q.actor as by_whom, q.rec, t.thread from linked q join threads t on t.rec = q.rec
  where q.type in ({types("mention", "question")}) and q.actor >= 0 and q.target >= 0 and q.actor <> q.target) a
left join (select r.actor, t.thread, max(r.rec) as last_said from linked r join threads t on t.rec = r.rec
  where r.type in ({types("answer", "reply", "note", "quote")}) group by r.actor, t.thread) p
on p.actor = a.who and p.thread = a.thread group by a.who, a.by_whom) b group by who"""
