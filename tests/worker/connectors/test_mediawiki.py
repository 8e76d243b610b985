"""MediaWiki: edits and their reverts, talk pages, thanks, and who asks to be left out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.worker.connectors.made_up.mediawiki import API, HOST, comment, edit, heading, query, talk, thanks, user
from worker.connectors.connector import UnknownAccountError
from worker.connectors.mediawiki import MediaWiki
from worker.outbound import BadAnswerError, RejectedError, WaitingError

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def wiki(client, serve) -> MediaWiki:
    serve(API, query())
    return MediaWiki(client, "mediawiki:wiki.example")


@pytest.fixture
def acts(wiki, serve):
    """Serve edits, and the threads of any talk page, and return what is made of them."""

    def read(*edits: dict[str, Any], threads: Any = ()) -> list[Any]:
        serve(f"{API}?list=usercontribs", query(usercontribs=list(edits)))
        serve(f"{API}?action=discussiontoolspageinfo", threads if isinstance(threads, dict) else talk(*threads))
        return list(wiki.activities("Ada", SINCE, UNTIL))

    return read


@pytest.fixture
def profile(client, serve):
    def read(*users: dict[str, Any], **parts: Any) -> Any:
        serve(f"{API}?list=users", query(users=list(users), **parts))
        return MediaWiki(client, "mediawiki:wiki.example").profile("Ada")

    return read


def test_an_edit_is_a_note_with_the_title_and_the_summary(acts):
    (note,) = acts(edit(9, "CubeSat"))
    assert (note.id, note.content, note.actor) == ("wiki.example/revision/9", "CubeSat\n\n/* Bus */ its mass", "Ada")
    assert note.url == f"{HOST}/w/index.php?title=CubeSat&diff=9"


@pytest.mark.parametrize("flag", ["suppressed", "texthidden"])
def test_what_the_wiki_hides_is_left_out(acts, flag):
    assert acts(edit(9, "CubeSat", **{flag: True})) == []


@pytest.mark.parametrize("odd", [{"comment": None}, {"tags": None}, {"tags": [None]}, {"comment": 7}])
def test_an_odd_value_loses_no_edit(acts, odd):
    assert [each.type for each in acts(edit(9, "CubeSat", **odd))] == ["note"]


def test_only_threads_that_the_account_took_part_in_are_read(acts):
    mine = heading("Q", comment("1", "Bob", "?", comment("2", "Ada", "!", comment("3", "Bob", "ok"))))
    made = acts(edit(9, "Talk:X", 1), threads=[mine, heading("R", comment("9", "Bob", "no"))])
    at = "wiki.example/Talk:X#c-"
    assert [(each.type, each.id, each.object) for each in made] == [
        ("question", f"{at}1", None),
        ("reply", f"{at}2", f"{at}1"),
        ("reply", f"{at}3", f"{at}2"),
    ]
    assert (made[0].content, made[0].tags) == ("Q\n\n?", ("X",))


def test_a_heading_below_a_heading_begins_a_thread_of_its_own(acts):
    """DiscussionTools shows such a thread twice: on its own, and within that of the heading above it."""
    below = heading("Which bus?", comment("1", "Bob", "?", comment("2", "Ada", "!")), comment("3", "Cy", "so"))
    made = acts(edit(9, "Talk:X", 1), threads=[heading("June 12", below), below, heading("June 13")])
    at = "wiki.example/Talk:X#c-"
    assert [(each.type, each.id, each.object) for each in made] == [
        ("question", f"{at}1", None),
        ("reply", f"{at}2", f"{at}1"),
        ("reply", f"{at}3", f"{at}1"),
    ]
    assert made[0].content == "Which bus?\n\n?"


@pytest.mark.parametrize(
    "href",
    ["./Benutzer:Cy", "/wiki/Benutzerin_Diskussion:Cy#Bus", "./User:Cy", "/wiki/%42enutzer:Cy", "./BD:Cy",
     "/w/index.php?action=edit&amp;title=Benutzer:Cy&amp;redlink=1"],
)  # fmt: skip
def test_somebody_is_named_in_the_language_of_the_wiki(wiki, serve, gaps, href):
    spaces = {
        "0": {"id": 0, "name": ""},
        "2": {"id": 2, "name": "Benutzer", "canonical": "User"},
        "3": {"id": 3, "name": "Benutzer Diskussion", "canonical": "User talk"},
    }
    aliases = [{"id": 3, "alias": "Benutzerin Diskussion"}, {"id": 3, "alias": "BD"}, {"id": 4, "alias": "WP"}]
    told = {"namespaces": spaces, "namespacealiases": aliases}
    serve(f"{API}?list=users&meta=siteinfo", query(users=[user("Ada")], **told))
    assert wiki.profile("Ada").status == "ok"
    serve(f"{API}?list=usercontribs", query(usercontribs=[edit(9, "Diskussion:X", 1)]))
    serve(f"{API}?action=discussiontoolspageinfo", talk(comment("1", "Ada", f'so, <a href="{href}">Cy</a>?')))
    made = list(wiki.activities("Ada", SINCE, UNTIL))
    assert [(each.type, each.target_actor) for each in made] == [("question", None), ("mention", "Cy")]
    assert gaps.lines() == ()


def test_a_page_whose_threads_are_not_shown_is_told(acts, gaps):
    assert acts(edit(9, "Talk:X", 1), threads={"discussiontoolspageinfo": {"transcludedfrom": []}}) == []
    assert gaps.lines() == ("talk pages: wiki.example: does not show threads of this page",)


@pytest.mark.parametrize("author", ["192.0.2.7", "2001:db8::1", "~2026-12345-6", "en>Bob", None, "", "A/b"])
def test_who_has_no_account_is_nobody_and_the_thread_is_read(acts, author):
    made = acts(edit(9, "Talk:X", 1), threads=[heading("Q", comment("1", author, "?"), comment("2", "Ada", "!"))])
    assert [each.actor for each in made] == [None, "Ada"]


def test_a_comment_without_a_time_is_left_out_and_its_replies_stay(acts):
    threads = [heading("Q", comment("1", "Ada", "?", comment("2", "Ada", "!"), timestamp=None))]
    assert [each.id for each in acts(edit(9, "Talk:X", 1), threads=threads)] == ["wiki.example/Talk:X#c-2"]


def test_a_wiki_without_the_extension_is_told_once_for_each_page(acts, gaps):
    acts(edit(9, "Talk:X", 1), edit(8, "Talk:Y", 1), threads={"error": {"code": "badvalue", "info": "…"}})
    assert gaps.lines() == ("talk pages: wiki.example: refused (badvalue) (2 times)",)


def test_a_wiki_that_goes_round_in_a_circle_is_left(acts, wiki, serve, gaps):
    shown = {**query(usercontribs=[edit(9, "X")]), "continue": {"uccontinue": "a", "continue": "-||"}}
    asked = serve(f"{API}?list=usercontribs", shown)
    assert len(list(wiki.activities("Ada", SINCE, UNTIL))) == 1
    assert asked.call_count == 2
    assert gaps.lines() == ("edits: wiki.example: pagination loop",)


def reverts(*revisions: tuple[int, str | None, str]) -> dict[str, Any]:
    shown = [
        {"revid": number, "timestamp": "2026-10-02T00:00:00Z", "user": by, "tags": [tag]}
        for number, by, tag in revisions
    ]
    return query(pages=[{"title": "X", "revisions": shown}])


@pytest.mark.parametrize(
    ("revisions", "by"),
    [
        ([(9, "Ada", "mw-reverted"), (10, "Cy", "visualeditor"), (11, "Eve", "mw-rollback")], ["Eve"]),
        ([(9, "Ada", "mw-reverted"), (10, "192.0.2.7", "mw-undo")], [None]),
        ([(9, "Ada", "mw-reverted"), (10, "Ada", "mw-undo")], []),
        ([(9, "Ada", "mw-reverted")], []),
    ],
)
def test_who_took_an_edit_back_said_no_to_it(wiki, acts, serve, revisions, by):
    made = acts(edit(9, "X", tags=["mw-reverted"]))
    serve(f"{API}?prop=revisions", reverts(*revisions))
    found = list(wiki.recognition(made))
    assert [each.actor for each in found] == by
    assert all((each.type, each.value, each.object) == ("review", -1.0, made[0].id) for each in found)


def test_thanks_are_a_yes_to_a_person(wiki, acts, serve):
    made = acts(edit(9, "X"), edit(8, "Y"))
    asked = serve(
        f"{API}?list=logevents&letitle=User:Ada", query(logevents=[thanks(3, "Bob", "Ada"), thanks(4, "", "Ada")])
    )
    assert [(each.type, each.actor, each.target_actor) for each in wiki.recognition(made)] == [("accept", "Bob", "Ada")]
    assert asked.call_count == 1


def test_more_thanks_than_are_read_are_told(wiki, serve, gaps):
    serve(f"{API}?list=logevents", {**query(logevents=[thanks(3, "Ada", "Bob")]), "continue": {"lecontinue": "x"}})
    assert [each.target_actor for each in wiki.vouches_of("Ada")] == ["Bob"]
    assert gaps.lines() == ("thanks: wiki.example: only the newest 500 are read",)


@pytest.mark.parametrize("more", [{"missing": True}, {"invalid": True}, {"blockexpiry": "infinite"}])
def test_who_is_gone_is_not_read(profile, more):
    assert (profile(user("Ada", **more)).status, profile(user("Ada", **more)).account.name) == ("gone", None)


@pytest.mark.parametrize(
    "more", [{"blockexpiry": "2026-12-01T00:00:00Z"}, {"blockexpiry": "infinite", "blockpartial": True}]
)
def test_who_is_blocked_for_a_while_or_from_some_pages_is_read(profile, more):
    assert profile(user("Ada", **more)).status == "ok"


def test_a_user_page_that_asks_not_to_be_indexed_is_a_no(profile):
    assert profile(user("Ada"), pages=[{"title": "User:Ada", "pageprops": {"noindex": ""}}]).status == "declined"


@pytest.mark.parametrize("pages", [[{"title": "User:Ada", "pageprops": "noindex"}], "x", ["x"], 7])
def test_a_wiki_that_does_not_say_whether_an_account_may_be_read_gives_no_leave(profile, pages):
    with pytest.raises(BadAnswerError):
        profile(user("Ada"), pages=pages)


@pytest.mark.parametrize("pages", [[], None, [{"title": "User:Ada", "missing": True}], {"7": {"title": "User:Ada"}}])
def test_an_account_without_a_page_of_its_own_may_be_read(profile, pages):
    assert profile(user("Ada"), pages=pages).status == "ok"


def test_a_temporary_account_is_nobody_to_score(client, serve):
    serve(f"{API}?list=users", query(users=[user("~2026-12345-6")]))
    found = MediaWiki(client, "mediawiki:wiki.example").profile("~2026-12345-6")
    assert (found.status, "temporary" in found.reason) == ("gone", True)


def test_bots_stand_in_a_group(profile):
    assert profile(user("Ada", groups=["bot"])).account.kind == "bot"


def test_an_answer_that_names_nobody_is_none(profile):
    with pytest.raises(BadAnswerError):
        profile()


def test_a_wiki_that_is_closed_to_strangers_says_so(client, serve):
    serve(API, {"error": {"code": "readapidenied", "info": "You need read permission to use this module."}})
    with pytest.raises(RejectedError, match=r"wiki\.example: refused \(readapidenied\)"):
        MediaWiki(client, "mediawiki:wiki.example").profile("Ada")


def test_a_wiki_whose_interface_stands_elsewhere_is_found(client, serve):
    serve(API, text="<html>", status=404)
    asked = serve(f"{HOST}/api.php", query(users=[user("Ada")]))
    found = MediaWiki(client, "mediawiki:wiki.example").profile("Ada")
    assert (found.status, found.account.url) == ("ok", f"{HOST}/index.php?title=User%3AAda")
    assert asked.call_count == 1


@pytest.mark.parametrize("reference", ["", "a b", "User:Ada"])
def test_what_is_no_group_is_no_list(wiki, reference):
    with pytest.raises(UnknownAccountError):
        wiki.list_members(reference)


def test_a_wiki_that_is_asked_too_fast_says_so_with_a_good_status_and_is_waited_for(wiki, serve):
    serve(f"{API}?list=usercontribs", {"error": {"code": "ratelimited", "info": "slow down"}})
    with pytest.raises(WaitingError, match="asks for fewer requests at a time"):
        list(wiki.activities("Ada", SINCE, UNTIL))
