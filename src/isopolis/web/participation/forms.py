"""Forms of boards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Participation

__all__ = ["BoardForm", "LettersForm", "PeopleForm"]


class BoardForm(forms.Form):
    """What to compare by; the choices are those that the last counting found."""

    by = forms.MultipleChoiceField(
        label=_("Groups to look at"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("At most two are crossed. Without a choice those that are known of participants."),
    )
    level = forms.ChoiceField(label=_("Neighbourhoods"), required=False)
    leave_out = forms.MultipleChoiceField(
        label=_("Who could not take part"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("Such as children, where only adults could. They are left out of the residents."),
    )

    def __init__(self, known: dict[str, Any], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        dimensions = known.get("dimensions", {})
        seen = [d for d in known.get("seen", []) if d in dimensions]
        self.fields["by"].choices = [(d, dimensions[d][0]) for d in seen]  # type: ignore[attr-defined]
        levels = [(level, level) for level in known.get("levels", [])]
        self.fields["level"].choices = [  # type: ignore[attr-defined]
            ("", _("the smallest at which most numbers can be shown")), *levels,
        ]  # fmt: skip
        self.fields["leave_out"].choices = [  # type: ignore[attr-defined]
            (f"{d}={c.replace('&', '&&')}", f"{title}: {c}")
            for d, (title, categories) in dimensions.items() for c in categories
        ]  # fmt: skip
        if not seen:
            del self.fields["by"]

    def clean_by(self) -> list[str]:
        """Require at most two."""
        chosen: list[str] = self.cleaned_data["by"]
        if len(chosen) > 2:
            raise forms.ValidationError(_("Choose at most two."))
        return chosen


class PeopleForm(forms.Form):
    """People whom no page has counted."""

    people = forms.IntegerField(label=_("How many people"), min_value=1, max_value=100_000)
    channel = forms.ChoiceField(
        label=_("How they took part"), choices=Participation.Channel.choices, initial="meeting"
    )
    zone = forms.ChoiceField(label=_("Neighbourhood"), required=False)

    def __init__(self, known: dict[str, Any], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["zone"].choices = [  # type: ignore[attr-defined]
            ("", _("not known")), *((str(i), str(n)) for i, n in known.get("zones", [])),
        ]  # fmt: skip


class LettersForm(forms.Form):
    """Money for letters."""

    budget = forms.DecimalField(
        label=_("Money for letters"), min_value=0, max_value=10_000_000, decimal_places=2, max_digits=10
    )
    letter = forms.DecimalField(
        label=_("What one letter costs"), min_value=0, max_value=1000, decimal_places=2, max_digits=6,
        initial="1.00",
    )  # fmt: skip
    brings = forms.DecimalField(
        label=_("Letters of 100 that bring somebody"), min_value=0, max_value=100, decimal_places=1,
        max_digits=4, initial="3.0",
    )  # fmt: skip

    def clean_letter(self) -> Any:
        """Require a price."""
        price = self.cleaned_data["letter"]
        if price < 0.01:
            raise forms.ValidationError(_("A letter costs at least 0.01."))
        return price

    def clean_brings(self) -> Any:
        """Require some hope."""
        part = self.cleaned_data["brings"]
        if part <= 0:
            raise forms.ValidationError(_("Without an answer no letter helps: enter more than 0."))
        return part
