"""The rules of a budget: money, kind of ballot, rule of the result, and what proposers should know."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.engage.budget.card import RuleCard
from isopolis.model import CallError
from isopolis.web.actions import Action, ValidationError
from isopolis.web.modules.comments.words import plain
from isopolis.web.modules.models import Module

from .access import settled
from .models import Budget, Idea
from .money import units_in, units_of

__all__ = ["SaveRules", "card_rest"]

ZONES_MOST = 500
EXAMPLES_MOST = 50
IDEAS_MOST = 50
LIMITS = ("min_length", "max_length", "max_points")
SCALES = (1, 100)


def card_rest(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a rule card says beyond its rule and its seed, and beyond what is usual."""
    usual = RuleCard().to_dict()
    return {
        k: v for k, v in card.items() if usual.get(k) != v and k not in ("rule", "lot_seed", "version")
    }  # fmt: skip


def _texts(part: Any) -> tuple[Any, ...]:
    """Return what has to be text in a rule card or in one of its floors."""
    return (part.attribute,) if isinstance(part, RuleCard) else astuple(part)


@dataclass
class SaveRules(Action):
    """Keep the rules, as long as no vote was opened; whatever is wrong is said at once."""

    workspace: Any
    module: Module
    said: Mapping[str, Any] = field(default_factory=dict)
    now: datetime | None = None
    verb: ClassVar[str] = "budget.rules"
    permission: ClassVar[str] = "budget.manage"
    sentence: ClassVar[str] = "{actor} set the rules of the budget in process {number}"

    def check(self) -> None:
        """Require rules that make sense together."""
        if self.module.process.workspace_id != self.workspace.pk or self.module.kind != "budget":
            raise ValidationError(_("This belongs to another workspace."))
        held = Budget.objects.select_for_update().filter(module=self.module).first()
        self.budget = held or Budget(module=self.module)
        self.budget.module = self.module
        if held is not None and settled(held):
            raise ValidationError(_("The vote was opened: its rules stand."))
        self.wrong: list[str] = []
        self.scale = int(self.said.get("scale") or 0)
        if self.scale not in SCALES:
            raise ValidationError(_("Choose whether amounts have digits after the point."))
        self.kept = self._money() | self._ballot() | self._words()
        self.kept["card"] = self._card()
        self._keeps_ideas()
        if self.wrong:
            raise ValidationError(self.wrong)

    def _units(self, name: str) -> int:
        given = self.said.get(name)
        if given is None:
            return 0
        try:
            return units_of(Decimal(given), self.scale)
        except ValidationError as error:
            self.wrong += error.messages
            return 0

    def _money(self) -> dict[str, Any]:
        money, most = self._units("money"), self._units("most_each")
        currency = " ".join(plain(str(self.said.get("currency", ""))).split())
        if money < 1:
            self.wrong.append(_("Write how much money there is."))
        if money and most > money:
            self.wrong.append(_("One project cannot cost more than the whole budget."))
        if not 1 <= len(currency) <= 12:
            self.wrong.append(_("Write the currency in at most 12 letters, for example EUR."))
        each = int(self.said.get("ideas_each") or 0)
        if not 1 <= each <= IDEAS_MOST:
            told = _("Allow everybody 1 to %(most)s ideas.")
            self.wrong.append(told % {"most": IDEAS_MOST})
        return {
            "money": money, "most_each": most, "currency": currency, "scale": self.scale, "ideas_each": each,
        }  # fmt: skip

    def _ballot(self) -> dict[str, Any]:
        kind = str(self.said.get("ballot", ""))
        limits = {k: int(self.said[k]) for k in LIMITS if self.said.get(k)}
        if kind not in Budget.Ballot.values:
            self.wrong.append(_("Choose a kind of ballot."))
        if limits.get("min_length", 0) > limits.get("max_length", 10**9):
            self.wrong.append(_("A ballot cannot need more projects than it may have."))
        if kind == "cumulative" and not limits.get("max_points"):
            self.wrong.append(_("Say how many points everybody has to share out."))
        if limits.get("max_points") and kind not in ("cumulative", "scoring"):
            self.wrong.append(_("Points belong to a ballot of points: leave them empty here."))
        if kind == "choose-1":
            limits = {"max_length": 1}
        return {"ballot": kind, "limits": limits, "threshold": int(self.said.get("threshold") or 0)}

    def _words(self) -> dict[str, Any]:
        return {
            "zones": self._zones(str(self.said.get("zones", ""))),
            "powers": plain(str(self.said.get("powers", "")))[:4000],
            "examples": self._examples(str(self.said.get("examples", ""))),
        }

    def _rows(self, text: str, most: int) -> Sequence[tuple[int, str]]:
        lines = [(n, plain(line)) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) > most:
            self.wrong.append(_("At most %(most)s lines are possible.") % {"most": most})
        return lines[:most]

    def _zones(self, text: str) -> list[list[str]]:
        out: dict[str, str] = {}
        for n, line in self._rows(text, ZONES_MOST):
            code, _semicolon, name = (part.strip() for part in line.partition(";"))
            if not code or len(code) > 80:
                told = _("Line %(n)s of the neighbourhoods: write a code of at most 80 letters, then a name.")
                self.wrong.append(told % {"n": n})
            elif code in out:
                told = _("Line %(n)s of the neighbourhoods: the code %(code)s stands there twice.")
                self.wrong.append(told % {"n": n, "code": code})
            else:
                out[code] = (name or code)[:120]
        return [[code, name] for code, name in out.items()]

    def _examples(self, text: str) -> list[list[Any]]:
        out: list[list[Any]] = []
        for n, line in self._rows(text, EXAMPLES_MOST):
            what, _semicolon, cost = (part.strip() for part in line.rpartition(";"))
            try:
                out.append([what[:120], units_in(cost, self.scale)])
                if not what:
                    raise ValidationError(_("say what it is."))
            except ValidationError as error:
                told = _("Line %(n)s of the examples: %(why)s")
                self.wrong.append(told % {"n": n, "why": " ".join(error.messages)})
        return out

    def _card(self) -> dict[str, Any]:
        text = str(self.said.get("card", "")).strip()
        known = {code for code, _name in self.kept["zones"]}
        try:
            rest = json.loads(text) if text else {}
            if not isinstance(rest, dict) or "\\u0000" in text:
                raise CallError(_("it must be one JSON object."))
            seed = " ".join(plain(str(self.said.get("lot_seed", ""))).split())[:200]
            card = RuleCard.from_dict(rest | {"rule": self.said.get("rule"), "lot_seed": seed})
            if not all(isinstance(t, str) for f in (card, *card.floors) for t in _texts(f)):
                raise CallError(_("amounts, places and labels are written in quotation marks."))
            strange = sorted({f.place for f in card.floors if f.place} - known)
        # whatever somebody types into this field, the page says what is wrong with it
        except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError, CallError) as error:
            self.wrong.append(_("Rule card: %(why)s") % {"why": str(error)[:300]})
            return {}
        for place in strange:
            told = _("Rule card: %(place)s is none of the neighbourhoods.")
            self.wrong.append(told % {"place": place[:80]})
        return card.to_dict()

    def _keeps_ideas(self) -> None:
        """Refuse what would change the meaning of ideas that are there."""
        if self.budget.pk is None:
            return
        ideas = Idea.objects.filter(budget=self.budget)
        priced = ideas.exclude(asked=None, cost=None).exists()
        if priced and (self.kept["scale"], self.kept["currency"]) != (
            self.budget.scale,
            self.budget.currency,
        ):
            self.wrong.append(_("Ideas have costs already: the currency can no longer be changed."))
        used = set(ideas.exclude(zone="").values_list("zone", flat=True))
        for code in sorted(used - {code for code, _name in self.kept["zones"]}):
            told = _("Ideas are about the neighbourhood %(code)s: it cannot be taken out.")
            self.wrong.append(told % {"code": code})

    def change(self) -> Budget:
        """Keep them."""
        for name, value in self.kept.items():
            setattr(self.budget, name, value)
        self.budget.changed_at = self.now or timezone.now()
        self.budget.save()
        return self.budget

    def detail(self, made: Any) -> dict[str, str | int]:
        """Number of the process in the city."""
        return {"number": self.module.process.number}
