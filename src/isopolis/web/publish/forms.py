"""The form of a publication: its title and the rules that protect people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

__all__ = ["PrepareForm", "SureForm"]


class PrepareForm(forms.Form):
    """What an officer decides before the gate looks at a diagnosis."""

    title = forms.CharField(
        label=_("Title"),
        max_length=120,
        help_text=_("Everybody will read it. For example: “How people share our city, 2024”."),
    )
    protection = forms.ChoiceField(
        label=_("How counts of people are protected"),
        choices=[
            ("cell_key", _("Noise: every count is a little off, almost nothing is hidden (recommended)")),
            ("suppress", _("Hiding: true counts, and small ones are not shown")),
        ],
        initial="cell_key",
        widget=forms.RadioSelect,
        help_text=_(
            "Noise changes each count by at most 5 people, always in the same way for the same people. "
            "Hide counts only where a law asks for it: hiding loses more, and index values can tell more."
        ),
    )
    threshold = forms.IntegerField(
        label=_("Fewest people that anything is said about"), min_value=5, max_value=1000, initial=10
    )
    sensitive_threshold = forms.IntegerField(
        label=_("The same for sensitive characteristics, such as faith or health"),
        min_value=5,
        max_value=10_000,
        initial=30,
        help_text=_("Not lower than the number before."),
    )
    across_dates = forms.BooleanField(
        label=_("Compare counts of different dates with earlier publications too"),
        required=False,
        help_text=_("For dates a few weeks apart, between which few people move."),
    )

    def clean(self) -> dict[str, Any]:
        """Hold the two numbers against each other."""
        data: dict[str, Any] = super().clean() or {}
        low, high = data.get("threshold"), data.get("sensitive_threshold")
        if low is not None and high is not None and high < low:
            self.add_error("sensitive_threshold", _("This must not be lower than the number before."))
        return data

    @property
    def policy(self) -> dict[str, Any]:
        """The rules, as a publication keeps them."""
        names = ("protection", "threshold", "sensitive_threshold", "across_dates")
        return {n: self.cleaned_data[n] for n in names}


class SureForm(forms.Form):
    """One tick before something that others will notice."""

    sure = forms.BooleanField(label=_("Yes, I have looked at it and want this"))
