"""A wiki: two edits, one of which was taken back, a talk page, and thanks."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

HOST = "https://wiki.example"
API = f"{HOST}/w/api.php"
AT = "2026-10-01T12:00:00Z"


def user(name: str, **more: Any) -> dict[str, Any]:
    return {"userid": 7, "name": name, "groups": ["*", "user"], **more}


def edit(number: int, title: str, ns: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "userid": 7,
        "user": "Ada",
        "pageid": 5,
        "revid": number,
        "parentid": number - 1,
        "ns": ns,
        "title": title,
        "timestamp": AT,
        "new": False,
        "minor": False,
        "top": False,
        "comment": "/* Bus */ its mass",
        "tags": [],
        **more,
    }


def comment(key: str, author: str, html: str, *replies: dict[str, Any], **more: Any) -> dict[str, Any]:
    shown = {"type": "comment", "level": 1, "id": f"c-{key}", "name": f"c-{key}", "html": html, "author": author}
    return {**shown, "timestamp": AT, "replies": list(replies), **more}


def heading(html: str, *replies: dict[str, Any]) -> dict[str, Any]:
    return {"type": "heading", "level": 0, "id": "h-1", "name": "h-1", "html": html, "replies": list(replies)}


def query(**parts: Any) -> dict[str, Any]:
    return {"batchcomplete": True, "query": parts}


def talk(*threads: dict[str, Any]) -> dict[str, Any]:
    return {"discussiontoolspageinfo": {"transcludedfrom": {}, "threaditemshtml": list(threads)}}


def thanks(number: int, by: str, to: str) -> dict[str, Any]:
    shown = {"logid": number, "ns": 2, "title": f"User:{to}", "pageid": 1, "type": "thanks", "action": "thank"}
    return {**shown, "user": by, "timestamp": AT, "comment": "", "params": []}


LINK = '<a href="/wiki/User:Cy" title="User:Cy">Cy</a>'
MADE_UP = MadeUp(
    network="mediawiki:wiki.example",
    account="ada",
    list="sysop",
    may_be_missing=frozenset({"replies", "replies.#.author", "replies.#.timestamp", "logevents.#.user"}),
    answers={
        f"{API}?list=users": query(users=[user("Ada")], pages=[{"ns": 2, "title": "User:Ada", "missing": True}]),
        f"{API}?list=usercontribs": (
            {
                **query(usercontribs=[edit(9, "CubeSat", tags=["mw-reverted"]), edit(8, "Talk:CubeSat", 1)]),
                "continue": {"uccontinue": "2", "continue": "-||"},
            },
            query(usercontribs=[edit(6, "Talk:CubeSat", 1), edit(5, "Orbit", comment="")]),
        ),
        f"{API}?action=discussiontoolspageinfo": talk(
            heading(
                "Which bus?",
                comment("1", "Bob", "Who knows?", comment("2", "Ada", f"The small one, {LINK}.")),
                comment("3", "Bob", "Thanks"),
            ),
            heading("Other", comment("4", "Bob", "No")),
        ),
        f"{API}?list=logevents&letitle=User:Ada": query(logevents=[thanks(3, "Bob", "Ada")]),
        f"{API}?prop=revisions": query(
            pages=[
                {
                    "pageid": 5,
                    "title": "CubeSat",
                    "revisions": [
                        {"revid": 9, "timestamp": AT, "user": "Ada", "tags": ["mw-reverted"]},
                        {"revid": 11, "timestamp": AT, "user": "Eve", "tags": ["mw-undo"]},
                    ],
                }
            ]
        ),
        f"{API}?list=logevents&leuser=Ada": query(logevents=[thanks(4, "Ada", "Bob")]),
        f"{API}?meta=siteinfo&siprop=general": query(general={"sitename": "Wiki"}),
        f"{API}?list=allusers": query(allusers=[user("Bob")]),
    },
    makes={
        "profile": "account",
        "activities": "note question reply mention reply note",
        "recognition": "accept review",
        "vouches_of": "accept",
        "list_members": "Bob",
    },
)
