"""Forms of workspaces."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import ROLE_CHOICES, Membership, Workspace

__all__ = ["DeleteForm", "HandOverForm", "MemberForm", "RoleForm", "WorkspaceForm"]


class WorkspaceForm(forms.Form):
    """A new workspace."""

    name = forms.CharField(label=_("Name of your city"), max_length=120)


class RoleForm(forms.Form):
    """A role."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES, initial="viewer")


class MemberForm(RoleForm):
    """A new member, with an account or without."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    field_order = ("email", "role")


class HandOverForm(forms.Form):
    """Who is to be the owner."""

    member = forms.ModelChoiceField(label=_("New owner"), queryset=Membership.objects.none())

    def __init__(self, workspace: Workspace, user: Any, data: Any = None) -> None:
        super().__init__(data)
        members = workspace.membership_set.exclude(user=user).exclude(role="resident")
        field = self.fields["member"]
        field.queryset = members.select_related("user").order_by("pk")
        field.label_from_instance = lambda m: str(m.user)


class DeleteForm(forms.Form):
    """The name, typed again."""

    typed = forms.CharField(
        label=_("Name of the workspace"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Type it exactly as it stands in the heading, to be sure."),
    )
