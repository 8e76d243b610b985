"""GitLab: one issue, one merge request, and what was said about them."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

API, SITE = "https://gitlab.com/api/v4", "https://gitlab.com/club/probe/-"


def user(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": len(name) + 100,
        "username": name,
        "name": name.title(),
        "state": "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"https://gitlab.com/{name}",
        **more,
    }


def note(number: int, by: str, body: str, at: str = "2026-10-02T12:00:00.000Z", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": None,
        "body": body,
        "author": user(by),
        "created_at": at,
        "updated_at": at,
        "system": False,
        "noteable_id": 71,
        "noteable_type": "Issue",
        "noteable_iid": 7,
        "resolvable": False,
        "confidential": False,
        "internal": False,
        **more,
    }


def event(kind: str, number: int | None, action: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "project_id": 5,
        "action_name": action,
        "target_id": 71,
        "target_iid": number,
        "target_type": kind,
        "author_id": 103,
        "target_title": "Which bus?",
        "created_at": "2026-10-02T12:00:00.000Z",
        "author": user("ada"),
        "author_username": "ada",
        **more,
    }


def top(kind: str, number: int, by: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number + 64,
        "iid": number,
        "project_id": 5,
        "title": "Which bus?",
        "description": "for a cubesat, @cy?",
        "state": "opened",
        "created_at": "2026-10-01T12:00:00.000Z",
        "updated_at": "2026-10-02T12:00:00.000Z",
        "labels": ["cubesat"],
        "author": user(by),
        "user_notes_count": 2,
        "upvotes": 0,
        "confidential": False,
        "web_url": f"{SITE}/{kind}/{number}",
        **more,
    }


def discussion(*notes: dict[str, Any]) -> dict[str, Any]:
    return {"id": "abc", "individual_note": len(notes) == 1, "notes": list(notes)}


OWN = note(31, "ada", "the small one, see `@eve`")
CHANGE = {"merged_at": "2026-10-03T12:00:00.000Z", "merge_user": user("mo"), "state": "merged", "merged_by": user("mo")}
MADE_UP = MadeUp(
    network="gitlab",
    account="ada",
    list="club/people",
    may_be_missing=frozenset(
        {
            "#.project_id",
            "#.note",
            "note.noteable_type",
            "note.noteable_iid",
            "notes.#.author",
            "notes.#.body",
            "notes.#.system",
        }
    ),
    answers={
        f"{API}/users?username=ada": [user("ada")],
        f"{API}/users/103": user("ada", bio="orbits", followers=4, bot=False, pronouns=None),
        f"{API}/users/103/events": [
            event("Note", 31, "commented on", note=OWN),
            event("MergeRequest", 8, "opened"),
            event("MergeRequest", 8, "accepted"),
            event("Project", None, "created"),
        ],
        f"{API}/projects/5/issues/7": top("issues", 7, "bob"),
        f"{API}/projects/5/issues/7/discussions": [discussion(OWN, note(32, "bob", "thanks"))],
        f"{API}/projects/5/merge_requests/8": top("merge_requests", 8, "bob", **CHANGE, user_notes_count=0),
        f"{API}/projects/5/merge_requests/8/discussions": [
            discussion(note(33, "ada", "approved this merge request", system=True)),
            discussion(note(34, "ada", "added 1 commit", system=True)),
        ],
        f"{API}/groups/club%2Fpeople/members/all": [user("bob", access_level=30)],
    },
    makes={
        "profile": "account",
        "activities": "question mention reply reply note mention review accept accept",
        "recognition": "",
        "vouches_of": "",
        "list_members": "bob",
    },
)
