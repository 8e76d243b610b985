"""Three made-up communities, one per profile, in which every kind of recognition occurs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.question import Question
from candor.scoring.topics import Topic
from candor.scoring.trust_root import RootAccount, TrustRoot

from .records import AS_OF, Diary

if TYPE_CHECKING:
    from candor.scoring.activity import Activity

ROSES = Topic(id="roses", label="Roses", terms=("rose", "roses"), hashtags=("roses",))
ENGINES = Topic(id="engines", label="Engines", terms=("engine", "engines"), hashtags=("engines",))
SKY = Topic(id="sky", label="The night sky", terms=("comet", "eclipse"), hashtags=("nightsky",))

ASKERS = tuple(f"asker{i}" for i in range(8))
MAKERS = tuple(f"maker{i}" for i in range(7))
READERS = tuple(f"reader{i}" for i in range(16))


def qa() -> tuple[list[Activity], Question]:
    """Questions and answers about roses: ada answers well, bert answers once, cleo asks."""
    diary = Diary()
    for i, asker in enumerate(ASKERS):
        answer = diary.answered(asker, "ada", 20 + 90 * i, f"how do I prune rose number {i}", tags=("roses",))
        diary.write("reply" if i == 5 else "accept", asker, 19 + 90 * i, object=answer, content="it did grow back")
        if i % 2:
            diary.write("reply", ASKERS[i - 1], 18.5 + 90 * i, object=answer, content="that worked for me too")
        if i % 3 == 0:
            diary.write("reply", asker, 18 + 90 * i, object=answer, content="thank you")
        diary.write("vote", None, 17 + 90 * i, object=answer, value=1)
    for i in range(3):
        tulip = diary.answered(ASKERS[i], "ada", 40 + i, f"how deep do tulip bulbs go in bed {i}")
        diary.write("accept", ASKERS[i], 39 + i, object=tulip)
    for i in range(2):
        called = diary.answered(ASKERS[i], "ada", 60 + i, f"which rose would you take for wall {i}", target_actor="ada")
        diary.write("reply", ASKERS[i], 59 + i, object=called, content="I will try it")
    for i, asker in enumerate(("cleo", ASKERS[0])):
        mutual = diary.answered("ada", asker, 100 + i, f"does a rose like clay in garden {i}")
        diary.write("accept", "ada", 99 + i, object=mutual)
    unthanked = diary.answered(ASKERS[7], "ada", 210, "may a rose stand in a pot", tags=("roses",))
    diary.write("vote", None, 209, object=unthanked, value=1)
    once = diary.answered("cleo", "bert", 30, "when does a rose flower twice")
    diary.write("accept", "cleo", 29, object=once)
    diary.account("ada", kind="person", name="Ada", bio="roses, mostly", followers=120)
    root = TrustRoot(
        kind="accounts",
        id="gardeners",
        accounts=tuple(RootAccount(account=name, weight=1 - i / 10) for i, name in enumerate(ASKERS[:6])),
    )
    return diary.records, _question("stackexchange:gardens", ("ada", "bert", "nobody"), ROSES, root)


def forum() -> tuple[list[Activity], Question]:
    """A workshop where changes to engines are taken: mara makes, reviews, repairs and takes them."""
    diary = Diary()
    for i, maker in enumerate(MAKERS):
        day = 15 + 70 * i
        change = diary.write("note", "mara", day, content=f"engine change {i}: keep valve {i} shut", tags=("engines",))
        diary.write("report", MAKERS[i - 1], day - 2, object=change)
        diary.write("accept", maker, day - 2, object=change)
        diary.write("review", MAKERS[i - 4], day - 2, object=change, value=1)
        diary.write("test", MAKERS[i - 2], day - 1, object=change)
        other = diary.write("note", MAKERS[i - 3], day + 5, content=f"engine change {i + 50}: oil pump {i} runs dry")
        diary.write("review", "mara", day + 3, object=other)
        diary.write("accept", maker, day + 3, object=other)
    for i, maker in enumerate(MAKERS[:3]):
        offered = diary.write("note", maker, 9 + i, content=f"engine change {i + 90}: quieter gear {i}")
        diary.write("accept", "mara", 8 + i, object=offered)
        asked = diary.write("question", maker, 33 + i, content=f"what does engine noise {i} mean", target_actor="mara")
        answer = diary.write("reply", "mara", 32 + i, object=asked, content=f"noise {i} is the gear box, most likely")
        diary.write("reply", maker, 31 + i, object=answer, content="so it was")
        diary.write("reply", MAKERS[5], 30 + i, object=answer, content="here as well")
        boat = diary.write("note", "mara", 44 + i, content=f"sail change {i}: a longer boom for boat {i}")
        diary.write("accept", maker, 43 + i, object=boat)
    root = TrustRoot(
        kind="accounts",
        accounts=tuple(RootAccount(account=name, topics=("engines",)) for name in (*MAKERS[:4], "warden")),
    )
    question = _question("custom:workshop", ("mara", MAKERS[0]), ENGINES, root, profile="forum", granted_rights=True)
    return diary.records, question


def microblog() -> tuple[list[Activity], Question]:
    """Posts about the night sky: stella is reshared, listed and asked; nova is reshared for one post only."""
    diary = Diary()
    posts = [
        diary.write("note", "stella", 12 + 25 * i, content=f"comet {i} stands in the east tonight", tags=("nightsky",))
        for i in range(4)
    ]
    loud = diary.write("note", "nova", 6, content="an eclipse a day keeps the clouds away")
    for i, reader in enumerate(READERS):
        diary.write("reshare" if i % 3 else "quote", reader, 5 - i / 10, object=loud)
        post = posts[i % 4]
        if i % 2:
            diary.write("reshare", reader, 3 - i / 10, object=post)
        if i % 5 == 0:
            diary.write("list", reader, 50 + i, content="comet watchers", target_actor="stella")
            diary.write("list", reader, 55 + i, content="bakers", target_actor="stella")
        if i % 4 == 1:
            diary.write("reply", reader, 2.5 - i / 10, object=post, content=f"seen it from roof {i}")
            diary.write("like", "stella", 2 - i / 20, object=post)
    for i, reader in enumerate(READERS[:6]):
        asked = diary.write("note", reader, 70 + i, content=f"was that a comet over hill {i}")
        diary.write("mention", reader, 70 + i, object=asked, target_actor="stella")
        answer = diary.write("reply", "stella", 69 + i, object=asked, content=f"over hill {i} it was a plane")
        diary.write("reply", reader, 68 + i, object=answer, content="what a pity")
        diary.write("reshare", reader, 67 + i, object=answer)
    heard = diary.write("note", READERS[0], 402, content="is that a comet again")
    said = diary.write("reply", "stella", 401, object=heard, content="a comet it is, the same as in spring")
    diary.write("reply", READERS[11], 400, object=said, content="I had missed it")
    diary.write("reshare", READERS[11], 1, object=said)
    for i in range(3):
        praised = diary.write("note", READERS[i], 20 + i, content=f"my picture of comet {i} from the attic")
        diary.write("reshare", "stella", 19 + i, object=praised)
        diary.write("reshare", READERS[i + 7], 18 + i, object=praised)
    diary.account("nova", kind="organisation", name="Nova", followers=90_000)
    diary.account("shy", kind="person", consent=False)
    root = TrustRoot(
        kind="accounts", id="watchers", accounts=(*map(_named, READERS[:10]), *map(_named_for_the_sky, READERS[10:12]))
    )
    return diary.records, _question("mastodon", ("stella", "nova", "shy"), SKY, root)


def _named(account: str) -> RootAccount:
    return RootAccount(account=account)


def _named_for_the_sky(account: str) -> RootAccount:
    return RootAccount(account=account, topics=(SKY.id,))


COMMUNITIES = {"qa": qa, "forum": forum, "microblog": microblog}


def _question(
    network: str,
    accounts: tuple[str, ...],
    topic: Topic,
    root: TrustRoot,
    *,
    profile: str | None = None,
    granted_rights: bool = False,
) -> Question:
    return Question(
        community=True,
        network=network,
        accounts=accounts,
        topics=(topic,),
        trust_root=root,
        as_of=AS_OF,
        profile=profile,
        granted_rights=granted_rights,
        contact="keeper@example.org",
    )
