"""One name for each account: a table of spellings by network, and what holds for any text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candor.names.account_text import UnknownAccountError
from candor.names.accounts import account_name, profile_url, spellings
from candor.names.networks import UnknownNetworkError, network_name

DID = "did:plc:z72i7hdynmk6r22z27h6tvur"
SPELLINGS = {
    ("mastodon", "@ada1@a.example"): (
        "@Ada1@A.example",
        "ada1@a.example",
        "https://a.example/@ada1",
        "https://a.example/users/ada1",
        "@ada1@A.EXAMPLE",
        "acct:ada1@a.example",
        "Acct:Ada1@a.example",
        "@ada1@a.example.",
        "@ada1@a.example:443",
        "http://a.example:80/@ada1",
        "https://a.example:443/@ada1/",
        "HTTPS://A.Example/@Ada1?page=2#top",
        "https://a.example/%40ada1",
        "https://a.example//users/ada1/",
        "https://a.example./@ada1",
        "https://b.example/@ada1@a.example",
        "https://a.example/web/@ada1",
        "https://a.example/profile/ada1",
        "a.example/@ada1",
        "https://a.example/@ada1/with_replies",
        "https://a.example/@ada1/followers",
        " @ada1@a.example\n",
        "\u200e@ada1@a.example\u202c",
    ),
    ("mastodon", "@ada@xn--bcher-kva.example"): (
        "@ada@bücher.example",
        "@Ada@BÜCHER.example",
        "@ada@bu\u0308cher.example",
        "@ada@xn--bcher-kva.example",
        "@ada@XN--BCHER-KVA.example",
        "https://bücher.example/@ada",
        "@ada@bücher。example",
    ),
    ("mastodon", "@ada@localhost:3000"): ("@ada@LOCALHOST:3000", "https://localhost:3000/@ada"),
    ("mastodon", "https://a.example/ap/users/1153"): (
        "https://A.example/ap/users/1153",
        "http://a.example/ap/users/1153/",
        "https://a.example:443/ap/%75sers/1153#main-key",
    ),
    ("github", "octo-cat"): (
        "Octo-Cat",
        "@octo-cat",
        "https://github.com/Octo-Cat",
        "http://www.github.com/octo-cat/",
        "https://github.com/octo-cat?tab=repositories",
        "github.com/octo-cat",
        "https://api.github.com/users/Octo-Cat",
        "https://github.com/orgs/octo-cat",
    ),
    ("github", "dependabot[bot]"): ("Dependabot[bot]", "https://github.com/apps/dependabot"),
    ("gitlab", "ada.b"): (
        "Ada.B",
        "@ada.b",
        "https://gitlab.com/ada.b",
        "https://gitlab.com/users/Ada.b",
        "https://gitlab.com/users/ada.b/activity",
    ),
    ("gitlab:git.example", "ada.b"): ("Ada.B", "https://git.example/ada.b", "git.example/users/Ada.B"),
    ("gerrit:review.example", "1000096"): (
        "01000096",
        "https://review.example/q/owner:1000096",
        "https://review.example/r/dashboard/1000096",
    ),
    ("gerrit:review.example", "ada@b.example"): ("Ada <Ada@B.example>", "review.example/r/q/owner:ada@b.example"),
    ("gerrit:review.example", "ada"): ("Ada",),
    ("lemmy", "@ada@a.example"): (
        "Ada@A.example",
        "https://a.example/u/Ada",
        "https://b.example/u/ada@a.example",
        "a.example/u/ada",
    ),
    ("lemmy", "@ada@xn--bcher-kva.example"): ("@ada@b\u00fccher.example", "https://b\u00fccher.example/u/ada"),
    ("mediawiki:wiki.example", "Ada Byron"): (
        "ada_Byron",
        "User:Ada_Byron",
        "user:ada  Byron",
        "https://wiki.example/wiki/User:Ada_Byron",
        "https://wiki.example/wiki/Benutzerin:Ada_Byron",
        "wiki.example/w/index.php?title=User_talk:Ada_Byron",
        "https://wiki.example/wiki/Special:Contributions/Ada_Byron",
    ),
    ("mediawiki:en.wikipedia.org", "Ada"): ("https://en.m.wikipedia.org/wiki/User:Ada",),
    ("mediawiki:www.wikidata.org", "Ada"): ("https://m.wikidata.org/wiki/User:Ada",),
    ("mediawiki:wiki.example", "\u00c5sa"): ("\u00e5sa", "A\u030asa"),
    ("mediawiki:wiki.example", "\u00dfa"): (),
    ("mediawiki:wiki.example", "\u0130da"): ("i\u0307da", "I\u0307da"),
    ("reddit", "ada-1"): (
        "https://www.reddit.com/user/Ada-1/comments/",
        "Ada-1",
        "u/Ada-1",
        "/u/ada-1",
        "https://www.reddit.com/user/Ada-1/",
        "old.reddit.com/u/ada-1",
    ),
    ("youtube", "@ada.b"): ("@Ada.B", "https://www.youtube.com/@Ada.B/videos", "youtube.com/@ada.b"),
    ("youtube", f"UC{'aB' * 11}"): (f"https://www.youtube.com/channel/UC{'aB' * 11}",),
    ("x", "ada_1"): (
        "Ada_1",
        "@ada_1",
        "https://x.com/Ada_1",
        "https://twitter.com/@ada_1",
        "https://mobile.twitter.com/ada_1/",
        "https://x.com/ada_1/with_replies",
        "http://www.twitter.com/ada_1?lang=en",
        "twitter.com/ada_1",
        "https://twitter.com/#!/Ada_1",
        "https://twitter.com/intent/user?screen_name=Ada_1",
    ),
    ("x", "id:12"): (
        "ID:12",
        "id:0012",
        "https://x.com/i/user/12",
        "https://twitter.com/intent/user?user_id=12",
    ),
    ("x", "12"): ("@12", "https://x.com/12"),
    ("bluesky", "ada.bsky.social"): (
        "https://bsky.app/profile/ada.bsky.social/followers",
        "@Ada.bsky.social",
        "at://ada.bsky.social",
        "AT://Ada.Bsky.Social/",
        "https://bsky.app/profile/Ada.bsky.social",
        "bsky.app/profile/ada.bsky.social/",
        "ada.bsky.social.",
        "\u202a@ada.bsky.social\u202c",
    ),
    ("bluesky", DID): (
        f"at://{DID}",
        f"https://bsky.app/profile/{DID}",
        "https://bsky.app/profile/did%3Aplc%3A" + DID[8:],
    ),
    ("bluesky", "did:web:ada.example"): ("at://did:web:ada.example",),
    ("discourse:forum.example", "ada.l"): (
        "Ada.L",
        "@ada.l",
        "https://forum.example/u/Ada.L",
        "https://forum.example/u/ada.l/summary",
        "http://forum.example/users/ada.l",
        "https://forum.example/community/u/ada.l",
        "https://Forum.Example/u/ada.l.json",
    ),
    ("discourse:forum.example", "\u00e5sa"): ("\u00c5sa", "A\u030asa", "https://forum.example/u/%C3%85sa"),
    ("stackexchange:travel", "19"): (
        "019",
        "https://travel.stackexchange.com/users/19/ada",
        "https://travel.stackexchange.com/users/19?tab=profile",
        "http://travel.stackexchange.com/users/19",
        "travel.stackexchange.com/users/19/ada/",
    ),
    ("stackexchange:stackoverflow", "22656"): ("https://stackoverflow.com/users/22656/jon-skeet",),
    ("stackexchange:travel", "-1"): (),
    ("hackernews", "Pg"): ("https://news.ycombinator.com/user?id=Pg", "news.ycombinator.com/threads?id=Pg", " Pg "),
    ("instagram", "ada.b"): ("@Ada.B", "https://www.instagram.com/ada.b/"),
    ("linkedin", "Ada Lovelace"): ("Ada  Lovelace", "\u00a0Ada Lovelace "),
    ("linkedin", "ada-l"): ("https://www.linkedin.com/in/Ada-L/", "de.linkedin.com/in/ada-l/en"),
    ("git:linux", "ada@b.example"): ("Ada Lovelace <Ada@B.example>", "ADA@b.example", "Ada\uff20b.example"),
    ("git:linux", "Ada"): ("Ada ", "Ada\u200b"),
    ("zulip:chat.example", "ada@b.example"): ("Ada@b.example",),
    ("custom:club", "caf\u00e9"): ("cafe\u0301",),
    ("custom:club", "Ada @x/"): (" Ada @x/",),
    ("custom:club", "Ada"): (
        "Ada ",
        " Ada ",
        "Ada\u00a0",
        "A\u200bda",
        "Ada\u200b",
        "\uff21da",
        "\u2067Ada\u2069",
        "Ada\n",
    ),
    ("custom:club", "Ada L"): ("Ada  L", "Ada\u3000L", "Ada\tL", " Ada \u00ad L"),
    ("custom:club", "\u30ac\u30f3"): ("\uff76\uff9e\uff9d",),
    ("custom:club", "x\u00b2"): (),
}
IMPOSSIBLE = [
    (
        "mastodon",
        ["ada", "@ada", "@a b@a.example", "ada@", "@ada@a..example", "https://a.example", "", "ada@a@b.example"],
    ),
    ("mastodon", ["https://a.example/@ada/11", "https://a.example/users/ada/statuses/1", "@ada\uff20a.example"]),
    ("mastodon", ["@ada@a.example:0", "@ada@a.example:x", "https://me@a.example/@ada", "@\u212aate@a.example"]),
    ("github", ["a b", "ada/repo", "https://github.com/ada/repo", "https://gitlab.com/ada", "\u212aate", "", "a" * 41]),
    ("gitlab", ["a b", "https://gitlab.com/group/project", "https://github.com/ada"]),
    ("gitlab:git.example", ["https://gitlab.com/eve", "https://git.example/group/project", ""]),
    ("gerrit:review.example", ["a b", "https://other.example/q/owner:1", "https://review.example/c/1", ""]),
    ("lemmy", ["ada", "@ada", "https://a.example/c/space", "https://a.example/u/ada@b..c", ""]),
    (
        "mediawiki:wiki.example",
        ["", "a#b", "A/B", "https://wiki.example/wiki/Talk:Orbit", "https://other.example/wiki/User:Ada"],
    ),
    ("reddit", ["a b", "a" * 21, "https://www.reddit.com/r/space", "https://reddit.example/user/ada", ""]),
    ("youtube", ["ada", "@a b", "https://www.youtube.com/watch?v=x", "https://tube.example/@eve", ""]),
    (
        "x",
        ["a-b", "a" * 21, "https://x.com/ada/status/1", "https://x.example/ada", "id:ada", "https://x.com/intent/user"],
    ),
    ("bluesky", ["ada", "did:plc:short", f"at://{DID}/app.bsky.feed.post/1", "handle.invalid", "ada.b\u0000.example"]),
    ("bluesky", ["https://bsky.app/profile/ada.bsky.social/post/3k", "did:key:zQ3sh", DID.upper()]),
    ("discourse:forum.example", ["a b", "https://other.example/u/ada", "https://forum.example/t/ada", "a/b", ""]),
    (
        "stackexchange:travel",
        ["ada", "https://cooking.stackexchange.com/users/19", "1.5", "\u0661", "https://stackexchange.com/users/19"],
    ),
    ("hackernews", ["a", "a b", "https://news.ycombinator.com/item?id=11", "a" * 16]),
    ("instagram", ["a b", "https://instagram.com/p/abc"]),
    ("custom:club", ["", " ", "\u200b", "a" * 513]),
]
NETWORKS = {
    "discourse:forum.example": (
        "discourse:Forum.Example",
        "discourse:forum.example.",
        "discourse:https://forum.example/",
        "discourse:forum.example:443",
    ),
    "discourse:xn--bcher-kva.example": ("discourse:b\u00fccher.example",),
    "discourse:127.0.0.1:8080": (),
    "gitlab": ("gitlab:gitlab.com", "gitlab:GitLab.com."),
    "mediawiki:de.wikipedia.org": ("mediawiki:de.m.wikipedia.org",),
    "mediawiki:www.mediawiki.org": ("mediawiki:https://m.mediawiki.org/",),
    "mediawiki:m.wiki.example": ("mediawiki:M.wiki.example",),
    "gitlab:git.example": ("gitlab:https://Git.example/",),
    "zulip:chat.example": ("zulip:CHAT.example",),
    "stackexchange:travel": (
        "stackexchange:Travel",
        "stackexchange:travel.stackexchange.com",
        "stackexchange:https://travel.stackexchange.com/",
    ),
    "stackexchange:stackoverflow": ("stackexchange:stackoverflow.com", "stackexchange:www.StackOverflow.com"),
    "stackexchange:es.stackoverflow": ("stackexchange:es.stackoverflow.com",),
    "stackexchange:travel.meta": (
        "stackexchange:travel.meta.stackexchange.com",
        "stackexchange:meta.travel.stackexchange.com",
    ),
    "stackexchange:mathoverflow.net": ("stackexchange:mathoverflow", "stackexchange:mathoverflow.net"),
    "stackexchange:meta": ("stackexchange:meta.stackexchange.com",),
    "custom:caf\u00e9": ("custom:cafe\u0301",),
    "custom:club 7": (
        "custom:Club 7",
        "custom: CLUB\u00a07 ",
        "custom:\uff23lub  7",
        "custom:\u00adcl\u200dub 7\u200b",
    ),
    "custom:strasse": ("custom:Stra\u00dfe", "custom:STRASSE"),
    "git:candor": ("git:Candor",),
    "mastodon": (),
}
NO_PAGES = {"mastodon", "lemmy", "git", "zulip", "custom"}
"""Whose accounts are on any host, or go by names that people chose."""
TABLE = [(network, name, text) for (network, name), texts in SPELLINGS.items() for text in (name, *texts)]
EVERY = sorted({network for network, _ in SPELLINGS})
PIECES = st.lists(
    st.sampled_from(
        [
            "@",
            "ada",
            "Ada",
            "\u00c5",
            "a.example",
            ":443",
            ":",
            "/",
            "https://",
            "users/",
            "id:",
            "0",
            "19",
            "did:plc:",
            ".",
            " ",
            "%40",
            "?",
            "#",
            "=",
            "\u0130",
            "i\u0307",
            "xn--",
            "e\u0301",
            "\u200e",
            "_",
            "-",
            "[bot]",
            "<",
            ">",
            "web/",
            "at://",
        ]
    ),
    max_size=8,
).map("".join)


@pytest.mark.parametrize(("network", "name", "text"), TABLE)
def test_a_spelling_is_settled_to_the_one_name(network, name, text):
    assert account_name(network, text) == name


@pytest.mark.parametrize(("network", "text"), [(network, text) for network, texts in IMPOSSIBLE for text in texts])
def test_what_no_account_is_written_like_is_refused_and_told_how_one_is(network, text):
    with pytest.raises(UnknownAccountError, match=r"is written|characters") as raised:
        account_name(network, text)
    assert len(text) < 4 or text not in str(raised.value)


ELSEWHERE = [(network, "https://other.example/u/ada") for network in EVERY if network.partition(":")[0] not in NO_PAGES]


@pytest.mark.parametrize(
    ("network", "text"),
    [
        *ELSEWHERE,
        ("stackexchange:stackoverflow", "https://meta.stackoverflow.com/users/1/x"),
        ("stackexchange:stackoverflow", "https://stackexchange.com/users/1"),
        ("hackernews", "news.example/user?id=pg"),
        ("bluesky", "https://bsky.example/profile/ada.bsky.social"),
    ],
)
def test_a_page_of_another_site_is_nobodys_here_and_said_to_be_of_another_site(network, text):
    with pytest.raises(UnknownAccountError, match=r"^that page is of another site: an account of .* is written "):
        account_name(network, text)


def test_names_that_a_network_tells_apart_stay_apart():
    assert account_name("hackernews", "Ada") != account_name("hackernews", "ada")
    assert account_name("custom:club", "Ada") != account_name("custom:club", "ada")
    assert account_name("x", "12") != account_name("x", "id:12")


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, texts in NETWORKS.items() for t in (n, *texts)])
def test_a_network_has_one_name_too(name, text):
    assert network_name(text) == name


@pytest.mark.parametrize(
    "name",
    [
        "discourse:a b",
        "discourse:a.example/path",
        "stackexchange:stackexchange.com",
        "stackexchange:",
        "custom: ",
        "custom:\u200b\u00ad",
        "custom:tu/berlin",
        "custom:tu\uff0fberlin",
        "git:linux/kernel",
        "nowhere",
        "GitHub",
        "x:y",
    ],
)
def test_what_is_no_network_is_refused(name):
    with pytest.raises(UnknownNetworkError):
        network_name(name)


def test_whoever_writes_a_slash_in_the_name_of_a_community_is_told_what_to_write():
    with pytest.raises(UnknownNetworkError, match="holds no slash: call it 'tu-berlin'"):
        network_name("custom:TU/Berlin")


def test_an_account_on_a_network_by_another_name_is_the_same():
    assert account_name("discourse:Forum.Example", "https://forum.example/u/Ada") == "ada"


@settings(max_examples=1000)
@given(st.sampled_from(EVERY), st.one_of(PIECES, st.text(max_size=20)))
def test_the_one_name_is_its_own_one_name(network, text):
    try:
        name = account_name(network, text)
    except UnknownAccountError:
        return
    assert account_name(network, name) == name


@given(
    st.sampled_from(["discourse", "zulip", "stackexchange", "custom", "git"]), st.one_of(PIECES, st.text(max_size=20))
)
def test_the_one_name_of_a_network_is_its_own_one_name(family, text):
    try:
        name = network_name(f"{family}:{text}")
    except UnknownNetworkError:
        return
    assert network_name(name) == name


@given(
    st.sampled_from(
        [network for network in EVERY if not network.startswith(("hackernews", "custom", "linkedin", "git:", "zulip"))]
    ),
    PIECES,
)
def test_case_makes_no_other_account_where_the_network_does_not_tell_it_apart(network, text):
    if not text.isascii() or "/" in text or "did:" in text:
        return
    try:
        name = account_name(network, text)
    except UnknownAccountError:
        return
    assert account_name(network, text.upper()) == account_name(network, text.lower()) == name


@pytest.mark.parametrize(("network", "name"), sorted(SPELLINGS))
def test_the_name_stands_in_texts_as_itself_first(network, name):
    assert next(iter(spellings(network, name))) == name


def test_an_account_of_mastodon_stands_in_texts_by_its_page_and_under_the_host_that_people_read():
    found = set(spellings("mastodon", "@ada@xn--bcher-kva.example"))
    assert {"@ada@b\u00fccher.example", "ada@b\u00fccher.example", "xn--bcher-kva.example/@ada"} <= found


@pytest.mark.parametrize(
    ("network", "account", "page"),
    [
        ("mastodon", "@ada@a.example", "https://a.example/@ada"),
        ("lemmy", "@ada@a.example", "https://a.example/u/ada"),
        ("bluesky", "ada.bsky.social", "https://bsky.app/profile/ada.bsky.social"),
        ("bluesky", DID, f"https://bsky.app/profile/{DID}"),
        ("x", "ada", "https://x.com/ada"),
        ("x", "id:12", "https://x.com/i/user/12"),
        ("youtube", "@ada", "https://www.youtube.com/@ada"),
        ("github", "octo-cat", "https://github.com/octo-cat"),
        ("github", "octo[bot]", "https://github.com/apps/octo"),
        ("gitlab", "ada", "https://gitlab.com/ada"),
        ("gitlab:git.example", "ada", "https://git.example/ada"),
        ("discourse:forum.example", "jörg", "https://forum.example/u/j%C3%B6rg"),
        ("stackexchange:travel", "12", "https://travel.stackexchange.com/users/12"),
        ("stackexchange:travel.meta", "12", "https://travel.meta.stackexchange.com/users/12"),
        ("stackexchange:pt.stackoverflow", "12", "https://pt.stackoverflow.com/users/12"),
        ("stackexchange:mathoverflow.net", "12", "https://mathoverflow.net/users/12"),
        ("stackexchange:travel", "-1", None),
        ("bluesky", "not a handle", None),
        ("mastodon", "ada", None),
        ("linkedin", "ada lovelace", None),
        ("custom:club", "ada", None),
        ("git:linux", "ada@a.example", None),
    ],
)
def test_an_account_has_a_profile_where_its_network_has_one_for_everybody(network, account, page):
    assert profile_url(network, account) == page


@settings(max_examples=500)
@given(st.sampled_from(EVERY), st.one_of(PIECES, st.text(max_size=20)))
def test_the_address_of_a_profile_is_that_of_the_account_and_of_the_web(network, text):
    url = profile_url(network, text)
    assert url is None or (url.startswith("https://") and account_name(network, url) == text)
