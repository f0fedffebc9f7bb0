"""The partnership's own action plan as one of its records."""

from __future__ import annotations

from isopolis.act.plan import Plan

from .base import Access, Key, Plain, Source

__all__ = ["PlanRecord"]


class PlanRecord(Plain):
    """A plan, as far as it is known: what is empty in it is not stated."""

    key: Key
    plan: Plan
    access: Access = "public"
    sources: tuple[Source, ...] = ()
