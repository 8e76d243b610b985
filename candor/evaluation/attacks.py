"""The attacks we stage, one function each: what attackers do for a target, at several sizes.

Sizes are numbers of `unit`, which is what the attack costs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from candor.evaluation.stage import Attack

if TYPE_CHECKING:
    from candor.evaluation.stage import Scene, Script
    from candor.scoring.activity import RecordType

SOCKPUPPETS = 300
RESHARED_POSTS = 20
ACCEPTS = 20
MANY_TAGS = 30
LENT_TO, LENT_ON = 100, 10
TOGETHER = 10
ACCEPTS_FOR_SIX = 63  # as many fresh ones make the most that one voice can count
RIVAL = "rival:0"
SLEEP_DAYS, LONG_AGO_DAYS = 730, 3650
YEAR_DAYS, SHORTLY_DAYS = 365, 2


def fresh(script: Script, scene: Scene, size: int) -> None:
    """New accounts do every act for the target."""
    for name in invented(size):
        script.every_act(name, scene.target)


def sleepers(script: Script, scene: Scene, size: int) -> None:
    """The same, with accounts that posted on the topic for two years first."""
    for name in invented(size):
        for days in range(60, SLEEP_DAYS, 60):
            script.write("note", name, published=script.end - timedelta(days=days))
        script.every_act(name, scene.target)


def captured(script: Script, scene: Scene, size: int) -> None:
    """Real accounts are each brought to accept an answer of one of 300 sockpuppets, who then do every act."""
    names = invented(SOCKPUPPETS)
    for number, fooled in enumerate(scene.bought(size)):
        script.accepted(fooled, names[number % len(names)])
    for name in names:
        script.every_act(name, scene.target)


def concentrated(script: Script, scene: Scene, size: int) -> None:
    """Real accounts are brought to vouch for few sockpuppets, ten for each, who then do every act and more accepts."""
    names = invented(max(1, size // TOGETHER))
    for number, fooled in enumerate(scene.bought(size)):
        script.accepted(fooled, names[number % len(names)])
    for name in names:
        script.every_act(name, scene.target)
        for _ in range(ACCEPTS):
            script.accepted(name, scene.target)


def boosting(script: Script, scene: Scene, size: int) -> None:
    """Trusted accounts each accept an answer of everybody who really recognised the target."""
    for name in scene.corrupt(size):
        for fan in scene.recognisers:
            if fan != name:
                script.accepted(name, fan)


def answered(script: Script, scene: Scene, size: int) -> None:
    """Real accounts each answer a question of one of 300 sockpuppets, who then do every act."""
    names = invented(SOCKPUPPETS)
    for number, fooled in enumerate(scene.bought(size)):
        question = script.write("question", names[number % len(names)])
        script.write("reply", names[number % len(names)], of=script.write("answer", fooled, of=question))
    for name in names:
        script.every_act(name, scene.target)


def reply_farm(script: Script, scene: Scene, size: int) -> None:
    """The target answers and replies everywhere; nobody takes it up."""
    for number in range(size):
        kind: RecordType = "answer" if number % 2 else "reply"
        of = scene.questions[number % len(scene.questions)] if scene.questions else script.write("note", scene.expert)
        script.write(kind, scene.target, of=of)


def ring(script: Script, scene: Scene, size: int) -> None:
    """Real accounts and the target reshare ten posts of each other and list each other."""
    for name in scene.bought(size - 1):
        for by, whom in ((name, scene.target), (scene.target, name)):
            script.reshared(by, whom, posts=10)
            script.listed(by, whom)


def follow_back(script: Script, scene: Scene, size: int) -> None:
    """The target follows real accounts, which follow back."""
    for name in scene.bought(size):
        script.write("follow", scene.target, to=name)
        script.write("follow", name, to=scene.target)


def hashtag_stuffing(script: Script, scene: Scene, size: int) -> None:
    """Real accounts reshare posts of the target that carry the topic's tag among thirty."""
    tags = (*(script.tags or ()), *(f"filler{number}" for number in range(MANY_TAGS)))
    for name in scene.bought(size):
        script.write("reshare", name, of=script.write("note", scene.target, tags=tags, content=None), tags=None)


def tag_squatting(script: Script, scene: Scene, size: int) -> None:
    """Real accounts reshare jokes of the target, tagged with the topic; each joke goes round twenty of them."""
    joke = ""
    for number, name in enumerate(scene.bought(size)):
        if number % 20 == 0:
            joke = script.write("note", scene.target)
        script.write("reshare", name, of=joke)


def like_bait(script: Script, scene: Scene, size: int) -> None:
    """Real accounts like the target's posts."""
    for name in scene.bought(size):
        script.write("like", name, of=script.write("note", scene.target))


def one_post(script: Script, scene: Scene, size: int) -> None:
    """Bought real accounts reshare one post."""
    post = script.write("note", scene.target)
    for name in scene.bought(size):
        script.write("reshare", name, of=post)


def twenty_posts(script: Script, scene: Scene, size: int) -> None:
    """Bought real accounts reshare one of twenty posts each."""
    posts = [script.write("note", scene.target) for _ in range(RESHARED_POSTS)]
    for number, name in enumerate(scene.bought(size)):
        script.write("reshare", name, of=posts[number % len(posts)])


def copied_posts(script: Script, scene: Scene, size: int) -> None:
    """The target posts the expert's texts as its own; real accounts reshare one each."""
    if not scene.texts:
        return
    for number, name in enumerate(scene.bought(size)):
        copy = script.write("note", scene.target, content=scene.texts[number % len(scene.texts)])
        script.write("reshare", name, of=copy)


def laundering(script: Script, scene: Scene, size: int) -> None:
    """The expert accepts, lists and reshares whatever the target posts."""
    if scene.expert == scene.target:
        return
    for _ in range(size):
        script.every_act(scene.expert, scene.target)


def collusion(script: Script, scene: Scene, size: int) -> None:
    """Trusted accounts do every act for the target."""
    for name in scene.corrupt(size):
        script.every_act(name, scene.target)


def accepting_collusion(script: Script, scene: Scene, size: int) -> None:
    """Trusted accounts accept twenty answers of the target each."""
    for name in scene.corrupt(size):
        for _ in range(ACCEPTS):
            script.accepted(name, scene.target)


def patient_collusion(script: Script, scene: Scene, size: int) -> None:
    """Trusted accounts accept twenty answers of the target each, a tenth of them a year before the others."""
    corrupt = scene.corrupt(size)
    for days, accepts in ((YEAR_DAYS, ACCEPTS // 10), (SHORTLY_DAYS, ACCEPTS - ACCEPTS // 10)):
        script.go_back(days)
        for name in corrupt:
            for _ in range(accepts):
                script.accepted(name, scene.target)


def lending_collusion(script: Script, scene: Scene, size: int) -> None:
    """Trusted accounts vouch for sockpuppets, who vouch for each other; all of them accept answers of the target."""
    corrupt, names = scene.corrupt(size), invented(LENT_TO)
    for place, name in enumerate(names):
        for lender in corrupt:
            script.accepted(lender, name)
        for step in range(1, LENT_ON + 1):
            script.accepted(name, names[(place + step) % len(names)])
    for name in (*corrupt, *names):
        for _ in range(ACCEPTS):
            script.accepted(name, scene.target)


def slander(script: Script, scene: Scene, size: int) -> None:
    """New accounts set on the expert: copies of its texts, down-votes, bad lists, and every act to drown it in."""
    for number, name in enumerate(invented(size)):
        if scene.texts:
            copy = scene.texts[number % len(scene.texts)]
            script.write("note", name, content=copy, published=script.end - timedelta(days=LONG_AGO_DAYS))
        script.write("vote", name, of=script.write("note", scene.expert), value=-1)
        script.write("reply", name, of=script.write("answer", name, of=script.write("question", name)))
        script.write("list", name, to=scene.expert, content="people to avoid", tags=None)
        script.every_act(name, scene.expert)


def copied_away(script: Script, scene: Scene, size: int) -> None:
    """A rival edits old posts, which trusted accounts reshared, into as many texts of the expert that one took up."""
    script.go_back(LONG_AGO_DAYS)
    corrupt = scene.corrupt(size)
    for text in scene.taken_once[:size]:
        post = script.write("note", RIVAL, content=text, tags=None)
        for name in corrupt:
            script.write("reshare", name, of=post)


def spread_thin(script: Script, scene: Scene, size: int) -> None:
    """Trusted accounts each answer a question of a sockpuppet, two for each, which then accepts many answers."""
    names, corrupt = invented(max(1, size // 2)), scene.corrupt(size)
    for number in range(size):
        script.write("answer", corrupt[number % len(corrupt)], of=script.write("question", names[number % len(names)]))
    for name in names:
        for _ in range(ACCEPTS_FOR_SIX):
            script.accepted(name, scene.target)


def retagged(script: Script, scene: Scene, size: int) -> None:
    """The target names the topic in posts on other topics, those that were taken up most."""
    for post in scene.elsewhere[:size]:
        if script.text is None:
            script.edit(post, content=f"{post.content or ''} #{(script.tags or ('',))[0]}")
        else:
            script.edit(post, content=f"{post.content or ''} {script.text}")


def pruned(script: Script, scene: Scene, size: int) -> None:
    """The target deletes posts on other topics, those that were taken up most."""
    for post in scene.elsewhere[:size]:
        script.withdraw(post)


def ungrateful(script: Script, scene: Scene, size: int) -> None:
    """The target takes back what it recognised of others."""
    for act in scene.gave[:size]:
        script.withdraw(act)


def invented(count: int) -> list[str]:
    """Names of accounts that did not exist."""
    return [f"invented:{number}" for number in range(count)]


ATTACKS: tuple[Attack, ...] = (
    Attack("fresh", "fresh accounts, every act", (10, 300, 1000), "accounts", fresh, standing=False),
    Attack("sleepers", "two-year sleepers, every act", (10, 300, 1000), "accounts", sleepers, standing=False),
    Attack("captured", "300 fresh accounts, vouches of real people captured", (30, 100, 300), "vouches", captured),
    Attack(
        "concentrated", "vouches of real people captured, ten for each account", (30, 100, 300), "vouches", concentrated
    ),
    Attack("answered", "300 fresh accounts, answers of real people captured", (30, 100, 300), "answers", answered),
    Attack("reply_farm", "unaccepted answers and replies", (100, 1000), "posts", reply_farm, standing=False),
    Attack("ring", "mutual ring of real accounts", (10, 30), "accounts", ring),
    Attack("follow_back", "follow-back", (100, 1000), "accounts", follow_back),
    Attack("hashtag_stuffing", "thirty tags on every post", (20, 200), "reshares", hashtag_stuffing),
    Attack("tag_squatting", "the topic's tag on anything", (20, 200), "reshares", tag_squatting),
    Attack("like_bait", "like-bait", (100, 1000), "likes", like_bait),
    Attack("one_post", "bought reshares of one post", (20, 200), "reshares", one_post),
    Attack("twenty_posts", "bought reshares over twenty posts", (20, 200), "reshares", twenty_posts),
    Attack("copied_posts", "the expert's texts copied", (20, 200), "reshares", copied_posts, needs_texts=True),
    Attack("laundering", "an expert who recognises everything", (1, 10), "times every act", laundering),
    Attack("collusion", "corrupt trusted accounts, every act", (1, 2, 5, 10), "trusted accounts", collusion),
    Attack(
        "accepting", "corrupt trusted accounts, twenty accepts", (1, 2, 5, 10), "trusted accounts", accepting_collusion
    ),
    Attack(
        "patient",
        "corrupt trusted accounts, accepts over a year",
        (1, 2, 5, 10),
        "trusted accounts",
        patient_collusion,
    ),
    Attack(
        "lending",
        "corrupt trusted accounts and sockpuppets",
        (1, 2, 5, 10),
        "trusted accounts",
        lending_collusion,
    ),
    Attack(
        "boosting",
        "corrupt trusted accounts who vouch for real people",
        (1, 2, 5, 10),
        "trusted accounts",
        boosting,
    ),
    Attack(
        "spread_thin",
        "answers of trusted accounts captured, two for each account",
        (10, 30, 100),
        "answers",
        spread_thin,
    ),
    Attack("retagged", "the topic named in own posts on others", (10, 100), "posts", retagged, alone=True),
    Attack("pruned", "own posts on other topics deleted", (10, 100), "posts", pruned, alone=True),
    Attack("ungrateful", "own recognition of others taken back", (10, 100), "acts", ungrateful, alone=True),
    Attack(
        "copied_away",
        "old posts that trusted accounts reshared edited into the expert's texts",
        (1, 2, 5, 10),
        "trusted accounts",
        copied_away,
        lowers=True,
        needs_texts=True,
    ),
    Attack("slander", "set on the expert", (100, 1000), "accounts", slander, standing=False, lowers=True),
)
