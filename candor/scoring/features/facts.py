"""FeatureFacts: what is published about a feature."""

from __future__ import annotations

import msgspec


class FeatureFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Published facts of one feature; `unit` is that of its raw value and of its control points."""

    id: str
    label: str
    question: str
    formula: str
    unit: str
    needs: str
    evidence: str
    weaknesses: tuple[str, ...]
    source: str
