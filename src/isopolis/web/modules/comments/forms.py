"""Forms of comments."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import TEXT_MOST

__all__ = ["CommentForm", "ReasonForm"]


class CommentForm(forms.Form):
    """A comment, and a field that people do not see and machines fill in."""

    text = forms.CharField(
        label=_("Your comment"),
        max_length=TEXT_MOST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Plain text. Please do not write about the private life of others."),
    )
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def is_from_a_machine(self) -> bool:
        """Tell whether the field that nobody sees was filled in."""
        return bool(self.cleaned_data.get("website"))


class ReasonForm(forms.Form):
    """Why a comment is reported or hidden."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
