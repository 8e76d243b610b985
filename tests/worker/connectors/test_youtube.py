"""YouTube: the videos of a channel and what is said under them, with the operator's key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.worker.connectors.made_up.youtube import ADA, API, BOB, channel, comment, items, thread, video
from worker.connectors.network_client import Access, NetworkClient
from worker.connectors.youtube import YouTube
from worker.outbound import UnauthorisedError

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def youtube(outbound, gaps, serve) -> YouTube:
    serve(f"{API}/channels", items(channel()))
    return YouTube(NetworkClient(outbound, gaps, Access(tokens={"www.googleapis.com": "secret"})), "youtube")


@pytest.fixture
def acts(youtube, serve):
    def read(*videos: dict[str, Any]) -> list[Any]:
        serve(f"{API}/playlistItems", items(*videos))
        return list(youtube.activities("@ada", SINCE, UNTIL))

    return read


def test_a_video_is_a_note_of_the_channel_that_a_handle_stands_for(acts):
    (note,) = acts(video("v"))
    assert (note.id, note.actor, note.content) == ("v", ADA, "A cubesat\n\nand its bus")


@pytest.mark.parametrize("state", [{"privacyStatus": "unlisted"}, {"privacyStatus": "private"}, {}, None, "public"])
def test_what_is_not_clearly_public_is_left_out(acts, state):
    assert acts(video("v", status=state)) == []


@pytest.mark.parametrize("odd", [{"snippet": {"title": None, "publishedAt": "2026-10-01T12:00:00Z"}}, {"id": None}])
def test_an_odd_value_loses_no_video(acts, odd):
    assert [each.id for each in acts(video("v", **odd))] == ["v"]


def test_comments_answer_the_video_and_replies_the_comment(youtube, acts, serve):
    serve(f"{API}/commentThreads", items(thread(comment("c", BOB, "which?"), comment("c.d", ADA, "this"))))
    assert [(each.id, each.actor, each.object) for each in youtube.recognition(acts(video("v")))] == [
        ("c", BOB, "v"),
        ("c.d", ADA, "c"),
    ]


def test_where_comments_are_off_it_is_told_once(youtube, acts, serve, gaps):
    serve(f"{API}/commentThreads", {"error": {"code": 403, "message": "disabled"}}, status=403)
    assert list(youtube.recognition(acts(video("v"), video("w")))) == []
    assert gaps.lines() == ("comments: www.googleapis.com: access denied (status 403) (2 times)",)


def test_videos_without_comments_keep_no_other_from_being_asked_about(youtube, acts, serve, gaps):
    off = {"error": {"code": 403, "errors": [{"domain": "youtube.commentThread", "reason": "commentsDisabled"}]}}
    serve(f"{API}/commentThreads", off, status=403)
    serve(f"{API}/commentThreads?videoId=last", items(thread(comment("c", BOB, "which?"))))
    found = youtube.recognition(acts(*(video(f"v{number}") for number in range(12)), video("last")))
    assert [each.id for each in found] == ["c"]
    assert gaps.lines() == ("comments: www.googleapis.com: comments are off (12 times)",)


def test_who_is_not_named_is_nobody(youtube, acts, serve):
    serve(f"{API}/commentThreads", items(thread(comment("c", "", "hm", authorChannelId=None))))
    assert [each.actor for each in youtube.recognition(acts(video("v")))] == [None]


def test_the_key_stands_in_the_question_and_nowhere_else(acts, requests_mock):
    acts(video("v"))
    assert all(
        each.qs["key"] == ["secret"] and "Authorization" not in each.headers for each in requests_mock.request_history
    )


def test_without_a_key_nothing_is_asked(client, requests_mock):
    with pytest.raises(UnauthorisedError, match="key"):
        YouTube(client, "youtube").profile("@ada")
    assert requests_mock.call_count == 0


@pytest.mark.parametrize("answer", [items(), {"pageInfo": {"totalResults": 0}}])
def test_a_channel_that_is_not_there_is_gone(youtube, serve, answer):
    serve(f"{API}/channels", answer)
    assert youtube.profile("@ada").status == "gone"


def test_hidden_numbers_are_not_shown(youtube, serve):
    numbers = {"subscriberCount": "0", "hiddenSubscriberCount": True}
    serve(f"{API}/channels", items(channel(statistics=numbers)))
    assert youtube.profile(ADA).account.followers is None
