"""Measures of access: what each origin reaches, alone and in competition with others."""

from .competition import (
    Shared,
    balanced_catchment,
    enhanced_two_step,
    spatial_availability,
    two_step,
)
from .decay import DECAYS, LUO_QI_SLOW, LUO_QI_STEEP, Decay, decay, stepped
from .gravity import gravity
from .needs import Needs, completeness, minutes_to_all, needs
from .opportunity import closest, closest_costs, cumulative, interval_cumulative
from .result import MINUTE, NOBODY, NOT_LOCATED, REACHED, UNREACHABLE, Access, Bounds, minutes
from .sparse import Rows
from .spec import ACCESS, EQUITY, FAMILIES, LAWS, ReachSpec

__all__ = [
    "ACCESS",
    "DECAYS",
    "EQUITY",
    "FAMILIES",
    "LAWS",
    "LUO_QI_SLOW",
    "LUO_QI_STEEP",
    "MINUTE",
    "NOBODY",
    "NOT_LOCATED",
    "REACHED",
    "UNREACHABLE",
    "Access",
    "Bounds",
    "Decay",
    "Needs",
    "ReachSpec",
    "Rows",
    "Shared",
    "balanced_catchment",
    "closest",
    "closest_costs",
    "completeness",
    "cumulative",
    "decay",
    "enhanced_two_step",
    "gravity",
    "interval_cumulative",
    "minutes",
    "minutes_to_all",
    "needs",
    "spatial_availability",
    "stepped",
    "two_step",
]
