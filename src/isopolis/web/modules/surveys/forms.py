"""Forms of officers."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Survey

__all__ = ["AccessForm", "ManyForm", "UploadForm"]


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
