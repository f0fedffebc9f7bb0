"""Forms of exchanges."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isopolis.act.exchange import Workflow, shipped, shipped_names
from isopolis.act.rules import Field
from isopolis.act.rules import shipped as rules_shipped
from isopolis.web.frames.kept import word

from .models import DEGURBA, IN_REACH

__all__ = [
    "CloseForm", "EditForm", "FactsForm", "FollowForm", "LessonForm", "NewForm", "PeerForm", "StepsForm",
    "VisitForm",
]  # fmt: skip

KNOWN = [("", _("not known yet")), ("yes", _("yes")), ("no", _("no"))]


def day(label: Any, required: bool = True, help_text: Any = "") -> forms.DateField:
    """Return a field for a day."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=required, widget=widget, help_text=help_text, validators=IN_REACH
    )


def yes_no(said: str) -> bool | None:
    """Return what was chosen of `KNOWN`."""
    return {"yes": True, "no": False}.get(said)


class NewForm(forms.Form):
    """A new exchange."""

    title = forms.CharField(label=_("Title"), max_length=160)
    kind = forms.ChoiceField(label=_("What kind of exchange"), widget=forms.RadioSelect)
    started = day(_("Begins on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(n, word(shipped(n).title)) for n in shipped_names()]


class EditForm(forms.Form):
    """Title and guiding questions."""

    title = forms.CharField(label=_("Title"), max_length=160)

    def __init__(self, workflow: Workflow, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, workflow.questions + 1):
            self.fields[f"question_{n}"] = forms.CharField(
                label=_("Question %(n)s") % {"n": n},
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
            )

    @property
    def questions(self) -> list[str]:
        """The questions in order."""
        return [v for k, v in self.cleaned_data.items() if k.startswith("question_")]


class PeerForm(forms.Form):
    """A city that takes part."""

    name = forms.CharField(label=_("City"), max_length=120)
    country = forms.RegexField(
        r"^[A-Za-z]{2}\Z", label=_("Country, as two letters"), required=False, max_length=2
    )
    degurba = forms.TypedChoiceField(
        label=_("Degree of urbanisation"),
        choices=[("", _("not known yet")), *DEGURBA],
        coerce=int,
        empty_value=None,
        required=False,
    )
    article11 = forms.TypedChoiceField(
        label=_("Is it an Article 11 city?"), choices=KNOWN, coerce=yes_no, empty_value=None, required=False
    )
    persons = forms.IntegerField(
        label=_("People who come from it"), min_value=0, max_value=1000, required=False
    )


class VisitForm(forms.Form):
    """A visit."""

    place = forms.CharField(label=_("Where"), max_length=120)
    start = day(_("First day"))
    end = day(_("Last day"))


class StepsForm(forms.Form):
    """Days of all steps."""

    def __init__(self, workflow: Workflow, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workflow = workflow
        for step in workflow.steps:
            said = {"step": word(step.title)}
            self.fields[f"{step.id}-planned"] = day(_("%(step)s: planned for") % said, False)
            self.fields[f"{step.id}-done"] = day(_("%(step)s: done on") % said, False)

    @property
    def dates(self) -> dict[str, tuple[Any, Any]]:
        """The days of each step."""
        data = self.cleaned_data
        return {s.id: (data[f"{s.id}-planned"], data[f"{s.id}-done"]) for s in self.workflow.steps}


class FactsForm(forms.Form):
    """The facts that the rules ask for and the plan does not tell."""

    def __init__(self, workflow: Workflow, told: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in rules_shipped(workflow.rules).fields.items():
            if name not in told:
                self.fields[name] = _field(field)

    @property
    def facts(self) -> dict[str, Any]:
        """What was stated; None for what is not known."""
        return {k: v if v != "" else None for k, v in self.cleaned_data.items()}


def _field(field: Field) -> forms.Field:
    label = word(field.label)
    if field.type == "yes_no":
        return forms.TypedChoiceField(
            label=label, choices=KNOWN, coerce=yes_no, empty_value=None, required=False
        )
    if field.type == "choice":
        first = field.choices[0]
        choices = [("", _("not known yet")), *((c, str(c)) for c in field.choices)]
        return forms.TypedChoiceField(
            label=label, choices=choices, coerce=type(first), empty_value=None, required=False
        )
    if field.type == "integer":
        return forms.IntegerField(label=label, required=False, min_value=0, max_value=10**10)
    if field.type == "number":
        return forms.FloatField(label=label, required=False, min_value=0, max_value=1e10)
    if field.type == "date":
        return day(label, False)
    if field.type == "list":
        return _ListField(
            label=label, required=False, help_text=_("Separated by commas; ? for one that is not known.")
        )
    return forms.CharField(label=label, required=False, max_length=200)


class _ListField(forms.CharField):
    """Texts separated by commas."""

    def prepare_value(self, value: Any) -> Any:
        """Show a list as it is written."""
        return ", ".join("?" if v is None else str(v) for v in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Split it; nothing is not known."""
        parts = [p.strip() for p in str(value or "").split(",") if p.strip()][:200]
        return [None if p == "?" else p for p in parts] or None


class LessonForm(forms.Form):
    """What was learnt."""

    text = forms.CharField(
        label=_("What was learnt"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"})
    )
    learnt = day(_("On"))


class FollowForm(forms.Form):
    """What came of a lesson."""

    text = forms.CharField(
        label=_("What was changed at home"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    changed = day(_("Changed on"), False)
    before = forms.CharField(
        label=_("Indicator before: address of the page of a finding"),
        required=False,
        max_length=500,
        help_text=_("Open the finding in a diagnosis of this workspace and copy the address of its page."),
    )
    after = forms.CharField(
        label=_("Indicator after: address of the page of a finding"),
        required=False,
        max_length=500,
        help_text=_("The same measure, group and area at a later date."),
    )


class CloseForm(forms.Form):
    """The day on which an exchange ended."""

    day = day(_("Ended on"))
