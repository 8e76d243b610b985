"""One board as SQL: the voices about everybody, what rests on each of the root, and everybody's own acts.

Where somebody outside the root is scored, what they vouch for themselves is left out, as their document does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.boards.backing import backing_steps
from candor.boards.community import about_topic
from candor.boards.sql import (
    Part,
    Step,
    age_days,
    decayed,
    fixed,
    number,
    only,
    saturated,
    total,
    types,
    unfixed,
    units,
)
from candor.scoring.features import expertise_features
from candor.scoring.interest import NEVER, OWN_ACTS, WEEK_DAYS, YEAR_WEEKS
from candor.scoring.kinds import KIND_CODE, REPLIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.boards.sql import Plan
    from candor.scoring.method import Profile


def recent_steps(plan: Plan) -> list[Step]:
    """Return the recent voices about everybody, whatever the topic."""
    half_life = plan.method.window.recent_half_life_days
    return [
        *_voices(plan, "recent", half_life, on_topic=False),
        *_people(plan, "recent", half_life, on_topic=False),
        Step("ever", _ever(plan)),
    ]


def topic_steps(plan: Plan, counting: Iterable[tuple[str, ...]]) -> list[Step]:
    """Return the voices about everybody on the topic of `about_topic`, those elsewhere, and everybody's own acts."""
    half_life = plan.method.window.half_life_days
    return [
        *about_topic(plan),
        *_voices(plan, "topic", half_life, on_topic=True),
        *_people(plan, "topic", half_life, on_topic=True),
        Step("posts", _posts(plan), is_view=True),
        Step("elsewhere", _elsewhere(plan, half_life), is_view=True),
        Step("own", _own(plan, counting), is_view=True),
        Step("copied", COPIED, is_view=True),
        Step("replied", REPLIED, is_view=True),
    ]


def _voices(plan: Plan, scope: str, half_life_days: float, *, on_topic: bool) -> list[Step]:
    """Turn acts of one scope into voices about everybody, add them up, and limit what rests on each of the root."""
    trusting = [] if plan.face_value else backing_steps(plan, scope, on_topic=on_topic)
    parts = [Part()] if on_topic else plan.pair_parts
    pairs, *more_pairs = (_pairs(plan, half_life_days, part, on_topic=on_topic) for part in parts)
    seen, *more_seen = (_seen(plan, scope, part, on_topic=on_topic) for part in parts)
    return [
        Step(f"{scope}_pairs", pairs, more=tuple(more_pairs)),
        Step(f"{scope}_heard", _heard(plan, scope), is_view=True),
        Step(f"{scope}_seen", seen, more=tuple(more_seen)),
        Step(f"{scope}_weighed", _weighed(plan, scope, half_life_days, on_topic=on_topic)),
        Step(f"{scope}_voices", _worth(plan, scope)),
        Step(f"{scope}_totals", _totals(plan, scope), is_view=on_topic),
        *trusting,
    ]


COPIED = """
select a.recognised as person, cast(count(distinct a.said) as bigint) as copies
from acts a join (select rec from about_topic) t on t.rec = a.about join void v on v.rec = a.said
where a.countable group by a.recognised"""
_OF_REPLIES = ", ".join(str(KIND_CODE[kind]) for kind in REPLIES)
REPLIED = f"""
select a.recognised as person, cast(count(*) as bigint) as acts,
  cast(count(case when a.kind in ({_OF_REPLIES}) then 1 end) as bigint) as replies
from acts a join (select rec from about_topic) t on t.rec = a.about
where a.countable group by a.recognised"""
RECOGNISED = Step(
    "texts_recognised",
    "select distinct a.said, a.recogniser from acts a join texts t on t.rec = a.said where a.countable",
)
_LEFT_OUT = """left join contested d on d.recognised = a.recognised and d.recogniser = a.recogniser
  and (d.contribution < 0 or d.contribution = a.contribution)"""


def _lines(plan: Plan, half_life_days: float, acts: str, *, on_topic: bool) -> str:
    """Credit each contribution between two people once a class, by its strongest act of some.

    `counted` says that something counts, whatever a dispute leaves out of the score; `ever` is what is credited beside
    the topic, where neither prominence nor reciprocity nor copies are asked about.
    """
    ever = "" if on_topic else f", {_strongest('countable and kept', 'ever', 'lasting')}"
    return f"""
select recognised, recogniser, contribution, {_strongest("counts and kept and not soft", "help")},
  {_strongest("counts and kept and soft", "soft")}, {_strongest("by_recogniser", "given")},
  max(case when counts then 1 else 0 end) as counted{ever}
from ({_strengths(plan, half_life_days, acts, on_topic=on_topic)}) s
group by recognised, recogniser, contribution"""


def _strongest(condition: str, name: str, strength: str = "strength") -> str:
    return f"max({only(condition, strength)}) as {name}"


def _strengths(plan: Plan, half_life_days: float, acts: str, *, on_topic: bool) -> str:
    """Say of each act how strong it is, whether it counts, and whether a dispute leaves it in."""
    topic = "join (select rec from about_topic) t on t.rec = a.about" if on_topic else ""
    return f"""
select a.recognised, a.recogniser, a.contribution, a.kind, a.rec, a.soft, a.by_recogniser,
  a.q * {decayed(plan, half_life_days)} as strength,
  a.q * {decayed(plan, plan.method.window.half_life_days)} as lasting,
  a.countable, a.countable and v.rec is null as counts, d.recogniser is null as kept
  from {acts} a {topic} left join void v on v.rec = a.said {_LEFT_OUT}"""


def _pairs(plan: Plan, half_life_days: float, part: Part, *, on_topic: bool) -> str:
    """Add up what each received of each, gave back and, of whatever topic, ever received."""
    acts = f"(select * from acts where {part.has('recognised')})"
    ever = "" if on_topic else f", {units('ever')} as ever"
    return f"""
select recognised, recogniser, {units("greatest(help, soft)")} as received, {units("help")} as help,
  {units("given")} as gave, max(greatest(help, soft)) > 0e0 as heard, max(soft) > 0e0 as has_soft,
  max(counted) > 0 as counted, max(given) > 0e0 as gives{ever}
from ({_lines(plan, half_life_days, acts, on_topic=on_topic)}) l group by recognised, recogniser"""


def _heard(plan: Plan, scope: str) -> str:
    """Add up N of those who endorsed or listed somebody: the standing of those who recognised them one way."""
    standing = "1e0" if plan.face_value else "s.standing"
    join = "" if plan.face_value else "join standing s on s.person = p.recogniser"
    endorsing = f"(select recogniser from {scope}_pairs where has_soft)"
    return f"""
select p.recognised as person, {units(standing)} as heard
from (select recognised, recogniser from {scope}_pairs where counted and recognised in {endorsing}) p {join}
left join (select recognised, recogniser from {scope}_pairs where gives and recogniser in {endorsing}) b
on b.recognised = p.recogniser and b.recogniser = p.recognised
where b.recognised is null group by p.recognised"""


def _seen_by(part: Part) -> str:
    return f"""left join standing s on s.person = p.recogniser left join standing o on o.person = p.recognised
left join (select * from vouches where {part.has("voucher")}) v
on v.voucher = p.recognised and v.vouched = p.recogniser"""


def _as_seen(plan: Plan) -> tuple[str, str]:
    """Return the standing of who recognises, and what vouches for it: less the vouch of whom it is about.

    Not where that is somebody of the root, without whom everybody's standing is another.
    """
    less = unfixed("(s.units - coalesce(o.lent, 0))")
    outside = "v.voucher is not null and not coalesce(o.inside, 0 = 1)"
    changed = only("s.units > coalesce(o.lent, 0)", saturated(plan, less))
    standing = f"case when {outside} and not s.inside then {changed} else s.standing end"
    return standing, f"case when {outside} then {less} else s.vouched end"


def _seen(plan: Plan, scope: str, part: Part, *, on_topic: bool) -> str:
    """Say of each pair how trusted the recogniser is, as the recognised sees it, and how much comes back.

    A pair of which nothing is heard is only there for what it ever gave.
    """
    rule = plan.method.voice
    standing, vouched, inside, own, joins = "1e0", "0e0", "0 = 1", "1e0", ""
    if not plan.face_value:
        standing, vouched = _as_seen(plan)
        inside, own, joins = "coalesce(s.inside, 0 = 1)", "coalesce(o.standing, 0e0)", _seen_by(part)
    received, back = unfixed("p.received"), unfixed("coalesce(b.gave, 0)")
    r = f"case when p.received > 0 then {received} / ({received} + {back}) else 1e0 end"
    one_way_back = "coalesce(b.counted, 0 = 1) and not p.gives"
    heard = f"greatest(0e0, {unfixed('coalesce(h.heard, 0)')} - case when {one_way_back} then {own} else 0e0 end)"
    m = f"""case when w.person is not null then 1e0 else {number(rule.prominence_floor)}
  + {number(1 - rule.prominence_floor)} * {heard} / ({heard} + {number(rule.prominence_half_at)}) end"""
    ever, named = ("", "named_for_topic") if on_topic else (", p.ever", "named_for_any")
    return f"""
select p.recognised, p.recogniser, p.heard, p.has_soft, {unfixed("p.help")} as help,
  coalesce({standing}, 0e0) as standing, coalesce({vouched}, 0e0) as vouched, {inside} as inside,
  {"0 = 1" if plan.face_value else "v.voucher is not null"} as by_vouched,
  power({r}, {number(rule.help_reciprocity)}) as trust_help, power({r}, {number(rule.soft_reciprocity)}) as trust_soft,
  case when p.has_soft then {m} else 1e0 end as prominence{ever}
from (select * from {scope}_pairs where {part.has("recognised")}) p
left join (select * from {scope}_pairs where {part.has("recogniser")}) b
on b.recognised = p.recogniser and b.recogniser = p.recognised {joins}
left join {scope}_heard h on h.person = p.recogniser left join {named} w on w.person = p.recogniser"""


def _weighed(plan: Plan, scope: str, half_life_days: float, *, on_topic: bool) -> str:
    """Say of each line of pairs with an endorsement or a place on a list by which class it is credited."""
    acts = f"""(select a.* from acts a join (select recognised, recogniser from {scope}_seen where has_soft) s
on s.recognised = a.recognised and s.recogniser = a.recogniser)"""
    return f"""
select l.recognised, l.recogniser, l.contribution, l.help, l.soft * s.prominence as soft,
  l.help * s.trust_help >= l.soft * s.prominence * s.trust_soft as by_help, s.standing * s.trust_soft as gives
from ({_lines(plan, half_life_days, acts, on_topic=on_topic)}) l
join {scope}_seen s on s.recognised = l.recognised and s.recogniser = l.recogniser where s.has_soft"""


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
  {units(only("by_help", "help"))} as help, {units(only("not by_help", "soft"))} as soft
  from {scope}_weighed group by recognised, recogniser) w
on w.recognised = s.recognised and w.recogniser = s.recogniser where s.heard"""


def _totals(plan: Plan, scope: str) -> str:
    trusted = f"standing >= {number(plan.method.status.standing_each)}"
    return f"""
select recognised as person, {total("voice")} as all_kinds, {total("voice_help")} as help,
  {total("voice * voice")} as squares,
  cast(count(*) as bigint) as people, cast(sum(case when {trusted} then 1 else 0 end) as bigint) as with_standing,
  {total(only(trusted, "standing"))} as standing_sum,
  max(case when has_soft then 1 else 0 end) as endorsed
from {scope}_voices group by recognised"""


def _people(plan: Plan, scope: str, half_life_days: float, *, on_topic: bool) -> list[Step]:
    """Count the people of enough standing behind everybody by kind of recognition, as `Evidence.people` does."""
    wanted = counted_kinds(plan.profile)
    if not wanted:
        return []
    counts = "".join(
        f", cast(count(distinct case when a.kind in ({', '.join(str(KIND_CODE[kind]) for kind in kinds)}) "
        f"then a.recogniser end) as bigint) as {people_name(kinds)}"
        for kinds in wanted
    )
    standing = number(plan.method.status.standing_each)
    return [
        Step(
            f"{scope}_people",
            f"""
select a.recognised as person{counts} from (
  select recognised, recogniser, kind, row_number() over (partition by recognised, recogniser, contribution, soft
    order by strength desc, rec, kind) as place
  from ({_strengths(plan, half_life_days, "acts", on_topic=on_topic)}) s where counts and kept) a
join {scope}_voices v on v.recognised = a.recognised and v.recogniser = a.recogniser
where a.place = 1 and v.voice > 0e0 and v.standing >= {standing} group by a.recognised""",
            is_view=on_topic,
        )
    ]


def counted_kinds(profile: Profile) -> list[tuple[str, ...]]:
    """Return the kinds of recognition by which features of a profile count people, each set once."""
    return sorted({feature.kinds for feature in expertise_features(profile) if feature.kinds})


def people_name(kinds: tuple[str, ...]) -> str:
    """Name the column that counts people by these kinds."""
    return "people_" + "_".join(kinds)


def _posts(plan: Plan) -> str:
    """Add up what each endorsed post and each list gives, at most the cap."""
    capped = total(f"least({number(plan.method.voice.post_cap)}, gives)")
    return f"""
select person, {capped} as posts from (
select recognised as person, contribution, {total("gives * soft")} as gives
from topic_weighed where soft > 0e0 group by recognised, contribution) p group by person"""


def _taken_up(plan: Plan, received: str) -> str:
    """Weigh what one took up of another: neither prominence nor reciprocity, copies too."""
    return fixed(f"p.standing * least(log2(1e0 + {unfixed(received)}), {number(plan.method.voice.most)})")


def _ever(plan: Plan) -> str:
    """Add up what others took up of everybody, whatever its topic."""
    return f"""
select p.recognised as person, cast(sum({_taken_up(plan, "p.ever")}) as bigint) as units
from recent_seen p group by p.recognised"""


def _elsewhere(plan: Plan, half_life_days: float) -> str:
    """Add up what others took up on other topics: of all what pairs with an act on this one did, anew without it."""
    strength = f"a.q * {decayed(plan, half_life_days)}"
    return f"""
select e.person, {unfixed("(e.units - coalesce(t.units, 0))")} as other from ever e left join (
select p.recognised, sum({_taken_up(plan, "l.ever")} - {_taken_up(plan, "l.off_topic")}) as units
from topic_seen p join (
  select recognised, recogniser, {units("ever")} as ever, {units("off_topic")} as off_topic from (
    select a.recognised, a.recogniser, a.contribution, max({strength}) as ever,
      max({only("t.rec is null", strength)}) as off_topic
    from acts a join topic_pairs p on p.recognised = a.recognised and p.recogniser = a.recogniser
    left join (select rec from about_topic) t on t.rec = a.about {_LEFT_OUT}
    where a.countable and d.recogniser is null group by a.recognised, a.recogniser, a.contribution) c
  group by recognised, recogniser) l on l.recognised = p.recognised and l.recogniser = p.recogniser
group by p.recognised) t on t.recognised = e.person"""


def _own(plan: Plan, counting: Iterable[tuple[str, ...]]) -> str:
    """Count everybody's own acts on the topic, by the types of record that features ask for."""
    fading = decayed(plan, plan.method.window.recent_half_life_days)
    week = f"cast(ceil({age_days(plan)} / {number(WEEK_DAYS)}) as bigint)"
    never = f"{NEVER + 1} - 1"  # the least whole number of 64 bits: its digits alone are one too many
    counts = "".join(
        f", {total(only(f'type in ({types(*names)})', fading))} as {own_name(names)}" for names in counting if names
    )
    return f"""
select actor as person, {total(fading)} as on_topic, cast(count(*) as bigint) as acts, max(published) as latest,
  coalesce(max(case when answers then published end), {never}) as answered,
  cast(count(distinct case when {week} - 1 < {YEAR_WEEKS} then {week} end) as bigint) as weeks{counts}
from about_topic where actor >= 0 and type in ({types(*OWN_ACTS)}) group by actor"""


def own_name(types: tuple[str, ...]) -> str:
    """Name the column that counts own records of these types."""
    return "own_" + "_".join(types)
