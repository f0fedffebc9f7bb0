"""Forms of consultations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .actions import Said
from .models import TEXT_MOST, Point, Question, Topic

__all__ = ["AnswerForm", "AsideForm", "ChooseForm", "OfflineForm", "OpenForm", "QuestionForm", "TopicForm"]


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OpenForm(forms.Form):
    """What is asked, and from when to when."""

    title = forms.CharField(label=_("Title"), max_length=160, help_text=_("As residents will read it."))
    description = forms.CharField(
        label=_("What it is about"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What can still be changed and what cannot, and who will read the answers."),
    )
    first = forms.DateField(label=_("First day"), widget=_day())
    last = forms.DateField(
        label=_("Last day"), widget=_day(), help_text=_("Six weeks are usual for a plan of this kind.")
    )

    def span(self) -> tuple[datetime, datetime]:
        """Return the moments from the first midnight to the one after the last day."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return _midnight(first), _midnight(last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class AnswerForm(forms.Form):
    """Answers to the questions on one action; a field that people do not see, and the sign of the form."""

    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    sign = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, questions: Sequence[Question], data: Any = None, *, sign: str = "", linkable: bool = False
    ) -> None:
        super().__init__(data, initial={"sign": sign})
        self.questions = list(questions)
        for question in self.questions:
            self.fields[f"text{question.pk}"] = forms.CharField(
                label=question.text,
                required=False,
                max_length=TEXT_MOST,
                widget=forms.Textarea(attrs={"rows": 5}),
                help_text=_(
                    "Plain text. Please do not write who you are, nor about the private life of others."
                ),
            )
            if question.action:
                self.fields[f"stance{question.pk}"] = forms.ChoiceField(
                    label=_("What do you think of it?"),
                    required=False,
                    choices=Point.Stance.choices,
                    widget=forms.RadioSelect,
                )
        if linkable:
            self.fields["linked"] = forms.BooleanField(
                label=_("Keep it with my account, so that I can take it back later"), required=False
            )

    def is_from_a_machine(self) -> bool:
        """Tell whether the field that nobody sees was filled in."""
        return bool(self.cleaned_data.get("website"))

    def shown_fields(self) -> list[Any]:
        """Return the fields that people see."""
        return [f for f in self.visible_fields() if f.name != "website"]

    def said(self) -> list[Said]:
        """Return what was answered."""
        got = self.cleaned_data
        return [
            Said(q, got.get(f"text{q.pk}", ""), got.get(f"stance{q.pk}", "") or "") for q in self.questions
        ]


def _about(actions: Sequence[Any]) -> list[tuple[str, Any]]:
    return [("", _("the plan as a whole")), *((a.id, f"{a.id}: {a.title}") for a in actions)]


class OfflineForm(forms.Form):
    """Something said on paper, by telephone or at a meeting."""

    action = forms.ChoiceField(label=_("What it is about"), required=False)
    channel = forms.ChoiceField(
        label=_("The way it came"),
        choices=[c for c in Point.Channel.choices if c[0] != Point.Channel.ONLINE],
    )
    day = forms.DateField(label=_("Day"), required=False, widget=_day())
    stance = forms.ChoiceField(
        label=_("What the person thinks of it"), required=False, choices=Point.Stance.choices
    )
    text = forms.CharField(
        label=_("What was said"),
        required=False,
        max_length=TEXT_MOST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Leave out names, addresses and telephone numbers."),
    )

    def __init__(self, actions: Sequence[Any], data: Any = None) -> None:
        super().__init__(data)
        self.fields["action"].choices = _about(actions)  # type: ignore[attr-defined]


class TopicForm(forms.Form):
    """A point in the city's words, and its answer."""

    action = forms.ChoiceField(label=_("What it is about"), required=False)
    summary = forms.CharField(
        label=_("The point, in the city's words"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is published: nobody must be recognised by it, and nobody's words are copied."),
    )
    decision = forms.ChoiceField(label=_("Decision"), required=False, choices=Topic.Decision.choices)
    why = forms.CharField(
        label=_("Why"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, actions: Sequence[Any], data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["action"].choices = _about(actions)  # type: ignore[attr-defined]


class QuestionForm(forms.Form):
    """What is asked."""

    text = forms.CharField(label=_("Question"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class AsideForm(forms.Form):
    """Why a point needs no answer."""

    why = forms.CharField(
        label=_("Why it needs no answer"),
        required=False,
        max_length=300,
        help_text=_("Such as: sent twice, nothing in it, an insult. Leave it empty to take this back."),
    )


class ChooseForm(forms.Form):
    """The plan that people are asked about."""

    plan = forms.ModelChoiceField(label=_("Plan"), queryset=None)

    def __init__(self, rows: Any, data: Any = None) -> None:
        super().__init__(data)
        self.fields["plan"].queryset = rows  # type: ignore[attr-defined]
