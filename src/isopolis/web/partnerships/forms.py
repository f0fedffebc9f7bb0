"""Forms of partnerships."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isopolis.web.workspaces.models import Workspace

from .models import INVITED_AS

__all__ = ["CityForm", "InviteForm", "PartnershipForm"]


class PartnershipForm(forms.Form):
    """A new partnership."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(
        label=_("What it is for"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


class InviteForm(forms.Form):
    """An invitation."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    kind = forms.ChoiceField(label=_("Invite"), choices=INVITED_AS)


class CityForm(forms.Form):
    """With which city somebody joins."""

    city = forms.ModelChoiceField(label=_("City"), queryset=Workspace.objects.none())

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data)
        mine = Workspace.objects.filter(membership__user=user, membership__role="owner", archived_at=None)
        self.fields["city"].queryset = mine.order_by("name", "pk")
