"""What commands tell their user, errors in a sentence instead of a traceback, and the groups that see to it."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from candor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE = 2


class CommandError(click.ClickException):
    """An error in a sentence, printed on stderr; `exit_code` is 1, or 2 when what the user gave is wrong."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc] # click reads it from the instance


def command_error(error: Exception) -> CommandError | None:
    """Return the sentence for an error that an operator can mend or one of files; None where there is none for it."""
    if isinstance(error, CommandError):
        return error
    if isinstance(error, OperatorError):
        return CommandError(str(error), error.exit_code)
    if isinstance(error, OSError) and error.errno != errno.EPIPE:  # the reader of our output left; click ends quietly
        return CommandError(f"{error.filename or 'input or output'}: {error.strerror or error}")
    return None


def usage_error(message: str) -> CommandError:
    """Make the error for something the user gave that is wrong."""
    return CommandError(message, USAGE)


def say(message: str) -> None:
    """Tell the user something on stderr, where it is in nobody's way."""
    click.echo(message, err=True)


def print_row(*columns: str) -> None:
    """Print the columns with a tab between them, each without what would break the line."""
    click.echo("\t".join("".join(each if each.isprintable() else " " for each in column) for column in columns))


class Group(click.Group):
    """A group of commands that tells its user what went wrong in a sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; errors that an operator can mend and errors of files become CommandError."""
        try:
            return super().invoke(ctx)
        except (OperatorError, OSError) as error:
            if (told := command_error(error)) is None:
                raise
            raise told from None


@dataclass(frozen=True)
class LazyCommand:
    """A command of a lazy group: its name, where it stands (MODULE:ATTRIBUTE), and what the group's help says of it."""

    name: str
    place: str
    short_help: str


class LazyGroup(Group):
    """A group that imports a command only when it is asked for, so that help and completion cost next to nothing."""

    def __init__(self, *args: Any, entries: Sequence[LazyCommand] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = {entry.name: entry for entry in entries}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        del ctx
        return sorted(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if (entry := self.entries.get(cmd_name)) is None:
            return None
        module, _, attribute = entry.place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their short helps, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.entries[name].short_help) for name in self.list_commands(ctx)])
