"""Public transport by timetable: travel times over a window, one journey explained, and how firm they are."""

from __future__ import annotations

from .journey import Fare, Journey, Leg, fare, journey
from .links import Links, Walks, with_rules
from .network import Network
from .robust import Alarm, Late, Robustness, adds_nothing, delayed, delays
from .times import Times, blocks, by_departure, times

__all__ = [
    "Alarm", "Fare", "Journey", "Late", "Leg", "Links", "Network", "Robustness", "Times", "Walks",
    "adds_nothing", "blocks", "by_departure", "delayed", "delays", "fare", "journey", "times", "with_rules",
]  # fmt: skip
