"""Forms of budgets."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from isopolis.engage.budget.card import RULES
from isopolis.web.languages import NAMES
from isopolis.web.participation.models import Board

from .models import TEXT_MOST, Budget, Check, HouseRule, Idea, Topic, unpacked
from .money import MONEY_MOST, amount
from .rules_actions import card_rest

__all__ = [
    "LANGUAGES", "AppealForm", "CheckForm", "EnterForm", "IdeaForm", "MergeForm", "ModerateForm",
    "NoticeForm", "ReasonForm", "RepairForm", "RulesForm",
]  # fmt: skip

LANGUAGES = {**NAMES, "uk": "українська", "ru": "русский", "tr": "Türkçe", "ky": "кыргызча", "fa": "فارسی"}
"""Languages in which people write; any other one is possible without its name."""

RULE_NAMES = {
    "equal_shares": _("Equal shares: everybody's vote stands for the same part of the money"),
    "phragmen": _("Phragmén's rule: the load of the projects is spread evenly over voters"),
    "greedy": _("Most votes first, skipping what no longer fits"),
    "greedy_stop": _("Most votes first, ending at the first that does not fit"),
    "greedy_value": _("Most votes for the money first, skipping what no longer fits"),
}


def _lines(rows: int, most: int, **more: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": most, "dir": "auto", **more})


def _text(**more: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"dir": "auto", **more})


class RulesForm(forms.Form):
    """The rules of a budget."""

    money = forms.DecimalField(label=_("Money to be shared out"), min_value=0, max_digits=18)
    currency = forms.CharField(label=_("Currency"), max_length=12, initial="EUR")
    scale = forms.TypedChoiceField(
        label=_("Amounts"),
        coerce=int,
        choices=[(100, _("with two digits after the point")), (1, _("whole amounts only"))],
    )
    most_each = forms.DecimalField(
        label=_("Most that one project can cost"), min_value=0, max_digits=18, required=False,
        help_text=_("Empty: as much as the whole budget."),
    )  # fmt: skip
    ideas_each = forms.IntegerField(label=_("Ideas of one person at most"), min_value=1, initial=3)
    ballot = forms.ChoiceField(label=_("What people do with a ballot"), choices=Budget.Ballot.choices)
    min_length = forms.IntegerField(
        label=_("Projects on a ballot at least"), min_value=1, max_value=1000, required=False
    )
    max_length = forms.IntegerField(
        label=_("Projects on a ballot at most"), min_value=1, max_value=1000, required=False
    )
    max_points = forms.IntegerField(
        label=_("Points"), min_value=1, max_value=1000, required=False,
        help_text=_("To share out in all, or to give to one project; only for ballots of points."),
    )  # fmt: skip
    threshold = forms.IntegerField(
        label=_("Votes or points that a project needs at least"), min_value=0, max_value=10**9, initial=0
    )
    rule = forms.ChoiceField(
        label=_("Rule by which the money is shared out"), choices=[(r, RULE_NAMES[r]) for r in RULES]
    )
    lot_seed = forms.CharField(
        label=_("Seed of the lot for equal projects"), max_length=200, required=False,
        help_text=_("Found in public. Empty: the result stops at equal projects and asks for a lot."),
    )  # fmt: skip
    card = forms.CharField(
        label=_("More of the rule card"), required=False, max_length=20_000, widget=_lines(3, 20_000),
        help_text=_("As JSON, for those who know it: shares of districts, floors, how money left is spent."),
    )  # fmt: skip
    zones = forms.CharField(
        label=_("Neighbourhoods"), required=False, max_length=100_000, widget=_lines(6, 100_000),
        help_text=_("One in each line: the code as in the census; the name."),
    )  # fmt: skip
    powers = forms.CharField(
        label=_("What is in the city's power"), required=False, max_length=4000, widget=_lines(5, 4000),
        help_text=_("What can be proposed and what cannot, in plain words. Shown to everybody who proposes."),
    )  # fmt: skip
    examples = forms.CharField(
        label=_("What things cost"), required=False, max_length=10_000, widget=_lines(5, 10_000),
        help_text=_("One in each line: a thing; an amount. For example: a bench; 1200"),
    )  # fmt: skip

    @classmethod
    def of(cls, budget: Budget | None, module: Any, data: Any = None) -> RulesForm:
        """Make the form, filled with what stands; with the neighbourhoods of the census at first."""
        return cls(data, initial=_standing(budget) if budget else {"zones": _census(module)})


def _census(module: Any) -> str:
    board = Board.objects.filter(module=module).first()
    return "\n".join(f"{code}; {name}" for code, name in (board.known.get("zones", []) if board else []))


def _standing(budget: Budget) -> dict[str, Any]:
    def written(units: int) -> str | None:
        # as typed: an amount keeps its digits, an empty one stays empty
        return format(amount(units, budget.scale), "f") if units else None

    rest = card_rest(budget.card)
    return {
        **{
            k: getattr(budget, k)
            for k in ("currency", "scale", "ideas_each", "ballot", "threshold", "powers")
        },
        **budget.limits,
        "money": written(budget.money),
        "most_each": written(budget.most_each),
        "rule": budget.card.get("rule"),
        "lot_seed": budget.card.get("lot_seed", ""),
        "card": json.dumps(rest, ensure_ascii=False, indent=1) if rest else "",
        "zones": "\n".join(f"{code}; {name}" for code, name in budget.zones),
        "examples": "\n".join(
            f"{what}; {format(amount(u, budget.scale), 'f')}" for what, u in budget.examples
        ),
    }


class IdeaForm(forms.Form):
    """An idea; made for a budget, because neighbourhoods are those of the budget."""

    title = forms.CharField(
        label=_("Title"), max_length=120, widget=_text(), help_text=_("What it is, in a few words.")
    )
    text = forms.CharField(
        label=_("Idea"), max_length=TEXT_MOST, widget=_lines(8, TEXT_MOST),
        help_text=_("What is missing today, what should be there, and for whom."),
    )  # fmt: skip
    language = forms.ChoiceField(
        label=_("Language in which you write"), required=False,
        choices=[*LANGUAGES.items(), ("", _("another language"))],
    )  # fmt: skip
    zone = forms.ChoiceField(label=_("Neighbourhood of the idea"), required=False)
    place = forms.CharField(
        label=_("Where exactly"), max_length=200, required=False, widget=_text(),
        help_text=_("A street, a square, a building. No private addresses."),
    )  # fmt: skip
    topics = forms.MultipleChoiceField(
        label=_("Topics"), choices=Topic.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("At most three."),
    )  # fmt: skip
    asked = forms.DecimalField(
        label=_("What it may cost"), min_value=0, max_digits=18, max_value=MONEY_MOST, required=False,
        help_text=_("Your own guess, or empty. The city estimates the cost in any case."),
    )  # fmt: skip
    home_zone = forms.ChoiceField(
        label=_("Neighbourhood in which you live"), required=False,
        help_text=_("Only counted, so that the city sees whom it does not reach; not kept with the idea."),
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=1)

    def __init__(self, budget: Budget, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(code, name) for code, name in budget.zones]
        self.fields["zone"].choices = [("", _("the whole city")), *zones]  # type: ignore[attr-defined]
        self.fields["home_zone"].choices = [("", _("not said")), *zones]  # type: ignore[attr-defined]
        if not zones:
            del self.fields["zone"], self.fields["home_zone"]
        if not self.is_bound and "language" not in self.initial:
            self.initial["language"] = get_language() or ""

    @classmethod
    def of(cls, idea: Idea, data: Any = None) -> IdeaForm:
        """Make the form of an idea that is there; whose home it was is not known any more."""
        asked = format(amount(idea.asked, idea.budget.scale), "f") if idea.asked is not None else None
        initial = {k: getattr(idea, k) for k in ("title", "text", "language", "zone", "place")}
        form = cls(idea.budget, data, initial=initial | {"topics": unpacked(idea.topics), "asked": asked})
        if idea.state != Idea.State.DRAFT:
            form.fields.pop("home_zone", None)
        return form


class EnterForm(IdeaForm):
    """An idea that did not come through this site."""

    channel = forms.ChoiceField(
        label=_("How it came"), choices=[c for c in Idea.Channel.choices if c[0] != Idea.Channel.WEB]
    )
    again = forms.BooleanField(
        label=_("This person has proposed an idea here before"), required=False,
        help_text=_("Then they are not counted a second time."),
    )  # fmt: skip

    def __init__(self, budget: Budget, *args: Any, **kwargs: Any) -> None:
        super().__init__(budget, *args, **kwargs)
        if "home_zone" in self.fields:
            self.fields["home_zone"].label = _("Neighbourhood in which the person lives")


class CheckForm(forms.Form):
    """One check."""

    kind = forms.ChoiceField(label=_("What was checked"), choices=Check.Kind.choices)
    verdict = forms.ChoiceField(label=_("What came of it"), choices=Check.Verdict.choices)
    reasons = forms.CharField(
        label=_("Reasons"), required=False, max_length=2000, widget=_lines(4, 2000),
        help_text=_("In plain words: they are published. Needed unless it passed."),
    )  # fmt: skip
    cost = forms.DecimalField(
        label=_("Cost"), min_value=0, max_digits=18, max_value=MONEY_MOST, required=False,
        help_text=_("With the check of the cost: people vote on this amount."),
    )  # fmt: skip


class ReasonForm(forms.Form):
    """A decision with its reason."""

    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=_lines(4, 2000),
        help_text=_("In plain words: everybody reads it beside the idea."),
    )  # fmt: skip


class RepairForm(ReasonForm):
    """What has to be mended, and until when."""

    last = forms.DateField(
        label=_("Last day for the repair"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def until(self) -> datetime:
        """Return the end of the last day."""
        day: date = self.cleaned_data["last"]
        # the very last day of the calendar has no day after it
        after = day + timedelta(days=1) if day < date.max else day
        return timezone.make_aware(datetime.combine(after, time.min))


class MergeForm(ReasonForm):
    """Into which idea, and why."""

    number = forms.IntegerField(label=_("Number of the other idea"), min_value=1, max_value=10**9)


class NoticeForm(forms.Form):
    """What is wrong with an idea."""

    rule = forms.ChoiceField(label=_("What is wrong with it"), choices=HouseRule.choices)
    text = forms.CharField(
        label=_("In your words"), required=False, max_length=500, widget=_lines(3, 500)
    )  # fmt: skip


class AppealForm(forms.Form):
    """Why an idea should be shown again."""

    text = forms.CharField(
        label=_("Why it should be shown again"), max_length=500, widget=_lines(4, 500)
    )  # fmt: skip


class ModerateForm(forms.Form):
    """A decision for the public log."""

    rule = forms.ChoiceField(label=_("Rule of the house"), choices=HouseRule.choices, required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=_lines(3, 300),
        help_text=_("It stands in the public log: no names, nothing private."),
    )  # fmt: skip
