"""Who may do what: small predicates of role × object × phase, that can say why.

Each verb has one predicate in `RULES`. Pages, actions and commands all ask `may`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

__all__ = [
    "FEATURES", "PARTNERSHIP_ROLES", "ROLES", "RULES", "Case", "Predicate", "Verdict", "day", "may",
    "phase_open", "predicate", "require", "role", "signed_in", "verdicts", "who_may",
]  # fmt: skip

ROLES = (
    "owner", "analyst", "participation_officer", "policy_officer", "moderator", "viewer", "resident",
)  # fmt: skip
ROLE_NAMES = {
    "owner": gettext_noop("owner"),
    "analyst": gettext_noop("analyst"),
    "participation_officer": gettext_noop("participation officer"),
    "policy_officer": gettext_noop("policy officer"),
    "moderator": gettext_noop("moderator"),
    "viewer": gettext_noop("viewer"),
    "resident": gettext_noop("resident"),
}
"""Roles as they stand in a sentence."""

PARTNERSHIP_ROLES = ("coordinator", "reader", "city", "expert")
"""Roles in a partnership; "city" is a reader of findings in one of its member cities, "expert" is from
outside and has access for a time."""

FEATURES: dict[str, tuple[str, str, str]] = {
    "comment": (
        gettext_noop("Comments open on %(day)s."),
        gettext_noop("Comments closed on %(day)s."),
        gettext_noop("No comments are taken here."),
    ),
    "propose": (
        gettext_noop("Proposals open on %(day)s."),
        gettext_noop("Proposals closed on %(day)s."),
        gettext_noop("No proposals are taken here."),
    ),
    "repair": (
        gettext_noop("Ideas can be repaired from %(day)s."),
        gettext_noop("Ideas could be repaired until %(day)s."),
        gettext_noop("Ideas are not repaired here."),
    ),
    "answer": (
        gettext_noop("Answers can be given from %(day)s."),
        gettext_noop("Answers could be given until %(day)s."),
        gettext_noop("No answers are taken here."),
    ),
    "worry": (
        gettext_noop("Worries can be told from %(day)s."),
        gettext_noop("Worries could be told until %(day)s."),
        gettext_noop("No worries are taken here."),
    ),
    "vote": (
        gettext_noop("Voting opens on %(day)s."),
        gettext_noop("Voting closed on %(day)s."),
        gettext_noop("There is no vote here."),
    ),
}
"""What a phase can open, and what is said before, after, and where no phase opens it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no, and why in one sentence."""

    allowed: bool
    why: str

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True, slots=True)
class Case:
    """What a predicate may look at; the clock comes in with it."""

    user: Any
    role: str = ""
    thing: Any = None
    workspace: Any = None
    partnership_role: str = ""
    now: datetime | None = None


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
    unknown = set(names) - set(ROLES)
    if unknown:
        raise ValueError(f"no such role: {unknown}")

    def judge(case: Case) -> Verdict:
        if case.role in names:
            return Verdict(True, "")
        listed = ", ".join(_(ROLE_NAMES[n]) for n in names)
        mine = _(ROLE_NAMES[case.role]) if case.role in ROLE_NAMES else _("none")
        # Translators: the roles are those who may do it; the last one is what the reader has
        said = _("This needs one of these roles in the workspace: %(roles)s. Yours is: %(mine)s.")
        return Verdict(False, said % {"roles": listed, "mine": mine})

    return Predicate(judge)


def partner(*names: str) -> Predicate:
    """Require one of these roles in the partnership of the object."""
    unknown = set(names) - set(PARTNERSHIP_ROLES)
    if unknown:
        raise ValueError(f"no such role: {unknown}")
    return predicate(
        gettext_noop("Only those who coordinate this partnership may do this.")
        if names == ("coordinator",)
        else gettext_noop("This is for the members of the partnership.")
    )(lambda c: c.partnership_role in names)


def phase_open(feature: str) -> Predicate:
    """Require a phase that opens `feature` at the time of the case, for an object with ``windows``."""
    opens, closed, never = FEATURES[feature]

    def judge(case: Case) -> Verdict:
        now = case.now or timezone.now()
        windows = case.thing.windows(feature) if hasattr(case.thing, "windows") else []
        if any(start <= now < end for start, end in windows):
            return Verdict(True, "")
        later = [start for start, _end in windows if start > now]
        if later:
            return Verdict(False, _(opens) % {"day": day(min(later))})
        if windows:
            return Verdict(False, _(closed) % {"day": day(max(end for _start, end in windows), last=True)})
        return Verdict(False, _(never))

    return Predicate(judge)


def day(moment: datetime, *, last: bool = False) -> str:
    """Write a moment as a day; the end of a phase at midnight belongs to the day before."""
    shown = moment - timedelta(microseconds=1) if last else moment
    return date_format(timezone.localtime(shown), "DATE_FORMAT")


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

not_archived = predicate(
    "This workspace is in the archive: an owner has to take it out before anything in it can be changed."
)(lambda c: getattr(c.workspace, "archived_at", None) is None)
not_last_coordinator = predicate("A partnership keeps at least one coordinator: name another one first.")(
    lambda c: not (c.thing and c.thing.is_last_coordinator())
)
own_account = predicate("Only the person whose account it is may do this.")(
    lambda c: c.thing is not None and c.thing.pk == c.user.pk
)
the_server = predicate("Only whoever runs this server may do this for others.")(
    lambda c: bool(getattr(c.user, "is_server", False))
)
in_workspace = predicate("Choose to take part first.")(lambda c: c.role in ROLES)
process_public = predicate("This process is not public.")(
    lambda c: getattr(_process(c), "state", "") in ("published", "archived")
)
process_running = predicate("This process is not open.")(
    lambda c: getattr(_process(c), "state", "") == "published"
)
own = predicate("Only who wrote this may change it.")(lambda c: bool(c.thing and c.thing.belongs_to(c.user)))
still_fresh = predicate("This can no longer be changed; it can still be deleted.")(
    lambda c: bool(c.thing and c.thing.is_fresh(c.now or timezone.now()))
)

idea_open = predicate("This idea can no longer be changed.")(
    lambda c: bool(c.thing and c.thing.is_fresh(c.now or timezone.now()))
)


library_moderator = predicate("Only those who look after the library may do this.")(
    lambda c: _looks_after_library(c.user)
)
library_writer = predicate("This entry belongs to nobody of this city.")(
    lambda c: (
        getattr(c.thing, "workspace_id", None) is not None
        and c.workspace is not None
        and c.thing.workspace_id == c.workspace.pk
    )
)
holds_link = predicate("This needs the link that was sent to the contact.")(
    lambda c: bool(getattr(c.user, "digest", "")) and c.user.digest == getattr(c.thing, "digest", None)
)


def _looks_after_library(user: Any) -> bool:
    from .library.models import is_moderator

    return is_moderator(user)


def _process(case: Case) -> Any:
    return getattr(case.thing, "process", case.thing)


DATA_PEOPLE = role("owner", "analyst")
OFFICERS = role("owner", "participation_officer")
SUBMITTERS = role("owner", "policy_officer", "analyst", "participation_officer")
READERS = role("owner", "analyst", "participation_officer", "policy_officer", "viewer")

RULES: dict[str, Predicate] = {
    "workspace.create": signed_in & (administrator | founding_open),
    "workspace.see": signed_in & role(*ROLES),
    "members.manage": signed_in & role("owner"),
    "members.change": signed_in & role("owner") & not_last_owner,
    "workspace.leave": signed_in & role(*ROLES) & not_last_owner,
    "workspace.rename": signed_in & role("owner"),
    "workspace.archive": signed_in & role("owner"),
    "workspace.delete": signed_in & role("owner"),
    "workspace.hand_over": signed_in & role("owner"),
    "invitation.accept": signed_in,
    "account.edit": signed_in,
    # participation: processes, their modules and phases, comments
    "process.manage": signed_in & OFFICERS & not_archived,
    "process.see": process_public | (signed_in & OFFICERS),
    "process.join": signed_in & process_running & not_archived,
    "comment.add": signed_in & process_running & in_workspace & not_archived & phase_open("comment"),
    "comment.edit": signed_in & own & process_running & not_archived & phase_open("comment") & still_fresh,
    "comment.delete": signed_in & own,
    "comment.report": signed_in & in_workspace & process_public,
    "comment.moderate": signed_in & role("owner", "moderator"),
    # consultations on plans: no account is needed to answer
    "answer.add": process_running & not_archived & phase_open("answer"),
    "answer.withdraw": signed_in & own,
    "consultation.manage": signed_in
    & role("owner", "participation_officer", "policy_officer")
    & not_archived,
    # votes: a code is enough to cast a ballot, and nobody is asked who they are
    "ballot.cast": process_running & not_archived & phase_open("vote"),
    "ballot.manage": signed_in & OFFICERS & not_archived,
    # assemblies drawn by lot
    "assembly.manage": signed_in & OFFICERS & not_archived,
    # surveys; who answers one needs "answer.add" only
    "survey.manage": signed_in & OFFICERS & not_archived,
    # budgets that residents decide: ideas, their checks, and moderation
    "budget.manage": signed_in & OFFICERS & not_archived,
    "budget.ballot": signed_in & OFFICERS & not_archived,
    # which mail one wants can be chosen at any time, also when all is over
    "budget.mail": signed_in & process_public,
    "delivery.manage": signed_in & OFFICERS & not_archived,
    "idea.add": signed_in & process_running & in_workspace & not_archived & phase_open("propose"),
    "idea.edit": signed_in
    & own
    & process_running
    & not_archived
    & (phase_open("propose") | phase_open("repair"))
    & idea_open,
    "idea.withdraw": signed_in & own & process_running & not_archived,
    "idea.check": signed_in & role("owner", "participation_officer", "policy_officer") & not_archived,
    "idea.report": signed_in & in_workspace & process_public,
    "idea.appeal": signed_in & own & process_public,
    "idea.moderate": signed_in & role("owner", "moderator"),
    # conversations: no account is needed to write and to vote
    "opinion.propose": process_running & not_archived & phase_open("propose"),
    "opinion.vote": process_running & not_archived & phase_open("vote"),
    "opinion.withdraw": process_public,
    "opinion.moderate": signed_in & role("owner", "participation_officer", "moderator") & not_archived,
    "opinion.manage": signed_in & OFFICERS & not_archived,
    # worries desks: no account is needed to tell one
    "worry.add": process_running & not_archived & phase_open("worry"),
    "worries.manage": signed_in & OFFICERS & not_archived,
    # partnerships of cities
    "partnership.create": signed_in & (administrator | founding_open),
    "partnership.see": signed_in & partner("coordinator", "reader", "city"),
    "partnership.manage": signed_in & partner("coordinator"),
    "partnership.leave": signed_in & partner("coordinator", "reader", "expert") & not_last_coordinator,
    "partnership.load": signed_in & (administrator | the_server),
    # meetings, documents, surveys and the paper of a partnership; an expert from outside reads and comments
    "hub.read": signed_in & partner("coordinator", "reader", "city", "expert"),
    "hub.comment": signed_in & partner("coordinator", "reader", "city", "expert"),
    "hub.answer": signed_in & partner("coordinator", "reader", "city"),
    "hub.own": signed_in & own,
    "city.partner": signed_in & role("owner") & not_archived,
    "findings.share": signed_in & role("owner") & not_archived,
    # the words of a city's own
    "vocabulary.local": signed_in & role("owner", "analyst", "policy_officer") & not_archived,
    # cities like this one
    "peers.see": signed_in & READERS,
    "peers.manage": signed_in & role("owner", "analyst", "policy_officer") & not_archived,
    # the library: cities write and submit, moderators publish; a named contact has a link
    "library.submit": signed_in & SUBMITTERS & not_archived,
    "library.moderate": signed_in & library_moderator,
    "library.withdraw": signed_in & (library_moderator | (SUBMITTERS & library_writer)),
    "library.translate": signed_in & (library_moderator | (SUBMITTERS & library_writer & not_archived)),
    "library.name_moderators": signed_in & administrator,
    "library.import": signed_in & (the_server | library_moderator),
    "library.load": the_server,
    "library.consent": holds_link,
    # questionnaires, and exchanges with other cities
    "frames.read": signed_in & READERS,
    "frames.answer": signed_in & SUBMITTERS & not_archived,
    "frames.share": signed_in & role("owner") & not_archived,
    "exchange.read": signed_in & READERS,
    "exchange.manage": signed_in & role("owner", "policy_officer") & not_archived,
    # data protection: one's own account, or the server itself by command
    "account.export": signed_in & (own_account | the_server),
    "account.erase": signed_in & (own_account | the_server),
    "records.read": signed_in & administrator,
    "equality.ask": signed_in & OFFICERS & not_archived,
    "equality.read": signed_in & OFFICERS,
    "audit.read": signed_in & role("owner"),
    # tokens of programs: they open no more than their owner may open
    "token.make": signed_in,
    "token.revoke": signed_in & own,
    "data.read": signed_in & DATA_PEOPLE,
    "data.upload": signed_in & DATA_PEOPLE & not_archived,
    "data.correct": signed_in & DATA_PEOPLE & not_archived,
    "data.remove": signed_in & role("owner"),
    "diagnosis.start": signed_in & DATA_PEOPLE & not_archived,
    "diagnosis.cancel": signed_in & DATA_PEOPLE,
    "findings.read": signed_in & READERS,
    # the files hold numbers of single zones that no privacy gate has seen yet
    "findings.download": signed_in & role("owner", "analyst", "policy_officer"),
    # what the gate withheld and why is for those who may see what it withheld
    "publication.read": signed_in & role("owner", "analyst", "policy_officer"),
    "publication.prepare": signed_in & role("owner", "analyst", "policy_officer") & not_archived,
    "publication.publish": signed_in & role("owner") & not_archived,
    "publication.withdraw": signed_in & role("owner"),
    # action plans; those of a partnership are its coordinators' and readers'
    "plan.see": signed_in & READERS,
    "plan.manage": signed_in & role("owner", "policy_officer") & not_archived,
    "plan.finalise": signed_in & role("owner") & not_archived,
}


def may(
    user: Any,
    verb: str,
    workspace: Any = None,
    thing: Any = None,
    *,
    partnership: Any = None,
    now: datetime | None = None,
) -> Verdict:
    """Judge whether `user` may do `verb` here, to `thing`, at `now`; never raises."""
    here = workspace.role_of(user) if workspace is not None else ""
    there = partnership.role_of(user) if partnership is not None else ""
    return RULES[verb](Case(user, here, thing, workspace, there, now or timezone.now()))


def verdicts(user: Any, verbs: Iterable[str], workspace: Any) -> dict[str, Verdict]:
    """Judge many verbs in one workspace, with one look at the role there."""
    case = Case(user, workspace.role_of(user), None, workspace, "", timezone.now())
    return {verb: RULES[verb](case) for verb in verbs}


def require(
    user: Any,
    verb: str,
    workspace: Any = None,
    thing: Any = None,
    *,
    partnership: Any = None,
    now: datetime | None = None,
) -> None:
    """Raise `PermissionDenied` with the reason when it is not allowed."""
    verdict = may(user, verb, workspace, thing, partnership=partnership, now=now)
    if not verdict:
        raise PermissionDenied(verdict.why)


def who_may(verb: str, workspace: Any) -> list[Any]:
    """List the members who may do `verb`."""
    members = workspace.membership_set.select_related("user").order_by("pk")
    return [m.user for m in members if RULES[verb](Case(m.user, m.role, None, workspace))]
