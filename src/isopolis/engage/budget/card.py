"""The rule card: everything that can change the outcome of a vote, in one versioned text.

A card is decided before the vote and published. The same card and the same ballots give the same winners.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from isopolis.model import CallError, DataError, Problem, near
from isopolis.model.text import phrase

__all__ = ["RULES", "VERSION", "Floor", "RuleCard", "card_for"]

VERSION = 1
RULES = ("equal_shares", "phragmen", "greedy", "greedy_stop", "greedy_value")
"""Equal shares; Phragmén's sequential rule; most votes first, skipping what no longer fits; the same but
ending at the first that does not fit; most votes per cost first, skipping."""
CHOICES: Mapping[str, tuple[str, ...]] = {
    "rule": RULES,
    "utility": ("cost", "cardinality"),
    "completion": ("none", "add1"),
    "by": ("voter", "money"),
    "start": ("exact", "whole"),
    "stop": ("overspend", "exhaustive"),
    "fill": ("none", "greedy", "greedy_value"),
    "past_budget": ("stop", "skip"),
    "comparison": ("none", "greedy"),
}
TIES = ("lower_cost", "more_votes")


@dataclass(frozen=True, slots=True)
class Floor:
    """Money that is kept for some projects first.

    Parameters
    ----------
    money : str
        Amount in the currency, ``"25000"``.
    place : str
        Projects of this district or neighbourhood; empty for any.
    target : str
        Projects for these people, as in the list of projects; empty for any.
    attribute, label : str
        Voters who decide about it: those with this label, ``district`` ``Ursus``; empty for all voters.
    """

    money: str
    place: str = ""
    target: str = ""
    attribute: str = ""
    label: str = ""


@dataclass(frozen=True)
class RuleCard:
    """Everything that can change the outcome.

    Parameters
    ----------
    rule : str
        One of `RULES`.
    utility : str
        What a voter gains from a funded project: ``cost``, its cost times the points given; or
        ``cardinality``, the points alone. Only for equal shares.
    completion : str
        ``add1``: raise everybody's endowment step by step, since equal shares alone leaves money over;
        or ``none``.
    by : str
        What a step adds to: ``voter``, the endowment of each voter; ``money``, the budget shared out.
    step : str
        Size of a step in the currency.
    start : str
        ``exact``: the first endowment is budget ÷ voters; ``whole``: rounded down to whole currency.
    stop : str
        ``overspend``: keep the last allocation before the first that costs more than the budget;
        ``exhaustive``: stop as well as soon as nothing more fits.
    fill : str
        How money is spent that is over in the end: ``none``, ``greedy`` or ``greedy_value``.
    past_budget : str
        Phragmén's rule, when the next project no longer fits: ``stop`` or ``skip``.
    min_score : int or None
        Smallest score with which a project may be funded; None: as the election says.
    ties : tuple of str
        What decides between equals, in this order; then the lot.
    lot_seed : str
        Published text that orders projects by hash; empty when there is none.
    lot_order : tuple of str
        Published order of project ids, the first wins; empty when there is none.
    attribute : str
        Voters' attribute by which endowments differ; empty for equal endowments.
    shares : mapping of str to str
        Part of the budget for the voters of each label, in any unit: population, per cent.
    cap : str
        Largest endowment of a voter as a multiple of the mean; empty for none.
    floors : tuple of Floor
    comparison : str
        ``greedy``: keep the greedy outcome where more voters gain more by it; or ``none``.
    version : int
        Of this format.
    """

    rule: str = "equal_shares"
    utility: str = "cost"
    completion: str = "add1"
    by: str = "voter"
    step: str = "1"
    start: str = "exact"
    stop: str = "overspend"
    fill: str = "none"
    past_budget: str = "stop"
    min_score: int | None = None
    ties: tuple[str, ...] = TIES
    lot_seed: str = ""
    lot_order: tuple[str, ...] = ()
    attribute: str = ""
    shares: Mapping[str, str] = field(default_factory=dict)
    cap: str = ""
    floors: tuple[Floor, ...] = ()
    comparison: str = "none"
    version: int = VERSION

    def __post_init__(self) -> None:
        """Refuse words and numbers that mean nothing."""
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            if value not in allowed:
                raise CallError(
                    phrase(
                        '{name} of a rule card cannot be "{value}"; {near}',
                        name=name,
                        value=value,
                        near=near(str(value), allowed),
                    )
                )
        unknown = [t for t in self.ties if t not in TIES]
        if unknown:
            raise CallError(
                phrase(
                    'ties cannot be decided by "{value}"; {near}',
                    value=unknown[0],
                    near=near(unknown[0], TIES),
                )
            )
        if self.version != VERSION:
            raise CallError(
                phrase(
                    "this is a rule card of version {given}; version {known} can be read",
                    given=self.version,
                    known=VERSION,
                )
            )
        positive("step", self.step)
        if self.cap and positive("cap", self.cap) < 1:
            raise CallError(phrase("the cap of an endowment cannot be below 1"))
        for label, share in self.shares.items():
            positive(label, share, zero=True)
        for floor in self.floors:
            positive("money", floor.money)
        if self.lot_seed and self.lot_order:
            raise CallError(phrase("a lot has a seed or an order, not both"))
        object.__setattr__(self, "shares", MappingProxyType(dict(self.shares)))

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form, every field written out."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return (
            {"version": self.version}
            | plain
            | {
                "ties": list(self.ties),
                "lot_order": list(self.lot_order),
                "shares": dict(self.shares),
                "floors": [asdict(f) for f in self.floors],
            }
        )

    def to_json(self) -> str:
        """Write the card."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> RuleCard:
        """Read a card; what is not written keeps its default.

        Raises
        ------
        CallError
            Naming a field that does not exist or has the wrong form.
        """
        known = {f.name for f in fields(cls)}
        for name in plain:
            if name not in known:
                raise CallError(
                    phrase('a rule card has no "{name}"; {near}', name=name, near=near(name, known))
                )
        given = dict(plain)
        try:
            given["floors"] = tuple(Floor(**f) for f in given.get("floors", ()))
            given["shares"] = {str(k): str(v) for k, v in given.get("shares", {}).items()}
            for name in ("ties", "lot_order"):
                if name in given:
                    given[name] = tuple(str(x) for x in given[name])
            for name in ("step", "cap"):
                given[name] = str(given[name]) if name in given else getattr(cls, name)
            if given.get("min_score") is not None:
                given["min_score"] = int(given["min_score"])
        except (TypeError, ValueError, AttributeError) as error:
            raise CallError(phrase("the rule card cannot be read: {error}", error=error)) from None
        return cls(**given)

    @classmethod
    def from_json(cls, text: str) -> RuleCard:
        """Read a card from its text."""
        try:
            plain = json.loads(text)
        except ValueError as error:
            raise CallError(phrase("the rule card is no JSON: {error}", error=error)) from None
        if not isinstance(plain, dict):
            raise CallError(phrase("the rule card must be one JSON object"))
        return cls.from_dict(plain)


def positive(name: str, text: str, zero: bool = False) -> Fraction:
    """Return the number that `text` writes; refuse what is not above 0."""
    try:
        number = Fraction(text)
    except (ValueError, ZeroDivisionError):
        number = Fraction(-1)
    if number < 0 or (number == 0 and not zero):
        raise CallError(phrase('{name} must be a number above 0, not "{value}"', name=name, value=text))
    return number


def card_for(election: Any, card: RuleCard) -> RuleCard:
    """Return the card with what it leaves to the election written in, so that it says everything.

    Raises
    ------
    DataError
        When the card names projects, labels or attributes that the election does not have.
    """
    unknown = phrase("the lot names a project that does not exist")
    problems = [Problem("lot-project", unknown, value=p) for p in card.lot_order if p not in election.index]
    for name in {card.attribute, *(f.attribute for f in card.floors)} - {""}:
        if name not in election.attributes:
            known = ", ".join(election.attributes) or phrase("none")
            problems.append(
                Problem(
                    "no-attribute", phrase("the ballots do not say this about voters"), value=name, rule=known
                )
            )
    if problems:
        raise DataError(problems)
    score = election.min_score if card.min_score is None else card.min_score
    return replace(card, min_score=score)
