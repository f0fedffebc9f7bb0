"""The form of a step."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .models import Budget, Milestone
from .money import amount, places, units_in

__all__ = ["StepForm"]


def _day(**more: Any) -> forms.DateField:
    # browsers send, and need to be given, the one form of a date that is the same in every language
    look = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(widget=look, input_formats=["%Y-%m-%d"], **more)


class StepForm(forms.Form):
    """What is done until when, how far it is, and what it has cost."""

    what = forms.CharField(
        label=_("Step"), max_length=200, widget=forms.TextInput(attrs={"dir": "auto"}),
        help_text=_("Such as: plans are drawn, the contract is signed, building begins, it is open."),
    )  # fmt: skip
    planned_on = _day(label=_("Planned for"))
    state = forms.ChoiceField(label=_("How far it is"), choices=Milestone.State.choices)
    reached_on = _day(label=_("Reached on"), required=False)
    spent = forms.CharField(
        label=_("Money spent on this step so far"), required=False, max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "dir": "ltr"}),
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note, or why it is late or stopped"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("Everybody can read it. A delay or a stop needs a reason."),
    )

    def __init__(self, budget: Budget, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.budget = budget

    @classmethod
    def of(cls, budget: Budget, row: Milestone, sent: Any = None) -> StepForm:
        """Return the form of a step that is there."""
        spent = f"{amount(row.spent, budget.scale):.{places(budget.scale)}f}" if row.spent else ""
        kept = {
            "what": row.what, "planned_on": row.planned_on, "state": row.state, "reached_on": row.reached_on,
            "spent": spent, "note": row.note,
        }  # fmt: skip
        return cls(budget, sent, initial=kept)

    def clean_spent(self) -> int:
        """Return units."""
        typed = self.cleaned_data["spent"].strip()
        if not typed:
            return 0
        try:
            return units_in(typed, self.budget.scale)
        except ValidationError as error:
            raise forms.ValidationError(error.messages) from None
