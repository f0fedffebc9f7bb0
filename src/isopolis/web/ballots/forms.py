"""Forms of the officers' desk; surveys that go by a roll use those of roll and letters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .roll import people_from

__all__ = ["FreeForm", "LettersForm", "LotForm", "PackageForm", "PersonForm", "RollForm"]


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "autocomplete": "off", "spellcheck": "false", "dir": "auto"})


class RollForm(forms.Form):
    """A list of those who may take part."""

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


class PackageForm(forms.Form):
    """Codes to hand out."""

    count = forms.IntegerField(label=_("How many codes"), min_value=1, max_value=1000, initial=20)
    label = forms.CharField(
        label=_("Who hands them out"),
        max_length=120,
        help_text=_("It stands in the public log: name an organisation, not a person."),
    )


class FreeForm(forms.Form):
    """Somebody whose ballot is lost."""

    identifier = forms.CharField(
        label=_("Identifier"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    receipt = forms.CharField(
        label=_("Receipt of the lost ballot"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )


class LotForm(forms.Form):
    """A lot that was drawn."""

    seed = forms.CharField(
        label=_("What was drawn"),
        max_length=200,
        help_text=_(
            "Figures or words, drawn in public after the vote was closed. They stand in the public log."
        ),
    )


class PersonForm(forms.Form):
    """Somebody of the roll."""

    identifier = forms.CharField(
        label=_("Identifier"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
