"""Peers of a workspace: from the kept table to the list, once for the same question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from isopolis.flows.peer_files import table_from_plain
from isopolis.learn.peers import CityTable, Filter, Peers
from isopolis.learn.peers import peers as peers_of

from .models import PeerChoice, PeerTable

__all__ = ["RUNS", "SEED", "Asked", "found", "own_city", "settled", "table_of"]

RUNS = 200
SEED = 0
EVERYBODY = Filter()


@dataclass(frozen=True, slots=True)
class Asked:
    """One question about peers; hashable, so that its answer is kept."""

    city: str
    theme: str = ""
    k: int = 5
    weights: tuple[tuple[str, float], ...] = ()
    chosen: tuple[str, ...] = ()
    filtered: Filter = EVERYBODY


def table_of(kept: PeerTable) -> CityTable:
    """Return the table that the reader understood."""
    return _table(kept.pk, kept.digest)


@lru_cache(maxsize=16)
def _table(pk: UUID, _digest: str) -> CityTable:
    return table_from_plain(PeerTable.objects.values_list("table", flat=True).get(pk=pk))


def found(kept: PeerTable, asked: Asked) -> Peers:
    """Return the list; the same for everyone who asks the same."""
    return _found(kept.pk, kept.digest, asked)


@lru_cache(maxsize=256)
def _found(pk: UUID, digest: str, asked: Asked) -> Peers:
    return peers_of(
        asked.city,
        _table(pk, digest),
        weights=dict(asked.weights),
        k=asked.k,
        runs=RUNS,
        seed=SEED,
        theme=asked.theme,
        filtered=asked.filtered,
        chosen=asked.chosen,
    )


def own_city(cities: Sequence[Mapping[str, Any]], workspace: Any) -> str:
    """Id of the city of the table that has the workspace's name; empty when none has."""
    names = {workspace.name.casefold(), workspace.slug.casefold()}
    same = [c["id"] for c in cities if {c["name"].casefold(), c["id"].casefold()} & names]
    return str(same[0]) if len(same) == 1 else ""


def settled(workspace: Any, *, theme: str = "", k: int = 10) -> Peers | None:
    """Return the peers of a workspace as it settled them; None when it did not.

    For pages that rank by likeness: ``settled(workspace).shares`` has the share of runs of each city.
    """
    choice = PeerChoice.objects.select_related("table").filter(workspace=workspace).first()
    if choice is None or choice.table.state != PeerTable.State.READY:
        return None
    asked = Asked(choice.city, theme, k, tuple(sorted(choice.weights.items())))
    return found(choice.table, asked)
