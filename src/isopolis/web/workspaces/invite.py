"""Changes of who is to be a member: invited, withdrawn, accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.web.actions import Action, ValidationError
from isopolis.web.permissions import ROLES

from .invitations import VALID_FOR, belongs_to, clean_address, digest_of, fresh_token, send, too_many
from .models import Invitation, Membership

__all__ = ["AcceptInvitation", "InviteMember", "WithdrawInvitation", "open_invitation"]


def open_invitation(token: str, now: datetime) -> Invitation | None:
    """Return the invitation of a link, None when it is unknown, used or too old."""
    valid = Invitation.objects.filter(digest=digest_of(token), expires_at__gt=now)
    return valid.select_related("workspace").first()


@dataclass
class InviteMember(Action):
    """Offer a role to an e-mail address, whether or not somebody has an account with it.

    What happens and what is said is the same in both cases, so that nobody learns who has one. After `run`
    the attribute `path` is the link; it is known at this moment only.
    """

    workspace: Any
    email: str
    role: str
    site: str = ""
    now: datetime | None = None
    verb: ClassVar[str] = "member.invite"
    permission: ClassVar[str] = "members.manage"
    sentence: ClassVar[str] = "{actor} sent invitation {number} for the role {role}"

    def check(self) -> None:
        """Require a known role, somebody who is no member yet, and not too many at once."""
        if self.role not in ROLES:
            raise ValidationError(_("Choose one of the roles."))
        self.email = clean_address(self.email)
        # residents are not told of: who takes part is nobody's business
        known = Membership.objects.filter(workspace=self.workspace, user__email=self.email)
        if known.exclude(role="resident").exists():
            raise ValidationError(_("This person is a member already; change the role instead."))
        if too_many(self.actor, self.now or timezone.now()):
            raise ValidationError(_("You have sent many invitations today. Send this one tomorrow."))

    def change(self) -> Invitation:
        """Keep the hash and send the link; an earlier invitation of the same address stops working."""
        token, digest = fresh_token()
        made, _made_now = Invitation.objects.update_or_create(
            workspace=self.workspace,
            email=self.email,
            defaults={
                "role": self.role,
                "digest": digest,
                "expires_at": (self.now or timezone.now()) + VALID_FOR,
            },
        )
        self.path = reverse("invitation", args=[token])
        if settings.OPTIONS["email_url"]:
            subject = _("Invitation to %(city)s") % {"city": " ".join(self.workspace.name.split())}
            context = {"workspace": self.workspace, "link": self.site + self.path, "until": made.expires_at}
            transaction.on_commit(lambda: send(self.email, subject, "workspaces/invitation.txt", context))
        return made

    def detail(self, made: Invitation) -> dict[str, str | int]:
        """Number of the invitation and the role."""
        return {"number": made.pk, "role": made.role}


@dataclass
class WithdrawInvitation(Action):
    """Make an invitation's link useless."""

    workspace: Any
    invitation: Invitation
    verb: ClassVar[str] = "member.withdraw_invitation"
    permission: ClassVar[str] = "members.manage"
    sentence: ClassVar[str] = "{actor} withdrew invitation {number}"

    def check(self) -> None:
        """Require an invitation of this workspace."""
        if self.invitation.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))

    def change(self) -> Invitation:
        """Delete it, keeping its number for the log."""
        number = self.invitation.pk
        self.invitation.delete()
        self.invitation.pk = number
        return self.invitation

    def detail(self, made: Invitation) -> dict[str, str | int]:
        """Number of the invitation."""
        return {"number": made.pk}


@dataclass
class AcceptInvitation(Action):
    """Become a member by an invitation to an address of one's own."""

    token: str
    now: datetime | None = None
    verb: ClassVar[str] = "member.accept_invitation"
    permission: ClassVar[str] = "invitation.accept"
    sentence: ClassVar[str] = "{actor} accepted an invitation for the role {role}"

    def check(self) -> None:
        """Require an open invitation to an address of this account."""
        found = open_invitation(self.token, self.now or timezone.now())
        if found is None:
            raise ValidationError(_("This invitation does not work any more. Ask for a new one."))
        if not belongs_to(self.actor, found.email):
            raise ValidationError(
                _("This invitation is for another e-mail address. Sign in with the account of that address.")
            )
        self.invitation = found

    def change(self) -> Membership:
        """Spend the invitation and give the role; a resident rises to it, any other member keeps theirs."""
        # one DELETE decides, so that two clicks cannot both win
        gone, _kinds = Invitation.objects.filter(
            pk=self.invitation.pk, digest=self.invitation.digest
        ).delete()
        if gone != 1:
            raise ValidationError(_("This invitation does not work any more. Ask for a new one."))
        made, fresh = Membership.objects.get_or_create(
            user=self.actor,
            workspace=self.invitation.workspace,
            defaults={"role": self.invitation.role},
        )
        if not fresh and made.role == "resident":
            made.role = self.invitation.role
            made.save(update_fields=["role"])
        return made

    def home(self, made: Membership) -> Any:
        """The log of the workspace that was joined."""
        return made.workspace

    def detail(self, made: Membership) -> dict[str, str | int]:
        """The role."""
        return {"role": made.role}
