"""Credentials: which host a secret is for, and how it is sent there and nowhere else."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from candor.names.targets import Target
    from worker.outbound.guard import Guard


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A secret of the operator's, sent to `host` alone (as in the URL, with its port if that is not the usual one).

    `value` goes into the header named, or into the query parameter when `param` names one. Over plain http it is sent
    to test hosts only.
    """

    host: str
    value: str
    header: str = "Authorization"
    param: str | None = None

    def __repr__(self) -> str:
        return f"Credential(host={self.host!r}, value=…)"


def with_query(url: str, params: Mapping[str, str | int] | None) -> str:
    """Add parameters to a URL."""
    if not params:
        return url
    base, _, _ = url.partition("#")
    return f"{base}{'&' if '?' in base else '?'}{urlencode(params)}"


def attach(
    credential: Credential | None, target: Target, headers: Mapping[str, str], guard: Guard
) -> tuple[Target, Mapping[str, str]]:
    """Put the credential into the query or the headers, if the target is where it belongs."""
    if credential is None or credential.host != target.name:
        return target, headers
    if target.scheme != "https" and not guard.is_test_host(target.host, target.port):
        return target, headers
    if credential.param is None:
        return target, {**headers, credential.header: credential.value}
    return dataclasses.replace(target, path=with_query(target.path, {credential.param: credential.value})), headers
