"""Mobility profiles: how bodies move, what stops them, and what is assumed where nobody looked.

A profile is data: a dated YAML file with its sources (docs/mobility-profiles.md). `costs` turns it and the
tags of a street network into a time for each edge and direction, under a pessimistic, an expected and an
optimistic reading of what the tags leave open; `missing` says which tags somebody has to look at.
"""

from __future__ import annotations

from .costs import Costs, Reason, costs, missing
from .model import Choice, Citation, Costing, Limits, Profile, Range, Speed, Transit, Unknown
from .parsing import parse_profile, parse_profile_text
from .shipped import names, profile
from .tags import Parsed, parse_tags

__all__ = [
    "Choice",
    "Citation",
    "Costing",
    "Costs",
    "Limits",
    "Parsed",
    "Profile",
    "Range",
    "Reason",
    "Speed",
    "Transit",
    "Unknown",
    "costs",
    "missing",
    "names",
    "parse_profile",
    "parse_profile_text",
    "parse_tags",
    "profile",
]
