"""Forms of the ballot's list and of opening the vote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

__all__ = ["ChooseForm", "OpenForm"]


class ChooseForm(forms.Form):
    """Which accepted projects are on the ballot."""

    projects = forms.MultipleChoiceField(
        label=_("Projects on the ballot"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=_("Why the others are not on the ballot"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_(
            "Only where an accepted project is left out. It is published on the page of that project."
        ),
    )

    def __init__(self, choices: Sequence[tuple[str, str]], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["projects"].choices = choices  # type: ignore[attr-defined]

    def numbers(self) -> list[int]:
        """Return the numbers that are ticked."""
        return [int(n) for n in self.cleaned_data["projects"]]


class OpenForm(forms.Form):
    """The lot with which a vote is opened."""

    seed = forms.CharField(
        label=_("What was drawn in public"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        help_text=_(
            "Draw figures or words when everybody can see it, after this list was settled. They order the "
            "ballot and decide between equals, and stand in the public log."
        ),
    )
    sure = forms.BooleanField(
        label=_("Projects, costs, ballot and rule are settled. None of it can be changed afterwards.")
    )
