"""The form of one's own account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

__all__ = ["ProfileForm"]


class ProfileForm(forms.Form):
    """Name and language."""

    name = forms.CharField(
        label=_("Name shown to others"),
        required=False,
        max_length=120,
        help_text=_("Members of your workspaces see it. Without one they see your e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, data: Any = None, initial: dict[str, str] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["language"].choices = [("", _("as my browser asks for")), *settings.LANGUAGES]
