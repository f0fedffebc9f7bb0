"""Who may do what: small predicates of role × object (× phase, when modules come), that can say why.

Each verb has one predicate in `RULES`. Pages, actions and commands all ask `may`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

__all__ = ["ROLES", "RULES", "Case", "Predicate", "Verdict", "may", "require", "who_may"]

ROLES = (
    "owner", "analyst", "participation_officer", "policy_officer", "moderator", "viewer", "resident",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no, and why in one sentence."""

    allowed: bool
    why: str

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True, slots=True)
class Case:
    """What a predicate may look at."""

    user: Any
    role: str = ""
    thing: Any = None
    phase: str = ""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A question about a case with the reason that a "no" has; joined by ``&`` and ``|``."""

    judge: Callable[[Case], Verdict]

    def __call__(self, case: Case) -> Verdict:
        """Judge one case."""
        return self.judge(case)

    def __and__(self, other: Predicate) -> Predicate:
        def both(case: Case) -> Verdict:
            first = self(case)
            return other(case) if first else first

        return Predicate(both)

    def __or__(self, other: Predicate) -> Predicate:
        def either(case: Case) -> Verdict:
            first, second = self(case), other(case)
            if first or second:
                return first if first else second
            return Verdict(False, f"{first.why} {second.why}")

        return Predicate(either)


def predicate(why_not: str) -> Callable[[Callable[[Case], bool]], Predicate]:
    """Make a predicate of a function that answers yes or no."""

    def make(test: Callable[[Case], bool]) -> Predicate:
        return Predicate(lambda case: Verdict(True, "") if test(case) else Verdict(False, _(why_not)))

    return make


def role(*names: str) -> Predicate:
    """Require one of these roles in the workspace of the object."""
    listed = ", ".join(n.replace("_", " ") for n in names)
    unknown = set(names) - set(ROLES)
    if unknown:
        raise ValueError(f"no such role: {unknown}")

    def judge(case: Case) -> Verdict:
        if case.role in names:
            return Verdict(True, "")
        mine = case.role.replace("_", " ")
        # Translators: the roles are those who may do it; the last one is what the reader has
        said = _("This needs one of these roles in the workspace: %(roles)s. Yours is: %(mine)s.")
        return Verdict(False, said % {"roles": listed, "mine": mine or _("none")})

    return Predicate(judge)


signed_in = predicate("Sign in first.")(
    lambda c: bool(c.user and c.user.is_authenticated and c.user.is_active)
)
administrator = predicate("Only an administrator of this server may do this.")(
    lambda c: bool(c.user.is_admin)
)
founding_open = predicate("New workspaces are made by the server's administrators here.")(
    lambda c: bool(settings.OPTIONS["founding"])
)
not_last_owner = predicate("A workspace keeps at least one owner: name another one first.")(
    lambda c: not (c.thing and c.thing.is_last_owner())
)

DATA_PEOPLE = role("owner", "analyst")
READERS = role("owner", "analyst", "participation_officer", "policy_officer", "viewer")

RULES: dict[str, Predicate] = {
    "workspace.create": signed_in & (administrator | founding_open),
    "workspace.see": signed_in & role(*ROLES),
    "members.manage": signed_in & role("owner"),
    "members.change": signed_in & role("owner") & not_last_owner,
    "audit.read": signed_in & role("owner"),
    "data.read": signed_in & DATA_PEOPLE,
    "data.upload": signed_in & DATA_PEOPLE,
    "data.correct": signed_in & DATA_PEOPLE,
    "data.remove": signed_in & role("owner"),
    "diagnosis.start": signed_in & DATA_PEOPLE,
    "diagnosis.cancel": signed_in & DATA_PEOPLE,
    "findings.read": signed_in & READERS,
    # the files hold numbers of single zones that no privacy gate has seen yet
    "findings.download": signed_in & role("owner", "analyst", "policy_officer"),
}


def may(user: Any, verb: str, workspace: Any = None, thing: Any = None) -> Verdict:
    """Judge whether `user` may do `verb` in `workspace`, to `thing`; never raises."""
    role_here = workspace.role_of(user) if workspace is not None else ""
    return RULES[verb](Case(user, role_here, thing))


def require(user: Any, verb: str, workspace: Any = None, thing: Any = None) -> None:
    """Raise `PermissionDenied` with the reason when it is not allowed."""
    verdict = may(user, verb, workspace, thing)
    if not verdict:
        raise PermissionDenied(verdict.why)


def who_may(verb: str, workspace: Any) -> list[Any]:
    """List the members who may do `verb`."""
    members = workspace.membership_set.select_related("user").order_by("pk")
    return [m.user for m in members if RULES[verb](Case(m.user, m.role))]
