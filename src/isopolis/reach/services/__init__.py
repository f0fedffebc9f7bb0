"""Barriers of a service itself: hours, steps, fee, language, booking, room, eligibility; digital access."""

from .admission import BARRIERS, Admission, Barrier, admits, all_of
from .asked import WEEKDAYS, Asked
from .digital import Digital, digital

__all__ = [
    "BARRIERS",
    "WEEKDAYS",
    "Admission",
    "Asked",
    "Barrier",
    "Digital",
    "admits",
    "all_of",
    "digital",
]
