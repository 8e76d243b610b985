"""Lemmy: posts, comments and what they answer, sums of votes, and who is gone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.worker.connectors.made_up.lemmy import API, HOST, comment, page, person, post
from worker.connectors.connector import UnknownAccountError
from worker.connectors.lemmy import Lemmy
from worker.outbound import BadAnswerError, GoneError, RejectedError, WaitingError

NEW = f"{HOST}/api/v4"
ADA = "@ada@lemmy.example"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def lemmy(client, serve) -> Lemmy:
    serve(f"{API}/user", page())
    return Lemmy(client, "lemmy")


@pytest.fixture
def acts(lemmy, serve):
    """Serve what an account wrote, and return what is made of it."""

    def read(*shown: dict[str, Any]) -> list[Any]:
        serve(f"{API}/user?page=1", page(*shown))
        return list(lemmy.activities(ADA, SINCE, UNTIL))

    return read


def test_a_post_that_links_elsewhere_is_a_note_and_any_other_a_question(acts):
    made = acts(post(8, "ada"), post(7, "ada", url="https://a.example"))
    assert {each.id: (each.type, each.tags) for each in made} == {
        f"{HOST}/post/8": ("question", ("space",)),
        f"{HOST}/post/7": ("note", ("space",)),
    }


@pytest.mark.parametrize("words", ["cross-posted from: ", "Publié à l'origine sur : ", ""])
def test_a_crosspost_quotes_the_post_that_its_first_line_names(acts, words):
    body = f"{words}{HOST}/post/9\n\n> Which bus?"
    (made,) = acts(post(8, "ada", body=body, url="https://a.example"))
    assert (made.type, made.object) == ("quote", f"{HOST}/post/9")


def test_who_crossposts_a_post_is_found_where_it_links_to_something(lemmy, acts, serve):
    linked = post(8, "ada", url="https://a.example")
    others = [post(9, "bob", body=f"cross-posted from: {HOST}/post/8"), post(10, "cy", body="the same link")]
    asked = serve(f"{API}/post?id=8", {"post_view": linked, "cross_posts": [*others, None]})
    made = [each for each in lemmy.recognition(acts(linked, post(7, "ada"))) if each.type == "quote"]
    assert [(each.actor, each.object, each.target_actor) for each in made] == [
        ("@bob@lemmy.example", f"{HOST}/post/8", "@ada@lemmy.example")
    ]
    assert asked.call_count == 1


@pytest.mark.parametrize("body", [f"see {HOST}/post/9 for more", f"A bus.\n{HOST}/post/9", f"{HOST}/c/space", None])
def test_a_post_that_only_names_another_is_no_crosspost(acts, body):
    assert [each.type for each in acts(post(8, "ada", body=body))] == ["question"]


def test_a_comment_answers_what_its_path_names(acts, serve):
    asked = serve(f"{API}/comment?id=21", {"comment_view": comment(21, "bob", "0.21")})
    made = acts(comment(22, "ada", "0.21.22"), comment(24, "ada", "0.24"))
    assert {each.id: each.object for each in made} == {
        f"{HOST}/comment/21": f"{HOST}/post/9",
        f"{HOST}/comment/22": f"{HOST}/comment/21",
        f"{HOST}/comment/24": f"{HOST}/post/9",
    }
    assert asked.call_count == 1


def test_a_comment_whose_parent_is_not_shown_is_kept_and_the_gap_told(acts, serve, gaps):
    serve(f"{API}/comment?id=21", {"error": "couldnt_find_comment"}, status=404)
    assert [each.id for each in acts(comment(22, "ada", "0.21.22"))] == [f"{HOST}/comment/22"]
    assert gaps.lines() == ("comments that were answered: lemmy.example: not found (status 404)",)


def test_a_comment_whose_parent_has_no_address_is_kept(acts, serve):
    parent = comment(21, "bob", "0.21")
    serve(f"{API}/comment?id=21", {"comment_view": {**parent, "comment": {**parent["comment"], "ap_id": ""}}})
    assert [each.object for each in acts(comment(22, "ada", "0.21.22"))] == ["lemmy.example/comment/21"]


@pytest.mark.parametrize("flag", ["deleted", "removed"])
def test_what_no_longer_stands_is_left_out(acts, flag):
    assert acts(post(8, "ada", **{flag: True}), comment(22, "ada", "0.22", **{flag: True})) == []


@pytest.mark.parametrize(
    "community",
    [{"visibility": "LocalOnly"}, {"visibility": "unlisted"}, {"visibility": "private"}, {"hidden": True}],
)
def test_what_a_community_shows_to_some_alone_is_left_out_and_told(acts, gaps, community):
    said = [{**post(8, "ada"), "community": {"name": "space", **community}}]
    said += [{**comment(22, "ada", "0.22"), "community": {"name": "space", **community}}]
    assert acts(*said) == []
    assert gaps.lines() == ("posts: lemmy.example: it is not public (2 times)",)


@pytest.mark.parametrize("community", [{"visibility": "public"}, {"visibility": "Public"}, {"visibility": None}, None])
def test_what_a_community_shows_to_everybody_is_read(acts, gaps, community):
    shown = community and {"name": "space", **community}
    assert [each.id for each in acts({**post(8, "ada"), "community": shown})] == [f"{HOST}/post/8"]


@pytest.mark.parametrize("community", ["space", [], {"visibility": 7.5}, {"hidden": "x"}])
def test_a_community_that_makes_no_sense_is_not_one_for_everybody(acts, gaps, community):
    assert acts({**post(8, "ada"), "community": community}) == []
    assert gaps.lines()


def test_votes_are_a_sum_without_the_authors_own(lemmy, acts):
    made = acts(post(8, "ada", score=5), post(7, "ada", score=1), post(6, "ada", score=-3))
    assert [(each.type, each.value, each.actor, each.target_actor) for each in lemmy.recognition(made)] == [
        ("vote", 4.0, None, ADA)
    ]


def test_comments_that_the_server_counts_and_does_not_show_are_told(lemmy, acts, serve, gaps):
    serve(f"{API}/comment/list", {"comments": [comment(31, "bob", "0.31")]})
    list(lemmy.recognition(acts(post(8, "ada", comments=5))))
    assert gaps.lines() == ("comments below posts: lemmy.example: 1 of 5 are shown",)


def test_a_time_of_an_older_server_is_in_utc_and_an_odd_one_loses_its_post_only(acts, gaps):
    made = acts(post(8, "ada", published="2026-10-01T12:00:00.5"), post(7, "ada", published="soon"))
    assert [each.published for each in made] == [datetime(2026, 10, 1, 12, 0, 0, 500_000, tzinfo=UTC)]
    assert gaps.lines() == ("posts of the account: lemmy.example: unexpected response format",)


def test_a_name_in_code_or_in_a_quote_addresses_nobody(acts):
    text = "@bob@b.example\n\n> @eve@b.example\n\n`@cyn@b.example`"
    assert [each.target_actor for each in acts(comment(22, "ada", "0.22", content=text)) if each.type == "mention"] == [
        "@bob@b.example"
    ]


@pytest.mark.parametrize(("flag", "reason"), [("deleted", "deleted by its owner"), ("banned", "banned by its server")])
def test_who_is_gone_is_not_read(client, serve, flag, reason):
    serve(f"{API}/user", page(person_view={"person": person("ada", **{flag: True})}))
    profile = Lemmy(client, "lemmy").profile(ADA)
    assert (profile.status, profile.reason, profile.account.name) == ("gone", reason, None)


@pytest.mark.parametrize("status", [400, 404])
def test_an_account_that_is_not_there_is_gone(client, serve, status):
    serve(f"{API}/user", {"error": "couldnt_find_person"}, status=status)
    assert Lemmy(client, "lemmy").profile(ADA).status == "gone"


def test_a_server_that_refuses_for_another_reason_does_not_make_the_account_gone(client, serve):
    serve(f"{API}/user", {"error": "instance_is_private"}, status=400)
    with pytest.raises(RejectedError):
        Lemmy(client, "lemmy").profile(ADA)


def test_a_server_that_was_asked_too_fast_is_asked_later(client, serve):
    serve(f"{API}/user", {"error": "rate_limit_error"}, status=400)
    with pytest.raises(WaitingError):
        Lemmy(client, "lemmy").profile(ADA)


@pytest.mark.parametrize("body", ["", "<html>no such page</html>", '{"error": "unknown_route"}'])
def test_a_server_without_the_interface_does_not_make_the_account_gone(client, serve, body):
    serve(f"{API}/user", text=body, status=404)
    serve(f"{NEW}/person", text=body, status=404)
    with pytest.raises(GoneError, match="not found"):
        Lemmy(client, "lemmy").profile(ADA)


def test_a_server_cannot_answer_with_somebody_else(client, serve):
    serve(f"{API}/user", page(person_view={"person": person("eve")}))
    with pytest.raises(BadAnswerError):
        Lemmy(client, "lemmy").profile(ADA)


def test_bots_say_so_themselves(client, serve):
    serve(f"{API}/user", page(person_view={"person": person("ada", bot_account=True)}))
    assert Lemmy(client, "lemmy").profile(ADA).account.kind == "bot"


@pytest.mark.parametrize("reference", ["space", "!space", "https://lemmy.example/u/ada", ""])
def test_what_is_no_community_is_no_list(lemmy, reference):
    with pytest.raises(UnknownAccountError):
        lemmy.list_members(reference)


def test_a_community_may_be_named_by_its_page(lemmy, serve):
    serve(f"{API}/community?name=space", {"moderators": [{"moderator": person("bob")}]})
    assert list(lemmy.list_members(f"{HOST}/c/space")) == ["@bob@lemmy.example"]


def renewed(shown: dict[str, Any]) -> dict[str, Any]:
    """A view as Lemmy 1.0 gives it: counts beside the words, other names for times and for addresses of people."""
    said = shown.get("comment") or shown["post"]
    counts = {name: value for name, value in shown["counts"].items() if not name.endswith("_id")}
    views = {name: value for name, value in shown.items() if name != "counts"}
    for name in ("post", "comment", "creator"):
        if name in views:
            views[name] = {OTHERWISE.get(each, each): value for each, value in views[name].items() if each != "banned"}
    views["comment" if "comment" in shown else "post"] |= {**counts, "ap_id": said["ap_id"]}
    return {"type_": "comment" if "comment" in shown else "post", **views, "creator_banned": False}


OTHERWISE = {"published": "published_at", "actor_id": "ap_id"}


@pytest.fixture
def new(client, serve) -> Lemmy:
    """Lemmy 1.0 has only parts of the older interface."""
    serve(f"{HOST}/api/v3/user", text="", status=404)
    serve(f"{HOST}/api/v3/community", text="", status=404)
    view = {"person": renewed(post(1, "ada"))["creator"] | {"bio": "orbits"}, "is_admin": False, "banned": False}
    serve(f"{NEW}/person?username=ada", {"person_view": view, "moderates": []})
    return Lemmy(client, "lemmy")


def test_the_interface_of_lemmy_1_is_read(new, serve, gaps, requests_mock):
    profile = new.profile(ADA)
    assert (profile.status, profile.account.bio, profile.account.url) == ("ok", "orbits", f"{HOST}/u/ada")
    shown = [renewed(post(8, "ada", score=5, comments=1)), renewed(comment(22, "ada", "0.21.22"))]
    serve(f"{NEW}/person/content?username=ada&limit=50", {"items": shown, "next_page": "P2", "prev_page": None})
    serve(f"{NEW}/person/content?page_cursor=P2", {"items": [], "next_page": None})
    serve(f"{NEW}/comment?id=21", {"comment_view": renewed(comment(21, "bob", "0.21"))})
    below = renewed({**comment(31, "bob", "0.31"), "post": post(8, "ada")["post"]})
    serve(f"{NEW}/comment/list?post_id=8&type_=all&sort=old", {"items": [below], "next_page": None})
    made = list(new.activities(ADA, SINCE, UNTIL))
    assert [(each.type, each.id, each.object) for each in made] == [
        ("question", f"{HOST}/post/8", None),
        ("reply", f"{HOST}/comment/21", f"{HOST}/post/9"),
        ("reply", f"{HOST}/comment/22", f"{HOST}/comment/21"),
    ]
    taken = [
        (each.type, each.value, each.actor) for each in new.recognition(each for each in made if each.actor == ADA)
    ]
    assert taken == [("vote", 4.0, None), ("reply", None, "@bob@lemmy.example")]
    assert gaps.lines() == ()
    assert sum("/api/v3/" in request.url for request in requests_mock.request_history) == 1


@pytest.mark.parametrize(("mark", "told"), [("P2", False), (7, False), ([7], True), (None, False)])
def test_an_empty_page_of_lemmy_1_is_not_the_last_where_it_says_how_to_go_on(new, serve, gaps, mark, told):
    serve(f"{NEW}/person/content?username=ada&limit=50", {"items": [], "next_page": mark})
    serve(f"{NEW}/person/content?page_cursor={mark}", {"items": [renewed(post(8, "ada"))]})
    new.profile(ADA)
    found = [each.id for each in new.activities(ADA, SINCE, UNTIL)]
    assert found == ([] if mark is None or told else [f"{HOST}/post/8"])
    assert bool(gaps.lines()) == told


def test_a_comment_that_cannot_be_read_does_not_make_its_author_that_of_the_post(new, serve, gaps):
    new.profile(ADA)
    odd = renewed(comment(22, "ada", "0.21.22"))
    odd["comment"]["id"] = None
    serve(f"{NEW}/person/content?username=ada", {"items": [odd], "next_page": None})
    assert list(new.activities(ADA, SINCE, UNTIL)) == []
    assert gaps.lines() == ("posts of the account: lemmy.example: unexpected response format",)


@pytest.mark.parametrize(
    ("part", "odd"), [("comment", {"path": {}}), ("creator", {"ap_id": 7}), ("creator", {"ap_id": "ada"})]
)
def test_a_comment_that_does_not_say_whose_it_is_or_what_it_answers_is_left_out(new, serve, gaps, part, odd):
    new.profile(ADA)
    shown = renewed(comment(22, "ada", "0.21.22"))
    shown[part] |= odd
    serve(f"{NEW}/person/content?username=ada", {"items": [shown], "next_page": None})
    assert list(new.activities(ADA, SINCE, UNTIL)) == []
    assert gaps.lines() == ("posts of the account: lemmy.example: unexpected response format",)


def test_a_server_that_gives_the_same_page_for_ever_is_asked_twice(serve, client, gaps):
    details = {"person_view": {"person": post(1, "ada")["creator"]}, "posts": [post(8, "ada")], "comments": []}
    asked = serve(f"{HOST}/api/v3/user", details)
    assert [each.type for each in Lemmy(client, "lemmy").activities(ADA, SINCE, UNTIL)] == ["question"]
    assert asked.call_count == 2
    assert gaps.lines() == ("posts of the account: lemmy.example: pagination loop",)


def test_the_moderators_of_a_community_of_lemmy_1_are_read(new, serve):
    moderator = renewed(post(1, "bob"))["creator"]
    serve(f"{NEW}/community?name=space", {"community_view": {}, "moderators": [{"moderator": moderator}]})
    assert list(new.list_members("!space@lemmy.example")) == ["@bob@lemmy.example"]


def test_who_is_not_there_or_banned_at_lemmy_1_is_gone(client, new, serve):
    serve(f"{NEW}/person?username=eve", {"error": "not_found"}, status=404)
    assert new.profile("@eve@lemmy.example").status == "gone"
    serve(f"{NEW}/person?username=cy", {"person_view": {"person": renewed(post(1, "cy"))["creator"], "banned": True}})
    assert (Lemmy(client, "lemmy").profile("@cy@lemmy.example").reason) == "banned by its server"


def test_more_than_is_read_of_an_account_at_lemmy_1_is_told(new, serve, gaps):
    new.profile(ADA)
    for number in range(45):
        query = f"&page_cursor=P{number}" if number else ""
        shown = {"items": [renewed(post(number, "ada"))], "next_page": f"P{number + 1}"}
        serve(f"{NEW}/person/content?username=ada{query}", shown)
    list(new.activities(ADA, SINCE, UNTIL))
    assert gaps.lines() == ("posts of the account: lemmy.example: only the newest 2000 posts and comments are read",)
