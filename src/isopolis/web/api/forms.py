"""The form of a new token."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isopolis.web.workspaces.models import Workspace

from .actions import LONGEST_DAYS
from .scopes import SCOPES

__all__ = ["TokenForm"]


class TokenForm(forms.Form):
    """What the token is for, where, and for how long."""

    name = forms.CharField(
        label=_("Name of the token"),
        max_length=80,
        help_text=_(
            "The program or the computer that will use it, for example: QGIS at the planning office."
        ),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may be used for"),
        choices=list(SCOPES.items()),
        initial=["read:findings"],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose as little as the program needs. It can never do more than you may do yourself."),
    )
    only = forms.ModelChoiceField(
        label=_("Where it may be used"),
        queryset=Workspace.objects.none(),
        required=False,
        empty_label=_("In all my workspaces"),
    )
    days = forms.IntegerField(label=_("Days until it ends"), min_value=1, max_value=LONGEST_DAYS, initial=90)

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data)
        self.fields["only"].queryset = Workspace.objects.filter(members=user).order_by("name")
