"""Values as data frames, databases and spreadsheets write them, turned into what a record holds."""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING, Any

from candor.scoring.activity import ACCOUNT_KINDS, RECORD_TYPES
from candor.scoring.long_numbers import SAFE_INTEGER
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ABSENT = frozenset(
    {"NA", "N/A", "n/a", "#N/A", "NULL", "Null", "null", "None", "nan", "NaN", "NaT", "\\N", "undefined"}
    | {"<NA>", "<null>", "<nil>", "(null)", "[NULL]"}
)
"""What R, pandas, Excel, databases and programs of them write of what is not known, where an id or a name is meant."""
_GONE = (
    *("deleted", "deleted user", "deleted account", "deleted member", "former member", "anonymous", "anonymous user"),
    *("user deleted", "account deleted", "removed user", "former user", "deactivated user", "inactive user"),
    *("removed", "supprimé", "gelöscht", "nutzer gelöscht", "anonymer nutzer", "visiteur", "visitor", "besucher"),
    *("guest", "guest user", "unknown user", "unknown", "unregistered user", "utilisateur supprimé", "membre supprimé"),
    *("compte supprimé", "ancien utilisateur", "anonyme", "invité", "gelöschter benutzer", "gelöschter nutzer"),
    *("gelöschtes mitglied", "gelöschtes konto", "benutzer gelöscht", "anonym", "usuario eliminado", "usuario borrado"),
    *("cuenta eliminada", "anónimo", "invitado", "usuário excluído", "usuário removido", "usuário eliminado"),
    *("utilizador eliminado", "utilizador removido", "conta eliminada", "anônimo", "convidado", "utente eliminato"),
    *("utente cancellato", "account eliminato", "anonimo", "ospite", "verwijderde gebruiker", "verwijderd account"),
    *(
        "unregistered",
        "deleted users",
        "gast",
        "gæst",
        "gjest",
        "vieras",
        "vendég",
        "ehemaliges mitglied",
        "ehemaliger benutzer",
    ),
    *(
        "ehemaliger nutzer",
        "ancien membre",
        "membre parti",
        "unbekannt",
        "unbekannter benutzer",
        "inconnu",
        "utilisateur inconnu",
    ),
    *(
        "desconocido",
        "usuario desconocido",
        "desconhecido",
        "sconosciuto",
        "utente sconosciuto",
        "onbekend",
        "usunięty",
    ),
    *("nieznany", "nieznany użytkownik", "ukendt", "ukjent", "okänd", "неизвестный", "удалён", "удален"),
    *("verwijderd lid", "anoniem", "usunięty użytkownik", "użytkownik usunięty", "konto usunięte", "gość"),
    *("slettet bruger", "slettet bruker", "borttagen användare", "raderad användare", "raderat konto", "gäst"),
    *("poistettu käyttäjä", "törölt felhasználó", "smazaný uživatel", "odstraněný uživatel", "utilizator șters"),
    *("silinmiş kullanıcı", "silinen kullanıcı", "misafir", "гость"),  # noqa: RUF001 # Turkish
    *("удалённый пользователь", "удаленный пользователь", "видалений користувач", "διαγραμμένος χρήστης"),
    *("削除されたユーザー", "退会済みユーザー", "名無しさん", "已删除用户", "已注销用户", "匿名用户", "已刪除用戶"),
    *("已刪除的使用者", "匿名", "탈퇴한 회원", "삭제된 사용자", "مستخدم محذوف"),
    *("user removed", "member deleted", "nutzer gelöscht", "mitglied gelöscht", "konto gelöscht", "utilisateur retiré"),
    *("anonymer nutzer", "anonymer benutzer", "anonymous member", "utilisateur anonyme", "membre anonyme"),
    *("usuario anónimo", "usuário anônimo", "utilizador anónimo", "utente anonimo", "anonieme gebruiker"),
    *("visitor", "visiteur", "visiteuse", "besucher", "visitante", "visitatore", "bezoeker", "invitée"),
)
_GONE_IN_BRACKETS = (
    *("supprimée", "effacé", "retiré", "entfernt", "eliminado", "borrado", "excluído"),
    *("removido", "apagado", "eliminato", "cancellato", "rimosso", "verwijderd", "slettet", "raderad", "smazáno"),
)
"""What may be somebody's name without brackets."""
_IN_BRACKETS = ("{}", "[{}]", "({})", "<{}>")
_NUMBERED_GUEST = re.compile(
    r"[\[(<]?(?:guest|visitor|anonymous|invité|visiteur|anonyme|gast|besucher|anonym|invitado|visitante|convidado|ospite)"
    r"[ #_-]+\d+[\])>]?",
    re.IGNORECASE,
)
_NO_SIGN_OF_A_NAME = re.compile(r"[^\w\U00002000-\U0010ffff]+|[\u2010-\u2027\u2030-\u205e\s]+|[-?._*]+")


class _PlaceholderNames(frozenset[str]):
    """Words for nobody; with them are numbered guests and names of punctuation alone. Emoji are names."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        """Say whether a name is nobody's."""
        return super().__contains__(name) or (
            isinstance(name, str)
            and (_NUMBERED_GUEST.fullmatch(name) or _NO_SIGN_OF_A_NAME.fullmatch(name)) is not None
        )


PLACEHOLDER_NAMES = _PlaceholderNames(
    ABSENT
    | {"-1"}  # as Discourse calls itself, and much software what is not known
    | {
        form.format(case(words.replace(" ", between)))
        for said, forms in ((_GONE, _IN_BRACKETS), (_GONE_IN_BRACKETS, _IN_BRACKETS[1:]))
        for words in said
        for between in " -_"
        for form in forms
        for case in (str.lower, str.title, str.capitalize, str.upper)
    }
)
"""And what forums, chats and surveys put in the place of a name that is gone or was not given."""
_TEXTS = ("id", "actor", "object", "target_actor", "content", "name", "bio", "url", "via")
_OURS = {*RECORD_TYPES, *ACCOUNT_KINDS, "public", "unlisted", "private"}
MEANT_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("organization", "group", "company"), "organisation"),
    **dict.fromkeys(("service", "application"), "bot"),
}
"""Kinds of account as ActivityStreams and GitHub call them."""
MEANT_VISIBILITIES: Mapping[str, str] = {
    **dict.fromkeys(("visible", "everyone", "anyone", "world", "open", "all"), "public"),
    **dict.fromkeys(("hidden", "deleted", "trashed", "soft_deleted", "draft", "pending", "spam", "removed"), "private"),
    **dict.fromkeys(("internal", "members", "restricted", "followers", "direct", "confidential", "staff"), "private"),
}
"""For whom something is, as forums and their kin call it."""
_WHOLE = ("followers",)
_NEVER_EMPTY = frozenset({"id", "actor", "type", "published"})
"""Fields of which an empty text is a fault; any other is not there then."""
_LABELS = ("name", "label", "title", "slug", "text", "value", "tag")
_BOOLEANS: Mapping[object, bool] = {
    **dict.fromkeys(("true", "1", "yes", "t"), True),
    **dict.fromkeys(("false", "0", "no", "f"), False),
}
_SEPARATORS = re.compile(r"[|;,<>\t\r\n]+")
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_IN_ARRAY = re.compile(r"""'([^']*)'|"([^"]*)"|([^,"']+)""")
_HASHTAG = re.compile(r"#[^#,;|<>]+")


def put_right(record: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return a record with values of our types where they can be read as such, and whether its time had no zone.

    Numbers that are ids or names become text, 1.0 as 1; times may be seconds, milli-, micro- or nanoseconds since 1970,
    or lack their zone, which is UTC then; a day is its first moment. What cannot be read stays as it is.
    """
    found = {name: each for name, value in record.items() if (each := _bare(value)) != "" or name in _NEVER_EMPTY}
    for names, read in _READERS:
        for name in names:
            if found.get(name) is not None:
                with contextlib.suppress(ValueError, OverflowError, TypeError):
                    found[name] = read(found[name])
    time, has_zone = time_of(found.get("published"))
    if time is not None:
        found["published"] = time
    return found, time is not None and not has_zone


def id_of(value: object) -> str | None:
    """Return an id as `put_right` has it, None for what is none."""
    found = value if isinstance(value, str) else put_right({"id": value})[0].get("id")
    return found if isinstance(found, str) and found else None


def with_whole_numbers(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record in which 12.0 stands as 12 where a whole number is meant, as both are one to JSON Schema."""
    return {name: _whole(value) if name in _WHOLE and type(value) is float else value for name, value in record.items()}


def _bare(value: object) -> object:
    """Return what MongoDB wraps to say of which type it is, as in {"$date": …}."""
    while isinstance(value, dict) and len(value) == 1 and str(name := next(iter(value))).startswith("$"):
        value = value[name]
    return value


def _text(value: object) -> object:
    if isinstance(value, float) and value.is_integer() and abs(value) < SAFE_INTEGER:
        return str(int(value))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _word(value: object) -> object:
    """Lower the case of one of our own words, and of no other: a word of the source stays to be named as it is."""
    lowered = value.strip().lower() if isinstance(value, str) else value
    return lowered if lowered in _OURS else value


def _visibility(value: object) -> object:
    """Return one of our words for whom a record is for; one that is not known stays to be named as it is."""
    said = _word(value)
    return MEANT_VISIBILITIES.get(said.strip().lower(), said) if isinstance(said, str) else said


def _kind(value: object) -> object:
    """Read a kind of account, also as ActivityStreams calls it."""
    return MEANT_KINDS.get(value.strip().lower(), _word(value)) if isinstance(value, str) else value


def _number(value: object) -> object:
    return float(value) if isinstance(value, str | bool) else value


def _whole(value: object) -> object:
    number = _number(value)
    return int(number) if isinstance(number, float) and number.is_integer() else value


def missing(constant: str) -> None:
    """Read NaN as null, as Python writes what is missing. Raises ValueError for what is infinite."""
    if constant != "NaN":
        raise ValueError(constant)


def is_yes(value: object) -> bool:
    """Say whether a value stands for yes, as programs write it."""
    return _flag(value) is True


def is_no(value: object) -> bool:
    """Say whether a value stands for no, as programs write it."""
    return _flag(value) is False


def _flag(value: object) -> object:
    return value if isinstance(value, bool) else _BOOLEANS.get(str(value).strip().lower(), value)


def _tags(value: object) -> object:
    """Read tags from one text: a list in JSON, Python or SQL, <a><b>, |a|b|, a,b or a;b, or #a #b.

    Other blanks are part of a tag: one that is called "Fruit trees" is not two.
    """
    if isinstance(value, list):
        return [_text(_label(tag)) for tag in value if tag is not None]
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("{") and text.endswith("}"):  # as PostgreSQL writes an array
        return [one or other or bare for one, other, bare in _IN_ARRAY.findall(text[1:-1])]
    if text.startswith("["):
        with contextlib.suppress(ValueError):
            return [_text(tag) for tag in json.loads(text)]
        quoted = [one or other for one, other in _QUOTED.findall(text)]
        return quoted or _parts(text.strip("[]"))
    words = text.split()
    return [tag.lstrip("#") for tag in (words if all(map(_HASHTAG.fullmatch, words)) else _parts(text))]


def _label(tag: object) -> object:
    """Return what a tag is called that is written as an object."""
    named = (tag[name] for name in _LABELS if isinstance(tag.get(name), str)) if isinstance(tag, dict) else iter(())
    return next(named, tag)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


_READERS: tuple[tuple[tuple[str, ...], Callable[[object], object]], ...] = (
    (_TEXTS, _text),
    (("type",), _word),
    (("visibility",), _visibility),
    (("kind",), _kind),
    (("value",), _number),
    (_WHOLE, _whole),
    (("consent",), _flag),
    (("tags",), _tags),
)
