"""Streets from extracts of OpenStreetMap: .osm.pbf, .osm, .osm.bz2, .osm.gz.

The file is read in passes, each holding only what it needs: relations of squares, ways that people may
walk on, then the nodes of those ways.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Problems, near
from isopolis.model.streets import Streets
from isopolis.model.text import phrase, phrases

from .failure import fail, guarded
from .osm_network import TagColumns, millimetres, say_parts
from .osm_squares import Square, crossings, rings_of
from .osm_ways import KEYS_OF_WAYS, NODE_KEYS, ROADS, RULES, WAY_KEYS, ferry, is_square, walkable

__all__ = ["SUFFIXES", "read_osm"]

SUFFIXES = (".osm.pbf", ".osm", ".osm.bz2", ".osm.gz", ".pbf")
"""Endings of the files that can be read."""

Ints = npt.NDArray[np.int64]
_HINT = phrase("The file may be cut off or of another format; get the extract again.")


@dataclass(slots=True)
class _Relation:
    id: int
    tags: dict[str, str]
    outer: list[int]
    inner: list[int]


@dataclass(slots=True)
class _Ways:
    """Ways as they come: ids, where the nodes of each begin, the nodes, the tags."""

    ids: array[int] = field(default_factory=lambda: array("q"))
    begins: array[int] = field(default_factory=lambda: array("q", [0]))
    refs: array[int] = field(default_factory=lambda: array("q"))
    tags: TagColumns = field(default_factory=lambda: TagColumns(WAY_KEYS))
    squares: list[int] = field(default_factory=list)
    roads: dict[int, str] = field(default_factory=dict)
    twice: int = 0
    ferries: int = 0


@dataclass(slots=True)
class _Net:
    """A network in the making: vertices by rising id, edges, the way of each edge."""

    ids: Ints
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    tail: Ints
    head: Ints
    way: Ints
    way_ids: list[int]
    more: list[tuple[Ints, int]] = field(default_factory=list)


def read_osm(
    path: Path, *, problems: Problems | None = None, rule: str = "tags", squares: bool = True
) -> Streets:
    """Read the streets and paths that people may walk on.

    Every vertex of every way is kept, as is every part of the network. Lengths are great circles on a
    sphere of 6,371,008.8 m. Where two ways run over the same two vertices, both edges are kept (one may be
    the ramp beside the steps); within one way an edge stands once.

    Parameters
    ----------
    path : Path
        An extract: ``.osm.pbf``, ``.osm``, ``.osm.bz2`` or ``.osm.gz``.
    problems : Problems, optional
        A notebook that caveats are written into as well; `Streets.caveats` always has them.
    rule : {"tags", "classes"}
        Which ways people may walk on, see `isopolis.read.osm_ways.walkable`. With ``classes`` two ways over
        the same two vertices make one edge, the first.
    squares : bool
        Add edges across pedestrian squares. They carry the tags of the square and ``square=across``; the
        outline of a square drawn as a relation carries ``square=outline``; both have its id, below 0.

    Returns
    -------
    Streets
        Vertices that also lie on a major road that nobody may walk along carry ``road=`` and its class.
        With caveats for nodes that are missing (a clipped extract: the pieces that are there stay), nodes
        without a place on the globe, ways that stand twice, squares that do not close, separate parts and
        ferries, which are left out because they go by a timetable.

    Raises
    ------
    CallError
        If osmium is not installed or the rule is not known.
    DataError
        If the file is missing, empty, damaged, of another kind, or has nothing to walk on.
    """
    path = Path(path)
    if rule not in RULES:
        raise CallError(
            phrase('unknown rule "{rule}": {suggestion}', rule=rule, suggestion=near(rule, RULES))
        )
    notes = Problems()
    _openable(path)
    _osmium(path.name)
    with guarded(path.name, phrase("an extract of OpenStreetMap"), _HINT):
        relations = list(_relations(path, rule)) if squares else []
        ways, borders = _read_ways(path, rule), _borders(path, relations)
        if not len(ways.ids) and not relations:
            fail(
                "no-streets",
                phrase("the file has no streets or paths"),
                file=path.name,
                hint=phrase("Take an extract with all ways, not one of points or borders."),
            )
        found = np.concatenate([np.array(ways.refs, dtype=np.int64), *_flat(borders)])
        ids, lon, lat, node_tags, away = _read_nodes(path, np.unique(found))
        for node in ways.roads.keys() & set(ids.tolist()):
            node_tags.setdefault(node, {})["road"] = ways.roads[node]
        net, dropped = _edges(ways, ids, lon, lat, once=rule == "classes")
        if squares:
            _add_squares(net, ways, relations, borders, path.name, notes)
    _say(ways, dropped, away, path.name, notes)
    streets = _streets(net, ways.tags, node_tags, path.name, notes)
    if problems is not None:
        for problem in streets.caveats:
            problems.add(problem)
    return streets


def _openable(path: Path) -> None:
    if not path.is_file():
        fail(
            "missing-file",
            phrase("there is no such file"),
            file=path.name,
            hint=phrase("Correct the name in city.toml."),
        )
    if path.stat().st_size == 0:
        fail("empty-file", phrase("the file is empty"), file=path.name, hint=phrase("Get the extract again."))
    if not path.name.lower().endswith(SUFFIXES):
        fail(
            "unknown-format",
            phrase("this is not an extract of OpenStreetMap that can be read"),
            file=path.name,
            rule=phrase("a name that ends in {endings}", endings=", ".join(SUFFIXES)),
        )


def _osmium(file: str) -> Any:
    try:
        import osmium
    except ImportError as error:
        raise CallError(
            phrase(
                "reading {file} needs osmium, which is not installed: pip install 'isopolis[osm]'", file=file
            )
        ) from error
    return osmium


# -- passes over the file ----------------------------------------------------------------------------------
def _relations(path: Path, rule: str) -> Iterator[_Relation]:
    osmium = _osmium(path.name)
    some = osmium.filter.KeyFilter(*KEYS_OF_WAYS)
    for relation in osmium.FileProcessor(str(path), osmium.osm.RELATION).with_filter(some):
        tags = dict(relation.tags)
        if is_square(tags, closed=False) and walkable(tags, rule):
            ends: dict[bool, list[int]] = {True: [], False: []}
            for member in relation.members:
                if member.type == "w":
                    ends[member.role == "inner"].append(member.ref)
            yield _Relation(relation.id, tags, ends[False], ends[True])


def _read_ways(path: Path, rule: str) -> _Ways:
    osmium = _osmium(path.name)
    out, seen = _Ways(), set()
    some = osmium.filter.KeyFilter(*KEYS_OF_WAYS)
    for way in osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(some):
        tags = dict(way.tags)
        if not walkable(tags, rule):
            out.ferries += ferry(tags)
            if (kind := tags.get("highway", "")) in ROADS:
                out.roads.update((node.ref, kind) for node in way.nodes)
            continue
        if way.id in seen or not way.visible:
            out.twice += way.visible
            continue
        seen.add(way.id)
        if is_square(tags, way.is_closed()):
            out.squares.append(len(out.ids))
        out.tags.add(len(out.ids), tags)
        out.ids.append(way.id)
        out.refs.extend([node.ref for node in way.nodes])
        out.begins.append(len(out.refs))
    return out


def _borders(path: Path, relations: Sequence[_Relation]) -> dict[int, list[int]]:
    """Nodes of the ways that squares drawn as relations consist of."""
    wanted = {m for r in relations for m in (*r.outer, *r.inner)}
    if not wanted:
        return {}
    osmium = _osmium(path.name)
    return {
        way.id: [node.ref for node in way.nodes]
        for way in osmium.FileProcessor(str(path), osmium.osm.WAY)
        if way.id in wanted
    }


def _flat(borders: dict[int, list[int]]) -> list[Ints]:
    return [np.array(refs, dtype=np.int64) for refs in borders.values()]


def _read_nodes(path: Path, wanted: Ints) -> tuple[Ints, Any, Any, dict[int, dict[str, str]], int]:
    """Places of the wanted nodes by rising id, their tags, and how many lie nowhere on the globe."""
    osmium = _osmium(path.name)
    # osmium's own tracker of ids holds a bit for every id up to the newest: a gigabyte, even for a town
    keep = frozenset(wanted.tolist())
    ids, x, y = array("q"), array("q"), array("q")
    tags: dict[int, dict[str, str]] = {}
    away = 0
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE):
        if node.id not in keep:
            continue
        place = node.location
        if not place.valid():
            away += 1
            continue
        ids.append(node.id)
        x.append(place.x)
        y.append(place.y)
        if len(node.tags):
            some = {t.k: t.v for t in node.tags if t.k in NODE_KEYS}
            if some:
                tags[node.id] = some
    order, first = np.unique(np.array(ids, dtype=np.int64), return_index=True)
    lon = np.array(x, dtype=np.int64)[first] / 1e7
    lat = np.array(y, dtype=np.int64)[first] / 1e7
    return order, lon, lat, tags, away


# -- arrays ------------------------------------------------------------------------------------------------
def _edges(ways: _Ways, ids: Ints, lon: Any, lat: Any, once: bool) -> tuple[_Net, tuple[int, int]]:
    """Edges between consecutive nodes that are there; and how many nodes and ways are cut."""
    refs = np.array(ways.refs, dtype=np.int64)
    begins = np.array(ways.begins, dtype=np.int64)
    way = np.repeat(np.arange(len(ways.ids), dtype=np.int64), np.diff(begins))
    at = np.searchsorted(ids, refs)
    known = np.zeros(len(refs), dtype=bool)
    inside = at < len(ids)
    known[inside] = ids[at[inside]] == refs[inside]
    cut = (len(np.unique(refs[~known])), len(np.unique(way[~known])))
    if len(refs):
        good = known[:-1] & known[1:] & (way[:-1] == way[1:]) & (refs[:-1] != refs[1:])
        tail, head, way = at[:-1][good], at[1:][good], way[:-1][good]
    else:
        tail = head = way = np.empty(0, dtype=np.int64)
    pair = np.minimum(tail, head) * max(len(ids), 1) + np.maximum(tail, head)
    also = np.zeros_like(way) if once else way
    order = np.lexsort((also, pair))  # stable: of equal ones the first drawn comes first
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(pair[order]) != 0) | (np.diff(also[order]) != 0)
    first = np.sort(order[new])
    return _Net(ids, lon, lat, tail[first], head[first], way[first], list(ways.ids)), cut


def _add_squares(
    net: _Net,
    ways: _Ways,
    relations: Sequence[_Relation],
    borders: dict[int, list[int]],
    file: str,
    problems: Problems,
) -> None:
    """Add the outlines of squares drawn as relations, then lines across every square."""
    refs, begins = np.array(ways.refs, dtype=np.int64), ways.begins
    row_of = {w: i for i, w in enumerate(ways.ids)}
    areas: list[tuple[Square, set[int], int, dict[str, str]]] = []
    unclosed = 0
    for row in ways.squares:
        rings, open_ = rings_of([refs[begins[row] : begins[row + 1]].tolist()])
        square = _square(net, rings, [])
        unclosed += open_ + (square is None and not open_)
        if square is not None:
            areas.append((square, {row}, ways.ids[row], _tags_of(ways.tags, row)))
    for relation in relations:
        members = [[borders.get(m, []) for m in some] for some in (relation.outer, relation.inner)]
        (outer, lost), (inner, lost_too) = rings_of(members[0]), rings_of(members[1])
        square = _square(net, outer, inner)
        if lost or lost_too or square is None:
            unclosed += 1
            continue
        own = {row_of[m] for m in (*relation.outer, *relation.inner) if m in row_of}
        own.add(_outline(net, ways.tags, relation, square, own))
        areas.append((square, own, -relation.id, relation.tags))
    _cross(net, ways.tags, areas)
    if unclosed:
        problems.caveat(
            "open-square",
            phrases(
                "{n} square has an outline that is cut off or does not close; it is not crossed",
                "{n} squares have an outline that is cut off or does not close; they are not crossed",
                unclosed,
            ),
            file=file,
            count=unclosed,
        )


def _square(net: _Net, outer: list[list[int]], inner: list[list[int]]) -> Square | None:
    """A square by its vertices; None when a vertex is missing or nothing encloses an area."""
    rings = [np.array(r, dtype=np.int64) for r in (*outer, *inner)]
    if not outer or not len(net.ids):
        return None
    at = [np.minimum(np.searchsorted(net.ids, r), len(net.ids) - 1) for r in rings]
    if any((net.ids[a] != r).any() for a, r in zip(at, rings, strict=True)):
        return None
    return Square(at[: len(outer)], at[len(outer) :])


def _tags_of(columns: TagColumns, row: int) -> dict[str, str]:
    """Tags of one row; rows rise, so each is found by halving."""
    out = {}
    for key, rows in columns.rows.items():
        i = bisect_left(rows, row)
        if i < len(rows) and rows[i] == row:
            out[key] = columns.values[key][i]
    return out


def _outline(net: _Net, tags: TagColumns, relation: _Relation, square: Square, own: set[int]) -> int:
    """Add the outline as a way of its own, except where a walkable way already runs along it."""
    there = set()
    for row in own:  # edges stand in the order of their ways
        low, high = np.searchsorted(net.way, [row, row + 1])
        there |= set(zip(net.tail[low:high].tolist(), net.head[low:high].tolist(), strict=True))
    drawn = [
        (a, b)
        for ring in (*square.outer, *square.inner)
        for a, b in zip(ring.tolist(), np.roll(ring, -1).tolist(), strict=True)
        if (a, b) not in there and (b, a) not in there and a != b
    ]
    return _append(net, tags, -relation.id, relation.tags | {"area": "yes", "square": "outline"}, drawn)


def _append(net: _Net, columns: TagColumns, id_: int, tags: dict[str, str], pairs: npt.ArrayLike) -> int:
    row = len(net.way_ids)
    net.way_ids.append(id_)
    columns.add(row, tags)
    net.more.append((np.array(pairs, dtype=np.int64).reshape(-1, 2), row))
    return row


def _take_in(net: _Net) -> None:
    """Put the edges that were added after those of the ways, all at once."""
    ends = [pairs for pairs, _ in net.more]
    rows = [np.full(len(pairs), row, dtype=np.int64) for pairs, row in net.more]
    net.tail = np.concatenate([net.tail, *(e[:, 0] for e in ends)])
    net.head = np.concatenate([net.head, *(e[:, 1] for e in ends)])
    net.way = np.concatenate([net.way, *rows])
    net.more.clear()


def _cross(
    net: _Net, columns: TagColumns, areas: Sequence[tuple[Square, set[int], int, dict[str, str]]]
) -> None:
    """Add lines across each square between the points where other ways meet its outline."""
    _take_in(net)
    # which ways meet at a vertex is asked of the network without any line across
    ends = np.concatenate([net.tail, net.head])
    of_way = np.concatenate([net.way, net.way])
    order = np.argsort(ends, kind="stable")
    ends, of_way = ends[order], of_way[order]
    for square, own, id_, tags in areas:
        every = np.unique(np.concatenate([*square.outer, *square.inner]))
        low, high = np.searchsorted(ends, every), np.searchsorted(ends, every, side="right")
        meets = np.zeros(len(net.ids), dtype=bool)
        for vertex, a, b in zip(every.tolist(), low.tolist(), high.tolist(), strict=True):
            meets[vertex] = bool(set(of_way[a:b].tolist()) - own)
        pairs = crossings(square, net.lon, net.lat, meets)
        if len(pairs):
            _append(net, columns, id_, tags | {"area": "yes", "square": "across"}, pairs)
    _take_in(net)


def _streets(
    net: _Net, columns: TagColumns, node_tags: dict[int, dict[str, str]], file: str, notes: Problems
) -> Streets:
    """Keep the vertices and ways that have an edge."""
    if not len(net.tail):
        fail(
            "no-streets",
            phrase("no way of the file has two nodes with a place: nothing can be walked on"),
            file=file,
            hint=phrase("Make the extract again with the nodes of its ways (osmium extract keeps them)."),
        )
    used, ends = np.unique(np.concatenate([net.tail, net.head]), return_inverse=True)
    tail, head = np.split(ends.ravel(), 2)
    kept, way = np.unique(net.way, return_inverse=True)
    position = np.full(len(net.way_ids), -1, dtype=np.int64)
    position[kept] = np.arange(len(kept))
    ids, lon, lat = net.ids[used], net.lon[used], net.lat[used]
    tagged = [i for i, n in enumerate(ids.tolist()) if n in node_tags]
    at_nodes = TagColumns(NODE_KEYS | {"road"})
    for row, i in enumerate(tagged):
        at_nodes.add(row, node_tags[int(ids[i])])
    say_parts(len(ids), tail, head, file, notes)
    return Streets(
        node_ids=ids,
        lon=lon,
        lat=lat,
        tail=tail.astype(np.int32),
        head=head.astype(np.int32),
        length=millimetres(lon, lat, tail, head),
        way=way.ravel().astype(np.int32),
        way_ids=np.array(net.way_ids, dtype=np.int64)[kept],
        way_tags=columns.arrays(position, len(kept)),
        tagged=np.array(tagged, dtype=np.int32),
        node_tags=at_nodes.arrays(np.arange(len(tagged)), len(tagged)),
        caveats=tuple(notes),
        source=file,
    )


def _say(ways: _Ways, cut: tuple[int, int], away: int, file: str, problems: Problems) -> None:
    """Write down what the file lacks or has twice."""
    nodes, touched = cut
    if nodes:
        problems.caveat(
            "missing-nodes",
            phrases(
                "{n} node has no place in the file, which cuts {ways} ways; their other pieces are kept",
                "{n} nodes have no place in the file, which cuts {ways} ways; their other pieces are kept",
                nodes,
                ways=f"{touched:,}",
            ),
            file=file,
            count=nodes,
            hint=phrase("Streets near the border of the extract may end too early; take a larger extract."),
        )
    if away:
        problems.caveat(
            "no-place-on-earth",
            phrases("{n} node lies outside the globe", "{n} nodes lie outside the globe", away),
            file=file,
            count=away,
            rule=phrase("longitude -180 to 180, latitude -90 to 90"),
        )
    if ways.twice:
        problems.caveat(
            "way-twice",
            phrases(
                "{n} way stands twice; the first is kept",
                "{n} ways stand twice; the first is kept",
                ways.twice,
            ),
            file=file,
            count=ways.twice,
        )
    if ways.ferries:
        problems.caveat(
            "ferries",
            phrases(
                "{n} ferry line is left out: it goes by a timetable",
                "{n} ferry lines are left out: they go by a timetable",
                ways.ferries,
            ),
            file=file,
            count=ways.ferries,
            hint=phrase("Give the ferry's timetable as GTFS."),
        )
