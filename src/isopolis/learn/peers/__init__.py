"""Cities that are given the same: peers with their stability, benchmarks, positive deviants."""

from isopolis.model.peer_table import (
    CityTable,
    ContextFeature,
    ContextTable,
    OutcomeIndicator,
    OutcomeTable,
    PeerCity,
    Reading,
)

from .distance import COMMON_LEAST, gaps_from, space_of
from .lists import ENOUGH, FEWEST, Filter, Peer, Peers, peers
from .stability import Resampling, interval

__all__ = [
    "COMMON_LEAST",
    "ENOUGH",
    "FEWEST",
    "CityTable",
    "ContextFeature",
    "ContextTable",
    "Filter",
    "OutcomeIndicator",
    "OutcomeTable",
    "Peer",
    "PeerCity",
    "Peers",
    "Reading",
    "Resampling",
    "gaps_from",
    "interval",
    "peers",
    "space_of",
]
