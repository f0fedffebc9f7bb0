"""Edits of streets: a tag of a way or of a vertex, a ramp at stairs, a lowered kerb, a new link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Streets
from isopolis.model.text import phrase

__all__ = ["same_streets", "with_kerb", "with_link", "with_node_tag", "with_ramp", "with_way_tag"]

Texts = npt.NDArray[np.object_]
LONGEST_EDGE = 2**31 - 1


def with_way_tag(streets: Streets, way_id: int, key: str, value: str) -> Streets:
    """Set one tag of one way; an empty value takes the tag away.

    Setting it back to ``streets.tag(key)`` of that way gives streets that are the same (`same_streets`).

    Raises
    ------
    CallError
        If there is no such way, or two of that id.
    """
    row = _one(streets.way_ids, way_id, phrase("there is no way {id} in the streets", id=way_id))
    return replace(streets, way_tags=_set(streets.way_tags, streets.tag(key), row, key, value))


def with_node_tag(streets: Streets, node_id: int, key: str, value: str) -> Streets:
    """Set one tag of one vertex; an empty value takes the tag away.

    Raises
    ------
    CallError
        If there is no such vertex.
    """
    vertex = _one(streets.node_ids, node_id, phrase("there is no vertex {id} in the streets", id=node_id))
    rows = np.flatnonzero(streets.tagged == vertex)
    if len(rows):
        tags = _set(streets.node_tags, streets.node_tag(key), int(rows[0]), key, value)
        return replace(streets, node_tags=tags)
    if not value:
        return streets
    tagged = np.append(streets.tagged, np.int32(vertex))
    longer = {k: _append(v, "") for k, v in streets.node_tags.items()}
    column = _append(streets.node_tag(key), value)
    return replace(streets, tagged=tagged, node_tags=longer | {key: column})


def with_ramp(streets: Streets, way_id: int) -> Streets:
    """Put a ramp for wheelchairs beside stairs: ``ramp=yes`` and ``ramp:wheelchair=yes``.

    Raises
    ------
    CallError
        If there is no such way, or it has no steps.
    """
    row = _one(streets.way_ids, way_id, phrase("there is no way {id} in the streets", id=way_id))
    if streets.tag("highway")[row] != "steps":
        raise CallError(phrase("way {id} has no steps, so there is nothing to put a ramp to", id=way_id))
    return with_way_tag(with_way_tag(streets, way_id, "ramp", "yes"), way_id, "ramp:wheelchair", "yes")


def with_kerb(streets: Streets, node_id: int, kind: str = "flush") -> Streets:
    """Lower a kerb; a height that was noted for it goes, as it was that of the old kerb.

    Parameters
    ----------
    streets : Streets
    node_id : int
    kind : {"flush", "lowered"}
    """
    if kind not in ("flush", "lowered"):
        raise CallError(phrase("a kerb can be made flush or lowered"))
    return with_node_tag(with_node_tag(streets, node_id, "kerb", kind), node_id, "kerb:height", "")


def with_link(
    streets: Streets,
    ends: tuple[int, int],
    length: int,
    tags: Mapping[str, str],
    *,
    way_id: int | None = None,
) -> Streets:
    """Add a way of one edge between two vertices.

    Parameters
    ----------
    streets : Streets
    ends : (int, int)
        Ids of the vertices, as the way is drawn.
    length : int, millimetres, at least 1
    tags : mapping of str to str
        Of the new way: ``{"highway": "footway"}``.
    way_id : int, optional
        Below all others when not given.

    Raises
    ------
    CallError
        If a vertex is missing, both are the same, the length is out of range or the id is taken.
    """
    tail, head = (
        _one(streets.node_ids, n, phrase("there is no vertex {id} in the streets", id=n)) for n in ends
    )
    if tail == head or not 1 <= length <= LONGEST_EDGE:
        raise CallError(phrase("a link needs two different ends and a length of at least 1 millimetre"))
    new = min(int(streets.way_ids.min(initial=0)), 0) - 1 if way_id is None else int(way_id)
    if new in set(streets.way_ids.tolist()):
        raise CallError(phrase("there is a way {id} already: give the link another id", id=new))
    keys = {**streets.way_tags, **{k: streets.tag(k) for k in tags}}
    return replace(
        streets,
        tail=np.append(streets.tail, np.int32(tail)),
        head=np.append(streets.head, np.int32(head)),
        length=np.append(streets.length, np.int32(length)),
        way=np.append(streets.way, np.int32(len(streets.way_ids))),
        way_ids=np.append(streets.way_ids, np.int64(new)),
        way_tags={k: _append(v, tags.get(k, "")) for k, v in keys.items()},
    )


def same_streets(one: Streets, other: Streets) -> bool:
    """Tell whether two streets are the same: a tag that nothing has counts like one that is not there."""
    arrays = ("node_ids", "lon", "lat", "tail", "head", "length", "way", "way_ids")
    if not all(np.array_equal(getattr(one, a), getattr(other, a)) for a in arrays):
        return False
    heights = [s.height for s in (one, other)]
    if (heights[0] is None) != (heights[1] is None):
        return False
    if heights[0] is not None and not np.array_equal(heights[0], heights[1], equal_nan=True):  # type: ignore[arg-type]
        return False
    ways = set(one.way_tags) | set(other.way_tags)
    return all(np.array_equal(one.tag(k), other.tag(k)) for k in ways) and _spots(one) == _spots(other)


def _spots(streets: Streets) -> set[tuple[int, str, str]]:
    return {
        (int(vertex), key, value)
        for key, column in streets.node_tags.items()
        for vertex, value in zip(streets.tagged, column, strict=True)
        if value
    }


def _one(ids: npt.NDArray[np.int64], wanted: int, absent: str) -> int:
    found = np.flatnonzero(ids == wanted)
    if not len(found):
        raise CallError(absent)
    if len(found) > 1:
        raise CallError(phrase("the id {id} stands more than once in the streets", id=wanted))
    return int(found[0])


def _set(tags: Mapping[str, Texts], column: Texts, row: int, key: str, value: str) -> dict[str, Texts]:
    new = column.copy()
    new[row] = value
    return {**tags, key: new}


def _append(column: Texts, value: str) -> Texts:
    out = np.empty(len(column) + 1, dtype=object)
    out[:-1], out[-1] = column, value
    return out
