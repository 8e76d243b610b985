"""Records that their source hides: how forums, shops and chats say that a post is for some only, waits or was deleted.

Such fields are none of ours, so that a table of any program can have them. Whatever says so is dropped and counted as
private, of whatever type it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from candor.scoring.state_words import is_hiding, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAY_PRIVATE = frozenset(
    {
        *("private", "isprivate", "ispm", "isdm", "confidential", "whisper", "internal", "isinternal"),
        *(
            "deleted",
            "isdeleted",
            "userdeleted",
            "softdeleted",
            "removed",
            "isremoved",
            "trashed",
            "istrashed",
            "postdeleted",
        ),
        *("hidden", "ishidden", "draft", "isdraft", "spam", "isspam", "unapproved", "pdelete"),
        *("inprivategroup", "pending", "ispending", "heldforreview", "isprivatemessage"),
        *("staffonly", "moderatorsonly", "modsonly", "membersonly", "adminsonly", "internalnote", "secret", "issecret"),
        *("restricted", "isrestricted", "isconfidential", "dm", "directmessage", "isdirectmessage", "forumprivate"),
        *("hide", "retracted", "isretracted", "withdrawn", "iswithdrawn", "quarantined", "isquarantined"),
        *("shadowbanned", "isshadowbanned", "optedout", "isoptedout", "optout", "noindex"),
        *("wasdeleted", "wasremoved", "hasbeendeleted", "hasbeenremoved", "deletedflag", "isdeletedflag", "delflag"),
    }
)
"""Anything but a no in one of these says that a record is hidden, or that its author does not want it found."""
_SAY_WHEN = frozenset(
    {
        *("hiddenat", "deletedat", "removedat", "trashedat", "hiddenon", "deletedon", "datedeleted", "deleteddate"),
        *(
            "deletiondate",
            "hiddendate",
            "timedeleted",
            "pdeletetime",
            "deleteddatetime",
            "datetimedeleted",
            "deletetime",
            "deletedtime",
            "deletedtimestamp",
            "deletedby",
            "isdeletedby",
            "deletedbyid",
            "deletedbyuser",
            "deletedbyuserid",
            "deleteat",
        ),
        *("removedby", "removedbycategory", "privatereplyto", "securitylevel"),
        *("deletereason", "deletedreason", "deletionreason", "removedreason", "removalreason", "hiddenreason"),
    }
)
"""So does any time, number or text in one of these: when it was deleted or hidden, by whom and why, to whom alone it
replies, and at which level of security Jira keeps it."""
_NO = frozenset({"0", "false", "f", "no", "n"})
_SAY_WORDS = {
    "postvisibility": frozenset({"0", "2", "3"}),  # phpBB
    "isapproved": _NO,
    "commentapproved": frozenset({"0", "hold", "spam", "trash", "post-trashed"}),  # WordPress
    "approved": _NO | {"-1"},  # SMF, Invision
    "visible": _NO | {"-1", "-2", "2"},  # MyBB, vBulletin
    "ispublished": _NO,
    "ispublic": _NO,
    "invisible": frozenset({"1", "true", "yes", "-1", "-2", "-3", "-5"}),  # Discuz
    "hold": frozenset({"1", "2", "3"}),  # Kunena
    "public": _NO,  # Zendesk
    "isvisible": _NO,
    "queued": frozenset({"1", "-1", "-2", "2"}),  # Invision
    "membershiptype": frozenset({"private", "unknownfuturevalue"}),  # channels of Teams
    "posttype": frozenset({"4"}),  # whispers of Discourse
    "poststatus": frozenset({"future", "inherit"}),  # WordPress, bbPress
    "channeltype": frozenset({"d", "p", "g"}),  # Mattermost
}
"""So do these words."""
_SCOPES = frozenset({"members", "internal", "restricted", "followers", "staff", "confidential", "group", "admins"})
_SAY_WORDS |= dict.fromkeys(["visibilityscope", "visibilitylevel", "privacylevel", "accesslevel"], _SCOPES)
_SAY_WHO = frozenset(
    {"access", "audience", "scope", "privacy", "share", "sharing", "permission", "permissions"}
    | {"groupvisibility", "groupprivacy", "forumvisibility", "channeltype", "chattype", "channelvisibility"}
)
"""Who may read a record, in words of its program: other words there say nothing, as scopes are of many kinds."""
_FOR_SOME = frozenset(
    {
        *("private", "internal", "confidential", "secret", "restricted", "hidden", "staff", "moderators", "admins"),
        *("mods", "members", "friends", "followers", "self", "onlyme", "me", "team", "direct", "dm", "im"),
    }
)
_FOR_SOME_WORDS = _FOR_SOME - {"me", "self", "im"} | {"only"}
_SAY_READERS = frozenset({"visibleto", "onlyvisibleto", "visibletousers", "visibletogroups"})
"""Lists, or names, of who may read a record."""
_RECIPIENTS = "recipients"
"""So is a list of these, but not the addresses of a mail, which may be those of a list that everybody reads."""
_SAY_STATE = frozenset(
    {
        *("publishedstatus", "publishstatus", "publicationstatus"),
        *("postvisibility", "commentvisibility", "messagevisibility", "topicvisibility", "itemvisibility", "privacy"),
        *("status", "state", "moderationstatus", "moderationstate", "messagestate", "poststatus", "commentstatus"),
        *("visibilityscope", "visibilitylevel", "privacylevel", "accesslevel", "workflowstate"),
    }
)
"""What is said in one of these may be of several words, such as SYSTEM_WITHHELD, and is read word by word."""
_PERMISSIONS = "permissions"
_FOR_EVERYBODY = ("__world__", "world", "everyone", "everybody", "public", "anyone", "anonymous", "*")
"""Words, and ends of words, for who may read a record where it lists them, as annotations on the web do."""
_FOR_EVERYBODY_WORDS = frozenset({"public", "everyone", "everybody", "anyone", "world", "all", "open"})
_PLACES = frozenset(
    {
        *("space", "group", "forum", "category", "channel", "board", "community", "section", "topic", "thread"),
        *("discussion", "room", "team", "conversation", "collection", "subforum", "place"),
    }
)
"""Objects in a record that say where it stands."""
_NEVER = _NO | {
    *("", "none", "null", "nan", "nat", "\\n", "-1", "0000-00-00", "0000-00-00 00:00:00", "[]", "{}"),
    *("off", "never", "public", "active", "ham"),
}
_CUT = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")
_OF_POSTS = frozenset(
    {
        *("post", "message", "msg", "comment", "reply", "entry", "item", "record"),
        *("thread", "topic", "question", "answer", "note", "article"),
    }
)
_TELLING = _SAY_PRIVATE | _SAY_WHEN | _SAY_WORDS.keys() | _SAY_STATE | _SAY_WHO | _SAY_READERS | {_RECIPIENTS}


def says_state(name: str) -> bool:
    """Tell whether a field of that name is one for the state of a record, in words of its program."""
    return _folded(name) in _SAY_STATE


@lru_cache(maxsize=4096)
def may_hide(name: str) -> bool:
    """Tell whether a field of that name may say that a record is hidden."""
    return _folded(name) in _TELLING


def hides(name: str, value: object) -> bool:
    """Tell whether a field that is none of ours says that a record is for some only, or is not shown any more."""
    if not may_hide(name):
        return False
    folded = _folded(name)
    if _hides_from_others(folded, value):
        return True
    if folded in _SAY_STATE and isinstance(value, str) and is_hiding(value):
        return True
    word = str(value).strip().lower().removesuffix(".0")  # as pandas writes whole numbers of a column with gaps
    if folded in _SAY_PRIVATE:
        return word not in _NEVER
    return word in _SAY_WORDS.get(folded, ()) or (folded in _SAY_WHEN and word not in _NEVER)


def _hides_from_others(folded: str, value: object) -> bool:
    """Tell whether a field names who may read a record, and that is not everybody."""
    if folded == _PERMISSIONS and isinstance(value, dict):
        return _is_for_some(value)
    if folded == _RECIPIENTS:
        return isinstance(value, list) and "@" not in str(value) and _is_list_of_some(value)
    if folded in _SAY_READERS:
        return _is_list_of_some(value)
    return folded in _SAY_WHO and isinstance(value, str) and _names_some(value)


def _is_for_some(permissions: object) -> bool:
    """Tell whether a list of who may read a record has nobody who stands for everybody."""
    readers = permissions.get("read") if isinstance(permissions, dict) else None
    return isinstance(readers, list) and not any(str(each).lower().endswith(_FOR_EVERYBODY) for each in readers)


def _names_some(value: str) -> bool:
    """Tell whether a word, or one of several, is for some people: what names everybody too is for everybody."""
    written = words_of(value)
    if not _FOR_EVERYBODY_WORDS.isdisjoint(written):
        return False
    return "".join(written) in _FOR_SOME or not _FOR_SOME_WORDS.isdisjoint(written)


def _is_list_of_some(readers: object) -> bool:
    """Tell whether a list of readers, or one that a table writes as a text, names somebody and not everybody."""
    listed = readers if isinstance(readers, list | tuple) else [readers]
    told = [word for each in listed if (word := str(each).strip().lower()) not in _NEVER | {"all"}]
    return bool(told) and not any(word.endswith(_FOR_EVERYBODY) for word in told)


def is_in_hidden_place(name: str, value: object) -> bool:
    """Tell whether a field is the place of a record, such as its forum or channel, and that is hidden."""
    return isinstance(value, dict) and _folded(name) in _PLACES and is_hidden(value)


def is_hidden(record: Mapping[str, object]) -> bool:
    """Tell whether a record says itself that it is for some only, or is not shown any more."""
    return record.get("visibility") == "private" or any(hides(name, record[name]) for name in filter(may_hide, record))


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    """Return a name as the lists above have it, without words for the post, also behind `is`, where so it is there."""
    plain = name.lower().replace("_", "").replace(" ", "").replace("-", "")
    words = [word.lower() for word in _CUT.split(name) if word]
    while plain not in _TELLING and (at := words[:1] == ["is"]) + 1 < len(words) and words[at] in _OF_POSTS:
        del words[at]
        plain = "".join(words)
    return plain
