"""Forms of the worries desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isopolis.web.languages import NAMES
from isopolis.web.participation.models import Participation

from .models import CONTACT_MOST, TEXT_MOST, WorryDesk

__all__ = [
    "DayForm", "EnterForm", "HideForm", "PublishForm", "SendForm", "SettingsForm", "SortForm", "TellForm",
]  # fmt: skip

_MORE = {
    "ru": "русский", "uk": "українська", "ky": "кыргызча", "kk": "қазақша", "tr": "Türkçe", "sr": "српски",
    "fa": "فارسی", "ur": "اردو", "hi": "हिन्दी", "zh": "中文", "ka": "ქართული", "hy": "հայերեն",
    "he": "עברית", "ps": "پښتو", "ku": "kurdî", "so": "Soomaali", "am": "አማርኛ", "vi": "Tiếng Việt",
}  # fmt: skip
"""Languages that residents write in and that the platform does not speak."""


def languages() -> list[tuple[str, Any]]:
    """Return languages by their own names; not to say is possible."""
    return [("", _("not said")), *sorted((NAMES | _MORE).items())]


def _text(label: Any, rows: int = 6, help_text: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
    return forms.CharField(label=label, max_length=TEXT_MOST, widget=area, help_text=help_text)


def _line(label: Any, most: int, help_text: Any = "", **more: str) -> forms.CharField:
    line = forms.TextInput(attrs={"dir": "auto", **more})
    return forms.CharField(label=label, required=False, max_length=most, widget=line, help_text=help_text)


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class _PlacedForm(forms.Form):
    """Fields of every worry; the neighbourhoods are those of the desk."""

    zone = forms.ChoiceField(label=_("Neighbourhood"), required=False)
    street = _line(
        _("Street or place, in words"), 200, _("Where it is; not where you live, unless it is there.")
    )
    seen = _line(_("Since when, or at what time"), 120, _("Such as: since last week, every evening."))
    language = forms.ChoiceField(label=_("Language of the text"), required=False, choices=languages)

    def __init__(self, desk: WorryDesk, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        if desk.zones:
            zones = [("", _("I do not know")), *((z, name) for z, name in desk.zones)]
            self.fields["zone"].choices = zones  # type: ignore[attr-defined]
        else:
            del self.fields["zone"]


class TellForm(_PlacedForm):
    """A worry of somebody who needs no account; a field that people do not see, and the sign of the form."""

    text = _text(
        _("What worries you?"),
        help_text=_(
            "In any language. Please do not write who you are, nor about the private life of others."
        ),
    )
    contact = _line(
        _("How we can reach you"),
        CONTACT_MOST,
        _(
            "Only if you want an answer: a telephone number or an e-mail address. It is kept apart, is used "
            "for this answer only, is never published, and is deleted three months after the worry is "
            "resolved, after a year at the latest."
        ),
        autocomplete="off",
    )
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    sign = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ("text", "language", "zone", "street", "seen", "contact")

    def is_from_a_machine(self) -> bool:
        """Tell whether the field that nobody sees was filled in."""
        return bool(self.cleaned_data.get("website"))

    def shown_fields(self) -> list[Any]:
        """Return the fields that people see."""
        return [f for f in self.visible_fields() if f.name != "website"]


class EnterForm(_PlacedForm):
    """What came by letter or telephone, at a meeting, or with somebody's help."""

    channel = forms.ChoiceField(
        label=_("The way it came"),
        choices=[c for c in Participation.Channel.choices if c[0] not in ("web", "import")],
        initial="phone",
    )
    people = forms.IntegerField(
        label=_("How many people told it"), min_value=1, max_value=10_000, initial=1,
        help_text=_("One note of a meeting is one worry, however many people were there."),
    )  # fmt: skip
    day = forms.DateField(label=_("Day"), required=False, widget=_day())
    text = _text(_("What was said"), help_text=_("Leave out names, addresses and telephone numbers."))
    contact = _line(
        _("How the person can be reached"), CONTACT_MOST,
        _("Only if they want an answer. It is kept apart and deleted three months after the worry is "
          "resolved, after a year at the latest."),
    )  # fmt: skip
    field_order = ("channel", "people", "day", "text", "language", "zone", "street", "seen", "contact")


class SendForm(forms.Form):
    """The file of another desk."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Open311 GeoReport v2 as JSON; or a table (CSV or Excel) with a row for each worry, or with the "
            "numbers received, registered and resolved. Names, e-mail addresses and telephone numbers in "
            "their own columns are not read."
        ),
    )
    public_already = forms.BooleanField(
        label=_("An officer has read these texts and they may be published as they are"), required=False
    )


class SortForm(forms.Form):
    """Topic and language."""

    topic = forms.ChoiceField(label=_("Topic"))
    language = forms.ChoiceField(label=_("Language of the text"), required=False)

    def __init__(self, topics: Any, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        known = languages()
        own = (initial or {}).get("language", "")
        if own not in dict(known):
            known.append((own, own))
        self.fields["topic"].choices = [("", "–"), *topics]  # type: ignore[attr-defined]
        self.fields["language"].choices = known  # type: ignore[attr-defined]


class PublishForm(forms.Form):
    """What everybody reads."""

    text = forms.CharField(
        label=_("What everybody reads"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=_("Take out what tells of people: names, addresses, telephone numbers, health."),
    )


class HideForm(forms.Form):
    """Why a text is kept from everybody."""

    reason = forms.CharField(
        label=_("Why everybody may not read it"),
        max_length=300,
        help_text=_("It stands in the public log. Such as: an insult, advertising, about a private person."),
    )
    erase = forms.BooleanField(label=_("Delete the text, the place and the contact for good"), required=False)


class DayForm(forms.Form):
    """A day, today when empty."""

    day = forms.DateField(label=_("Day"), required=False, widget=_day())


class SettingsForm(forms.Form):
    """Languages, and whether programs may hand requests in."""

    languages = forms.CharField(
        label=_("Languages that residents write in"),
        max_length=200,
        help_text=_(
            "Codes of two letters with commas, such as en, ar, ru. Fewer languages are told apart better."
        ),
    )
    takes_requests = forms.BooleanField(
        label=_("Programs of officers may hand worries in by GeoReport v2, with a token"), required=False
    )
