"""Names and numbers of a vote as its report writes them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from isopolis.engage.budget.election import Election
from isopolis.flows.vote_names import RULE_NAMES, rule_name
from isopolis.model.text import Number, count, phrase

__all__ = ["RULE_NAMES", "attribute_name", "cut", "money_of", "names_of", "rule_name"]

LONGEST = 90
"""Letters of a project's name in sentences and charts; tables have all of it."""

ATTRIBUTES = {
    "age": phrase("Age"),
    "sex": phrase("Sex"),
    "district": phrase("District"),
    "neighborhood": phrase("Neighbourhood"),
    "neighbourhood": phrase("Neighbourhood"),
    "voting_method": phrase("Way of voting"),
}


def attribute_name(name: str) -> str:
    """Name an attribute of voters in words."""
    return ATTRIBUTES.get(name.lower(), name)


def money_of(election: Election) -> Callable[[int | Fraction], str]:
    """Return the function that writes units of money with the currency: ``995,079 PLN``."""

    def money(units: int | Fraction) -> str:
        amount = election.money(units)
        whole = amount.denominator == 1
        # round() of a fraction is exact; only its digits are written
        text = count(round(amount)) if whole else Number(f"{round(amount * 100) / 100:,.2f}")
        return (
            phrase("{amount} {currency}", amount=text, currency=election.currency)
            if election.currency
            else text
        )

    return money


def names_of(election: Election) -> tuple[str, ...]:
    """Names of the projects for sentences: cut where they are long, the id where there is none."""
    return tuple(cut(p.name or p.id) for p in election.projects)


def cut(text: str) -> str:
    """Cut a long name at a blank."""
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"
