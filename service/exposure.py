"""Whether others than this machine can reach the service, and what it must have then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.setting_facts import SettingsError

if TYPE_CHECKING:
    from candor.settings import Settings


def check_exposure(settings: Settings, *, keys: int) -> None:
    """Refuse a service that others can reach but that has no key, or nobody to write to. Raises SettingsError."""
    if settings.on_loopback:
        return
    if keys == 0:
        raise SettingsError(
            f"{_exposure(settings)}, and there is no key: make one with `candor keys create`, or {_way_back(settings)}"
        )
    if settings.operator_contact is None:
        raise SettingsError(
            f"{_exposure(settings)}: set CANDOR_OPERATOR_CONTACT to an address "
            "that the people scored can write to; it is shown on every score"
        )


def _exposure(settings: Settings) -> str:
    if settings.trusted_proxies:
        return f"CANDOR_TRUSTED_PROXIES is {settings.trusted_proxies}, so others can reach the service"
    return f"CANDOR_HOST is {settings.host}, which others can reach"


def _way_back(settings: Settings) -> str:
    return "unset it where no proxy is in front" if settings.trusted_proxies else "bind to 127.0.0.1"
