"""Following a part of a network: a repository, a hashtag, an instance, a list, a search."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.store import utc_now
from candor.store.sources import AskedSource
from tests.worker.conftest import account as person
from tests.worker.conftest import post as toot
from tests.worker.connectors.made_up.bluesky import author
from tests.worker.connectors.made_up.bluesky import post as skeet
from tests.worker.connectors.made_up.github import comment, issue, nodes, said, user
from worker import follow
from worker.connectors.network_client import Access
from worker.context import CURRENT, WorkerContext

BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
HOST = "a.example"
APPVIEW = "https://public.api.bsky.app/xrpc"


def at(hours: float) -> str:
    return written(BEGIN + timedelta(hours=hours))


def written(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Service:
    """Answers by path with what functions of its query return; what was asked is noted."""

    def __init__(self, requests_mock):
        self.paths = {}
        self.asked = []
        requests_mock.get(re.compile("https://"), json=self._answer)
        requests_mock.post(re.compile("https://"), json=self._answer)

    def says(self, pattern, answer):
        """`answer` is JSON, or a function of the request and the context; the newest pattern that fits is taken."""
        self.paths[pattern] = answer

    def count(self, words):
        return sum(words in url for url in self.asked)

    def _answer(self, request, context):
        self.asked.append(request.url)
        for pattern in reversed(self.paths):
            if re.search(pattern, request.url):
                answer = self.paths[pattern]
                return answer(request, context) if callable(answer) else answer
        context.status_code = 404
        return {}


@pytest.fixture
def service(requests_mock):
    return Service(requests_mock)


@pytest.fixture
def worker(store, no_sleep):
    """A worker; with `tokens` by host where a test asks for some."""
    tokens = {}
    token = CURRENT.set(WorkerContext(store, load_method(), score, access=Access(tokens=tokens)))
    yield tokens
    CURRENT.reset(token)


@pytest.fixture
def read(store, worker):
    """Lets ada's data set follow something, and reads it until the turn is given back."""

    def read_it(network, part, name, **more):
        asked = {"network": network, "part": part, "name": name, "max_requests": 1_000, "window_days": 365, **more}
        source = store.sources.follow("ada", "part", AskedSource(**asked))
        follow.read("ada", source.id)
        return store.sources.find(source.id)

    return read_it


@pytest.fixture
def records(store):
    return lambda: store.datasets.activities("ada", "part")[:]


def kinds(records):
    return {kind: sum(record.type == kind for record in records) for kind in {record.type for record in records}}


class Repository:
    """A repository of GitHub with threads that have each one comment, listed by their last update."""

    def __init__(self, service, name="orbits/cubesat", **facts):
        self.threads = {}
        api = f"https://api.github.com/repos/{name}"
        service.says(f"{api}$", {"full_name": name, "private": False, "fork": False, **facts})
        service.says(rf"{api}/issues\?", self._listed)
        service.says(rf"{api}/issues/\d+/comments", self._comments)
        service.says(rf"{api}/pulls/\d+$", lambda request, _: self.threads[int(request.path.rpartition("/")[2])])
        service.says(rf"{api}/pulls/\d+/reviews", self._reviews)

    def add(self, number, by="bob", *, hours=None, kind="issues", **more):
        updated = at(number if hours is None else hours)
        self.threads[number] = issue(
            number, by, kind, comments=1, body="It spins.", updated_at=updated.replace(".000", ""), **more
        )

    def _listed(self, request, context):
        query = parse_qs(urlsplit(request.url).query)
        since, page = query["since"][0], int(query["page"][0])
        found = sorted((each for each in self.threads.values() if each["updated_at"] >= since), key=_updated)
        if len(found) > page * 100:
            context.headers["Link"] = f'<{request.url.replace(f"page={page}", f"page={page + 1}")}>; rel="next"'
        return found[(page - 1) * 100 : page * 100]

    def _comments(self, request, _context):
        number = int(request.path.split("/")[-2])
        page = "pull" if "/pull/" in self.threads[number]["html_url"] else "issues"
        key = f"{page}/{number}#issuecomment-"
        return [comment(key, 1000 + number, "cy", author_association="MEMBER" if number == 1 else "NONE")]

    def _reviews(self, request, _context):
        number = request.path.split("/")[-2]
        return [
            comment(f"pull/{number}#r-", 1, "cy", state="APPROVED", submitted_at="2026-09-30T12:00:00Z"),
        ]


def _updated(each):
    return each["updated_at"], each["number"]


def test_a_repository_is_read_whole_and_then_what_is_new_alone(service, read, records):
    repository = Repository(service)
    for number in range(1, 251):
        repository.add(number, kind="pull" if number == 7 else "issues")
    repository.threads[7] |= {"merged_at": "2026-10-01T12:00:00Z", "merged_by": user("dan")}
    source = read("github", "repository", "orbits/cubesat")
    assert (source.state.complete, source.state.error) == (True, None)
    assert kinds(records()) == {"question": 249, "note": 1, "reply": 250, "review": 1, "accept": 2, "account": 3}
    assert (service.count("/issues?"), service.count("/comments"), service.count("/users/")) == (3, 250, 0)
    service.asked.clear()
    repository.add(3, hours=400)
    repository.add(251, "eve", hours=401)
    source = read("github", "repository", "orbits/cubesat")
    assert source.state.complete
    assert service.count("/comments") == 3  # the last that was read, the moved one and the new one
    assert kinds(records())["question"] == 250


@pytest.mark.parametrize("name", ["orbits/bus", "probes/cubesat"])
def test_the_threads_of_a_repository_that_has_another_name_by_now_are_no_others(service, read, records, name):
    repository = Repository(service, id=7)
    for number in range(1, 5):
        repository.add(number)
    read("github", "repository", "orbits/cubesat")
    before = {record.id for record in records()}
    renamed = Repository(service, name, id=7)
    for number in range(4, 6):
        renamed.add(number)
        renamed.threads[number]["html_url"] = f"https://github.com/{name}/issues/{number}"
    service.says("api.github.com/repos/orbits/cubesat$", {"id": 7, "full_name": name, "private": False})
    service.asked.clear()
    assert read("github", "repository", "orbits/cubesat").state.complete
    new = {record.id for record in records()} - before
    page = "https://github.com/orbits/cubesat/issues/5"
    assert new == {page, f"{page}#issuecomment-1005"}
    assert service.count("/comments") == 2  # of the last thread that was read, and of the new one


def test_a_repository_of_another_number_under_the_same_name_keeps_its_name(service, read, records):
    Repository(service, id=8).add(1)
    read("github", "repository", "orbits/cubesat")
    assert {each.id for each in records() if each.type == "question"} == {"https://github.com/orbits/cubesat/issues/1"}


def test_who_looks_after_a_repository_becomes_its_trust_root(service, read, store):
    repository = Repository(service)
    repository.add(1)
    repository.add(2, kind="pull", merged_at="2026-10-01T12:00:00Z", merged_by=user("dan"))
    read("github", "repository", "orbits/cubesat")
    root = store.trust_roots.get("ada", "part-trusted")
    assert [each.account for each in root.accounts] == ["cy", "dan"]


def test_a_repository_goes_on_where_its_budget_ended(service, read, records):
    repository = Repository(service)
    for number in range(1, 31):
        repository.add(number)
    source = read("github", "repository", "orbits/cubesat", max_requests=20)
    assert not source.state.complete
    assert source.state.gaps[-1] == "what came after: all 20 requests were made"
    service.asked.clear()
    assert read("github", "repository", "orbits/cubesat", max_requests=20).state.complete
    assert kinds(records())["question"] == 30
    assert service.count("/comments") == 13


@pytest.mark.parametrize("private", [True, None, "no"])
def test_a_repository_that_is_not_surely_public_is_not_read(service, read, store, private):
    Repository(service, private=private).add(1)
    source = read("github", "repository", "orbits/cubesat")
    assert (source.state.status, source.state.complete, source.state.kept) == ("failed", False, False)
    assert service.count("/issues") == 0


def test_one_odd_thread_loses_no_other(service, read, records):
    repository = Repository(service)
    for number in range(1, 5):
        repository.add(number)
    repository.threads[2] = {"number": 2, "html_url": None, "updated_at": at(2)}
    repository.threads[3] |= {"user": None, "labels": None}
    source = read("github", "repository", "orbits/cubesat")
    assert source.state.complete
    assert kinds(records())["question"] == 3
    assert source.state.gaps[0] == "threads of the repository: api.github.com: unexpected response format"


def test_an_organisation_s_repositories_take_turns_and_forks_are_left_out(service, read, records):
    listed = [{"full_name": f"orbits/{name}", "private": False, "fork": name == "fork"} for name in ("a", "b", "fork")]
    service.says(r"/orgs/orbits/repos\?", listed)
    for name in ("a", "b"):
        made = Repository(service, f"orbits/{name}")
        for number in range(1, 11):
            made.add(number)
            made.threads[number]["html_url"] = f"https://github.com/orbits/{name}/issues/{number}"
    first = read("github", "organisation", "orbits", max_requests=15)
    assert not first.state.complete
    assert {record.url.split("/")[4] for record in records() if record.type == "question"} == {"a", "b"}
    assert read("github", "organisation", "orbits", max_requests=15).state.complete
    assert kinds(records())["question"] == 20
    assert service.count("/orbits/fork") == 0


@pytest.mark.parametrize("status", [404, 410, 451])
def test_a_repository_that_was_taken_down_keeps_no_other_from_being_read(service, read, records, status):
    def gone(_request, context):
        context.status_code = status
        return {"message": "Repository access blocked"}

    listed = [{"full_name": f"orbits/{name}", "private": False} for name in ("a", "b")]
    service.says(r"/orgs/orbits/repos\?", listed)
    Repository(service, "orbits/b").add(1)
    service.says(r"/orbits/a/issues\?", gone)
    source = read("github", "organisation", "orbits")
    assert (source.state.complete, source.state.error) == (True, None)
    assert any(f"(status {status})" in gap for gap in source.state.gaps)
    assert kinds(records())["question"] == 1


def test_a_token_that_is_taken_back_in_the_middle_ends_the_reading_and_passes_nothing_over(
    service, worker, read, records
):
    repository = Repository(service)
    for number in range(1, 11):
        repository.add(number)
    worker["api.github.com"] = "secret"

    def shut(_request, context):
        context.status_code = 401
        return {"message": "Bad credentials"}

    def third(request, _context):
        if service.count("/comments") == 3:
            service.says("api.github.com", shut)
        return repository._comments(request, _context)

    service.says(r"/issues/\d+/comments", third)
    source = read("github", "repository", "orbits/cubesat")
    assert (source.state.status, source.state.complete) == ("waiting", False)
    assert source.state.waits_for == "api.github.com: requires authentication (status 401)"
    service.says("api.github.com", {})
    for pattern in ("api.github.com$", "api.github.com"):
        service.paths.pop(pattern, None)
    service.says(r"/graphql", {"data": {"repository": {"page": {"nodes": [], "pageInfo": {}}}}})
    assert read("github", "repository", "orbits/cubesat").state.complete
    assert kinds(records())["reply"] == 10


def test_what_is_refused_with_a_token_that_is_good_for_the_rest_is_a_gap(service, worker, read, records):
    repository = Repository(service)
    repository.add(1)
    worker["api.github.com"] = "secret"

    def refused(_request, context):
        context.status_code = 401
        return {"message": "not for you"}

    service.says(r"/issues/\d+/comments", refused)
    service.says(r"/graphql", {"data": {"repository": {"page": {"nodes": [], "pageInfo": {}}}}})
    source = read("github", "repository", "orbits/cubesat")
    assert source.state.complete
    assert source.state.gaps == ("comments in threads: api.github.com: requires authentication (status 401)",)


def test_discussions_are_asked_for_again_where_the_host_was_down(service, worker, read, records):
    Repository(service).add(1)
    worker["api.github.com"] = "secret"

    def down(_request, context):
        context.status_code = 502
        return "<html>"

    service.says("/graphql", down)
    source = read("github", "repository", "orbits/cubesat")
    assert (source.state.status, source.state.complete) == ("waiting", False)
    assert kinds(records())["question"] == 1


def test_discussions_come_with_a_token_and_without_one_it_is_said(service, worker, read, records):
    Repository(service).add(1)
    source = read("github", "repository", "orbits/cubesat")
    assert "discussions are shown to those who bring a token" in source.state.gaps[0]
    worker["api.github.com"] = "secret"
    answer = said("1#discussioncomment-1", "eve", isAnswer=True, replies={"nodes": []})
    whole = said(
        "1",
        "cy",
        title="Spin",
        updatedAt=at(9),
        answerChosenAt="2026-09-03T12:00:00Z",
        answerChosenBy={"login": "cy"},
        repository={"isPrivate": False},
        comments=nodes(answer),
    )
    service.says("/graphql", {"data": {"repository": {"page": nodes(whole)}}})
    source = read("github", "repository", "orbits/cubesat")
    assert (source.state.complete, source.state.gaps) == (True, ())
    assert (kinds(records())["answer"], kinds(records())["accept"]) == (1, 1)


def test_who_is_only_named_is_asked_about(service, read, records):
    repository = Repository(service)
    repository.add(1)
    repository.threads[1]["body"] = "What do you say, @eve and @nobody-there?"
    service.says("/users/eve$", user("Eve", bio="Orbits"))
    read("github", "repository", "orbits/cubesat")
    assert [record.target_actor for record in records() if record.type == "mention"] == ["eve"]
    assert {record.actor: record.consent for record in records() if record.type == "account"}["nobody-there"] is False


class Timeline:
    """A timeline of a Mastodon server, the newest first, forty posts a page at most."""

    def __init__(self, service, path="tag/space", per_page=10, links=True):
        self.posts = []
        self.links = links
        self.per_page = per_page
        service.says(rf"{HOST}/api/v2/instance$", {"domain": HOST, "contact": {"account": person("boss")}})
        service.says(rf"{HOST}/api/v1/timelines/{path}\?", self._page)
        service.says(rf"{HOST}/api/v1/accounts/lookup", self._looked_up)
        service.says(rf"{HOST}/api/v1/accounts/.*/featured_tags", [])
        self.facts = {}

    def add(self, number, by, **more):
        account = person(by, **self.facts.get(by, {}))
        self.posts.insert(0, toot(str(number), by, created_at=at(number), account=account, **more))

    def _page(self, request, context):
        before = parse_qs(urlsplit(request.url).query).get("max_id")
        shown = [each for each in self.posts if before is None or int(each["id"]) < int(before[0])][: self.per_page]
        if shown and self.links:
            page = f"https://{HOST}{request.path}?limit=40&max_id={shown[-1]['id']}"
            context.headers["Link"] = f'<{page}>; rel="next"'
        return shown

    def _looked_up(self, request, _context):
        name = parse_qs(urlsplit(request.url).query)["acct"][0]
        return person(name, **self.facts.get(name, {}))


def test_a_hashtag_is_read_down_and_then_what_is_new_alone(service, read, records):
    timeline = Timeline(service)
    for number in range(1, 36):
        timeline.add(number, f"p{number % 3}")
    source = read("mastodon", "hashtag", f"{HOST}/tags/space")
    assert (source.state.complete, source.state.gaps) == (True, ())
    assert kinds(records()) == {"note": 35, "account": 3}
    assert (service.count("timelines"), service.count("lookup")) == (5, 0)
    service.asked.clear()
    timeline.add(36, "p1")
    assert read("mastodon", "hashtag", f"{HOST}/tags/space").state.complete
    assert kinds(records())["note"] == 36
    assert service.count("timelines") == 2


def test_a_post_that_claims_to_be_of_a_later_time_keeps_nothing_newer_away(service, read, records):
    timeline = Timeline(service)
    timeline.add(1, "ada")
    timeline.add(2, "eve")
    timeline.posts[0]["created_at"] = "2099-01-01T00:00:00.000Z"
    assert read("mastodon", "hashtag", f"{HOST}/tags/space").state.complete
    timeline.add(3, "ada")
    timeline.posts[0]["created_at"] = written(utc_now() + timedelta(seconds=1))
    assert read("mastodon", "hashtag", f"{HOST}/tags/space").state.complete
    assert kinds(records())["note"] == 3


def test_a_page_that_is_never_shown_keeps_nothing_newer_away(service, read, records):
    timeline = Timeline(service)
    for number in range(1, 26):
        timeline.add(number, "p1")

    def refused(_request, context):
        context.status_code = 403
        return {"error": "Forbidden"}

    service.says(r"/timelines/tag/space\?.*max_id=", refused)
    states = []
    for number in range(26, 31):
        states.append(read("mastodon", "hashtag", f"{HOST}/tags/space").state)
        timeline.add(number, "p1")
    assert kinds(records())["note"] == 14  # the newest ten, and four that came meanwhile
    assert [state.complete for state in states] == [False, False, False, True, True]
    assert any("is given up" in gap for gap in states[3].gaps)


def test_a_hashtag_of_a_server_without_link_headers_is_read_down(service, read, records):
    timeline = Timeline(service, per_page=20, links=False)
    for number in range(1, 46):
        timeline.add(number, f"p{number % 3}")
    source = read("mastodon", "hashtag", f"{HOST}/tags/space")
    assert (source.state.complete, source.state.gaps) == (True, ())
    assert (kinds(records())["note"], service.count("timelines")) == (45, 4)  # the fourth page is empty


def test_a_hashtag_goes_on_where_its_budget_ended_and_misses_nothing_newer(service, read, records):
    timeline = Timeline(service)
    for number in range(1, 36):
        timeline.add(number, f"p{number % 3}")
    assert not read("mastodon", "hashtag", f"{HOST}/tags/space", max_requests=3).state.complete
    timeline.add(36, "p1")
    assert not read("mastodon", "hashtag", f"{HOST}/tags/space", max_requests=3).state.complete
    assert read("mastodon", "hashtag", f"{HOST}/tags/space").state.complete
    assert kinds(records())["note"] == 36


def test_an_answer_that_comes_later_is_read_when_posts_are_looked_at_again(service, read, records, store):
    timeline = Timeline(service)
    for number in range(1, 6):
        timeline.add(number, "ada")
    read("mastodon", "hashtag", f"{HOST}/tags/space")
    timeline.posts[2]["replies_count"] = 1
    answer = toot("99", "bob", created_at=at(6), in_reply_to_id="3")
    service.says(r"/statuses/3/context", {"ancestors": [], "descendants": [answer]})
    read("mastodon", "hashtag", f"{HOST}/tags/space")
    assert "reply" not in kinds(records())
    source = store.sources.get("ada", "part")
    cursor = {**source.state.cursor, "looked_back_at": at(0)}
    store.sources.save(_with(source, cursor))
    read("mastodon", "hashtag", f"{HOST}/tags/space")
    assert kinds(records())["reply"] == 1
    assert service.count("/context") == 1


def _with(source, cursor):
    return replace(source, state=replace(source.state, cursor=cursor))


@pytest.mark.parametrize(
    "facts",
    [{"noindex": True}, {"indexable": False}, {"note": '<p><a href="/tags/nobot">#<span>nobot</span></a></p>'}],
)
def test_nobody_who_objects_is_kept_of_a_timeline(service, read, records, store, facts):
    timeline = Timeline(service)
    timeline.facts["shy"] = facts
    for number, name in enumerate(("ada", "shy", "bob"), 1):
        timeline.add(number, name)
    read("mastodon", "hashtag", f"{HOST}/tags/space")
    assert {record.actor for record in records() if record.type == "note"} == {f"@ada@{HOST}", f"@bob@{HOST}"}
    assert not any("shy" in (record.content or "") for record in records())


def test_people_of_other_servers_are_asked_about_there_and_a_dead_server_stops_nothing(service, read, records):
    timeline = Timeline(service, "public")
    timeline.add(1, "ada")
    for number, host in ((2, "b.example"), (3, "dead.example")):
        timeline.posts.insert(0, toot(str(number), "x", created_at=at(number), account=person("x", acct=f"x@{host}")))
    service.says("b.example/api/v1/accounts/lookup", person("x", noindex=True))

    def down(_request, context):
        context.status_code = 503
        return {}

    service.says("dead.example", down)
    source = read("mastodon", "instance", HOST)
    assert source.state.complete
    assert {record.actor for record in records() if record.type == "note"} == {f"@ada@{HOST}"}
    assert any("dead.example" in gap for gap in source.state.gaps)


ELSEWHERE = {"subject": "acct:boss@big.example", "links": [{"rel": "self", "href": f"https://{HOST}/users/boss"}]}


@pytest.mark.parametrize(("said", "domain"), [(ELSEWHERE, "big.example"), ({}, HOST)])
def test_a_server_speaks_for_a_domain_that_says_the_same_alone(service, read, records, said, domain):
    timeline = Timeline(service, "public")
    timeline.add(1, "ada")
    service.says(rf"{HOST}/api/v2/instance$", {"domain": "big.example", "contact": {"account": person("boss")}})
    service.says(rf"{HOST}/.well-known/webfinger", ELSEWHERE)
    service.says("big.example/.well-known/webfinger", said)
    source = read("mastodon", "instance", HOST)
    assert {record.actor for record in records() if record.type == "note"} == {f"@ada@{domain}"}
    assert source.state.gaps == (() if said else ("instance: a.example: names a domain that does not say the same",))


def test_what_was_answered_to_people_of_other_servers_is_read_where_it_is_followed(service, read, records):
    timeline = Timeline(service)
    asker = person("x", acct="x@b.example")
    timeline.posts.insert(0, toot("2", "x", created_at=at(2), account=asker, replies_count=1))
    answer = toot("99", "bob", created_at=at(6), in_reply_to_id="2")
    service.says(r"a\.example/api/v1/statuses/2/context", {"ancestors": [], "descendants": [answer]})
    service.says("b.example/api/v1/accounts/lookup", person("x"))
    service.says("b.example/.*featured_tags", [])
    assert read("mastodon", "hashtag", f"{HOST}/tags/space").state.gaps == ()
    assert {(record.type, record.actor) for record in records() if record.type != "account"} == {
        ("note", "@x@b.example"),
        ("reply", f"@bob@{HOST}"),
    }


def test_a_list_is_read_with_its_owner_s_token_alone(service, read, records):
    timeline = Timeline(service, "list/7")
    timeline.add(1, "ada")
    timeline.add(2, "bob", visibility="private")

    def refuse(_request, context):
        context.status_code = 401
        return {"error": "The access token is invalid"}

    service.says("/lists/7/accounts", refuse)
    source = read("mastodon", "list", f"{HOST}/lists/7")
    assert (source.state.status, source.state.kept) == ("failed", False)
    assert "members of the list" in source.state.error
    service.says("/lists/7/accounts", [person("ada"), person("bob")])
    assert read("mastodon", "list", f"{HOST}/lists/7").state.complete
    assert [record.content for record in records() if record.type == "note"] == ["ada on a rocket, 1"]


def test_a_timeline_that_is_shown_to_nobody_is_told(service, read):
    Timeline(service)

    def closed(_request, context):
        context.status_code = 422
        return {"error": "This method requires an authenticated user"}

    service.says("timelines", closed)
    source = read("mastodon", "hashtag", f"{HOST}/tags/space")
    assert (source.state.status, source.state.complete) == ("failed", False)
    assert source.state.error.startswith(f"timeline: {HOST}")


ADA, BEN, SHY = (f"did:plc:{letter * 24}" for letter in "abs")


class AppView:
    """A list's feed and a search, with people of whom one is to be shown to nobody who is not signed in."""

    def __init__(self, service, posts, field="feed"):
        self.people = {
            ADA: author(ADA, "ada"),
            BEN: author(BEN, "ben"),
            SHY: author(SHY, "shy", labels=[{"src": SHY, "val": "!no-unauthenticated"}]),
        }
        made = [self._post(did, number) for number, did in enumerate(posts, 1)]
        self.shown = [each if field == "posts" else {"post": each} for each in reversed(made)]
        self.field = field
        service.says(r"getListFeed|searchPosts", self._page)
        service.says(r"getList\?", self._list)
        service.says(r"getProfiles", self._profiles)

    def _post(self, did, number):
        made = skeet(self.people[did], f"k{number}", f"Post {number}")
        made["record"]["createdAt"] = made["indexedAt"] = at(number)
        return made

    def _page(self, request, _context):
        start = int(parse_qs(urlsplit(request.url).query).get("cursor", ["0"])[0])
        more = {"cursor": str(start + 4)} if start + 4 < len(self.shown) + 4 else {}
        return {self.field: self.shown[start : start + 4], **more}

    def _list(self, _request, _context):
        return {"items": [{"uri": "at://x", "subject": each} for each in self.people.values()]}

    def _profiles(self, request, _context):
        asked = parse_qs(urlsplit(request.url).query)["actors"]
        return {"profiles": [self.people[did] for did in asked if did in self.people]}


def test_a_list_on_bluesky_is_read_without_who_hides_from_strangers(service, read, records, store):
    AppView(service, [ADA, BEN, SHY] * 4)
    source = read("bluesky", "list", f"at://{ADA}/app.bsky.graph.list/3k")
    assert (source.state.complete, source.state.gaps) == (True, ())
    assert {record.actor for record in records() if record.type == "note"} == {ADA, BEN}
    assert {each.account for each in store.trust_roots.get("ada", "part-trusted").accounts} == {ADA, BEN}
    assert kinds(records())["note"] == 8
    assert service.count("getProfiles") <= 3


def test_a_list_that_is_not_there_is_said_to_be_none(service, read):
    def no_list(_request, context):
        context.status_code = 400
        return {"error": "InvalidRequest", "message": "List not found"}

    service.says(r"getList\?", no_list)
    service.says(r"getListFeed", {"feed": []})
    state = read("bluesky", "list", f"at://{ADA}/app.bsky.graph.list/3k").state
    assert (state.status, state.complete) == ("failed", False)
    assert state.error == "list: public.api.bsky.app: rejected the request (status 400)"


def consents(records):
    return {record.actor: record.consent for record in records if record.type == "account"}


def test_who_hides_from_strangers_later_is_asked_again_as_soon_as_that_shows(service, read, records):
    view = AppView(service, [ADA, BEN] * 2)
    read("bluesky", "list", f"at://{ADA}/app.bsky.graph.list/3k")
    assert consents(records())[BEN] is None
    service.asked.clear()
    view.people[BEN]["labels"] = [{"src": BEN, "val": "!no-unauthenticated"}]
    read("bluesky", "list", f"at://{ADA}/app.bsky.graph.list/3k")
    assert (consents(records())[BEN], consents(records())[ADA]) == (False, None)
    assert service.count("getProfiles") == 1


def test_who_asks_not_to_be_indexed_later_is_seen_to_do_so(service, read, records):
    timeline = Timeline(service)
    for number in range(1, 4):
        timeline.add(number, f"p{number}")
    read("mastodon", "hashtag", f"{HOST}/tags/space")
    timeline.posts[0]["account"]["noindex"] = True
    read("mastodon", "hashtag", f"{HOST}/tags/space")
    said = consents(records())
    assert (said[f"@p3@{HOST}"], said[f"@p2@{HOST}"]) == (False, None)


def test_a_search_on_bluesky_is_read_on_and_an_odd_post_loses_no_other(service, read, records):
    view = AppView(service, [ADA, BEN] * 5, "posts")
    view.shown[3] = {"uri": None, "record": []}
    assert not read("bluesky", "search", "space", max_requests=2).state.complete
    source = read("bluesky", "search", "space")
    assert source.state.complete
    assert kinds(records())["note"] == 9


def test_a_search_that_strangers_may_not_page_through_is_read_by_time(service, read, records):
    view = AppView(service, [ADA, BEN] * 5, "posts")

    def page(request, context):
        query = parse_qs(urlsplit(request.url).query)
        if "cursor" in query:
            context.status_code = 403
            return {"error": "Forbidden"}
        before = query.get("until", ["9"])[0]
        found = [each for each in view.shown if each["record"]["createdAt"] < before][:4]
        return {"posts": found, "cursor": "4"}

    service.says("searchPosts", page)
    source = read("bluesky", "search", "space")
    assert (source.state.complete, source.state.gaps) == (True, ())
    assert kinds(records())["note"] == 10
    assert service.count("cursor=") == 1


def test_a_search_that_is_refused_to_strangers_is_told(service, read):
    def refuse(_request, context):
        context.status_code = 403
        return {"error": "Forbidden"}

    service.says("searchPosts", refuse)
    source = read("bluesky", "search", "space")
    assert (source.state.status, source.state.error) == (
        "failed",
        "posts: public.api.bsky.app: access denied (status 403)",
    )
