"""Changes of workspaces and their members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.text import slugify
from django.utils.translation import gettext as _

from isopolis.web.accounts.models import User
from isopolis.web.actions import Action, ValidationError
from isopolis.web.inserts import insert
from isopolis.web.permissions import ROLES

from .models import Membership, Workspace

__all__ = ["AddMember", "ChangeRole", "CreateWorkspace", "RemoveMember"]

RESERVED = {"new"}


@dataclass
class CreateWorkspace(Action):
    """Make a workspace; whoever makes it owns it."""

    name: str
    verb: ClassVar[str] = "workspace.create"
    permission: ClassVar[str] = "workspace.create"
    sentence: ClassVar[str] = "{actor} created the workspace"

    def check(self) -> None:
        """Require a name with something to make an address of."""
        if not self.name.strip():
            raise ValidationError(_("Give the workspace a name."))

    def change(self) -> Workspace:
        """Make it, with a free address."""
        stem = slugify(self.name)[:50] or "city"
        slug, number = stem, 2
        while slug in RESERVED or Workspace.objects.filter(slug=slug).exists():
            slug, number = f"{stem}-{number}", number + 1
        made = Workspace(name=self.name.strip(), slug=slug)
        insert(made)
        insert(Membership(user_id=self.actor.pk, workspace=made, role="owner"))
        return made

    def home(self, made: Workspace) -> Workspace:
        """The log of the workspace begins with its making."""
        return made


@dataclass
class AddMember(Action):
    """Give an account a role in the workspace."""

    workspace: Any
    email: str
    role: str
    verb: ClassVar[str] = "member.add"
    permission: ClassVar[str] = "members.manage"
    sentence: ClassVar[str] = "{actor} gave account {account} the role {role}"

    def check(self) -> None:
        """Require a known role and an account that is not a member yet."""
        if self.role not in ROLES:
            raise ValidationError(_("Choose one of the roles."))
        self.user = User.objects.filter(email__iexact=self.email.strip(), is_active=True).first()
        if self.user is None:
            raise ValidationError(
                _("Nobody has an account with this address. Ask them to sign up first, then add them.")
            )
        if self.workspace.role_of(self.user):
            raise ValidationError(_("This person is a member already; change the role instead."))

    def change(self) -> Membership:
        """Add the membership."""
        return Membership.objects.create(user=self.user, workspace=self.workspace, role=self.role)

    def detail(self, made: Membership) -> dict[str, str | int]:
        """Number of the account and the role."""
        return {"account": made.user_id, "role": made.role}


@dataclass
class ChangeRole(Action):
    """Give a member another role."""

    workspace: Any
    membership: Membership
    role: str
    verb: ClassVar[str] = "member.change_role"
    permission: ClassVar[str] = "members.change"
    sentence: ClassVar[str] = "{actor} gave account {account} the role {role}"

    def thing(self) -> Any:
        """Look at the membership, unless it stays an owner's."""
        return None if self.role == "owner" else self.membership

    def check(self) -> None:
        """Require a known role and a membership of this workspace."""
        if self.role not in ROLES or self.membership.workspace_id != self.workspace.pk:
            raise ValidationError(_("Choose one of the roles."))

    def change(self) -> Membership:
        """Change the role."""
        self.membership.role = self.role
        self.membership.save(update_fields=["role"])
        return self.membership

    def detail(self, made: Membership) -> dict[str, str | int]:
        """Number of the account and the role."""
        return {"account": made.user_id, "role": made.role}


@dataclass
class RemoveMember(Action):
    """Take a member out of the workspace."""

    workspace: Any
    membership: Membership
    verb: ClassVar[str] = "member.remove"
    permission: ClassVar[str] = "members.change"
    sentence: ClassVar[str] = "{actor} took account {account} out of the workspace"

    def thing(self) -> Any:
        """Look at the membership: the last owner stays."""
        return self.membership

    def check(self) -> None:
        """Require a membership of this workspace."""
        if self.membership.workspace_id != self.workspace.pk:
            raise ValidationError(_("This is no member of the workspace."))

    def change(self) -> Membership:
        """Delete the membership, keeping its number for the log."""
        number = self.membership.pk
        self.membership.delete()
        self.membership.pk = number
        return self.membership

    def detail(self, made: Membership) -> dict[str, str | int]:
        """Number of the account."""
        return {"account": made.user_id}
