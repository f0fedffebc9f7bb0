"""Money of a budget: whole units inside, the currency on pages and in what people type."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from isopolis.web.actions import ValidationError

__all__ = ["MONEY_MOST", "amount", "places", "shown", "units_in", "units_of"]

MONEY_MOST = 2**50
"""Largest amount in units; sums of many stay below what databases and doubles hold exactly."""


def places(scale: int) -> int:
    """Return how many digits an amount has behind the point: 2 for 100 units to one of the currency."""
    return len(str(scale)) - 1


def shown(units: int | None, scale: int, currency: str) -> str:
    """Write an amount for a page in the language of the reader; empty when it is not known."""
    if units is None:
        return ""
    digits = places(scale) if units % scale else 0
    number = number_format(amount(units, scale), decimal_pos=digits, force_grouping=True)
    return f"{number}\u00a0{currency}"


def amount(units: int, scale: int) -> Decimal:
    """Return units as an amount of the currency, exactly."""
    return Decimal(units).scaleb(-places(scale))


def units_of(given: Decimal, scale: int) -> int:
    """Return an amount of the currency in units.

    Raises
    ------
    ValidationError
        If it is not a whole number of units, below zero or too large.
    """
    if not given.is_finite():
        raise ValidationError(_("This is no amount of money."))
    units = given.scaleb(places(scale))
    if units != units.to_integral_value():
        said = _("An amount has at most %(n)s digits after the point here.")
        raise ValidationError(said % {"n": places(scale)})
    if not 0 <= units <= MONEY_MOST:
        raise ValidationError(_("This amount is not possible."))
    return int(units)


def units_in(text: str, scale: int) -> int:
    """Read an amount as people type it, ``12 500,50`` or ``12500.50``; thousands may have blanks only.

    Raises
    ------
    ValidationError
        If it cannot be read.
    """
    bare = "".join(text.split())
    if not re.fullmatch(r"\d{1,16}([.,]\d{1,2})?", bare):
        said = _("“%(text)s” is no amount of money. Write 12500 or 12500.50.")
        raise ValidationError(said % {"text": text.strip()[:40]})
    return units_of(Decimal(bare.replace(",", ".")), scale)
