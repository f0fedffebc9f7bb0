"""Equity of access: how what people reach differs between groups, and how sure that is."""

from ..measures.spec import EQUITY
from .figures import FEW, USUAL, Equity, Figure, Parts, draws_for, equity_of, equity_table
from .inequality import TheilParts, kappa_of, theil_parts
from .level import best_off
from .people import EVERYONE_NAME, People, Redraw, lattice
from .ranked import palma_between
from .weighted import Settings, Weighted

__all__ = [
    "EQUITY",
    "EVERYONE_NAME",
    "FEW",
    "USUAL",
    "Equity",
    "Figure",
    "Parts",
    "People",
    "Redraw",
    "Settings",
    "TheilParts",
    "Weighted",
    "best_off",
    "draws_for",
    "equity_of",
    "equity_table",
    "kappa_of",
    "lattice",
    "palma_between",
    "theil_parts",
]
