"""What a process still needs before it can be published, each in a sentence."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from .models import Module, Process

__all__ = ["missing"]


def missing(process: Process, now: datetime) -> list[str]:
    """Return why the process cannot be published yet; nothing when it can."""
    modules = list(process.modules())
    reasons = []
    if not process.description.strip():
        reasons.append(_("Write what it is about: people decide by it whether to take part."))
    if not modules:
        reasons.append(_("Add a module: without one nobody can do anything."))
    for module in modules:
        reasons += _of_module(module)
    ends = [p.ends_at for m in modules for p in m.phases() if p.ends_at is not None]
    if ends and max(ends) <= now:
        reasons.append(_("All phases are over already. Set dates that are still to come."))
    if process.state == Process.State.ARCHIVED:
        reasons.append(_("It is in the archive. Make a new process instead."))
    return reasons


def _of_module(module: Module) -> list[str]:
    named = {"module": module.title}
    if module.manifest is None:
        return [_("“%(module)s” is of a kind that is not installed on this server.") % named]
    phases = module.phases()
    if not phases:
        return [_("“%(module)s” has no phase: nothing in it would ever open.") % named]
    said = _("“%(phase)s” needs a first and a last day.")
    return [said % {"phase": p.name} for p in phases if p.starts_at is None or p.ends_at is None]
