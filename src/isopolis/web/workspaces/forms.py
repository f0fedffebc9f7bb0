"""Forms of workspaces."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import ROLE_CHOICES

__all__ = ["MemberForm", "RoleForm", "WorkspaceForm"]


class WorkspaceForm(forms.Form):
    """A new workspace."""

    name = forms.CharField(label=_("Name of your city"), max_length=120)


class RoleForm(forms.Form):
    """A role."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES, initial="viewer")


class MemberForm(RoleForm):
    """A new member; a person must have an account already."""

    email = forms.EmailField(
        label=_("E-mail address of the account"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    field_order = ("email", "role")
