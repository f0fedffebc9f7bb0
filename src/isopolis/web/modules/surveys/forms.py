"""Forms of officers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isopolis.web.ballots.roll import people_from

from .models import Survey

__all__ = ["AccessForm", "LettersForm", "ManyForm", "RollForm", "UploadForm"]


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "autocomplete": "off", "spellcheck": "false", "dir": "auto"})


class UploadForm(forms.Form):
    """An XLSForm."""

    file = forms.FileField(
        label=_("Form"),
        help_text=_("A workbook (.xlsx) with the sheets survey, choices and settings: an XLSForm."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )


class AccessForm(forms.Form):
    """Who can answer."""

    access = forms.ChoiceField(
        label=_("Who can answer"), choices=Survey.Access.choices, widget=forms.RadioSelect
    )


class RollForm(forms.Form):
    """A list of those who may answer."""

    people = forms.CharField(
        label=_("List"),
        max_length=2_500_000,
        widget=_lines(12),
        help_text=_(
            "A table with “identifier” in its first line, and “cell” (neighbourhood and group) if there is "
            "one. Only keyed hashes of the identifiers are kept: nobody can read the list here again."
        ),
    )

    def clean_people(self) -> Any:
        """Read the table."""
        return people_from(self.cleaned_data["people"])


class LettersForm(forms.Form):
    """Who gets a letter."""

    identifiers = forms.CharField(
        label=_("Identifiers, one in each line"),
        max_length=2_500_000,
        widget=_lines(10),
        help_text=_("They must be on the roll. A new code ends an older one of the same person."),
    )
    to = forms.ChoiceField(
        label=_("What you want"),
        choices=[("file", _("a table for letters")), ("page", _("slips to print"))],
        widget=forms.RadioSelect,
        initial="file",
    )

    def listed(self) -> list[str]:
        """Return the lines."""
        return [line.strip() for line in self.cleaned_data["identifiers"].splitlines() if line.strip()]


class ManyForm(forms.Form):
    """A table of answers."""

    file = forms.FileField(
        label=_("Table"),
        help_text=_(
            "CSV or a workbook (.xlsx), with the columns of the empty table and a row for each person."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )
    channel = forms.ChoiceField(
        label=_("How they took part"),
        choices=[
            ("import", _("from another system")),
            ("paper", _("on paper")),
            ("phone", _("by telephone")),
            ("meeting", _("at a meeting")),
            ("assisted", _("with somebody's help")),
            ("sms", _("by text message")),
        ],
    )
