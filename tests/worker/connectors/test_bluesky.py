"""Bluesky: what is read from the AppView and an account's own server, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.connectors.bluesky import Bluesky
from worker.connectors.connector import UnknownAccountError
from worker.connectors.network_client import Access, NetworkClient
from worker.outbound import BadAnswerError, GoneError, HostDownError

APPVIEW = "https://public.api.bsky.app/xrpc"
SERVER = "https://pds.example"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def did(name: str) -> str:
    return f"did:plc:{name:a<24}"


def uri(key: str, by: str = "ada", kind: str = "feed.post") -> str:
    return f"at://{did(by)}/app.bsky.{kind}/{key}"


def label(value: str, by: str, **more: Any) -> dict[str, Any]:
    return {"src": did(by), "uri": f"at://{did(by)}/app.bsky.actor.profile/self", "val": value, **more}


def author(name: str = "ada", **more: Any) -> dict[str, Any]:
    return {"did": did(name), "handle": f"{name}.example", "displayName": name.title(), "labels": [], **more}


def post(key: str, by: str = "ada", text: str = "", **more: Any) -> dict[str, Any]:
    record = {"$type": "app.bsky.feed.post", "text": text or f"post {key}", "createdAt": "2026-10-01T12:00:00.000Z"}
    counts = {name: more.pop(name, 0) for name in ("replyCount", "repostCount", "quoteCount", "likeCount")}
    indexed = more.pop("indexedAt", "2026-10-01T12:00:01.000Z")
    labels = more.pop("labels", [])
    record |= more
    return {"uri": uri(key, by), "author": author(by, labels=labels), "record": record, "indexedAt": indexed, **counts}


def answering(key: str, by: str = "bob") -> dict[str, Any]:
    return {"reply": {"root": {"uri": uri(key, by)}, "parent": {"uri": uri(key, by)}}}


def quoting(key: str, by: str = "bob") -> dict[str, Any]:
    return {"embed": {"$type": "app.bsky.embed.record", "record": {"uri": uri(key, by)}}}


def facet(text: str, stretch: str, **feature: Any) -> dict[str, Any]:
    start = text.encode().index(stretch.encode())
    return {"index": {"byteStart": start, "byteEnd": start + len(stretch.encode())}, "features": [feature]}


@pytest.fixture
def bluesky(client, serve) -> Bluesky:
    serve(f"{APPVIEW}/app.bsky.actor.getProfile?actor=ada.example", author(description="orbits", followersCount=4))
    serve(f"{APPVIEW}/app.bsky.feed.getAuthorFeed", {"feed": []})
    serve(f"https://plc.directory/{did('ada')}", {"service": []})
    return Bluesky(client, "bluesky")


@pytest.fixture
def feed(bluesky, serve):
    """Serve these as the account's feed, and return what the connector makes of them."""

    def read(*entries: dict[str, Any]) -> list[Any]:
        shown = [entry if "post" in entry else {"post": entry} for entry in entries]
        serve(f"{APPVIEW}/app.bsky.feed.getAuthorFeed", {"feed": shown})
        return list(bluesky.activities("ada.example", SINCE, UNTIL))

    return read


@pytest.fixture
def kept(bluesky, serve):
    """Serve these as records of the account's own server."""

    def put(collection: str, *records: dict[str, Any]) -> Any:
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": SERVER}
        serve(f"https://plc.directory/{did('ada')}", {"service": [service]})
        serve(f"{SERVER}/xrpc/com.atproto.repo.listRecords", {"records": []})
        serve(f"{APPVIEW}/app.bsky.feed.getPosts", {"posts": []})
        url = f"{SERVER}/xrpc/com.atproto.repo.listRecords?repo={did('ada')}&collection=app.bsky.feed.{collection}"
        return serve(url, {"records": list(records)})

    return put


def like(key: str, of: str, at: str = "2026-09-01T00:00:00Z", kind: str = "like") -> dict[str, Any]:
    return {"uri": uri(key, kind=f"feed.{kind}"), "value": {"subject": {"uri": of}, "createdAt": at}}


def test_an_account_goes_by_its_did(bluesky):
    found = bluesky.profile("@Ada.Example").account
    assert (found.actor, found.name, found.bio, found.followers) == (did("ada"), "Ada", "orbits", 4)


@pytest.mark.parametrize("spelling", ["", "ada", "did:plc:short", "ada example.com", "-a.example", "did:key:z6Mk"])
def test_what_is_no_account_is_refused_before_any_request(bluesky, requests_mock, spelling):
    with pytest.raises(UnknownAccountError):
        bluesky.profile(spelling)
    assert requests_mock.call_count == 0


def test_who_is_to_be_shown_to_nobody_signed_out_is_declined_and_nothing_is_kept(client, serve):
    asked = serve(
        f"{APPVIEW}/app.bsky.actor.getProfile", author(description="x", labels=[label("!no-unauthenticated", "ada")])
    )
    profile = Bluesky(client, "bluesky").profile("ada.example")
    assert (profile.status, profile.account.actor, profile.account.bio) == ("declined", did("ada"), None)
    assert "!no-unauthenticated" in profile.reason
    Bluesky(client, "bluesky").profile("ada.example")
    assert asked.call_count == 2, "the answer was kept"


def test_a_label_that_was_taken_back_declines_nothing(client, serve):
    labels = [label("!no-unauthenticated", "ada", neg=True)]
    serve(f"{APPVIEW}/app.bsky.actor.getProfile", author(labels=labels))
    assert Bluesky(client, "bluesky").profile("ada.example").status == "ok"


@pytest.mark.parametrize(
    ("error", "words"),
    [("AccountDeactivated", "deactivated"), ("AccountTakedown", "taken down"), ("InvalidRequest", "not found")],
)
def test_a_deactivated_taken_down_or_unknown_account_is_gone(client, serve, error, words):
    serve(f"{APPVIEW}/app.bsky.actor.getProfile", {"error": error, "message": "…"}, status=400)
    serve(f"{APPVIEW}/com.atproto.identity.resolveHandle", {"error": "InvalidRequest"}, status=400)
    profile = Bluesky(client, "bluesky").profile("ada.example")
    assert profile.status == "gone"
    assert words in profile.reason


@pytest.mark.parametrize(("says", "status"), [("new.example", "ok"), ("other.example", "gone")])
def test_a_handle_that_is_newer_than_what_the_appview_knows_is_resolved_where_both_sides_say_so(
    client, serve, says, status
):
    unknown = {"error": "InvalidRequest", "message": "Profile not found"}
    serve(f"{APPVIEW}/app.bsky.actor.getProfile?actor=new.example", unknown, status=400)
    serve(f"{APPVIEW}/com.atproto.identity.resolveHandle?handle=new.example", {"did": did("ada")})
    serve(f"https://plc.directory/{did('ada')}", {"alsoKnownAs": [f"at://{says}"]})
    serve(f"{APPVIEW}/app.bsky.actor.getProfile?actor={did('ada')}", author(handle="handle.invalid"))
    profile = Bluesky(client, "bluesky").profile("new.example")
    assert profile.status == status
    assert profile.account.actor == (did("ada") if status == "ok" else "new.example")


def test_an_account_that_a_moderator_took_down_is_gone(client, serve):
    serve(f"{APPVIEW}/app.bsky.actor.getProfile", author(labels=[label("!takedown", "moderator")]))
    assert Bluesky(client, "bluesky").profile("ada.example").status == "gone"


def test_a_bot_says_so_itself(client, serve):
    serve(f"{APPVIEW}/app.bsky.actor.getProfile", author(labels=[label("bot", "ada")]))
    assert Bluesky(client, "bluesky").profile("ada.example").account.kind == "bot"


def test_a_network_that_is_down_ends_it_with_its_name_and_reason(client, serve):
    serve(f"{APPVIEW}/app.bsky.actor.getProfile", {}, status=502)
    with pytest.raises(HostDownError, match=r"public\.api\.bsky\.app.*502"):
        Bluesky(client, "bluesky").profile("ada.example")


def test_a_post_has_its_hashtags_from_the_text_and_beside_it(feed):
    text = "on #orbits"
    (note,) = feed(post("1", text=text, tags=["leo"], facets=[facet(text, "#orbits", tag="orbits")]))
    assert (note.type, note.id, note.actor, note.tags) == ("note", uri("1"), did("ada"), ("leo", "orbits"))


def test_offsets_count_bytes_so_that_links_are_put_in_full_behind_other_scripts(feed):
    text = "軌道 🛰 see example.org/lo… and more"
    link = facet(text, "example.org/lo…", uri="https://example.org/long")
    assert feed(post("1", text=text, facets=[link]))[0].content == "軌道 🛰 see https://example.org/long and more"


@pytest.mark.parametrize("span", [(-4, 2), (5, 3), (0, 900)])
def test_offsets_outside_the_text_change_nothing(feed, span):
    wrong = {"index": {"byteStart": span[0], "byteEnd": span[1]}, "features": [{"uri": "https://example.org"}]}
    assert feed(post("1", text="plain", facets=[wrong]))[0].content == "plain"


def test_a_mention_is_one_unless_it_is_of_the_person_answered(feed):
    text = "@bob.example @cy.example hm"
    facets = [facet(text, f"@{name}.example", did=did(name)) for name in ("bob", "cy")]
    records = feed(post("1", text=text, facets=facets, **answering("7")))
    assert [(r.type, r.target_actor) for r in records] == [("reply", did("bob")), ("mention", did("cy"))]


def test_a_reply_comes_after_the_post_it_answers_which_the_feed_shows(feed):
    parent, reply = feed({"post": post("8", **answering("7")), "reply": {"parent": post("7", by="bob")}})
    assert (parent.type, parent.actor, reply.type, reply.object) == ("note", did("bob"), "reply", parent.id)


def test_a_reply_to_a_deleted_post_stays_and_is_a_gap(feed, gaps):
    deleted = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri("7", "bob"), "notFound": True}
    (reply,) = feed({"post": post("8", **answering("7")), "reply": {"parent": deleted}})
    assert reply.object == uri("7", "bob")
    assert "deleted" in gaps.lines()[0]


def test_a_quote_names_the_post_beside_pictures_too(feed):
    media = {"embed": {"record": {"record": {"uri": uri("5", "bob")}}, "media": {}}}
    assert [(r.type, r.object) for r in feed(post("1", **quoting("5")), post("2", **media))] == [
        ("quote", uri("5", "bob"))
    ] * 2


def test_an_embedded_list_is_no_quote(feed):
    embed = {"record": {"uri": uri("5", "bob", "graph.list")}}
    assert feed(post("1", embed=embed))[0].type == "note"


def test_a_repost_in_the_feed_is_dated_by_itself_and_follows_its_post(feed):
    reason = {"by": author(), "uri": uri("r1", kind="feed.repost"), "indexedAt": "2026-10-03T00:00:00Z"}
    note, reshare = feed({"post": post("5", by="bob"), "reason": reason})
    assert (note.actor, reshare.type, reshare.object) == (did("bob"), "reshare", uri("5", "bob"))
    assert reshare.published == datetime(2026, 10, 3, tzinfo=UTC)


def test_a_post_is_not_dated_later_than_the_network_saw_it(feed):
    (note,) = feed(post("1", createdAt="2031-01-01T00:00:00Z", indexedAt="2026-10-02T00:00:00Z"))
    assert note.published == datetime(2026, 10, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "when", ["", "yesterday", "2026-10-01T12:00:00", "0001-01-01T00:00:00Z", "1776-07-04T00:00:00Z"]
)
def test_a_post_without_a_time_of_its_own_is_dated_when_the_network_saw_it(feed, when):
    assert feed(post("1", createdAt=when))[0].published == datetime(2026, 10, 1, 12, 0, 1, tzinfo=UTC)


def test_a_cursor_beside_a_short_page_is_followed_and_an_empty_page_ends_it(bluesky, serve):
    base = f"{APPVIEW}/app.bsky.feed.getAuthorFeed?limit=100"
    serve(base, {"feed": [{"post": post("1")}], "cursor": "c1"})
    serve(f"{base}&cursor=c1", {"feed": [{"post": post("2")}], "cursor": "c2"})
    last = serve(f"{base}&cursor=c2", {"feed": [], "cursor": "c3"})
    assert [r.id for r in bluesky.activities("ada.example", SINCE, UNTIL)] == [uri("1"), uri("2")]
    assert last.call_count == 1


@pytest.mark.parametrize(
    ("shown", "pages", "why"),
    [([post("1")], 2, "pagination loop"), ([], 10, "10 empty pages in a row")],
    ids=["the same posts", "no posts"],
)
def test_cursors_without_end_that_bring_nothing_new_end_with_a_gap(bluesky, serve, gaps, shown, pages, why):
    base = f"{APPVIEW}/app.bsky.feed.getAuthorFeed?limit=100"
    asked = []
    for number in range(30):
        at = f"&cursor=c{number}" if number else ""
        page = {"feed": [{"post": each} for each in shown], "cursor": f"c{number + 1}"}
        asked.append(serve(f"{base}{at}", page))
    assert len(list(bluesky.activities("ada.example", SINCE, UNTIL))) == len(shown)
    assert sum(each.called for each in asked) == pages
    assert told(gaps) == (f"posts of the account: public.api.bsky.app: {why}",)


def test_a_cursor_that_leads_back_ends_with_a_gap(bluesky, serve, gaps):
    serve(f"{APPVIEW}/app.bsky.feed.getAuthorFeed", {"feed": [{"post": post("1")}], "cursor": "same"})
    assert len(list(bluesky.activities("ada.example", SINCE, UNTIL))) == 1
    assert "pagination loop" in gaps.lines()[0]


def test_a_page_that_fails_ends_the_feed_with_a_gap(bluesky, serve, gaps):
    base = f"{APPVIEW}/app.bsky.feed.getAuthorFeed?limit=100"
    serve(base, {"feed": [{"post": post("1")}], "cursor": "c1"})
    serve(f"{base}&cursor=c1", {}, status=500)
    assert len(list(bluesky.activities("ada.example", SINCE, UNTIL))) == 1
    assert gaps.lines()[0] == "posts of the account: public.api.bsky.app: failed (status 500)"


@pytest.mark.parametrize("body", ["null", '{"feed": {}}', "<html>", '{"feed": [3, null, {"post": {"uri": 4}}]}'])
def test_a_page_that_makes_no_sense_is_a_gap_and_not_an_end(bluesky, serve, gaps, body):
    serve(f"{APPVIEW}/app.bsky.feed.getAuthorFeed", text=body)
    assert list(bluesky.activities("ada.example", SINCE, UNTIL)) == []
    assert "public.api.bsky.app" in gaps.lines()[0]


def test_reading_stops_at_a_page_that_is_too_old(bluesky, serve):
    base = f"{APPVIEW}/app.bsky.feed.getAuthorFeed?limit=100"
    serve(base, {"feed": [{"post": post("1", createdAt="2025-01-01T00:00:00Z")}], "cursor": "c1"})
    older = serve(f"{base}&cursor=c1", {"feed": []})
    assert list(bluesky.activities("ada.example", SINCE, UNTIL)) == []
    assert not older.called


def test_likes_come_from_the_accounts_own_server_with_the_posts_liked(bluesky, kept, serve):
    kept("like", like("l1", uri("5", "bob")))
    serve(f"{APPVIEW}/app.bsky.feed.getPosts?uris={uri('5', 'bob')}", {"posts": [post("5", by="bob", text="orbits")]})
    note, liked = bluesky.activities("ada.example", SINCE, UNTIL)
    assert (note.content, liked.type, liked.object, liked.target_actor) == ("orbits", "like", note.id, did("bob"))


def test_a_like_of_a_post_that_is_gone_stays(bluesky, kept):
    kept("like", like("l1", uri("5", "bob")))
    assert [r.type for r in bluesky.activities("ada.example", SINCE, UNTIL)] == ["like"]


def test_likes_outside_the_time_asked_for_are_left_out(bluesky, kept):
    kept(
        "like",
        like("l2", uri("5", "bob"), at="2026-12-01T00:00:00Z"),
        like("l1", uri("6", "bob"), at="2024-01-01T00:00:00Z"),
    )
    assert list(bluesky.activities("ada.example", SINCE, UNTIL)) == []


def test_a_repost_met_in_the_feed_and_at_the_server_is_one(feed, kept):
    kept("repost", like("r1", uri("5", "bob"), kind="repost"))
    reason = {"by": author(), "uri": uri("r1", kind="feed.repost"), "indexedAt": "2026-10-03T00:00:00Z"}
    assert [r.type for r in feed({"post": post("5", by="bob"), "reason": reason})] == ["note", "reshare"]


def test_a_server_that_is_away_leaves_the_feed_and_a_gap(feed, kept, serve, gaps):
    kept("like")
    serve(f"{SERVER}/xrpc/com.atproto.repo.listRecords", {}, status=503)
    assert len(feed(post("1"))) == 1
    assert all(line.startswith("likes and reposts: pds.example") for line in gaps.lines())
    assert gaps.lines()


def test_an_account_of_a_domain_of_its_own_has_its_document_there(client, serve):
    serve(f"{APPVIEW}/app.bsky.actor.getProfile", {**author(), "did": "did:web:ada.example"})
    serve(f"{APPVIEW}/app.bsky.feed.getAuthorFeed", {"feed": []})
    asked = serve("https://ada.example/.well-known/did.json", {"service": []})
    list(Bluesky(client, "bluesky").activities("ada.example", SINCE, UNTIL))
    assert asked.called


def test_recognition_asks_only_where_a_post_says_there_is_some(feed, bluesky, requests_mock):
    notes = feed(post("1", likeCount=9))
    before = requests_mock.call_count
    assert list(bluesky.recognition(notes)) == []
    assert requests_mock.call_count == before


def test_who_reposted_a_post_is_read_page_by_page(feed, bluesky, serve):
    notes = feed(post("1", repostCount=2))
    base = f"{APPVIEW}/app.bsky.feed.getRepostedBy?uri={uri('1')}"
    serve(base, {"repostedBy": [author("bob")], "cursor": "c"})
    serve(f"{base}&cursor=c", {"repostedBy": [author("cy")]})
    records = list(bluesky.recognition(notes))
    assert [(r.type, r.actor, r.object, r.target_actor) for r in records] == [
        ("reshare", did(name), uri("1"), did("ada")) for name in ("bob", "cy")
    ]


def test_quotes_of_a_post_are_read(feed, bluesky, serve):
    notes = feed(post("1", quoteCount=1))
    serve(f"{APPVIEW}/app.bsky.feed.getQuotes", {"posts": [post("9", by="bob", **quoting("1", "ada"))]})
    assert [(r.type, r.object) for r in bluesky.recognition(notes)] == [("quote", uri("1"))]


def test_a_thread_is_read_above_and_below(feed, bluesky, serve):
    notes = feed(post("2", replyCount=1, **answering("1")))
    below = {"post": post("3", by="bob", **answering("2", "ada")), "replies": [{"post": post("4", **answering("3"))}]}
    thread = {"post": post("2"), "parent": {"post": post("1", by="bob")}, "replies": [below]}
    serve(f"{APPVIEW}/app.bsky.feed.getPostThread", {"thread": thread})
    assert {r.id for r in bluesky.recognition(notes)} == {uri("1", "bob"), uri("3", "bob"), uri("4")}


def test_a_thread_that_was_deleted_meanwhile_is_a_gap(feed, bluesky, serve, gaps):
    notes = feed(post("1", replyCount=1))
    serve(f"{APPVIEW}/app.bsky.feed.getPostThread", {"error": "NotFound", "message": "…"}, status=400)
    assert list(bluesky.recognition(notes)) == []
    assert "threads of posts: public.api.bsky.app" in gaps.lines()[-1]


def test_vouches_are_reposts_quotes_lists_and_starter_packs(bluesky, serve):
    reason = {"by": author(), "uri": uri("r1", kind="feed.repost"), "indexedAt": "2026-10-03T00:00:00Z"}
    serve(f"{APPVIEW}/app.bsky.feed.getAuthorFeed", {"feed": [{"post": post("5", by="bob"), "reason": reason}]})
    shown = {"uri": uri("l", kind="graph.list"), "name": "Orbit people", "indexedAt": "2026-02-01T00:00:00Z"}
    lists = [
        {**shown, "purpose": "app.bsky.graph.defs#curatelist", "description": "who know"},
        {**shown, "uri": uri("m", kind="graph.list"), "purpose": "app.bsky.graph.defs#modlist"},
    ]
    serve(f"{APPVIEW}/app.bsky.graph.getLists", {"lists": lists})
    pack = {"uri": uri("p", kind="graph.starterpack"), "indexedAt": "2026-03-01T00:00:00Z"}
    pack["record"] = {"name": "Start", "list": uri("behind", kind="graph.list")}
    serve(f"{APPVIEW}/app.bsky.graph.getActorStarterPacks", {"starterPacks": [pack]})
    for key, member in (("l", "bob"), ("behind", "cy")):
        serve(
            f"{APPVIEW}/app.bsky.graph.getList?list={uri(key, kind='graph.list')}",
            {"items": [{"subject": author(member)}]},
        )
    records = list(bluesky.vouches_of("ada.example"))
    assert [(r.type, r.object, r.target_actor, r.content) for r in records] == [
        ("reshare", uri("5", "bob"), did("bob"), None),
        ("list", uri("l", kind="graph.list"), did("bob"), "Orbit people\nwho know"),
        ("list", uri("p", kind="graph.starterpack"), did("cy"), "Start"),
    ]


@pytest.mark.parametrize("reference", [uri("l", kind="graph.list"), f"https://bsky.app/profile/{did('ada')}/lists/l"])
def test_a_list_becomes_a_trust_root(bluesky, serve, reference):
    base = f"{APPVIEW}/app.bsky.graph.getList?list={uri('l', kind='graph.list')}"
    serve(base, {"items": [{"subject": author("bob")}], "cursor": "c"})
    serve(f"{base}&cursor=c", {"items": [{"subject": author("cy")}]})
    assert list(bluesky.list_members(reference)) == [did("bob"), did("cy")]


def test_a_starter_pack_becomes_a_trust_root(bluesky, serve):
    pack = {"uri": uri("p", kind="graph.starterpack"), "indexedAt": "2026-03-01T00:00:00Z"}
    pack["record"] = {"name": "Start", "list": uri("behind", kind="graph.list")}
    serve(f"{APPVIEW}/app.bsky.graph.getStarterPack?starterPack={pack['uri']}", {"starterPack": pack})
    serve(
        f"{APPVIEW}/app.bsky.graph.getList?list={uri('behind', kind='graph.list')}",
        {"items": [{"subject": author("cy")}]},
    )
    assert list(bluesky.list_members("https://bsky.app/starter-pack/ada.example/p")) == [did("cy")]


def test_a_list_that_can_not_be_read_says_so(bluesky, serve):
    serve(f"{APPVIEW}/app.bsky.graph.getList", {"error": "NotFound"}, status=404)
    with pytest.raises(GoneError, match="public"):
        list(bluesky.list_members(uri("l", kind="graph.list")))


def test_what_is_no_list_is_refused(bluesky):
    with pytest.raises(UnknownAccountError):
        bluesky.list_members("my friends")


def test_a_network_of_our_own_is_asked_where_the_setting_says(outbound, gaps, serve):
    places = {"public.api.bsky.app": "https://appview.test-network.example"}
    asked = serve("https://appview.test-network.example/xrpc/app.bsky.actor.getProfile", author())
    Bluesky(NetworkClient(outbound, gaps, Access(places=places)), "bluesky").profile("ada.example")
    assert asked.called


def test_bluesky_can_not_see_times(feed, bluesky, serve):
    notes = feed(post("1", repostCount=1))
    serve(f"{APPVIEW}/app.bsky.feed.getRepostedBy", {"repostedBy": [author("bob")]})
    assert [r.published for r in bluesky.recognition(notes)] == [notes[0].published]


def test_bluesky_can_not_see_lists_by_others(feed, bluesky, requests_mock):
    list(bluesky.recognition(feed(post("1"))))
    assert not [request for request in requests_mock.request_history if "graph" in request.path]


def test_bluesky_can_not_see_the_silent(feed, bluesky, serve):
    notes = feed(post("1", repostCount=2, quoteCount=1))
    silent = author("bob", labels=[label("!no-unauthenticated", "bob")])
    serve(f"{APPVIEW}/app.bsky.feed.getRepostedBy", {"repostedBy": [silent, author("cy")]})
    quote = {**post("9", by="bob", **quoting("1", "ada")), "author": silent}
    serve(f"{APPVIEW}/app.bsky.feed.getQuotes", {"posts": [quote]})
    assert [r.actor for r in bluesky.recognition(notes)] == [did("cy")]


def test_bluesky_can_not_see_blocked(feed, bluesky, serve, gaps):
    notes = feed(post("1", replyCount=1))
    blocked = {"$type": "app.bsky.feed.defs#blockedPost", "uri": uri("9", "bob"), "blocked": True}
    serve(f"{APPVIEW}/app.bsky.feed.getPostThread", {"thread": {"post": post("1"), "replies": [blocked]}})
    assert list(bluesky.recognition(notes)) == []
    assert "blocks" in gaps.lines()[-1]


def told(gaps) -> tuple[str, ...]:
    """The gaps, without the one that the made-up account has no server of its own."""
    return tuple(line for line in gaps.lines() if not line.startswith("likes and reposts"))


def test_an_empty_page_with_a_cursor_is_not_the_last(bluesky, serve):
    feed_url = f"{APPVIEW}/app.bsky.feed.getAuthorFeed"
    serve(feed_url, {"feed": [{"post": post("1")}], "cursor": "a"})
    serve(f"{feed_url}?cursor=a", {"feed": [], "cursor": "b"})
    serve(f"{feed_url}?cursor=b", {"feed": [{"post": post("2")}]})
    assert [r.id for r in bluesky.activities("ada.example", SINCE, UNTIL)] == [uri("1"), uri("2")]


@pytest.mark.parametrize("absent", [{"tags": None}, {"facets": None}, {"text": None}, {"embed": None}, {"reply": None}])
def test_a_null_that_is_not_needed_reads_as_absent(feed, gaps, absent):
    shown = post("1")
    shown["record"] |= absent
    assert [r.type for r in feed(shown)] == ["note"]
    assert told(gaps) == ()


def test_one_facet_that_makes_no_sense_loses_no_other(feed, gaps):
    text = "hello @bob"
    named = facet(text, "@bob", did=did("bob"))
    made = feed(post("1", text=text, facets=[None, named, {"index": "x"}]))
    assert [r.type for r in made] == ["note", "mention"]
    assert told(gaps) == ("posts of the account: public.api.bsky.app: unexpected 'facets', left out",)


@pytest.mark.parametrize("view", [{"$type": "app.bsky.embed.record#viewDetached"}, {"detached": True}])
@pytest.mark.parametrize("beside_pictures", [False, True])
def test_a_quote_that_its_author_took_back_is_a_note(feed, view, beside_pictures):
    shown = post("1", **quoting("9"))
    shown["embed"] = {"record": {"record": view}} if beside_pictures else {"record": view}
    assert [r.type for r in feed(shown)] == ["note"]


def test_a_quote_of_somebody_who_blocks_is_a_note(feed):
    shown = {**post("1", **quoting("9")), "embed": {"record": {"$type": "app.bsky.embed.record#viewBlocked"}}}
    assert [r.type for r in feed(shown)] == ["note"]


def test_a_quote_that_is_shown_stays_one(feed):
    shown = {**post("1", **quoting("9")), "embed": {"record": {"$type": "app.bsky.embed.record#viewRecord"}}}
    assert [r.type for r in feed(shown)] == ["quote"]


@pytest.mark.parametrize("word", [{"blocked": True, "author": {"did": did("bob")}}, {"notFound": True}])
def test_a_blocked_post_is_told_as_one(feed, gaps, word):
    parent = {"uri": uri("9", "bob"), **word}
    made = feed({"post": post("1", **answering("9")), "reply": {"root": parent, "parent": parent}})
    assert [r.type for r in made] == ["reply"]
    assert told(gaps) == ("posts that were answered: public.api.bsky.app: deleted, or one of the two blocks the other",)


def test_a_pinned_post_is_no_repost(feed, gaps):
    made = feed({"post": post("1"), "reason": {"$type": "app.bsky.feed.defs#reasonPin"}})
    assert ([r.type for r in made], told(gaps)) == (["note"], ())


def test_replies_and_reposts_that_are_kept_back_are_gaps(feed, bluesky, serve, gaps):
    notes = feed(post("1", repostCount=300, replyCount=3))
    serve(f"{APPVIEW}/app.bsky.feed.getRepostedBy", {"repostedBy": [author("bob")]})
    serve(f"{APPVIEW}/app.bsky.feed.getPostThread", {"thread": {"post": post("1", replyCount=3), "replies": []}})
    assert len(list(bluesky.recognition(notes))) == 1
    assert told(gaps) == (
        "reposts of posts: public.api.bsky.app: 1 of 300 are shown",
        "replies to posts: public.api.bsky.app: 0 of 3 are shown",
    )


def test_labels_that_make_no_sense_are_no_leave_to_read(feed):
    assert feed(post("1", labels=["!no-unauthenticated"])) == []


@pytest.mark.parametrize(
    ("shown", "kind"),
    [
        ({"labels": [label("bot", "ada")]}, "bot"),
        ({"labels": [label("bot", "somebody")]}, "unknown"),
        ({"verification": {"trustedVerifierStatus": "valid"}}, "organisation"),
        ({"verification": {"verifiedStatus": "valid", "trustedVerifierStatus": "none"}}, "unknown"),
        ({"verification": None}, "unknown"),
    ],
)
def test_own_labels_and_trusted_verifiers_tell_the_kind(client, serve, shown, kind):
    serve(f"{APPVIEW}/app.bsky.actor.getProfile", author(**shown))
    assert Bluesky(client, "bluesky").profile("ada.example").account.kind == kind


REPOST_BY_CY = uri("r1", "cy", "feed.repost")


@pytest.mark.parametrize("kind", ["like", "repost"])
def test_a_like_and_a_repost_keep_whose_repost_led_there(bluesky, kept, kind):
    act = like("k", uri("7", "bob"), kind=kind)
    kept(kind, {**act, "value": {**act["value"], "via": {"uri": REPOST_BY_CY, "cid": "bafyr1"}}})
    (made,) = bluesky.activities("ada.example", SINCE, UNTIL)
    assert made.via == REPOST_BY_CY


def test_a_repost_of_the_feed_has_its_time_from_there_and_its_way_from_the_own_server(bluesky, kept, feed):
    act = like("r", uri("7", "bob"), at="2026-03-01T00:00:00Z", kind="repost")
    kept("repost", {**act, "value": {**act["value"], "via": {"uri": REPOST_BY_CY}}})
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "uri": act["uri"], "indexedAt": "2026-10-02T00:00:00Z"}
    reshares = [each for each in feed({"post": post("7", "bob"), "reason": reason}) if each.type == "reshare"]
    assert [(each.published, each.via) for each in reshares] == [(datetime(2026, 10, 2, tzinfo=UTC), REPOST_BY_CY)]


@pytest.mark.parametrize("via", [None, {"uri": ""}, {"uri": "x" * 600}, {"cid": "bafy"}, "at://somewhere", []])
def test_a_like_is_kept_whatever_stands_for_whose_repost_led_there(bluesky, kept, via):
    act = like("k", uri("7", "bob"))
    kept("like", {**act, "value": {**act["value"], "via": via}})
    assert [(made.type, made.via) for made in bluesky.activities("ada.example", SINCE, UNTIL)] == [("like", None)]


def test_pages_that_come_again_after_others_are_a_loop(bluesky, serve, gaps):
    url = f"{APPVIEW}/app.bsky.feed.getAuthorFeed"
    pages = [{"feed": [{"post": post(str(n % 2))}], "cursor": str(n)} for n in range(9)]
    asked = serve(url, pages[0], *({"json": page} for page in pages[1:]))
    list(bluesky.activities("ada.example", SINCE, UNTIL))
    assert asked.call_count == 3
    assert "posts of the account: public.api.bsky.app: pagination loop" in told(gaps)


def test_an_answer_that_names_no_did_is_none(client, serve):
    serve(f"{APPVIEW}/app.bsky.actor.getProfile", {"did": "7", "handle": "ada.example"})
    with pytest.raises(BadAnswerError):
        Bluesky(client, "bluesky").profile("ada.example")


def test_a_reply_to_what_has_no_address_stays_a_reply(feed):
    nothing = {"reply": {"root": {"uri": ""}, "parent": {"uri": ""}}}
    assert [(each.type, each.object) for each in feed({"post": post("1", **nothing)})] == [("reply", None)]
