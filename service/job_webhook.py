"""The webhook that a job names: it has to be there, and enabled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.context import context

if TYPE_CHECKING:
    from service.fetching import Complain


def check_webhook(owner: str, named: str | None, complain: Complain) -> None:
    """Complain, with a pointer and words, unless the webhook is the owner's and enabled, or none is named."""
    if named is None:
        return
    webhook = context().store.webhooks.get(owner, named)
    if webhook is None:
        complain("/webhook", f"there is no webhook {named!r}")
    elif not webhook.enabled:
        complain("/webhook", f"disabled, because {webhook.disabled_because}")
