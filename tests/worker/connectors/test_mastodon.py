"""Mastodon: what is read from a server, page by page, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.connectors.connector import UnknownAccountError
from worker.connectors.mastodon import Mastodon
from worker.connectors.mastodon_posts import Account
from worker.outbound import BadAnswerError, BudgetSpentError, HostDownError, UnauthorisedError

HOST = "https://example.social"
API = f"{HOST}/api/v1"
ADA = "@ada@example.social"
NEWER = {"Link": f'<{API}/accounts/id-ada/statuses?min_id=9>; rel="prev"'}
"""What Mastodon says where nothing older follows."""
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def account(name: str = "ada", **more: Any) -> dict[str, Any]:
    return {
        "id": f"id-{name}",
        "username": name.partition("@")[0],
        "acct": name,
        "display_name": name.title(),
        "note": "<p>Orbits &amp; more</p>",
        "url": f"{HOST}/@{name}",
        "bot": False,
        "group": False,
        "indexable": True,
        "discoverable": True,
        "noindex": False,
        "followers_count": 12,
        **more,
    }


def status(key: str, by: str = "ada", **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "uri": f"{HOST}/posts/{key}",
        "url": f"{HOST}/@{by}/{key}",
        "created_at": "2026-10-01T12:00:00.000Z",
        "account": account(by),
        "visibility": "public",
        "content": f"<p>post {key}</p>",
        "spoiler_text": "",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "reblog": None,
        "quote": None,
        "mentions": [],
        "tags": [],
        "replies_count": 0,
        "reblogs_count": 0,
        "quotes_count": 0,
        **more,
    }


def uri(key: str) -> str:
    return f"{HOST}/posts/{key}"


@pytest.fixture
def mastodon(client, serve) -> Mastodon:
    serve(f"{API}/accounts/lookup?acct=ada", account())
    serve(f"{API}/accounts/id-ada/featured_tags", [{"name": "cubesats", "statuses_count": "3"}])
    return Mastodon(client, "mastodon")


@pytest.fixture
def posts(mastodon, serve):
    """Serve these as the account's posts, and return what the connector makes of them."""

    def read(*statuses: dict[str, Any]) -> list[Any]:
        serve(f"{API}/accounts/id-ada/statuses?limit=40", list(statuses), headers=NEWER)
        return list(mastodon.activities(ADA, SINCE, UNTIL))

    return read


def types(records) -> list[str]:
    return [record.type for record in records]


def test_an_account_is_described_by_its_own_server(mastodon):
    profile = mastodon.profile("@Ada@Example.Social")
    found = profile.account
    assert (profile.status, found.actor, found.name, found.bio) == ("ok", ADA, "Ada", "Orbits & more")
    assert (found.followers, found.tags, found.kind) == (12, ("cubesats",), "unknown")


@pytest.mark.parametrize("spelling", ["ada@example.social", f"{HOST}/@ada", f"{HOST}/users/ada"])
def test_other_spellings_mean_the_same_account(mastodon, spelling):
    assert mastodon.profile(spelling).account.actor == ADA


@pytest.mark.parametrize("spelling", ["ada", "@ada", "", "https://example.social/about", "@a@b@c"])
def test_what_is_no_account_is_refused_before_any_request(mastodon, requests_mock, spelling):
    with pytest.raises(UnknownAccountError):
        mastodon.profile(spelling)
    assert requests_mock.call_count == 0


@pytest.mark.parametrize(
    "flag", [{"noindex": True}, {"indexable": False}, {"discoverable": False}, {"memorial": True}, {"limited": True}]
)
def test_who_asks_not_to_be_read_is_declined_and_nothing_is_kept(client, store, serve, flag):
    serve(f"{API}/accounts/lookup?acct=ada", account(**flag))
    profile = Mastodon(client, "mastodon").profile(ADA)
    assert profile.status == "declined"
    assert next(iter(flag)) in profile.reason
    assert (profile.account.name, profile.account.bio, profile.account.consent) == (None, None, False)
    asked = serve(f"{API}/accounts/lookup?acct=ada", account(**flag))
    Mastodon(client, "mastodon").profile(ADA)
    assert asked.called, "the answer was kept"


@pytest.mark.parametrize(("flag", "status"), [(False, "declined"), (True, "ok"), (None, "ok")])
def test_pleroma_tells_further_down_who_is_not_to_be_found(client, serve, flag, status):
    told = {"note": "", "fields": [], "pleroma": {"discoverable": flag, "actor_type": "Person"}}
    serve(f"{API}/accounts/lookup?acct=ada", {**account(source=told), "discoverable": None, "indexable": None})
    serve(f"{API}/accounts/id-ada/featured_tags", [])
    assert Mastodon(client, "mastodon").profile(ADA).status == status


def test_a_suspended_account_is_gone(client, serve):
    serve(f"{API}/accounts/lookup?acct=ada", account(suspended=True))
    assert Mastodon(client, "mastodon").profile(ADA).status == "gone"


@pytest.mark.parametrize("code", [404, 410])
def test_an_account_its_server_does_not_know_is_gone(client, serve, code):
    serve(f"{API}/accounts/lookup?acct=ada", {"error": "Record not found"}, status=code)
    serve(f"{HOST}/.well-known/webfinger", {}, status=404)
    assert Mastodon(client, "mastodon").profile(ADA).status == "gone"


def test_an_account_that_webfinger_knows_is_not_gone_where_the_software_has_another_interface(client, serve):
    serve(f"{API}/accounts/lookup?acct=ada", {"title": "Not Found", "detail": "Account lookup not found"}, status=404)
    here = {"subject": "acct:ada@example.social", "links": [{"rel": "self", "href": f"{HOST}/accounts/ada"}]}
    serve(f"{HOST}/.well-known/webfinger", here)
    with pytest.raises(BadAnswerError, match="knows the account, and does not speak Mastodon's interface"):
        Mastodon(client, "mastodon").profile(ADA)


@pytest.mark.parametrize(
    "said",
    [
        {
            "fields": [
                {"name": "Wishes", "value": '<a href="https://example.social/tags/nobot">#<span>nobot</span></a>'}
            ]
        },
        {"fields": [{"name": "#noindex", "value": "please"}]},
        {"display_name": "Ada #NoBots"},
    ],
)
def test_that_no_program_is_to_read_it_may_stand_anywhere_in_a_profile(client, serve, said):
    serve(f"{API}/accounts/lookup?acct=ada", account(**said))
    assert Mastodon(client, "mastodon").profile(ADA).status == "declined"


def test_a_declined_account_is_asked_for_nothing_more(client, serve):
    serve(f"{API}/accounts/lookup?acct=ada", account(noindex=True))
    assert list(Mastodon(client, "mastodon").activities(ADA, SINCE, UNTIL)) == []


def test_a_domain_that_is_no_server_names_one_by_webfinger(client, serve):
    serve("https://example.org/api/v1/accounts/lookup", text="<html>", status=404)
    serve(
        "https://example.org/.well-known/webfinger?resource=acct%3Aada%40example.org",
        {"links": [{"rel": "self", "href": f"{HOST}/users/ada"}]},
    )
    serve(f"{API}/accounts/lookup?acct=ada", account())
    serve(f"{API}/accounts/id-ada/featured_tags", [])
    assert Mastodon(client, "mastodon").profile("@ada@example.org").account.actor == "@ada@example.org"


SERVED = "https://social.example.org"
FINGER = {"subject": "acct:ada@example.org", "links": [{"rel": "self", "href": f"{SERVED}/users/ada"}]}


@pytest.fixture
def two_domains(client, serve):
    """Serve an account at social.example.org, and what its two domains say of its name; return what is made of it."""

    def read(here: Any, there: Any) -> list[Any]:
        named = f"{SERVED}/api/v1/accounts"
        serve(f"{SERVED}/.well-known/webfinger?resource=acct%3Aada%40social.example.org", here)
        serve("https://example.org/.well-known/webfinger?resource=acct%3Aada%40example.org", there)
        serve(f"{SERVED}/users/ada", status=401)
        serve(f"{named}/lookup?acct=ada", account())
        serve(f"{named}/id-ada/featured_tags", [])
        serve(f"{named}/id-ada/statuses?limit=40", [status("1", mentions=[account("bo", id="id-bo")])])
        mastodon = Mastodon(client, "mastodon")
        acts = list(mastodon.activities("https://social.example.org/@ada", SINCE, UNTIL))
        return [sorted({*mastodon.aliases("@ada@social.example.org")}), acts[0].actor, acts[1].target_actor]

    return read


def test_an_account_asked_for_at_its_servers_address_goes_by_the_domain_that_others_know_it_by(two_domains):
    names = ["@ada@example.org", "@ada@social.example.org"]
    assert two_domains(FINGER, FINGER) == [names, "@ada@example.org", "@bo@example.org"]


@pytest.mark.parametrize(
    "there",
    [
        {"subject": "acct:ada@example.org", "links": [{"rel": "self", "href": "https://example.org/users/ada"}]},
        {"subject": "acct:ada@third.example", "links": [{"rel": "self", "href": f"{SERVED}/users/ada"}]},
        {"subject": None, "links": None},
        [],
    ],
)
def test_a_server_cannot_name_its_accounts_after_a_domain_that_does_not_say_the_same(two_domains, there):
    assert two_domains(FINGER, there) == [
        ["@ada@social.example.org"],
        "@ada@social.example.org",
        "@bo@social.example.org",
    ]


def test_a_server_cannot_take_the_name_of_an_account_that_is_kept_elsewhere(two_domains):
    elsewhere = {**FINGER, "links": [{"rel": "self", "href": "https://example.org/users/ada"}]}
    assert two_domains(elsewhere, elsewhere)[1:] == ["@ada@social.example.org", "@bo@social.example.org"]


@pytest.mark.parametrize("here", [{}, {"subject": "ada"}, {**FINGER, "subject": "acct:eve@example.org"}, "odd"])
def test_a_server_that_does_not_say_how_its_accounts_are_named_is_taken_by_its_address(two_domains, here):
    assert two_domains(here, FINGER)[1:] == ["@ada@social.example.org", "@bo@social.example.org"]


@pytest.fixture
def renamed(client, serve):
    """A server that sends whoever asks to another one; `finger` is what its WebFinger says of ada's name."""

    def read(finger: Any, new: Any) -> Mastodon:
        asked = "https://old.example/api/v1/accounts/lookup?acct=ada"
        serve(asked, status=301, headers={"Location": f"{API}/accounts/lookup?acct=ada"})
        serve("https://old.example/.well-known/webfinger?resource=acct%3Aada%40old.example", finger)
        serve(f"{HOST}/.well-known/webfinger?resource=acct%3Aada%40example.social", new)
        serve(f"{API}/accounts/lookup?acct=ada", account())
        serve(f"{API}/accounts/id-ada/featured_tags", [])
        return Mastodon(client, "mastodon")

    return read


MOVED = {"subject": "acct:ada@example.social", "links": [{"rel": "self", "href": f"{HOST}/users/ada"}]}


def test_a_server_that_goes_by_another_name_now_names_its_accounts_after_that(renamed):
    assert renamed(MOVED, MOVED).profile("@ada@old.example").account.actor == ADA


def test_accounts_keep_a_domain_that_sends_to_the_server_which_says_the_same(renamed):
    finger = {**MOVED, "subject": "acct:ada@old.example"}
    assert renamed(finger, {}).profile("@ada@old.example").account.actor == "@ada@old.example"


@pytest.mark.parametrize("finger", [{}, "odd", {**MOVED, "subject": "acct:eve@example.social"}])
def test_a_domain_that_sends_to_somebody_elses_server_has_no_accounts_there(renamed, finger):
    with pytest.raises(BadAnswerError, match="which does not say that it may"):
        renamed(finger, MOVED).profile("@ada@old.example")


def test_a_post_becomes_a_note_with_its_text_and_tags(posts):
    (note,) = posts(status("1", content="<p>A&amp;B<br>two</p>", tags=[{"name": "cubesat"}], visibility="unlisted"))
    assert (note.type, note.id, note.content, note.tags) == ("note", uri("1"), "A&B\ntwo", ("cubesat",))
    assert (note.actor, note.visibility) == (ADA, "unlisted")


def test_a_content_warning_is_part_of_the_text(posts):
    assert posts(status("1", spoiler_text="Orbits"))[0].content == "Orbits\npost 1"


@pytest.mark.parametrize("visibility", ["private", "direct", "mutuals_only"])
def test_what_is_not_for_everybody_is_never_read(posts, visibility):
    assert posts(status("1", visibility=visibility)) == []


def test_pages_are_followed_by_link_even_past_a_short_and_an_empty_one(mastodon, serve):
    later = f"{API}/accounts/id-ada/statuses?max_id=zz"
    last = f"{API}/accounts/id-ada/statuses?max_id=0001"
    serve(f"{API}/accounts/id-ada/statuses?limit=40", [status("9")], headers={"Link": f'<{later}>; rel="next"'})
    serve(later, [], headers={"Link": f'<{last}>; rel="next", <{HOST}>; rel="prev"'})
    serve(last, [status("ZZ-not-a-number")])
    assert [r.id for r in mastodon.activities(ADA, SINCE, UNTIL)] == [uri("9"), uri("ZZ-not-a-number")]


def test_reading_stops_at_a_page_that_is_too_old(mastodon, serve):
    older = serve(f"{API}/accounts/id-ada/statuses?max_id=1", [])
    serve(
        f"{API}/accounts/id-ada/statuses?limit=40",
        [status("1", created_at="2025-12-31T23:59:59Z")],
        headers={"Link": f'<{API}/accounts/id-ada/statuses?max_id=1>; rel="next"'},
    )
    assert list(mastodon.activities(ADA, SINCE, UNTIL)) == []
    assert not older.called


def test_pages_in_a_loop_end_with_a_gap(mastodon, serve, gaps):
    first = f"{API}/accounts/id-ada/statuses?limit=40"
    serve(first, [status("1")], headers={"Link": f'<{first}>; rel="next"'})
    assert len(list(mastodon.activities(ADA, SINCE, UNTIL))) == 1
    assert "pagination loop" in gaps.lines()[0]


def test_a_page_that_fails_ends_the_reading_with_a_gap(mastodon, serve, gaps):
    later = f"{API}/accounts/id-ada/statuses?max_id=1"
    serve(f"{API}/accounts/id-ada/statuses?limit=40", [status("1")], headers={"Link": f'<{later}>; rel="next"'})
    serve(later, {"error": "boom"}, status=502)
    assert len(list(mastodon.activities(ADA, SINCE, UNTIL))) == 1
    assert gaps.lines() == ("posts of the account: example.social: failed (status 502)",)


@pytest.mark.parametrize("body", ['[{"id": "1"', "null", '{"error": "x"}', "<html>", '[1, null, {"id": 7}]'])
def test_a_page_that_makes_no_sense_is_a_gap_and_not_an_end(mastodon, serve, gaps, body):
    serve(f"{API}/accounts/id-ada/statuses?limit=40", text=body)
    assert list(mastodon.activities(ADA, SINCE, UNTIL)) == []
    assert "example.social" in gaps.lines()[0]


def test_a_broken_post_does_not_spoil_its_page(posts, gaps):
    assert types(posts(status("1", created_at="yesterday"), status("2"))) == ["note"]
    assert gaps.lines() == ("posts of the account: example.social: unexpected response format",)


def test_a_reply_comes_after_the_post_it_answers_read_in_one_request(posts, serve):
    asked = serve(f"{API}/statuses?id[]=7", [status("7", by="bob@far.example")])
    parent, reply = posts(status("8", in_reply_to_id="7", in_reply_to_account_id="id-bob@far.example"))
    assert (parent.type, parent.actor) == ("note", "@bob@far.example")
    assert (reply.type, reply.object) == ("reply", parent.id)
    assert asked.call_count == 1


def test_an_older_server_is_asked_for_answered_posts_one_by_one(posts, serve):
    serve(f"{API}/statuses", {"error": "Not found"}, status=404)
    serve(f"{API}/statuses/7", status("7", by="bob@far.example"))
    assert types(posts(status("8", in_reply_to_id="7"))) == ["note", "reply"]


def test_a_post_deleted_between_two_pages_is_a_gap_and_its_reply_stays(posts, serve, gaps):
    serve(f"{API}/statuses?id[]=7", [])
    (reply,) = posts(status("8", in_reply_to_id="7"))
    assert reply.object == "example.social/statuses/7"
    assert gaps.lines() == ("posts that were answered: example.social: deleted, or not public",)


@pytest.mark.parametrize("of", ["", None])
def test_an_answer_to_nothing_is_none(posts, of, requests_mock):
    assert types(posts(status("9", in_reply_to_id=of))) == ["note"]
    assert not [each for each in requests_mock.request_history if each.path == "/api/v1/statuses"]


@pytest.mark.parametrize("link", ["", "garbage", "<>; rel"])
def test_a_link_header_that_leads_nowhere_is_as_good_as_none(mastodon, serve, link):
    base = f"{API}/accounts/id-ada/statuses?limit=40"
    serve(base, [status("9")], headers={"Link": link})
    serve(f"{base}&max_id=9", [status("8")], headers={"Link": link})
    serve(f"{base}&max_id=8", [])
    assert [note.id for note in mastodon.activities(ADA, SINCE, UNTIL)] == [uri("9"), uri("8")]


def test_what_a_server_says_of_somebody_elsewhere_of_the_same_name_is_nothing_of_this_account(client, serve):
    serve(f"{API}/accounts/lookup?acct=ada", account("ada@far.example"))
    with pytest.raises(BadAnswerError, match="answers with another account"):
        Mastodon(client, "mastodon").profile(ADA)


def test_a_reshare_names_the_post_and_its_author(posts):
    (reshare,) = posts(status("9", reblog=status("5", by="bob@far.example")))
    assert (reshare.type, reshare.object, reshare.target_actor) == ("reshare", uri("5"), "@bob@far.example")


@pytest.mark.parametrize(
    "odd", [{"visibility": None}, {"account": None}, {"created_at": "soon"}, {"account": {"id": "7"}}, {"uri": {}}]
)
def test_a_reshare_whose_post_cannot_be_read_does_not_become_a_post_of_whoever_reshared_it(posts, gaps, odd):
    of = {**status("5", by="bob@far.example"), **odd}
    assert posts(status("9", content="<p>words of Bob</p>", reblog=of)) == []
    assert gaps.lines() == ("posts of the account: example.social: unexpected response format",)


@pytest.mark.parametrize(
    "odd", [{"tags": "x"}, {"mentions": 7}, {"replies_count": "many"}, {"account": {**account("bob"), "fields": "x"}}]
)
def test_what_is_odd_about_a_reshared_post_and_not_needed_loses_no_reshare(posts, odd):
    assert types(posts(status("9", reblog={**status("5", by="bob"), **odd}))) == ["reshare"]


def test_a_mention_of_what_can_be_no_account_loses_no_post(posts, gaps):
    bob, nobody = account("bob"), {**account("cy"), "acct": ""}
    assert types(posts(status("1", mentions=[nobody, bob]))) == ["note", "mention"]
    assert gaps.lines() == ("posts: example.social: unexpected response format",)


def test_a_reshare_that_says_no_more_than_that_it_is_one_is_left_out(posts):
    assert types(posts(status("9", reblog=True), status("8", reblog=False))) == ["note"]


def test_a_quote_counts_once_the_quoted_person_agreed(posts):
    quoted = status("5", by="bob@far.example")
    agreed, pending = posts(
        status("9", quote={"state": "accepted", "quoted_status": quoted}),
        status("8", quote={"state": "pending", "quoted_status": quoted}),
    )
    assert (agreed.type, agreed.object, pending.type) == ("quote", uri("5"), "note")


def test_a_reply_that_quotes_is_both(posts, serve):
    serve(f"{API}/statuses?id[]=7", [])
    quoted = {"state": "accepted", "quoted_status": status("5", by="bob@far.example")}
    reply, quote = posts(status("9", in_reply_to_id="7", quote=quoted))
    assert (reply.type, quote.type, quote.object, quote.content) == ("reply", "quote", uri("5"), None)


def test_a_mention_is_one_unless_the_reply_carries_it_by_itself(posts, serve):
    serve(f"{API}/statuses?id[]=7", [])
    mentions = [account("bob@far.example"), account("cy")]
    records = posts(status("9", in_reply_to_id="7", in_reply_to_account_id="id-bob@far.example", mentions=mentions))
    assert [(r.type, r.target_actor) for r in records] == [("reply", None), ("mention", "@cy@example.social")]


def test_who_is_answered_is_no_mention_where_the_server_says_of_the_answered_post_alone_whose_it_is(posts, serve):
    serve(f"{API}/statuses?id[]=7", [status("7", by="bob@far.example")])
    mentions = [account("bob@far.example"), account("cy")]
    records = posts(status("9", in_reply_to_id="7", in_reply_to_account_id=None, mentions=mentions))
    assert [r.target_actor for r in records if r.type == "mention"] == ["@cy@example.social"]


def test_recognition_asks_only_where_a_post_says_there_is_some(posts, mastodon, requests_mock):
    notes = posts(status("1"))
    before = requests_mock.call_count
    assert list(mastodon.recognition(notes)) == []
    assert requests_mock.call_count == before


def test_who_reshared_a_post_is_read_by_link(posts, mastodon, serve):
    notes = posts(status("1", reblogs_count=2))
    more = f"{API}/statuses/1/reblogged_by?max_id=5"
    serve(
        f"{API}/statuses/1/reblogged_by?limit=80",
        [account("bob@far.example")],
        headers={"Link": f'<{more}>; rel="next"'},
    )
    serve(more, [account("cy")])
    records = list(mastodon.recognition(notes))
    assert [(r.type, r.actor, r.object) for r in records] == [
        ("reshare", "@bob@far.example", uri("1")),
        ("reshare", "@cy@example.social", uri("1")),
    ]


def test_quotes_of_a_post_are_read(posts, mastodon, serve):
    notes = posts(status("1", quotes_count=1))
    quote = status("3", by="bob@far.example", quote={"state": "accepted", "quoted_status": status("1")})
    serve(f"{API}/statuses/1/quotes?limit=40", [quote])
    assert [(r.type, r.object) for r in mastodon.recognition(notes)] == [("quote", uri("1"))]


def test_the_thread_of_a_post_is_read_with_whom_each_reply_answers(posts, mastodon, serve):
    notes = posts(status("1", replies_count=1))
    below = [status("2", by="bob", in_reply_to_id="1"), status("3", in_reply_to_id="2")]
    serve(f"{API}/statuses/1/context", {"ancestors": [], "descendants": below})
    assert [(r.actor, r.object) for r in mastodon.recognition(notes)] == [
        ("@bob@example.social", uri("1")),
        (ADA, uri("2")),
    ]


def test_nothing_is_given_twice(posts, mastodon, serve):
    notes = posts(status("1", replies_count=1))
    serve(f"{API}/statuses/1/context", {"ancestors": [status("1")], "descendants": []})
    assert list(mastodon.recognition(notes)) == []


def test_vouches_are_the_reshares_quotes_and_collections_of_a_person(mastodon, serve):
    serve(f"{API}/accounts/id-ada/statuses?limit=40", [status("1"), status("2", reblog=status("5", by="bob"))])
    collection = {
        "id": "c1",
        "uri": f"{HOST}/collections/c1",
        "created_at": "2026-02-01T00:00:00Z",
        "name": "Orbit people",
        "description": "<p>who know</p>",
        "tag": {"name": "orbits"},
        "items": [
            {"account_id": "id-bob", "state": "accepted", "created_at": "2026-03-01T00:00:00Z"},
            {"account_id": "id-cy", "state": "pending", "created_at": "2026-03-01T00:00:00Z"},
        ],
    }
    serve(f"{API}/accounts/id-ada/collections", {"collections": [collection]})
    serve(f"{API}/collections/c1", {"collection": collection, "accounts": [account("bob"), account("cy")]})
    reshare, listed = mastodon.vouches_of(ADA)
    assert (reshare.type, listed.type, listed.target_actor) == ("reshare", "list", "@bob@example.social")
    assert (listed.content, listed.tags) == ("Orbit people\nwho know", ("orbits",))
    assert listed.published == datetime(2026, 3, 1, tzinfo=UTC)


def test_a_server_without_collections_is_no_gap(mastodon, serve, gaps):
    serve(f"{API}/accounts/id-ada/statuses?limit=40", [])
    serve(f"{API}/accounts/id-ada/collections", {"error": "Not found"}, status=404)
    assert list(mastodon.vouches_of(ADA)) == []
    assert gaps.lines() == ()


def test_a_list_of_the_token_becomes_a_trust_root(trusted_source, serve):
    asked = serve(f"{API}/lists/7/accounts?limit=80", [account("bob@far.example")])
    assert list(Mastodon(trusted_source, "mastodon").list_members("example.social/lists/7")) == ["@bob@far.example"]
    assert asked.last_request.headers["Authorization"] == "Bearer mastodon-token"


def test_a_list_that_is_not_ours_to_read_says_so(client, serve):
    serve(f"{API}/lists/7/accounts?limit=80", {"error": "The access token is invalid"}, status=401)
    with pytest.raises(UnauthorisedError, match=r"example\.social"):
        list(Mastodon(client, "mastodon").list_members("example.social/lists/7"))


def test_a_collection_becomes_a_trust_root_without_a_token(client, serve):
    listing = {"id": "9", "uri": "u", "created_at": "2026-02-01T00:00:00Z", "items": [{"account_id": "id-bob"}]}
    serve(f"{API}/collections/9", {"collection": listing, "accounts": [account("bob")]})
    assert list(Mastodon(client, "mastodon").list_members(f"{HOST}/collections/9")) == ["@bob@example.social"]


def test_what_is_no_list_is_refused(client):
    with pytest.raises(UnknownAccountError):
        Mastodon(client, "mastodon").list_members("my friends")


def test_a_server_that_closed_its_interface_ends_it_with_its_name_and_reason(client, serve):
    serve(f"{API}/accounts/lookup?acct=ada", {"error": "This method requires an authenticated user"}, status=401)
    serve(f"{HOST}/.well-known/webfinger", {"links": []})
    with pytest.raises(UnauthorisedError, match=r"example\.social.*requires authentication"):
        Mastodon(client, "mastodon").profile(ADA)


def test_a_server_that_is_down_ends_it_with_its_name_and_reason(client, serve):
    serve(f"{API}/accounts/lookup?acct=ada", {}, status=503)
    serve(f"{HOST}/.well-known/webfinger", {}, status=503)
    with pytest.raises(HostDownError, match=r"example\.social"):
        Mastodon(client, "mastodon").profile(ADA)


def test_what_came_before_the_budget_was_spent_is_kept(mastodon, outbound, serve):
    first = f"{API}/accounts/id-ada/statuses?limit=40"
    serve(first, [status("1")], headers={"Link": f'<{API}/accounts/id-ada/statuses?max_id=1>; rel="next"'})
    outbound.max_requests = 3
    records = mastodon.activities(ADA, SINCE, UNTIL)
    assert next(records).id == uri("1")
    with pytest.raises(BudgetSpentError):
        next(records)


def test_mastodon_can_not_see_times_of_reshares(posts, mastodon, serve):
    notes = posts(status("1", reblogs_count=1))
    serve(f"{API}/statuses/1/reblogged_by?limit=80", [account("bob")])
    (reshare,) = mastodon.recognition(notes)
    assert reshare.published == notes[0].published


def test_mastodon_can_not_see_elsewhere(posts, mastodon, requests_mock, serve):
    notes = posts(status("1", reblogs_count=1))
    serve(f"{API}/statuses/1/reblogged_by?limit=80", [account("bob@far.example")])
    list(mastodon.recognition(notes))
    assert {request.hostname for request in requests_mock.request_history} == {"example.social"}


def test_mastodon_can_not_see_lists(posts, mastodon):
    notes = posts(status("1"))
    assert types([*notes, *mastodon.recognition(notes)]) == ["note"]


def test_mastodon_can_not_see_likes(posts, mastodon, requests_mock):
    notes = posts(status("1", favourites_count=3))
    before = requests_mock.call_count
    assert list(mastodon.recognition(notes)) == []
    assert requests_mock.call_count == before


def test_mastodon_can_not_see_the_silent(posts, mastodon, serve):
    notes = posts(status("1", reblogs_count=3))
    hidden = [account("bob", noindex=True), account("cy", limited=True), account("di", indexable=False)]
    serve(f"{API}/statuses/1/reblogged_by?limit=80", hidden)
    assert [r.actor for r in mastodon.recognition(notes)] == ["@di@example.social"]


def test_a_host_beyond_ascii_is_one_host_however_a_server_shows_it():
    shown = [
        Account(id="1", acct=acct).name("example.social")
        for acct in ("Bo@b\u00fccher.example", "bo@xn--bcher-kva.example")
    ]
    assert set(shown) == {"@bo@xn--bcher-kva.example"}


@pytest.mark.parametrize(
    "absent",
    [
        *({name: None} for name in ("spoiler_text", "tags", "mentions", "replies_count", "content", "url", "quote")),
        {"account": account(display_name=None, note=None, followers_count=None)},
    ],
    ids=str,
)
def test_a_null_that_is_not_needed_reads_as_absent(posts, gaps, absent):
    assert types(posts(status("1", **absent))) == ["note"]
    assert gaps.lines() == ()


@pytest.mark.parametrize(
    ("odd", "name"),
    [
        ({"quote": "yes"}, "quote"),
        ({"quote": {"quoted_status": 7}}, "quoted_status"),
        ({"tags": [{"name": "x"}, None]}, "tags"),
        ({"mentions": [7]}, "mentions"),
        ({"replies_count": "many"}, "replies_count"),
    ],
)
def test_what_is_unexpected_and_can_be_spared_loses_no_post_and_is_told(posts, gaps, odd, name):
    assert types(posts(status("1", **odd))) == ["note"]
    assert gaps.lines() == (f"posts of the account: example.social: unexpected {name!r}, left out",)


@pytest.mark.parametrize("flag", ["noindex", "suspended", "limited"])
def test_an_unexpected_word_on_being_read_is_no_yes(posts, flag):
    assert posts(status("1", account=account(**{flag: {"since": "2026"}}))) == []


def test_numbers_stand_for_ids(posts):
    assert [note.id for note in posts(status("1", id=7))] == [uri("1")]


def test_one_tag_that_is_too_long_loses_no_post(posts):
    (note,) = posts(status("1", tags=[{"name": "x" * 300}, {"name": "cubesat"}]))
    assert note.tags == ("cubesat",)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 422])
def test_a_server_that_shows_no_posts_at_once_is_asked_for_them_one_by_one(posts, serve, gaps, code):
    serve(f"{API}/statuses", {"error": "no"}, status=code)
    serve(f"{API}/statuses/8", status("8", "bo"))
    serve(f"{API}/statuses/9", {"error": "gone"}, status=404)
    made = posts(status("1", in_reply_to_id="8"), status("2", in_reply_to_id="9"))
    assert [r.object for r in made if r.type == "reply"] == [uri("8"), "example.social/statuses/9"]
    assert gaps.lines() == ("posts that were answered: example.social: deleted, or not public",)


def test_a_server_that_answers_with_no_list_is_asked_one_by_one(posts, serve, gaps):
    serve(f"{API}/statuses", {"statuses": []})
    serve(f"{API}/statuses/8", status("8", "bo"))
    assert posts(status("1", in_reply_to_id="8"))[-1].object == uri("8")
    assert gaps.lines() == ()


def test_a_server_is_asked_only_once_whether_it_shows_posts_at_once(posts, serve, mastodon):
    asked = serve(f"{API}/statuses", {"error": "no"}, status=405)
    serve(f"{API}/statuses/8", status("8", "bo"))
    serve(f"{API}/statuses/9", status("9", "bo"))
    for parent in ("8", "9"):
        posts(status(f"1{parent}", in_reply_to_id=parent))
    assert asked.call_count == 1


def test_replies_that_a_server_keeps_from_strangers_are_a_gap(posts, serve, gaps, mastodon):
    notes = posts(status("1", replies_count=200))
    below = [status(str(100 + number), "bo", in_reply_to_id="1") for number in range(60)]
    serve(f"{API}/statuses/1/context", {"ancestors": [], "descendants": below})
    assert len(list(mastodon.recognition(notes))) == 60
    assert gaps.lines() == ("replies to posts: example.social: 60 of 200 are shown",)


def test_reshares_that_a_server_keeps_to_itself_are_a_gap(posts, serve, gaps, mastodon):
    notes = posts(status("1", reblogs_count=300), status("2", reblogs_count=2))
    serve(f"{API}/statuses/1/reblogged_by", [account(f"u{number}") for number in range(80)])
    serve(f"{API}/statuses/2/reblogged_by", [account("u1")])
    assert len(list(mastodon.recognition(notes))) == 81
    assert gaps.lines() == ("reshares of posts: example.social: 81 of 302 are shown (2 times)",)


def test_what_is_shown_to_nobody_like_us_is_asked_for_once(posts, serve, gaps, mastodon, requests_mock):
    notes = posts(*(status(str(number), quotes_count=1) for number in range(9)))
    for number in range(9):
        serve(f"{API}/statuses/{number}/quotes", {"error": "sign in"}, status=401)
    assert list(mastodon.recognition(notes)) == []
    assert sum(request.path.endswith("/quotes") for request in requests_mock.request_history) == 1
    assert gaps.lines() == ("quotes of posts: example.social: requires authentication (status 401)",)


def test_what_is_refused_again_and_again_is_asked_for_no_more(posts, serve, gaps, mastodon, requests_mock):
    notes = posts(*(status(str(number), reblogs_count=1) for number in range(40)))
    for number in range(40):
        shown = {"json": [account("bo")]} if number == 5 else {"json": {"error": "no"}, "status": 403}
        serve(f"{API}/statuses/{number}/reblogged_by", shown["json"], status=shown.get("status", 200))
    assert types(mastodon.recognition(notes)) == ["reshare"]
    assert sum(request.path.endswith("/reblogged_by") for request in requests_mock.request_history) == 5 + 1 + 10
    assert gaps.lines() == ("reshares of posts: example.social: access denied (status 403) (39 times)",)


def test_letters_beyond_ascii_in_a_domain_make_no_second_person(posts):
    mention = {**account("bo@münchen.example"), "id": "9"}
    (_, named) = posts(status("1", mentions=[mention]))
    assert named.target_actor == "@bo@xn--mnchen-3ya.example"


def test_an_account_that_has_moved_is_told(client, serve, gaps):
    serve(f"{API}/accounts/lookup?acct=ada", account(moved=account("ada@n.example")))
    serve(f"{API}/accounts/id-ada/featured_tags", [])
    assert Mastodon(client, "mastodon").profile(ADA).status == "ok"
    assert gaps.lines_of(ADA) == (f"acts of {ADA}: it has moved to @ada@n.example, and what it did there is not read",)


@pytest.mark.parametrize("to", [{"id": "9", "acct": None}, "https://n.example/users/ada", True])
def test_an_account_that_has_moved_somewhere_is_told(client, serve, gaps, to):
    serve(f"{API}/accounts/lookup?acct=ada", account(moved=to))
    serve(f"{API}/accounts/id-ada/featured_tags", [])
    assert Mastodon(client, "mastodon").profile(ADA).status == "ok"
    assert gaps.lines_of(ADA) == (f"acts of {ADA}: it has moved, and what it did elsewhere is not read",)


@pytest.mark.parametrize(
    ("flags", "kind", "sign"),
    [({"bot": True}, "bot", "bot true"), ({"group": True}, "organisation", "group true"), ({}, "unknown", "nobody")],
)
def test_a_server_tells_bots_and_groups_apart(client, serve, flags, kind, sign):
    serve(f"{API}/accounts/lookup?acct=ada", account(**flags))
    serve(f"{API}/accounts/id-ada/featured_tags", [])
    profile = Mastodon(client, "mastodon").profile(ADA)
    assert (profile.account.kind, sign in str(profile.kind_reason)) == (kind, True)


def test_a_reshare_under_the_address_of_the_post_is_told_from_the_post(posts, mastodon, serve):
    """Pleroma, Akkoma and Takahē give a reshare the uri of the post that it reshares."""
    own, other = status("1", reblogs_count=1), status("5", by="bob@far.example")
    reshares = [status(key, uri=of["uri"], reblog=of, content="") for key, of in (("8", own), ("9", other))]
    found = posts(*reshares, own)
    assert [(r.type, r.id, r.object) for r in found] == [
        ("reshare", f"{uri('1')}#reshare-{ADA}", uri("1")),
        ("reshare", f"{uri('5')}#reshare-{ADA}", uri("5")),
        ("note", uri("1"), None),
    ]
    serve(f"{API}/statuses/1/reblogged_by", [account("cy")])
    assert [r.actor for r in mastodon.recognition(found)] == ["@cy@example.social"]


def test_a_quoted_post_in_place_of_a_quote_is_read(posts):
    """So do Akkoma, Iceshrimp and Sharkey; Pleroma has it one step further down."""
    quoted = status("5", by="bob@far.example")
    told = ({"quote": quoted}, {"quote": None, "pleroma": {"quote": quoted, "quote_visible": True}})
    found = posts(*(status(str(n), **each) for n, each in enumerate(told)), status("9", quote={"state": "pending"}))
    assert [(r.type, r.object, r.target_actor) for r in found] == [
        ("quote", uri("5"), "@bob@far.example"),
        ("quote", uri("5"), "@bob@far.example"),
        ("note", None, None),
    ]


def test_a_quoted_post_that_is_not_for_everybody_is_not_named(posts):
    assert types(posts(status("9", quote=status("5", visibility="private")))) == ["note"]


@pytest.mark.parametrize("flag", [True, "maybe"])
def test_what_stays_on_its_server_is_never_read(posts, flag):
    """Hometown, glitch-soc and GoToSocial show local posts, which are public otherwise, to their own people."""
    told = [status("1", local_only=flag), status("2", local_only=False), status("3", local_only=None)]
    quote = {"state": "accepted", "quoted_status": status("5", local_only=flag)}
    assert [(r.type, r.id) for r in posts(*told, status("4", quote=quote))] == [("note", uri(n)) for n in "234"]


def test_an_answer_to_a_post_that_its_server_does_not_have_keeps_the_address(posts, gaps, requests_mock):
    """Akkoma says `_` for the id of a post that it cannot find, whichever that is."""
    nowhere = {"in_reply_to_id": "_", "in_reply_to_account_id": "_"}
    above = ("https://far.example/notes/1", "https://far.example/notes/2")
    found = posts(*(status(str(n), **nowhere, akkoma={"in_reply_to_apid": of}) for n, of in enumerate(above)))
    assert [(r.type, r.object) for r in found] == [("reply", of) for of in above]
    assert gaps.lines() == ("posts that were answered: example.social: deleted, or not public",)
    assert not any("_" in request.path.split("/") for request in requests_mock.request_history)


@pytest.mark.parametrize("size", [1, 15, 20, 40])
def test_a_server_without_link_headers_is_read_on_by_the_last_id_until_nothing_comes(mastodon, serve, gaps, size):
    first = f"{API}/accounts/id-ada/statuses?limit=40"
    serve(first, [status(str(key)) for key in range(99, 99 - size, -1)])
    serve(f"{first}&max_id={100 - size}", [status(str(key)) for key in range(59, 59 - size, -1)])
    serve(f"{first}&max_id={60 - size}", [status("7")])
    serve(f"{first}&max_id=7", [])
    assert len(list(mastodon.activities(ADA, SINCE, UNTIL))) == 2 * size + 1
    assert gaps.lines() == ()


def test_a_page_of_broken_posts_is_no_end_where_there_are_no_link_headers(mastodon, serve, gaps):
    first = f"{API}/accounts/id-ada/statuses?limit=40"
    serve(first, [{"id": "9"}, {"id": 8, "uri": None}])
    serve(f"{first}&max_id=8", [status("7")])
    serve(f"{first}&max_id=7", [])
    assert types(mastodon.activities(ADA, SINCE, UNTIL)) == ["note"]
    assert gaps.lines() == ("posts of the account: example.social: unexpected response format (2 times)",)


@pytest.mark.parametrize(("size", "gap"), [(39, ()), (40, ("posts of the account: example.social: pagination loop",))])
def test_a_server_that_shows_the_same_page_again_has_shown_all_unless_it_fills_a_page(mastodon, serve, gaps, size, gap):
    serve(f"{API}/accounts/id-ada/statuses?limit=40", [status(str(100 - number)) for number in range(size)])
    assert types(mastodon.activities(ADA, SINCE, UNTIL)) == ["note"] * size
    assert gaps.lines() == gap


@pytest.mark.parametrize("rel", ["preload", "describedby", "https://api.example/rel"])
def test_a_link_header_that_says_nothing_of_pages_is_as_good_as_none(mastodon, serve, rel):
    first = f"{API}/accounts/id-ada/statuses?limit=40"
    link = {"Link": f'</style.css>; rel="{rel}"'}
    serve(first, [status("8")], headers=link)
    serve(f"{first}&max_id=8", [status("7")], headers=link)
    serve(f"{first}&max_id=7", [], headers=link)
    assert [each.id for each in mastodon.activities(ADA, SINCE, UNTIL)] == [uri("8"), uri("7")]


def test_that_a_post_quotes_nothing_can_be_said_as_false(posts, gaps):
    assert types(posts(status("1", quote=False), status("2", quote=False, pleroma={"quote": None}))) == ["note"] * 2
    assert gaps.lines() == ()


def test_a_full_page_of_members_without_a_word_on_the_rest_is_told(trusted_source, serve, gaps):
    serve(f"{API}/lists/7/accounts?limit=80", [account(f"u{n}") for n in range(80)])
    assert len(list(Mastodon(trusted_source, "mastodon").list_members("example.social/lists/7"))) == 80
    assert gaps.lines() == ("members of the list: example.social: a full page, and no word on where the rest is",)


def test_that_an_account_has_not_moved_can_be_said_as_false(posts, gaps):
    """So does Takahē."""
    assert types(posts(status("1", account=account(moved=False)))) == ["note"]
    assert gaps.lines() == ()
