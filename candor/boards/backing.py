"""What rests on each of the root, as SQL: voices divided among those who stand behind them, and no more than limits.

Beyond the limit of what may rest on one person come few pairs of millions. So nobody is looked at who could not reach
it, and then no pair on which too little rests without the slightest voices; only of the others is all added up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.boards.community import LENT
from candor.boards.sql import SCALE, Step, fixed, near_each_other, number, total, unfixed, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.boards.sql import Plan

ROUNDING = 1e-6
SLIGHT = 0.5
"""Of the limit of what goes through one person, so much may come from voices that are looked at last."""


def backing_steps(plan: Plan, scope: str, *, on_topic: bool) -> list[Step]:
    """Return how voices are divided among the people of the root on whom they rest, and limit what rests on each."""
    through_one = number(plan.method.backing.through_one)
    return [
        Step(
            f"{scope}_each",
            f"select v.recognised, v.recogniser, v.voice / v.vouched as each_vouch, v.by_vouched, "
            "coalesce(n.by_root, 0e0) as by_root "
            f"from {scope}_voices v left join near n on n.person = v.recogniser "
            "where not v.inside and v.vouched > 0e0 and v.voice > 0e0 "
            f"order by {near_each_other('v.recognised', 'v.recogniser')}",
        ),
        Step(
            f"{scope}_many",
            f"select recognised from {scope}_each group by recognised "
            f"having {total('each_vouch')} + max(each_vouch * by_root) > {through_one}",
        ),
        Step(f"{scope}_most", _most(scope)),
        Step(f"{scope}_heavy", _heavy(scope, plan.method.backing.through_one)),  # a plan has to know that these are few
        Step(f"{scope}_least", _least(scope, plan.method.backing.through_one)),
        Step(f"{scope}_likely", _likely(scope, plan.method.backing.through_one)),
        Step(f"{scope}_excess", _excess(scope, through_one), is_view=not plan.is_small),
        *(_in_columns(plan, scope, on_topic=on_topic) if plan.is_small else _in_rows(plan, scope, on_topic=on_topic)),
    ]


def _limit(plan: Plan, behind: str) -> str:
    """Say how much may rest on one of the root; `r` is the row of the root of whom it is about."""
    rule = plan.method.backing
    size = f"greatest({plan.seeds} - case when r.person is null then 0 else 1 end, 1)"
    share = f"least({unfixed(behind)} / {size}, 1e0)"
    return f"({number(rule.alone)} + {number(rule.together)} / {size} * power({share}, {number(rule.shared_power)}))"


def _stands(plan: Plan, trust: str) -> str:
    """Say how far one of the root stands behind somebody, in units."""
    return fixed(f"{trust} / ({trust} + {number(plan.method.backing.half_behind)})")


def _in_columns(plan: Plan, scope: str, *, on_topic: bool) -> list[Step]:
    """Add up what rests on each of the root, where each has a column: some people at a time, as each has a sum there.

    So a row for each pair of them is never made, and no more is in memory than the sums of some people.
    """
    columns = range(len(plan.seeds_there))

    def _each(expression: Callable[[int], str], name: str) -> str:
        return "".join(f", {expression(column)} as {name}{column}" for column in columns)

    def _added(name: str) -> str:
        return " + ".join(f"{name}{column}" for column in columns)

    def _some(some: Callable[[str], str]) -> str:
        people = some("recognised")
        own = _each(
            lambda column: f"case when recogniser = {plan.seeds_there[column]} then {fixed('voice')} else 0 end", "u"
        )
        from_others = _each(lambda column: whole(f"e.units * w.w{column}"), "u")
        beyond = _each(lambda column: f"-{fixed(f'x.excess * o.w{column}')}", "u")
        sums = _each(lambda column: f"cast(sum(u{column}) as bigint)", "t")
        return f"""
select recognised{sums} from (
select e.recognised{from_others} from (
select recognised, recogniser, each_vouch * {number(SCALE)} as units from {scope}_each where {people}) e
join ways w on w.person = e.recogniser
union all select recognised{own} from {scope}_voices where inside and {people}
union all select x.recognised{beyond} from {scope}_excess x join of_near_wide o on o.person = x.through
where {some("x.recognised")}
) u group by recognised"""

    trust, most = "t.t{0}", "least(l.t{0}, l.most)"
    first, *rest = map(_some, plan.people_parts)
    return [
        Step(f"{scope}_trust", first, more=tuple(rest)),
        Step(
            f"{scope}_backed",
            f"""
select recognised as person, {unfixed(f"({_added('c')})")} as backed, {unfixed(f"({_added('q')})")} as squares from (
select l.recognised{_each(lambda column: fixed(most.format(column)), "c")}{
                _each(lambda column: fixed(f"{most.format(column)} * {most.format(column)}"), "q")
            } from (
select b.*, {_limit(plan, "b.behind")} as most from (
select t.*, {" + ".join(_stands(plan, trust.format(column)) for column in columns)} as behind from (
select recognised{_each(lambda column: f"greatest({unfixed(f't{column}')}, 0e0)", "t")} from {scope}_trust) t) b
left join root r on r.person = b.recognised) l) w""",
            is_view=on_topic,
        ),
    ]


def _in_rows(plan: Plan, scope: str, *, on_topic: bool) -> list[Step]:
    """Add up what rests on each of the root, with a row for each pair that there is."""
    from_others = (
        f"select e.recognised, w.seed, {fixed('e.each_vouch * w.share')} from {scope}_each e "
        "join ways w on w.person = e.recogniser"
    )
    counts = f"least(t.trust, {_limit(plan, 'b.behind')})"
    return [
        Step(
            f"{scope}_trust",
            f"select recognised, seed, greatest({unfixed('sum(trust)')}, 0e0) as trust from ("
            f"select recognised, recogniser as seed, {fixed('voice')} as trust from {scope}_voices where inside "
            f"union all {from_others} "
            f"union all select x.recognised, o.seed, -{fixed('x.excess * o.share')} from {scope}_excess x "
            "join of_near o on o.person = x.through) t group by recognised, seed",
        ),
        Step(
            f"{scope}_backed",
            f"select person, {total('worth')} as backed, {total('worth * worth')} as squares from ("
            f"select t.recognised as person, {counts} as worth from {scope}_trust t join ("
            f"select recognised, sum({_stands(plan, 'trust')}) as behind from {scope}_trust "
            "group by recognised) b on b.recognised = t.recognised left join root r on r.person = t.recognised) w "
            "group by person",
            is_view=on_topic,
        ),
    ]


def _most(scope: str) -> str:
    """Find the most that one vouch for each recogniser is worth in a voice about somebody who can reach the limit."""
    return f"""
select e.recogniser, max(e.each_vouch) as most from {scope}_each e
join {scope}_many m on m.recognised = e.recognised group by e.recogniser"""


def _heavy(scope: str, through_one: float) -> str:
    """Find who vouches for so many that a voice about anybody could rest on them beyond the limit.

    Few do, and only what rests on them has to be added up for each pair. The limit is taken a bit lower, as the bound
    is a sum of rounded values.
    """
    bound = f"g.given * {LENT} + coalesce(o.most * n.by_root, 0e0)"
    return f"""
select n.person, n.lent from near n join (select v.voucher, {total("w.most")} as given
  from vouches v join {scope}_most w on w.recogniser = v.vouched group by v.voucher) g on g.voucher = n.person
left join {scope}_most o on o.recogniser = n.person
where not n.inside and {bound} >= {number(through_one * (1 - ROUNDING))}"""


def _least(scope: str, through_one: float) -> str:
    """Find from which size on a voice about each is no slight one: the smaller ones together make a part of the limit.

    Sizes are in steps, of which two double a voice, as adding up by size takes less than putting voices in order.
    """
    return f"""
select recognised, min(size) as size from (
select recognised, size, sum(units) over (partition by recognised order by size) as units from (
select e.recognised, {_SIZE} as size, sum({fixed("e.each_vouch")}) as units
from {scope}_each e join {scope}_many m on m.recognised = e.recognised group by e.recognised, {_SIZE}) s) t
where {unfixed("units")} > {number(through_one * SLIGHT)} group by recognised"""


_SIZE = "floor(2e0 * log2(e.each_vouch))"


def _likely(scope: str, through_one: float) -> str:
    """Find through whom more than the limit may rest on whom: what rests there without slight voices is near it.

    What is lent is one at most, so no more can rest on anybody of slight voices than their sum.
    """
    loud = (
        f"(select e.* from {scope}_each e join {scope}_least l on l.recognised = e.recognised where {_SIZE} >= l.size)"
    )
    own = f"(select e.* from {scope}_each e join {scope}_many m on m.recognised = e.recognised)"
    return f"""
select recognised, through from ({_resting(scope, loud, "vouches", own)}) a
group by recognised, through having {unfixed("sum(amount)")} > {number(through_one * (1 - SLIGHT))}"""


def _excess(scope: str, through_one: str) -> str:
    """Find what rests on one person near the root beyond the limit, and all that rests on whom it is about.

    Few come near the limit: a vouch counts one at most, so of each voice no more than one part in `vouched` rests on
    whoever vouches.
    """
    each = f"(select * from {scope}_each where recognised in (select recognised from {scope}_likely))"
    vouches = f"(select * from vouches where voucher in (select through from {scope}_likely))"
    return f"""
select l.recognised, l.through, {unfixed("sum(a.amount)")} - {through_one} as excess
from ({_resting(scope, each, vouches, each)}) a
join {scope}_likely l on l.recognised = a.recognised and l.through = a.through
group by l.recognised, l.through having {unfixed("sum(a.amount)")} > {through_one}
union all
select e.recognised, e.recognised, {total(f"e.each_vouch * {LENT}")} from {scope}_each e
join near n on n.person = e.recognised where e.by_vouched and not n.inside group by e.recognised"""


def _resting(scope: str, each: str, vouches: str, own: str) -> str:
    """Say of each voice what rests on each who vouches for many: for who gave it, or, of `own`, who gave it."""
    return f"""
select e.recognised, v.voucher as through, {fixed(f"e.each_vouch * {LENT}")} as amount from {each} e
join {vouches} v on v.vouched = e.recogniser join {scope}_heavy n on n.person = v.voucher
where v.voucher <> e.recognised
union all select e.recognised, e.recogniser, {fixed("e.each_vouch * e.by_root")}
from {own} e join {scope}_heavy n on n.person = e.recogniser where e.by_root > 0e0"""
