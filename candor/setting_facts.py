"""What is known of one setting, and how its text in the environment is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from candor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Check: TypeAlias = "Callable[[str, str], None]"


class SettingsError(OperatorError):
    """A setting is wrong; the message names the variable."""

    exit_code = 2


@dataclass(frozen=True, kw_only=True)
class SettingFacts:
    """What is known of a setting beside its default.

    `between` bounds a number, `form` is a pattern that the text, or each part of a list, matches; `form_means` says it
    in words. `check`, in their place, raises SettingsError for a variable and its text. `help` is for
    docs/operations.md, where `make docs` writes it.
    """

    help: str
    unit: str
    between: tuple[int, int] | None
    choices: tuple[str, ...]
    form: str
    form_means: str
    check: Check | None

    def read(self, name: str, text: str, default: object) -> Any:  # noqa: ANN401 as the field says
        """Read a value of the variable `name` by what its default is. Raises SettingsError."""
        if self.check is not None:
            self.check(name, text)
            return text
        if isinstance(default, int):
            return self._integer(name, text)
        if isinstance(default, Path):
            return Path(text)
        if isinstance(default, tuple):
            parts = tuple(part.strip() for part in text.split(",") if part.strip())
            if not all(re.fullmatch(self.form, part) for part in parts):
                raise SettingsError(f"{name} must be a list of {self.form_means}, separated by commas")
            return parts
        if self.choices and text not in self.choices:
            raise SettingsError(f"{name} must be one of {', '.join(self.choices)}, not {text!r}")
        if not re.fullmatch(self.form, text):
            raise SettingsError(f"{name} must be {self.form_means}, not {text[:40]!r}")
        return text

    def _integer(self, name: str, text: str) -> int:
        low, high = self.between or (0, 2**53)
        if not re.fullmatch(r"[0-9]{1,18}", text) or not low <= int(text) <= high:
            raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {text!r}")
        return int(text)


def setting(
    default: T,
    help: str,  # noqa: A002 what it is called everywhere
    *,
    unit: str = "",
    between: tuple[int, int] | None = None,
    choices: tuple[str, ...] = (),
    form: str = ".*",
    form_means: str = "",
    check: Check | None = None,
    secret: bool = False,
) -> T:
    """Describe a setting; a `secret` is left out of the representation."""
    facts = SettingFacts(
        help=help, unit=unit, between=between, choices=choices, form=form, form_means=form_means, check=check
    )
    described: T = field(default=default, repr=not secret, metadata={"facts": facts})
    return described
