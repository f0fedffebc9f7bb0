"""Forms of processes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .blueprints import BLUEPRINTS
from .models import Phase

__all__ = ["NewProcessForm", "PhaseForm", "ProcessForm", "TakePartForm"]


class NewProcessForm(forms.Form):
    """A new process."""

    title = forms.CharField(label=_("Title"), max_length=160, help_text=_("As residents will read it."))
    blueprint = forms.ChoiceField(
        label=_("What kind of process"),
        choices=[(b.name, b.title) for b in BLUEPRINTS],
        widget=forms.RadioSelect,
        initial=BLUEPRINTS[0].name,
    )


class ProcessForm(forms.Form):
    """What a process is about."""

    title = forms.CharField(label=_("Title"), max_length=160)
    description = forms.CharField(
        label=_("What it is about"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("The question, what can be decided and what cannot, and who will read the answers."),
    )


class PhaseForm(forms.Form):
    """First and last day of a phase."""

    first = forms.DateField(
        label=_("First day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    @classmethod
    def of(cls, phase: Phase, data: Any = None) -> PhaseForm:
        """Make the form of a phase, filled with its dates."""
        initial = {}
        if phase.starts_at is not None:
            initial["first"] = timezone.localtime(phase.starts_at).date()
        if phase.ends_at is not None:
            initial["last"] = timezone.localtime(phase.ends_at - timedelta(microseconds=1)).date()
        return cls(data, initial=initial, prefix=f"phase{phase.pk}")

    def span(self) -> tuple[datetime | None, datetime | None]:
        """Return the moments that the days stand for: from midnight to midnight, the last day included."""
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        return _midnight(first), _midnight(last + timedelta(days=1) if last else None)


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


class TakePartForm(forms.Form):
    """The name under which somebody takes part."""

    shown_as = forms.CharField(
        label=_("Name that others see"),
        max_length=60,
        help_text=_("Your own name or another one. Your e-mail address is never shown."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
