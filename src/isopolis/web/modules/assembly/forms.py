"""Forms of assemblies."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .actions import SIZE_MOST
from .models import Assembly

__all__ = ["NumberForm", "PrepareForm", "ReplaceForm", "SeedForm"]


class PrepareForm(forms.Form):
    """The pool and the rules."""

    people = forms.FileField(
        label=_("Volunteers"),
        help_text=_(
            "A table (CSV) with one row for each person: a code, and a column for each attribute of the "
            "quotas. No names and no addresses: other columns are not kept."
        ),
    )
    quotas = forms.FileField(
        label=_("Quotas"),
        help_text=_(
            "A table (CSV) with the columns feature, value, min, max; or feature, value, count with numbers "
            "of the census. Attributes are crossed like this: gender & age, female & 65+."
        ),
    )
    size = forms.IntegerField(label=_("People on the panel"), min_value=1, max_value=SIZE_MOST)
    objective = forms.ChoiceField(label=_("What is fairest"), choices=Assembly.Objective.choices)
    household = forms.CharField(
        label=_("Column of the household"),
        required=False,
        max_length=200,
        help_text=_("If at most one person of a household is to be drawn. Only a digest is kept."),
    )
    slack = forms.IntegerField(
        label=_("Leeway around quotas from the census, in people"), min_value=0, max_value=50, initial=0
    )


class SeedForm(forms.Form):
    """The seed of the list."""

    seed = forms.CharField(
        label=_("Seed"),
        max_length=200,
        help_text=_("As it was found in public, after the pool was fixed: with dice, or balls."),
    )


class NumberForm(forms.Form):
    """The number that decides."""

    number = forms.IntegerField(
        label=_("Number"), min_value=0, max_value=999, help_text=_("Three balls with digits: 000 to 999.")
    )


class ReplaceForm(forms.Form):
    """Who leaves."""

    gone = forms.CharField(
        label=_("Codes of those who leave"), max_length=2000, help_text=_("Blanks between.")
    )
    seed = forms.CharField(label=_("Seed"), max_length=200, help_text=_("A new one, found in public."))
