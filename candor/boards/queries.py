"""The method as SQL that DuckDB and Spark both read: from records to what is behind everybody, step by step.

Each step is a table made of earlier ones and of the relations of `candor.boards.relations`. Sums are of whole numbers
(values times `SCALE`), so they are the same whatever the order of rows, the parts they lie in and the engine. Where
somebody outside the root is scored, what they vouch for themselves is left out, as their document does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from candor.scoring.activity import POSTS, TYPE_CODE
from candor.scoring.interest import OWN_ACTS, WEEK_DAYS, YEAR_WEEKS
from candor.scoring.kinds import KIND_CODE
from candor.scoring.standing import half_at_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.method import Method, Profile

SCALE = 2.0**36
"""Sums count in units of 1.5e-11; up to 134 million of them fit."""

DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Step:
    """A table to make, and how."""

    name: str
    sql: str


@dataclass(frozen=True)
class Plan:
    """What the queries depend on beside the records: the method, and what the question says of the community.

    `face_value` is that everybody counts in full; `seeds` counts the people of the root.
    """

    method: Method
    profile: Profile
    as_of: int
    granted_rights: bool
    face_value: bool
    seeds: int


def community_steps(plan: Plan) -> list[Step]:
    """Return what does not depend on the topic: acts of recognition, vouches, standing and ways back to the root."""
    steps = [
        Step("linked", _LINKED),
        Step("found", " union all ".join(_recognition(plan))),
        Step("acts", _acts(plan)),
        Step("vouches", _vouches(plan)),
        Step("everywhere", _everywhere(plan)),
        Step("addressed", _addressed()),
    ]
    return steps if plan.face_value else [*steps, *_standing(plan)]


def recent_steps(plan: Plan) -> list[Step]:
    """Return the recent voices about everybody, whatever the topic."""
    return _voices(plan, "recent", plan.method.window.recent_half_life_days, on_topic=None)


def topic_steps(plan: Plan, counting: Iterable[tuple[str, ...]]) -> list[Step]:
    """Return the voices about everybody on the topic of `about_topic`, those elsewhere, and everybody's own acts."""
    half_life = plan.method.window.half_life_days
    return [
        *_voices(plan, "topic", half_life, on_topic=True),
        Step("posts", _posts(plan)),
        *_elsewhere(plan, half_life),
        Step("own", _own(plan, counting)),
    ]


def number(value: float) -> str:
    """Write a number as a double in both dialects."""
    text = repr(float(value))
    return text if "e" in text else f"{text}e0"


def fixed(value: str) -> str:
    """Round an expression to a whole number of units."""
    return f"cast(round(({value}) * {number(SCALE)}) as bigint)"


def unfixed(units: str) -> str:
    """Turn a sum of units back into a double."""
    return f"(cast({units} as double) / {number(SCALE)})"


def total(value: str) -> str:
    """Add an expression up, in the same way whatever the order of rows."""
    return unfixed(f"sum({fixed(value)})")


def only(condition: str, value: str) -> str:
    """Count an expression only where a condition holds."""
    return f"case when {condition} then {value} else 0e0 end"


def _types(*names: str) -> str:
    return ", ".join(str(TYPE_CODE[name]) for name in names)


def _age_days(plan: Plan) -> str:
    return f"(cast({plan.as_of} - published as double) / {number(DAY_US)})"


def _decayed(plan: Plan, half_life_days: float, age: str | None = None) -> str:
    return f"power(0.5e0, {age or _age_days(plan)} / {number(half_life_days)})"


_LINKED = f"""
select r.*, o.type as under_type, o.actor as under_actor, o.target as under_target, o.object as under_object,
  o.contribution as under_contribution, u.type as under_under_type,
  case when o.object >= 0 then o.target else -1 end as under_asker
from records r left join records o on o.rec = r.object
left join (select rec, type from records where type in ({_types("question", "note")})) u on u.rec = o.object
"""


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
    answer, question, note = (TYPE_CODE[name] for name in ("answer", "question", "note"))
    under_answer = f"under_type = {answer}"
    if plan.profile.replies_are_answers:
        asked = f"under_under_type in ({question}, {note}) and under_asker <> under_actor"
        under_answer = f"({under_answer} or (under_type = {TYPE_CODE['reply']} and {asked}))"
    plain = f"type = {TYPE_CODE['accept']} and (under_type is null or under_type <> {TYPE_CODE['review']})"
    of_review = f"type = {TYPE_CODE['accept']} and under_type = {TYPE_CODE['review']}"
    reply, post = f"type = {TYPE_CODE['reply']} and {under_answer}", f"under_type in ({_types(*POSTS)})"
    theirs = {"recognised": "target", "recogniser": "actor", "contribution": "contribution"}
    under = {"recognised": "under_actor", "contribution": "object"}
    queries = [
        _act("accepted", plain, **theirs),
        _act("reviewed", f"{of_review} and actor <> under_target", **theirs | {"contribution": "under_contribution"}),
        _act("tested", f"type = {TYPE_CODE['test']}", **theirs),
        _act("thanked", f"{reply} and actor = under_asker", recogniser="actor", **under),
        _act("replied", f"{reply} and actor <> under_asker", recogniser="actor", **under),
        _act("voted", f"type = {TYPE_CODE['vote']} and positive and {under_answer}", recogniser="under_asker", **under),
        _act("endorsed", f"type in ({_types('reshare', 'quote')}) and (object < 0 or {post})", **theirs),
        _act("listed", f"type = {TYPE_CODE['list']}", **theirs, about="rec", said="-1"),
        _act("consulted", "0 = 0", recogniser="actor", **under, source=f"({_consulted()}) c"),
    ]
    return [*queries, *_granted(plain)] if plan.granted_rights else queries


def _consulted() -> str:
    """Select who took up a post in a thread in which its author had been addressed by them before."""
    return f"""
select l.* from linked l
join threads t on t.rec = l.object
join (select q.actor, q.target, t.thread, min(q.rec) as first_rec from linked q join threads t on t.rec = q.rec
  where q.type in ({_types("mention", "question")}) and q.actor >= 0 and q.target >= 0
  group by q.actor, q.target, t.thread) a
on a.actor = l.actor and a.target = l.under_actor and a.thread = t.thread
where l.type in ({_types("reply", "quote", "reshare", "accept")})
and l.under_type in ({_types("answer", "reply", "note")}) and a.first_rec < l.object and l.object < l.rec"""


def _granted(plain: str) -> list[str]:
    """Return the acts of people whom others gave the right to take changes."""
    answer, note = TYPE_CODE["answer"], TYPE_CODE["note"]
    takings = f"""
select rec, actor, case when type = {note} then actor else target end as author, contribution, published, object
from linked where ({plain}) or (type = {note} and rec not in (select contribution from linked where {plain}))"""

    def at_once(kind: str, where: str) -> str:
        return f"""(
select t.rec, t.actor, t.author, t.contribution, t.published, t.object, n.rec as named, n.actor as named_actor,
  n.object as named_object, n.positive from ({takings}) t
join linked n on n.contribution = t.contribution and n.published = t.published
where n.type = {TYPE_CODE[kind]} and {where}) j"""

    reports = at_once("report", "t.actor <> t.author and t.actor <> n.actor and n.actor <> t.author")
    reviews = at_once("review", "n.actor <> t.author")
    first = f"(select rec, actor, author, object, published, min(named) as named from {reports} group by all_) k"
    first = first.replace("all_", "rec, actor, author, object, published")
    approved = f"""(select named as rec, named_actor, author, contribution, published, named_object as object
from {reviews} where positive) a"""
    return [
        _act(
            "took",
            f"{plain} and (under_type is null or under_type <> {answer})",
            recogniser="target",
            recognised="actor",
            contribution="contribution",
            said="-1",
        ),
        _act(
            "fixed",
            "0 = 0",
            recogniser="actor",
            recognised="author",
            contribution="named",
            about="named",
            source=first,
        ),
        _act(
            "reviewed",
            "actor <> named_actor",
            recogniser="actor",
            recognised="named_actor",
            contribution="contribution",
            about="named",
            said="named",
            source=reviews,
        ),
        _act(
            "approved",
            "0 = 0",
            recogniser="named_actor",
            recognised="author",
            contribution="contribution",
            source=approved,
        ),
    ]


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
    answering = f"type in ({_types('answer', 'review')})"
    if plan.profile.replies_are_answers:
        answering = f"({answering} or (type = {_types('reply')} and under_type = {_types('question')}))"
    return f"""
select distinct voucher, vouched from (
select recogniser as voucher, recognised as vouched from acts where vouch
union all select actor, target from linked where {answering} and actor >= 0 and target >= 0 and actor <> target
union all select voucher, vouched from known_vouches) v"""


def _saturated(plan: Plan, vouched: str) -> str:
    rule = plan.method.standing
    half_at = half_at_of(rule, plan.seeds)
    some = f"power({vouched} / {number(half_at)}, {number(rule.steepness)})"
    return f"({some} / (1e0 + {some}))"


def _standing(plan: Plan) -> list[Step]:
    """Let trust flow from the root, two steps, and follow it back."""
    by_root = f"coalesce({unfixed('b.by_root')}, 0e0)"
    vouched = f"coalesce({unfixed('c.vouched')}, 0e0)"
    lent = fixed(f"coalesce(r.weight, {_saturated(plan, by_root)})")
    return [
        Step(
            "by_root",
            f"select v.vouched as person, sum({fixed('r.weight')}) as by_root from vouches v "
            "join root r on r.person = v.voucher group by v.vouched",
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
            f"r.person is not null as inside, coalesce(r.weight, {_saturated(plan, vouched)}) as standing from ("
            "select v.vouched as person, sum(n.lent) as vouched from vouches v join near n on n.person = v.voucher "
            "group by v.vouched) c full outer join root r on r.person = c.person",
        ),
        Step(
            "of_near",
            "select v.vouched as person, v.voucher as seed, r.weight / n.by_root as share from vouches v "
            "join root r on r.person = v.voucher join near n on n.person = v.vouched where not n.inside",
        ),
        Step("ways", _WAYS),
    ]


_LENT = unfixed("n.lent")
_WAYS = f"""
select person, seed, {unfixed("sum(share)")} as share from (
select v.vouched as person, o.seed, {fixed(_LENT + " * o.share")} as share
from vouches v join near n on n.person = v.voucher join of_near o on o.person = n.person
union all
select o.person, o.seed, {fixed("n.by_root * o.share")} from of_near o join near n on n.person = o.person
) w group by person, seed"""


def _voices(plan: Plan, scope: str, half_life_days: float, *, on_topic: bool | None) -> list[Step]:
    """Turn acts of one scope into voices about everybody, add them up, and limit what rests on each of the root."""
    trusting = [] if plan.face_value else _backing(plan, scope)
    named = "named_for_topic" if on_topic else "named_for_any"
    return [
        Step(f"{scope}_lines", _lines(plan, half_life_days, on_topic=on_topic)),
        Step(f"{scope}_pairs", _pairs(scope)),
        Step(f"{scope}_returned", _returned(scope)),
        Step(f"{scope}_heard", _heard(plan, scope)),
        Step(f"{scope}_seen", _seen(plan, scope, named)),
        Step(f"{scope}_weighed", _weighed(scope)),
        Step(f"{scope}_voices", _worth(plan, scope)),
        Step(f"{scope}_totals", _totals(plan, scope)),
        *trusting,
    ]


def _lines(plan: Plan, half_life_days: float, *, on_topic: bool | None) -> str:
    """Credit each contribution between two people once a class, by its strongest act.

    `heard` is what is counted; `counted` is the same with what a dispute leaves out of the score.
    """
    strength = f"a.q * {_decayed(plan, half_life_days)}"
    topic = "" if on_topic is None else "left join about_topic t on t.rec = a.about"
    where = "" if on_topic is None else f"where t.rec is {'not null' if on_topic else 'null'}"
    counts, left = "a.countable and v.rec is null", "d.recogniser is null"
    if on_topic is False:
        counts = "a.countable"
    return f"""
select recognised, recogniser, contribution, max(case when counts and kept and not soft then strength else 0e0 end) as
  help, max(case when counts and kept and soft then strength else 0e0 end) as soft,
  max(case when by_recogniser then strength else 0e0 end) as given, max(case when counts then 1 else 0 end) as counted
from (select a.recognised, a.recogniser, a.contribution, a.soft, a.by_recogniser, {strength} as strength,
  {counts} as counts, {left} as kept
  from acts a left join void v on v.rec = a.said {topic}
  left join contested d on d.recognised = a.recognised and d.recogniser = a.recogniser
  and (d.contribution < 0 or d.contribution = a.contribution) {where}) s
group by recognised, recogniser, contribution"""


def _pairs(scope: str) -> str:
    return f"""
select recognised, recogniser, sum({fixed("greatest(help, soft)")}) as received, sum({fixed("help")}) as help,
  sum({fixed("given")}) as gave, max(greatest(help, soft)) > 0e0 as heard, max(soft) > 0e0 as has_soft,
  max(counted) > 0 as counted, max(given) > 0e0 as gives
from {scope}_lines group by recognised, recogniser"""


def _returned(scope: str) -> str:
    """Join each pair with its other way round: what came back, and who recognised whom one way."""
    return f"""
select p.recognised, p.recogniser, p.received, p.help, p.heard, p.has_soft, coalesce(b.gave, 0) as back,
  p.counted and coalesce(not b.gives, 0 = 0) as one_way, coalesce(b.counted, 0 = 1) and not p.gives as one_way_back
from {scope}_pairs p left join {scope}_pairs b on b.recognised = p.recogniser and b.recogniser = p.recognised"""


def _heard(plan: Plan, scope: str) -> str:
    """Add up N of those who endorsed or listed somebody: the standing of those who recognised them one way."""
    standing = "1e0" if plan.face_value else "s.standing"
    join = "" if plan.face_value else "join standing s on s.person = p.recogniser"
    return f"""
select p.recognised as person, sum({fixed(standing)}) as heard from {scope}_returned p {join}
join (select distinct recogniser from {scope}_returned where has_soft) e on e.recogniser = p.recognised
where p.one_way group by p.recognised"""


_SEEN_BY = """left join standing s on s.person = p.recogniser left join root u on u.person = p.recognised
left join vouches v on v.voucher = p.recognised and v.vouched = p.recogniser
left join near l on l.person = p.recognised and not l.inside"""


def _as_seen(plan: Plan) -> tuple[str, str]:
    """Return the standing of who recognises, and what vouches for it: less the vouch of whom it is about.

    Not where that is somebody of the root, without whom everybody's standing is another.
    """
    less = unfixed("(s.units - coalesce(l.lent, 0))")
    outside = "v.voucher is not null and u.person is null"
    changed = only("s.units > coalesce(l.lent, 0)", _saturated(plan, less))
    standing = f"case when {outside} and not s.inside then {changed} else s.standing end"
    return standing, f"case when {outside} then {less} else s.vouched end"


def _seen(plan: Plan, scope: str, named: str) -> str:
    """Say of each pair how trusted the recogniser is, as the recognised sees it, and how much comes back."""
    rule = plan.method.voice
    standing, vouched, inside, own, joins = "1e0", "0e0", "0 = 1", "1e0", ""
    if not plan.face_value:
        standing, vouched = _as_seen(plan)
        inside, own = "coalesce(s.inside, 0 = 1)", "coalesce(o.standing, 0e0)"
        joins = f"{_SEEN_BY} left join standing o on o.person = p.recognised"
    received, back = unfixed("p.received"), unfixed("p.back")
    r = f"case when p.received > 0 then {received} / ({received} + {back}) else 1e0 end"
    heard = f"greatest(0e0, {unfixed('coalesce(h.heard, 0)')} - case when p.one_way_back then {own} else 0e0 end)"
    m = f"""case when {named}.person is not null then 1e0 else {number(rule.prominence_floor)}
  + {number(1 - rule.prominence_floor)} * {heard} / ({heard} + {number(rule.prominence_half_at)}) end"""
    return f"""
select p.recognised, p.recogniser, p.has_soft, {unfixed("p.help")} as help, coalesce({standing}, 0e0) as standing,
  coalesce({vouched}, 0e0) as vouched, {inside} as inside, {"0 = 1" if plan.face_value else "v.voucher is not null"}
  as by_vouched, power({r}, {number(rule.help_reciprocity)}) as trust_help,
  power({r}, {number(rule.soft_reciprocity)}) as trust_soft, case when p.has_soft then {m} else 1e0 end as prominence
from {scope}_returned p {joins} left join {scope}_heard h on h.person = p.recogniser
left join {named} on {named}.person = p.recogniser where p.heard"""


def _weighed(scope: str) -> str:
    """Say of each line of pairs with an endorsement or a place on a list by which class it is credited."""
    return f"""
select l.recognised, l.recogniser, l.contribution, l.help, l.soft * s.prominence as soft,
  l.help * s.trust_help >= l.soft * s.prominence * s.trust_soft as by_help, s.standing * s.trust_soft as gives
from {scope}_lines l join {scope}_seen s on s.recognised = l.recognised and s.recogniser = l.recogniser
where s.has_soft"""


def _worth(plan: Plan, scope: str) -> str:
    """Say what each voice counts, by all kinds and by help alone."""
    most = number(plan.method.voice.most)

    def weight(strength: str) -> str:
        return f"least(log2(1e0 + {strength}), {most})"

    alone = weight("s.help * s.trust_help")
    both = weight(f"{unfixed('w.help')} * s.trust_help + {unfixed('w.soft')} * s.trust_soft")
    return f"""
select s.recognised, s.recogniser, s.standing, s.vouched, s.inside, s.by_vouched, s.has_soft,
  s.standing * case when s.has_soft then {both} else {alone} end as voice, s.standing * {alone} as voice_help
from {scope}_seen s left join (select recognised, recogniser,
  sum({fixed(only("by_help", "help"))}) as help, sum({fixed(only("not by_help", "soft"))}) as soft
  from {scope}_weighed group by recognised, recogniser) w
on w.recognised = s.recognised and w.recogniser = s.recogniser"""


def _totals(plan: Plan, scope: str) -> str:
    trusted = f"standing >= {number(plan.method.status.standing_each)}"
    return f"""
select recognised as person, {total("voice")} as all_kinds, {total("voice_help")} as help,
  {total("voice * voice")} as squares,
  cast(count(*) as bigint) as people, cast(sum(case when {trusted} then 1 else 0 end) as bigint) as with_standing,
  {total(only(trusted, "standing"))} as standing_sum,
  max(case when has_soft then 1 else 0 end) as endorsed
from {scope}_voices group by recognised"""


def _posts(plan: Plan) -> str:
    """Add up what each endorsed post and each list gives, at most the cap."""
    capped = total(f"least({number(plan.method.voice.post_cap)}, gives)")
    return f"""
select person, {capped} as posts from (
select recognised as person, contribution, {total("gives * soft")} as gives
from topic_weighed where soft > 0e0 group by recognised, contribution) p group by person"""


def _backing(plan: Plan, scope: str) -> list[Step]:
    """Divide voices among the people of the root on whom they rest, and limit what rests on each."""
    rule = plan.method.backing
    through_one, half = number(rule.through_one), number(rule.half_behind)
    size = f"greatest({plan.seeds} - case when r.person is null then 0 else 1 end, 1)"
    behind = f"least({unfixed('b.behind')} / {size}, 1e0)"
    limit = f"({number(rule.alone)} + {number(rule.together)} / {size} * power({behind}, {number(rule.shared_power)}))"
    counts, stands = f"least(t.trust, {limit})", fixed(f"trust / (trust + {half})")
    return [
        Step(
            f"{scope}_each",
            f"select v.recognised, v.recogniser, v.voice / v.vouched as each_vouch, v.by_vouched, "
            "coalesce(n.by_root, 0e0) as by_root "
            f"from {scope}_voices v left join near n on n.person = v.recogniser "
            "where not v.inside and v.vouched > 0e0 and v.voice > 0e0",
        ),
        Step(
            f"{scope}_many",
            f"select recognised from {scope}_each group by recognised "
            f"having {total('each_vouch')} + max(each_vouch * by_root) > {through_one}",
        ),
        Step(f"{scope}_excess", _excess(scope, through_one)),
        Step(
            f"{scope}_trust",
            f"select recognised, seed, greatest({unfixed('sum(trust)')}, 0e0) as trust from ("
            f"select recognised, recogniser as seed, {fixed('voice')} as trust from {scope}_voices where inside "
            f"union all select e.recognised, w.seed, {fixed('e.each_vouch * w.share')} from {scope}_each e "
            "join ways w on w.person = e.recogniser "
            f"union all select x.recognised, o.seed, -{fixed('x.excess * o.share')} from {scope}_excess x "
            "join of_near o on o.person = x.through) t group by recognised, seed",
        ),
        Step(
            f"{scope}_backed",
            f"select person, {total('worth')} as backed, {total('worth * worth')} as squares from ("
            f"select t.recognised as person, {counts} as worth from {scope}_trust t join ("
            f"select recognised, sum({stands}) as behind from {scope}_trust "
            "group by recognised) b on b.recognised = t.recognised left join root r on r.person = t.recognised) w "
            "group by person",
        ),
    ]


def _excess(scope: str, through_one: str) -> str:
    """Find what rests on one person near the root beyond the limit, and all that rests on whom it is about.

    Few come near the limit: a vouch counts one at most, so of each voice no more than one part in `vouched` rests on
    whoever vouches.
    """
    passed = f"e.each_vouch * {_LENT}"
    return f"""
select recognised, through, {unfixed("sum(amount)")} - {through_one} as excess from (
select e.recognised, v.voucher as through, {fixed(passed)} as amount
from {scope}_each e join {scope}_many m on m.recognised = e.recognised
join vouches v on v.vouched = e.recogniser join near n on n.person = v.voucher
where not n.inside and v.voucher <> e.recognised
union all select e.recognised, e.recogniser, {fixed("e.each_vouch * e.by_root")}
from {scope}_each e join {scope}_many m on m.recognised = e.recognised where e.by_root > 0e0) a
group by recognised, through having {unfixed("sum(amount)")} > {through_one}
union all
select e.recognised, e.recognised, {total(passed)} from {scope}_each e join near n on n.person = e.recognised
where e.by_vouched and not n.inside group by e.recognised"""


def _elsewhere(plan: Plan, half_life_days: float) -> list[Step]:
    """Weigh what others took up on other topics: neither prominence nor reciprocity, copies too."""
    standing, joins = ("1e0", "") if plan.face_value else (_as_seen(plan)[0], _SEEN_BY)
    worth = f"least(log2(1e0 + {unfixed('p.received')}), {number(plan.method.voice.most)})"
    other = total(f"coalesce({standing}, 0e0) * {worth}")
    return [
        Step("elsewhere_lines", _lines(plan, half_life_days, on_topic=False)),
        Step("elsewhere_pairs", _pairs("elsewhere")),
        Step(
            "elsewhere",
            f"select p.recognised as person, {other} as other from elsewhere_pairs p {joins} group by p.recognised",
        ),
    ]


def _everywhere(plan: Plan) -> str:
    """Count everybody's own acts, whatever their topic."""
    window, status = plan.method.window, plan.method.status
    age = _age_days(plan)
    return f"""
select actor as person, {total(_decayed(plan, window.recent_half_life_days))} as all_acts,
  cast(sum(case when {age} <= {number(status.own_acts_days)} then 1 else 0 end) as bigint) as last_year
from records where actor >= 0 and type in ({_types(*OWN_ACTS)}) group by actor"""


def _own(plan: Plan, counting: Iterable[tuple[str, ...]]) -> str:
    """Count everybody's own acts on the topic, by the types of record that features ask for."""
    decayed = _decayed(plan, plan.method.window.recent_half_life_days)
    week = f"cast(ceil({_age_days(plan)} / {number(WEEK_DAYS)}) as bigint)"
    counts = "".join(
        f", {total(only(f'r.type in ({_types(*names)})', decayed))} as {own_name(names)}" for names in counting if names
    )
    return f"""
select r.actor as person, {total(decayed)} as on_topic,
  cast(count(distinct case when {week} - 1 < {YEAR_WEEKS} then {week} end) as bigint) as weeks{counts}
from records r join about_topic t on t.rec = r.rec
where r.actor >= 0 and r.type in ({_types(*OWN_ACTS)}) group by r.actor"""


def own_name(types: tuple[str, ...]) -> str:
    """Name the column that counts own records of these types."""
    return "own_" + "_".join(types)


def _addressed() -> str:
    """Count by whom everybody was addressed by name, and whom of them they answered in that thread."""
    return f"""
select who as person, cast(count(*) as bigint) as addressed, cast(sum(answered) as bigint) as answered from (
select a.who, a.by_whom, max(case when p.last_said > a.rec then 1 else 0 end) as answered from (
  select q.target as who, q.actor as by_whom, q.rec, t.thread from records q join threads t on t.rec = q.rec
  where q.type in ({_types("mention", "question")}) and q.actor >= 0 and q.target >= 0 and q.actor <> q.target) a
left join (select r.actor, t.thread, max(r.rec) as last_said from records r join threads t on t.rec = r.rec
  where r.type in ({_types("answer", "reply", "note", "quote")}) group by r.actor, t.thread) p
on p.actor = a.who and p.thread = a.thread group by a.who, a.by_whom) b group by who"""
