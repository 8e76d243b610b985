"""Trouble: what the command line tells its user instead of a traceback."""

from __future__ import annotations

import errno
from typing import Any

import click

from candor.settings import SettingsError
from candor.store.embedded import EmbeddedServerError
from service.stack import StackError

USAGE = 2


class Trouble(click.ClickException):
    """An error in a sentence, printed on stderr; `exit_code` is 1, or 2 when what the user gave is wrong."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc] # click reads it from the instance


def misuse(message: str) -> Trouble:
    """Make the error for something the user gave that is wrong."""
    return Trouble(message, USAGE)


def say(words: str) -> None:
    """Tell the user something on stderr, where it is in nobody's way."""
    click.echo(words, err=True)


class Sentences(click.Group):
    """A group of commands that tells its user what went wrong in a sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; errors of settings, of the stack and of files become Trouble."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise misuse(str(error)) from None
        except (StackError, EmbeddedServerError) as error:
            raise Trouble(str(error)) from None
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of our output has left; click ends quietly
                raise
            raise Trouble(f"{error.filename or 'input or output'}: {error.strerror or error}") from None
