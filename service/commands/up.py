"""`candor up`: the whole service in the foreground, until it is told to stop or a part of it ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from service.commands.trouble import Trouble, say
from service.stack import Stack
from service.stop import Stopped, stoppable

if TYPE_CHECKING:
    from candor.settings import Settings

LOOK_S = 0.2


def up(settings: Settings) -> None:
    """Run the stack. Told to stop, it ends well; when a part ends by itself, raises Trouble: the rest is of no use.

    The parts restart what dies below them (gunicorn its web processes, the launcher its workers), and what has been
    accepted is on disk: whoever starts this again goes on from there.
    """
    try:
        with stoppable(), Stack(settings) as stack:
            say(f"Candor is up: {stack.url} (docs: {stack.url}/docs). Ctrl-C stops it.")
            while (ended := stack.ended()) is None:
                time.sleep(LOOK_S)
            raise Trouble(f"{ended}; everything else was stopped. Nothing accepted is lost: start it again.")
    except Stopped:
        say("Candor has stopped.")
