"""Forms of the words of a city."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isopolis.web.languages import page_language

from .words import LANGUAGES, SCHEMES

__all__ = ["LocalTermForm"]


class LocalTermForm(forms.Form):
    """A new word of the city."""

    label = forms.CharField(
        label=_("Word"), max_length=120, help_text=_("As your city writes it, such as “caring relatives”.")
    )
    lang = forms.ChoiceField(label=_("Language"), choices=list(LANGUAGES.items()))
    kind = forms.ChoiceField(label=_("Kind"), choices=list(SCHEMES.items()))

    def __init__(self, data: Any = None) -> None:
        """Start with the language of the page."""
        super().__init__(data, initial={"lang": page_language(), "kind": "group"})
