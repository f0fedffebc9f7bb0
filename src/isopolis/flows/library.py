"""The library beside a city's own figures: results ranked by its gaps and its peers, each with its reason."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from isopolis.learn.search import Alike, Hit, Hits, Index, Need, Query, document_of, search
from isopolis.model import Group
from isopolis.model.text import Number, count, phrase

from .diagnosis import Diagnosis
from .draft_plan import MOST_GAPS, Gap, gaps_of

if TYPE_CHECKING:
    from isopolis.learn.peers import Peers
    from isopolis.learn.record import Record
    from isopolis.learn.vocabulary import Vocabulary
    from isopolis.model import City

__all__ = ["alike_of", "because", "for_city", "index_of", "needs_of", "needs_of_gaps"]


def index_of(records: Iterable[Record], connection: sqlite3.Connection | None = None) -> Index:
    """Make an index of records, in memory unless a connection is given."""
    index = Index(connection or sqlite3.connect(":memory:"), "sqlite")
    index.create_tables()
    index.put(document_of(record) for record in records)
    return index


# -- what the city has measured ---------------------------------------------------------------------------
def needs_of(diagnosis: Diagnosis, vocabulary: Vocabulary, most: int = MOST_GAPS) -> tuple[Need, ...]:
    """Return the largest gaps of a diagnosis as needs, the widest first.

    Parameters
    ----------
    diagnosis : Diagnosis
    vocabulary : Vocabulary
        With the city's own words, if a person has mapped them (`Vocabulary.with_local`).
    most : int
    """
    return needs_of_gaps(gaps_of(diagnosis, vocabulary, most=most), vocabulary, diagnosis.city)


def needs_of_gaps(gaps: Sequence[Gap], vocabulary: Vocabulary, city: City | None = None) -> tuple[Need, ...]:
    """Return gaps as needs, the widest first; a gap without excess over chance is none.

    The weight of a need is the excess of its finding: 0 as by chance, 1 the most possible. `city`
    tells the ground of discrimination of a dimension where its name does not.
    """
    wide = sorted((g for g in gaps if (g.finding.excess or 0) > 0), key=lambda g: -(g.finding.excess or 0))
    out = []
    for place, gap in enumerate(wide, start=1):
        aspects = _aspects(gap, vocabulary, city)
        if aspects:
            weight = min(1.0, round(gap.finding.excess or 0, 4))
            out.append(Need(_said(gap, place), weight, aspects, place))
    return tuple(out)


def _aspects(gap: Gap, vocabulary: Vocabulary, city: City | None) -> dict[str, frozenset[str]]:
    grounds = {*gap.grounds, *_grounds(gap, city)}
    found = {"group": set(gap.groups), "ground": grounds, "topic": set(gap.themes)}
    below = {
        name: frozenset(t for id in ids if id in vocabulary for t in vocabulary.below(id))
        for name, ids in found.items()
    }
    return {name: ids for name, ids in below.items() if ids}


def _grounds(gap: Gap, city: City | None) -> set[str]:
    names = {name for name, _ in Group.parse(gap.finding.group)} if gap.finding.group else set()
    names |= set(gap.finding.dimension.split(" × "))
    tables = (*city.counts, *city.survey) if city else ()
    return {f"ground:{d.ground}" for c in tables for d in c.dimensions if d.name in names and d.ground}


def _said(gap: Gap, place: int) -> str:
    if place == 1:
        return phrase("the separation of {group} is your widest gap", group=gap.subject)
    return phrase("the separation of {group} is number {n} of your gaps", group=gap.subject, n=count(place))


# -- who is alike ------------------------------------------------------------------------------------------
def alike_of(peers: Peers | Mapping[str, float], k: int = 10) -> dict[str, Alike]:
    """Return the cities that were peers in any run, by name, with the sentence that says how often.

    Parameters
    ----------
    peers : Peers, or mapping of str to float
        From `isopolis.learn.peers`, or name of a city → share of runs among the `k` nearest.
    k : int
        Length of the list that a mapping was made with.
    """
    if isinstance(peers, Mapping):
        shares = dict(peers)
    else:
        names = {p.city.id: p.city.name for p in peers.ranked}
        shares, k = {names.get(id, id): share for id, share in peers.shares.items()}, peers.k
    return {city: Alike(share, _peer(city, share, k)) for city, share in shares.items() if share > 0}


def _peer(city: str, share: float, k: int) -> str:
    runs = Number(f"{100 * share:.0f}%")
    if k == 10:
        return phrase("{city} is in your top ten peers in {share} of runs", city=city, share=runs)
    return phrase(
        "{city} is among your {k} nearest peers in {share} of runs", city=city, k=count(k), share=runs
    )


# -- results ----------------------------------------------------------------------------------------
def for_city(
    index: Index,
    query: Query,
    vocabulary: Vocabulary,
    needs: Sequence[Need] = (),
    peers: Peers | Mapping[str, float] | None = None,
) -> Hits:
    """Search with a city's gaps and peers; `because` says of each hit why it stands where it does."""
    alike = alike_of(peers) if peers else {}
    return search(index, replace(query, needs=tuple(needs), alike=alike), vocabulary)


def because(hit: Hit) -> str:
    """Say in one sentence why a hit is put forward; empty when neither gap nor peer did it."""
    said = {r.name: r.said for r in hit.reasons if r.name in ("need", "city") and r.value > 1}
    if len(said) == 2:
        return phrase("because {gap}, and {peer}", gap=said["need"], peer=said["city"])
    one = next(iter(said.values()), "")
    return phrase("because {reason}", reason=one) if one else ""
