"""Changes of partnerships: made, cities and people invited, findings shared and taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from isopolis.web.actions import Action, ValidationError
from isopolis.web.work.models import Job
from isopolis.web.workspaces.invitations import (
    VALID_FOR,
    belongs_to,
    clean_address,
    digest_of,
    fresh_token,
    send,
    too_many,
)

from .models import (
    EXPERT_DAYS,
    INVITED_AS,
    Partnership,
    PartnershipCity,
    PartnershipInvitation,
    PartnershipMembership,
    Share,
)

__all__ = [
    "AcceptForCity", "AcceptForPerson", "CreatePartnership", "InviteToPartnership", "LeavePartnership",
    "RemoveCity", "RemovePerson", "ShareFindings", "TakeCityOut", "UnshareFindings", "open_invitation",
]  # fmt: skip

RESERVED = {"new", "invitations"}


def open_invitation(token: str, now: datetime) -> PartnershipInvitation | None:
    """Return the invitation of a link, None when it is unknown, used or too old."""
    valid = PartnershipInvitation.objects.filter(digest=digest_of(token), expires_at__gt=now)
    return valid.select_related("partnership").first()


@dataclass
class CreatePartnership(Action):
    """Make a partnership; whoever makes it coordinates it."""

    name: str
    description: str
    verb: ClassVar[str] = "partnership.create"
    permission: ClassVar[str] = "partnership.create"
    sentence: ClassVar[str] = "{actor} created {target}"

    def check(self) -> None:
        """Require a name."""
        if not self.name.strip():
            raise ValidationError(_("Give the partnership a name."))

    def change(self) -> Partnership:
        """Make it, with a free address."""
        stem = slugify(self.name)[:50] or "partnership"
        slug, number = stem, 2
        while slug in RESERVED or Partnership.objects.filter(slug=slug).exists():
            slug, number = f"{stem}-{number}", number + 1
        made = Partnership.objects.create(
            name=" ".join(self.name.split())[:120], slug=slug, description=self.description.strip()[:4000]
        )
        PartnershipMembership.objects.create(user=self.actor, partnership=made, role="coordinator")
        return made


@dataclass
class InviteToPartnership(Action):
    """Invite a person, or the owner of a city, by e-mail; it says the same with and without an account."""

    partnership: Partnership
    email: str
    kind: str
    site: str = ""
    now: datetime | None = None
    verb: ClassVar[str] = "partnership.invite"
    permission: ClassVar[str] = "partnership.manage"
    sentence: ClassVar[str] = "{actor} sent an invitation to partnership {partnership}"

    def check(self) -> None:
        """Require a known kind, and not too many at once."""
        if self.kind not in dict(INVITED_AS):
            raise ValidationError(_("Choose what the invitation is for."))
        self.email = clean_address(self.email)
        if too_many(self.actor, self.now or timezone.now()):
            raise ValidationError(_("You have sent many invitations today. Send this one tomorrow."))

    def change(self) -> PartnershipInvitation:
        """Keep the hash and send the link."""
        token, digest = fresh_token()
        made, _fresh = PartnershipInvitation.objects.update_or_create(
            partnership=self.partnership,
            email=self.email,
            kind=self.kind,
            defaults={"digest": digest, "expires_at": (self.now or timezone.now()) + VALID_FOR},
        )
        self.path = reverse("partnership_invitation", args=[token])
        if settings.OPTIONS["email_url"]:
            named = {"partnership": " ".join(self.partnership.name.split())}
            subject = _("Invitation to the partnership %(partnership)s") % named
            context = named | {"link": self.site + self.path, "until": made.expires_at}
            transaction.on_commit(lambda: send(self.email, subject, "partnerships/invitation.txt", context))
        return made

    def detail(self, made: PartnershipInvitation) -> dict[str, str | int]:
        """Number of the partnership."""
        return {"partnership": str(self.partnership.pk)}


@dataclass
class _ByInvitation(Action):
    """Something that an open invitation to an address of one's own allows."""

    token: str

    def found(self, kinds: tuple[str, ...]) -> PartnershipInvitation:
        """Return the invitation, or say why there is none."""
        invitation = open_invitation(self.token, timezone.now())
        if invitation is None or invitation.kind not in kinds:
            raise ValidationError(_("This invitation does not work any more. Ask for a new one."))
        if not belongs_to(self.actor, invitation.email):
            raise ValidationError(
                _("This invitation is for another e-mail address. Sign in with the account of that address.")
            )
        return invitation

    def spend(self, invitation: PartnershipInvitation) -> None:
        """Use it up; of two clicks only one wins."""
        gone, _kinds = PartnershipInvitation.objects.filter(
            pk=invitation.pk, digest=invitation.digest
        ).delete()
        if gone != 1:
            raise ValidationError(_("This invitation does not work any more. Ask for a new one."))


@dataclass
class AcceptForPerson(_ByInvitation):
    """Become a coordinator or reader of a partnership."""

    verb: ClassVar[str] = "partnership.join"
    permission: ClassVar[str] = "invitation.accept"
    sentence: ClassVar[str] = "{actor} joined partnership {partnership} as {role}"

    def check(self) -> None:
        """Require an invitation for a person."""
        self.invitation = self.found(("coordinator", "reader", "expert"))

    def change(self) -> PartnershipMembership:
        """Give the role; a coordinator stays one."""
        self.spend(self.invitation)
        made, fresh = PartnershipMembership.objects.get_or_create(
            user=self.actor,
            partnership=self.invitation.partnership,
            defaults={"role": self.invitation.kind},
        )
        if self._rises(made, fresh):
            made.role = self.invitation.kind
            expert = made.role == "expert"
            made.until = timezone.localdate() + timedelta(days=EXPERT_DAYS) if expert else None
            made.save(update_fields=["role", "until"])
        return made

    def _rises(self, made: PartnershipMembership, fresh: bool) -> bool:
        """Tell whether the invitation gives more than what the person has."""
        order = ("expert", "reader", "coordinator")
        more = order.index(self.invitation.kind) >= order.index(made.role)
        return fresh or more or made.is_over(timezone.localdate())

    def detail(self, made: PartnershipMembership) -> dict[str, str | int]:
        """Number of the partnership and the role."""
        return {"partnership": str(made.partnership_id), "role": made.role}


@dataclass
class AcceptForCity(_ByInvitation):
    """Let one's city join a partnership; nothing is shared by that."""

    workspace: Any = None
    verb: ClassVar[str] = "partnership.city_joins"
    permission: ClassVar[str] = "city.partner"
    sentence: ClassVar[str] = "{actor} let the city join partnership {partnership}"

    def check(self) -> None:
        """Require an invitation for a city that is no member yet."""
        self.invitation = self.found(("city",))
        known = PartnershipCity.objects.filter(
            partnership=self.invitation.partnership, workspace=self.workspace
        )
        if known.exists():
            raise ValidationError(_("This city is in the partnership already."))

    def change(self) -> PartnershipCity:
        """Join."""
        self.spend(self.invitation)
        return PartnershipCity.objects.create(
            partnership=self.invitation.partnership, workspace=self.workspace
        )

    def detail(self, made: PartnershipCity) -> dict[str, str | int]:
        """Number of the partnership."""
        return {"partnership": str(made.partnership_id)}


@dataclass
class _CityLeaves(Action):
    """A city goes, with what it shared."""

    def out(self, city: PartnershipCity) -> PartnershipCity:
        """Take the city out, and everything that it shared with it."""
        number = city.pk
        Share.objects.filter(partnership=city.partnership, workspace=city.workspace).delete()
        city.delete()
        city.pk = number
        return city

    def detail(self, made: PartnershipCity) -> dict[str, str | int]:
        """Number of the partnership."""
        return {"partnership": str(made.partnership_id)}


@dataclass
class TakeCityOut(_CityLeaves):
    """Leave a partnership with one's city; what it shared is gone from there at once."""

    workspace: Any
    city: PartnershipCity
    verb: ClassVar[str] = "partnership.city_leaves"
    permission: ClassVar[str] = "city.partner"
    sentence: ClassVar[str] = "{actor} took the city out of partnership {partnership}"

    def check(self) -> None:
        """Require a membership of this city."""
        if self.city.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))

    def change(self) -> PartnershipCity:
        """Leave."""
        return self.out(self.city)


@dataclass
class RemoveCity(_CityLeaves):
    """Take a city out of the partnership that one coordinates."""

    partnership: Partnership
    city: PartnershipCity
    verb: ClassVar[str] = "partnership.remove_city"
    permission: ClassVar[str] = "partnership.manage"
    sentence: ClassVar[str] = "{actor} removed the city from partnership {partnership}"

    def check(self) -> None:
        """Require a city of this partnership."""
        if self.city.partnership_id != self.partnership.pk:
            raise ValidationError(_("This city is not in the partnership."))

    def change(self) -> PartnershipCity:
        """Remove it."""
        return self.out(self.city)

    def home(self, made: PartnershipCity) -> Any:
        """The log of the city: its owner is to see it."""
        return made.workspace


@dataclass
class RemovePerson(Action):
    """Take a person out of the partnership that one coordinates."""

    partnership: Partnership
    membership: PartnershipMembership
    verb: ClassVar[str] = "partnership.remove_person"
    permission: ClassVar[str] = "partnership.manage"
    sentence: ClassVar[str] = "{actor} took account {account} out of partnership {partnership}"

    def check(self) -> None:
        """Require a member of this partnership, not its last coordinator."""
        if self.membership.partnership_id != self.partnership.pk:
            raise ValidationError(_("This is no member of the partnership."))
        if self.membership.is_last_coordinator():
            raise ValidationError(_("A partnership keeps at least one coordinator: name another one first."))

    def change(self) -> PartnershipMembership:
        """Delete the membership, keeping its number for the log."""
        number = self.membership.pk
        self.membership.delete()
        self.membership.pk = number
        return self.membership

    def detail(self, made: PartnershipMembership) -> dict[str, str | int]:
        """Numbers of account and partnership."""
        return {"account": made.user_id, "partnership": str(made.partnership_id)}


@dataclass
class LeavePartnership(Action):
    """Go out of a partnership."""

    partnership: Partnership
    verb: ClassVar[str] = "partnership.leave"
    permission: ClassVar[str] = "partnership.leave"
    sentence: ClassVar[str] = "{actor} left {target}"

    def thing(self) -> Any:
        """Look at one's own membership: the last coordinator stays."""
        return PartnershipMembership.objects.filter(partnership=self.partnership, user=self.actor).first()

    def change(self) -> Partnership:
        """Delete the membership."""
        PartnershipMembership.objects.filter(partnership=self.partnership, user=self.actor).delete()
        return self.partnership


@dataclass
class ShareFindings(Action):
    """Show the main findings of one diagnosis to one partnership."""

    workspace: Any
    job: Job
    within: Partnership
    verb: ClassVar[str] = "findings.share"
    permission: ClassVar[str] = "findings.share"
    sentence: ClassVar[str] = "{actor} shared a diagnosis with partnership {partnership}"

    def check(self) -> None:
        """Require a finished diagnosis of this city and a partnership that it is in."""
        if self.job.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        if self.job.kind != "diagnose" or self.job.state != Job.State.DONE:
            raise ValidationError(_("Only a finished diagnosis can be shared."))
        if not PartnershipCity.objects.filter(partnership=self.within, workspace=self.workspace).exists():
            raise ValidationError(_("The city is not in this partnership."))

    def change(self) -> Share:
        """Keep that it is shared; asking twice is no mistake."""
        made, _fresh = Share.objects.get_or_create(
            partnership=self.within, job=self.job, defaults={"workspace": self.workspace}
        )
        return made

    def detail(self, made: Share) -> dict[str, str | int]:
        """Number of the partnership."""
        return {"partnership": str(made.partnership_id)}


@dataclass
class UnshareFindings(Action):
    """Take back what was shared: nobody in the partnership sees it from now on."""

    workspace: Any
    share: Share
    verb: ClassVar[str] = "findings.unshare"
    permission: ClassVar[str] = "findings.share"
    sentence: ClassVar[str] = "{actor} no longer shares a diagnosis with partnership {partnership}"

    def check(self) -> None:
        """Require a share of this city."""
        if self.share.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))

    def change(self) -> Share:
        """Delete it, keeping its number for the log."""
        number = self.share.pk
        self.share.delete()
        self.share.pk = number
        return self.share

    def detail(self, made: Share) -> dict[str, str | int]:
        """Number of the partnership."""
        return {"partnership": str(made.partnership_id)}
