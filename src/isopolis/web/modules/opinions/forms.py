"""Forms of conversations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isopolis.web.languages import NAMES

from .models import SHORTEST, TEXT_LEAST, TEXT_MOST, Decision

__all__ = ["LANGUAGES", "AboutForm", "BringForm", "DecideForm", "SeedsForm", "SetUpForm", "StatementForm"]

LANGUAGES: dict[str, str] = NAMES | {
    "fa": "فارسی", "ku": "kurdî", "ky": "кыргызча", "ru": "русский", "so": "Soomaali", "sq": "shqip",
    "sr": "српски", "ti": "ትግርኛ", "tr": "Türkçe", "uk": "українська", "ur": "اردو", "zh": "中文",
}  # fmt: skip
"""Languages that a statement can name, each by its own name; any other one can be written too."""
OTHER = "und"


def _languages() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Language of the text"), choices=[*LANGUAGES.items(), (OTHER, _("another language"))]
    )


class StatementForm(forms.Form):
    """A statement, and a field that people do not see and machines fill in."""

    text = forms.CharField(label=_("Your statement"), widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}))
    language = _languages()
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    sign = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, longest: int, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        text = self.fields["text"]
        text.max_length = longest  # type: ignore[attr-defined]
        text.widget.attrs["maxlength"] = str(longest)
        told = _(
            "One thought in one sentence, %(least)s to %(most)s characters. Please do not write who you are."
        )
        text.help_text = told % {"least": SHORTEST, "most": longest}

    def is_from_a_machine(self) -> bool:
        """Tell whether the field that nobody sees was filled in."""
        return bool(self.cleaned_data.get("website"))

    def shown_fields(self) -> list[Any]:
        """Return the fields that people see."""
        return [f for f in self.visible_fields() if f.name != "website"]


class AboutForm(forms.Form):
    """What somebody says of themselves; every question can be left out."""

    def __init__(self, choices: dict[str, list[str]], data: Any = None, initial: Any = None) -> None:
        super().__init__(
            data, initial={f"about{i}": (initial or {}).get(a, "") for i, a in enumerate(choices)}
        )
        self.names = list(choices)
        for i, (name, values) in enumerate(choices.items()):
            self.fields[f"about{i}"] = forms.ChoiceField(
                label=name,
                required=False,
                choices=[("", _("I do not want to say")), *((v, v) for v in values)],
            )

    def traits(self) -> dict[str, str]:
        """Return what was chosen."""
        return {name: self.cleaned_data.get(f"about{i}", "") for i, name in enumerate(self.names)}


class SeedsForm(forms.Form):
    """Statements of the city."""

    texts = forms.CharField(
        label=_("Statements"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        help_text=_("One in each line. Ten to fifteen that people see differently make a good start."),
    )
    language = _languages()


class DecideForm(forms.Form):
    """Why a statement is refused."""

    rule = forms.ChoiceField(label=_("House rule that it breaks"), choices=Decision.Rule.choices[1:])
    note = forms.CharField(
        label=_("More about the reason"), required=False, max_length=300,
        help_text=_("Everybody can read it. Do not repeat what was refused."),
    )  # fmt: skip


class SetUpForm(forms.Form):
    """Lengths and residents."""

    longest = forms.IntegerField(
        label=_("Longest statement, in characters"), min_value=TEXT_LEAST, max_value=TEXT_MOST
    )
    residents = forms.IntegerField(
        label=_("Residents who could take part"), required=False, min_value=1, max_value=2_000_000_000,
        help_text=_("Those who do not vote are shown beside those who do."),
    )  # fmt: skip
    census = forms.FileField(
        label=_("Groups of the census"), required=False,
        help_text=_(
            "A table (CSV) with the columns attribute, value, count. People can then say which groups they "
            "belong to, if they want to. Ask for nothing that you do not need."
        ),
    )  # fmt: skip


class ManyFiles(forms.ClearableFileInput):
    """A field for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files as a list."""
        given = data if isinstance(data, (list, tuple)) and data else [data]
        return [super(FilesField, self).clean(one, initial) for one in given]


class BringForm(forms.Form):
    """A conversation from elsewhere."""

    files = FilesField(
        label=_("Files"),
        help_text=_("votes.csv and comments.csv as Polis exports them, or a zip archive of them."),
    )
    files_language = _languages()
