"""Forms of plans and actions. Texts are taken as they are; what cannot be is said by the plan itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isopolis.act.plan import PROGRESS, Action, Plan
from isopolis.learn.vocabulary import Vocabulary
from isopolis.web.languages import page_language
from isopolis.web.modules.comments.words import plain

from .lines import LISTS, parsed, written

__all__ = ["ActionForm", "MoveForm", "NewPlanForm", "PlanForm"]

PROGRESS_NAMES = {"low": _("at the beginning"), "mid": _("half-way"), "advanced": _("advanced")}


class NewPlanForm(forms.Form):
    """A new plan."""

    title = forms.CharField(label=_("Title"), max_length=300)


class PlanForm(forms.Form):
    """What a plan says of itself."""

    title = forms.CharField(label=_("Title"), max_length=300)
    place = forms.CharField(label=_("City or partnership"), max_length=300, required=False)
    note = forms.CharField(
        label=_("What the plan is about"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    definition = forms.CharField(
        label=_("Definition of a city of equality that it goes by"),
        max_length=300,
        required=False,
        help_text=_("Name and version, as the vocabulary has them."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, plan: Plan, revision: int) -> PlanForm:
        """Make the form filled with a plan."""
        initial = {f: getattr(plan, f) for f in ("title", "place", "note", "definition")}
        return cls(initial=initial | {"revision": revision})


class MoveForm(forms.Form):
    """The reason for a change of state."""

    to = forms.CharField(widget=forms.HiddenInput, max_length=20)
    revision = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.CharField(
        label=_("Reason, if the action goes back or is dropped"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _text(label: Any, rows: int = 3, most: int = 8000, help_text: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=most, widget=area, help_text=help_text)


def _line(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=300, help_text=help_text)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


TEXTS = ("title", "theme", "pillar", "measure_type", "bottleneck", "objective", "gap", "leader", "progress")
ONE_A_LINE = ("existing_policies", "partners", "risks", "links")
SEVERAL = ("groups", "secondary_pillars")
DAYS = ("start", "end")
BY_LINES = (*LISTS, *ONE_A_LINE)
"""Fields that lose something as lines: a line end within an item, or a "|" in its words."""


class ActionForm(forms.Form):
    """All fields of an action but its state."""

    title = forms.CharField(label=_("Title"), max_length=300)
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    bottleneck = _text(
        _("Bottleneck: what stands in the way"),
        help_text=_("Actions with the same words stand together in the plan at a glance."),
    )
    objective = _text(_("Objective: what is to be reached"))
    pillar = forms.ChoiceField(label=_("Pillar"))
    secondary_pillars = forms.MultipleChoiceField(
        label=_("Other pillars"), required=False, widget=forms.CheckboxSelectMultiple
    )
    measure_type = forms.ChoiceField(label=_("For some groups or for everybody"), required=False)
    groups = _text(
        _("Groups of people, one a line"),
        help_text=_("In words of the vocabulary. What it does not know is said below."),
    )
    existing_policies = _text(_("Existing policies, one a line"))
    gap = _text(_("Gap: why it is new"))
    activities = _text(_("Activities, one a line"), help_text=_("What | by whom | when"))
    outputs = _text(
        _("Outputs, one a line"),
        help_text=_("Title | kind | due (2027-05-31) | delivered (2027-05-31) | address"),
    )
    leader = _line(_("Leader"), _("An organisation or an office. Please do not name a person."))
    partners = _text(_("Partners, one a line"), help_text=_("Organisations or offices, no persons."))
    start = _day(_("First day"))
    end = _day(_("Last day"))
    milestones = _text(
        _("Milestones, one a line"), help_text=_("Title | planned (2027-05-31) | happened (2027-06-15)")
    )
    money = forms.FloatField(label=_("Money"), required=False, min_value=0)
    currency = forms.RegexField(
        "^[A-Z]{3}$", label=_("Currency"), required=False, help_text=_("Three letters, such as EUR.")
    )
    staff = forms.FloatField(label=_("Full-time posts"), required=False, min_value=0)
    source = _line(_("Where money and people come from"))
    means = _text(_("Other resources"), rows=2)
    indicators = _text(
        _("Indicators, one a line"),
        help_text=_(
            "Name | unit | baseline | its date | target | its day (2027-05-31) | latest | its day | finding"
        ),
    )
    risks = _text(_("Risks, one a line"))
    links = _text(_("Links to other issues, one a line"), help_text=_("Such as: SDG 5, just transition."))
    evidence = _text(
        _("Evidence, one a line"),
        help_text=_("finding, record, input, peer or document | number | title | why | address"),
    )
    responses = _text(
        _("Points of the consultation, one a line"),
        help_text=_(
            "The point in the city's own words | how many said it | taken_up, in_part or not_taken_up | why"
        ),
    )
    progress = forms.ChoiceField(
        label=_("Progress"),
        required=False,
        choices=[("", _("not stated")), *((p, PROGRESS_NAMES[p]) for p in PROGRESS)],
    )
    small_scale_test = forms.BooleanField(label=_("It is tried out on a small scale first"), required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, words: Vocabulary, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.words = words
        self.untouched = [n for n in BY_LINES if data is not None and self._as_it_was(n, data.get(n))]
        for name in self.untouched:
            # what is there already may be longer than what one would write here
            self.fields[name].validators = []
        language = page_language()
        for name, scheme, empty in (
            ("theme", "theme", _("none yet")), ("pillar", "pillar", None),
            ("secondary_pillars", "pillar", None),
            ("measure_type", "measure_type", _("not decided")),
        ):  # fmt: skip
            choices = [(c.id, words.label(c.id, language)) for c in words.scheme(scheme)]
            if scheme == "theme":
                choices.sort(key=lambda c: c[1].casefold())
            self.fields[name].choices = [("", empty), *choices] if empty else choices  # type: ignore[attr-defined]

    @classmethod
    def of(cls, action: Action, revision: int, words: Vocabulary, data: Any = None) -> ActionForm:
        """Make the form of an action, filled with its fields."""
        initial: dict[str, Any] = {f: getattr(action, f) for f in (*TEXTS, *DAYS, "small_scale_test")}
        initial |= {f: "\n".join(getattr(action, f)) for f in ONE_A_LINE}
        initial |= {f: written(f, getattr(action, f)) for f in LISTS}
        language = page_language()
        known = (words.label(g, language) if g in words else g for g in action.groups)
        r = action.resources
        initial |= {
            "secondary_pillars": list(action.secondary_pillars),
            "groups": "\n".join(known),
            "money": r.amount,
            "currency": r.currency,
            "staff": r.staff_fte,
            "source": r.source,
            "means": r.text,
            "revision": revision,
        }
        return cls(words, data, initial)

    def _as_it_was(self, name: str, text: str | None) -> bool:
        """Tell whether a field came back as it was shown; browsers end lines in a way of their own."""
        shown = str(self.initial.get(name, ""))
        return "\n".join((text or "").splitlines()).strip() == "\n".join(shown.splitlines()).strip()

    def clean_groups(self) -> list[str]:
        """Look each group up in the vocabulary."""
        from isopolis.model import CallError

        found, wrong = [], []
        for line in _items(self.cleaned_data["groups"]):
            try:
                found.append(self.words.resolve(line, "group", None).id)
            except CallError as error:
                wrong.append(str(error))
        if wrong:
            raise forms.ValidationError(wrong)
        return list(dict.fromkeys(found))

    def clean(self) -> dict[str, Any]:
        """Read the lists, all mistakes at once."""
        said = super().clean() or {}
        for name in LISTS:
            if name in said and name not in self.untouched:
                try:
                    said[name] = parsed(name, plain(said[name]))
                except forms.ValidationError as error:
                    self.add_error(name, error)
        if said.get("money") is not None and not said.get("currency"):
            self.add_error("currency", _("Money needs a currency."))
        return said

    def values(self) -> dict[str, Any]:
        """Return the fields as the plan takes them, without those lists that came back as they were."""
        said, same = self.cleaned_data, self.untouched
        out: dict[str, Any] = {f: plain(said[f]) for f in TEXTS}
        out |= {f: _items(said[f]) for f in ONE_A_LINE if f not in same}
        out |= {f: said[f] for f in (*LISTS, *SEVERAL, "small_scale_test") if f not in same}
        out |= {f: said[f].isoformat() if said[f] else None for f in DAYS}
        return out | {
            "resources": {
                "text": plain(said["means"]),
                "amount": said["money"],
                "currency": said["currency"] if said["money"] is not None else "",
                "staff_fte": said["staff"],
                "source": plain(said["source"]),
            }
        }


def _items(text: str) -> list[str]:
    return [line.strip() for line in plain(text).splitlines() if line.strip()]
