"""Sound outlines: mended polygons, one per zone, stray parts given back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.text import Number, phrase, phrases

from .columns import Table
from .wording import named_zones

__all__ = ["give_back_strays", "mend", "unique_outlines"]

Objects = npt.NDArray[np.object_]


def mend(geometry: Objects, ids: Objects, table: Table, problems: Problems) -> Objects:
    """Make every outline valid; None where there is nothing to draw."""
    import shapely

    out = geometry.copy()
    empty = shapely.is_missing(out) | shapely.is_empty(out)
    out[empty] = None
    if empty.any():
        rows = np.flatnonzero(empty)
        problems.caveat(
            "no-outline",
            phrases(
                "{zones} has no outline: counted but not drawn",
                "{zones} have no outline: counted but not drawn",
                len(rows),
                zones=named_zones(ids[rows]),
            ),
            file=table.file,
            rows=table.shown(rows),
            count=len(rows),
        )
    bad = np.flatnonzero(~empty & ~shapely.is_valid(out))
    if len(bad):
        mended = shapely.make_valid(out[bad])
        out[bad] = [_surface(g) for g in mended]
        problems.caveat(
            "mended-outline",
            phrases(
                "an outline that crosses itself was mended: {zones}",
                "outlines that cross themselves were mended: {zones}",
                len(bad),
                zones=named_zones(ids[bad]),
            ),
            file=table.file,
            rows=table.shown(bad),
            count=len(bad),
        )
    return out


def _surface(geometry: Any) -> Any:
    """Keep the polygons of a mended geometry; lines and points are left-overs of the mending."""
    import shapely

    if geometry.geom_type != "GeometryCollection":
        return geometry
    parts = [p for p in geometry.geoms if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else None


def unique_outlines(
    ids: Objects, geometry: Objects, table: Table, problems: Problems
) -> tuple[Objects, npt.NDArray[np.int64], Objects, dict[int, list[int]]]:
    """Keep one row per id, the first that can be drawn.

    Returns
    -------
    ids, rows, geometry, others
        `rows` of the file that were kept, one per id; `others` maps a position
        in `ids` to the rows of further, different outlines with that id.
    """
    import shapely

    blank = np.array([not i for i in ids], dtype=bool)
    if blank.any():
        rows = np.flatnonzero(blank)
        problems.caveat(
            "zone-without-id",
            phrases(
                "an outline without an id was left out", "outlines without an id were left out", len(rows)
            ),
            file=table.file,
            rows=table.shown(rows),
            count=len(rows),
        )
    first: dict[str, int] = {}
    same: list[int] = []
    different: list[int] = []
    for i in np.flatnonzero(~blank).tolist():
        kept = first.setdefault(ids[i], i)
        if kept == i:
            continue
        if geometry[kept] is None:
            first[ids[i]] = i
        elif geometry[i] is not None:
            (same if shapely.equals(geometry[kept], geometry[i]) else different).append(i)
    _say_repeated(ids, same, different, table, problems)
    keep = np.array(sorted(first.values()), dtype=np.int64)
    others: dict[int, list[int]] = {}
    for i in different:
        others.setdefault(int(np.searchsorted(keep, first[ids[i]])), []).append(i)
    return ids[keep], keep, geometry[keep], others


def _say_repeated(
    ids: Objects, same: list[int], different: list[int], table: Table, problems: Problems
) -> None:
    for rows, code, what in (
        (same, "repeated-outline", phrase("the same outline stands there more than once; one was kept")),
        (different, "conflicting-outlines", phrase("different outlines share this id; the first is drawn")),
    ):
        if rows:
            index = np.array(rows)
            problems.caveat(
                code,
                phrase("{what}: {zones}", what=what, zones=named_zones(dict.fromkeys(ids[index]))),
                file=table.file,
                rows=table.shown(index),
                count=len(rows),
                hint=phrase("Nobody is lost from the counts; correct the outlines for maps and distances."),
            )


# -- parts that lie elsewhere --------------------------------------------
@dataclass(frozen=True, slots=True, eq=False)
class _Atlas:
    """All outlines, searchable by place, and the ids that have none."""

    ids: Objects
    tree: Any
    homeless: list[str]

    def neighbours(self, part: Any, but: int) -> list[str]:
        """Ids of the zones beside `part`."""
        near_by = self.tree.query(part, predicate="dwithin", distance=float(np.sqrt(part.area)) * 0.1)
        return [str(self.ids[i]) for i in near_by if i != but]


def _home(code: str, neighbours: list[str]) -> int:
    """Length of the longest beginning that `code` shares with a neighbour."""

    def shared(other: str) -> int:
        return next((k for k, (a, b) in enumerate(zip(code, other, strict=False)) if a != b), len(code))

    return max((shared(n) for n in neighbours), default=0)


def give_back_strays(
    ids: Objects,
    geometry: Objects,
    homeless: list[str],
    file: str,
    problems: Problems,
    quiet: Collection[int] = (),
) -> Objects:
    """Draw a zone without an outline by the stray part of another that is plainly its own.

    An outline that lies in two places kilometres apart, one of them among the
    neighbours of a zone that has residents and no outline, is that zone's
    outline under a wrong id. It is given back only if ids nest (the missing id
    shares a longer beginning with the part's neighbours than the id that the
    part carries) and only one part fits.

    Parameters
    ----------
    ids, geometry : (Z,) arrays
        Zones with None where there is no outline.
    homeless : list of str
        Ids among `ids` that have counts and no outline.
    quiet : collection of int
        Positions about which a caveat was given already.
    """
    import shapely

    drawn = np.flatnonzero(~shapely.is_missing(geometry))
    many = [int(i) for i in drawn if shapely.get_num_geometries(geometry[i]) > 1]
    if not many or not homeless:
        return geometry
    atlas = _Atlas(ids, shapely.STRtree(geometry), homeless)
    out = geometry.copy()
    for i in many:
        stray, rest = _stray(geometry[i])
        if stray is None:
            continue
        where = phrase(
            "the outline of zone {zone} lies in two places {distance} km apart, "
            "as if two outlines had its id",
            zone=ids[i],
            distance=Number(f"{stray.distance(rest) / 1000:.1f}"),
        )
        found = _owner(i, stray, rest, atlas)
        if found is not None:
            other, part, own = found
            out[i], out[other] = own, part
            _say_given(where, str(ids[other]), file, problems)
        elif i not in quiet:
            _say_kept(where, file, problems)
    return out


def _say_given(where: str, other: str, file: str, problems: Problems) -> None:
    problems.caveat(
        "mislabelled-outline",
        phrase(
            "{where}; the part among the neighbours of zone {other}, which has residents and no "
            "outline, was drawn as that zone",
            where=where,
            other=other,
        ),
        file=file,
        hint=phrase("Correct the ids in the outlines file if this is wrong; counts do not depend on it."),
    )


def _say_kept(where: str, file: str, problems: Problems) -> None:
    problems.caveat(
        "split-outline",
        phrase("{where}; it was kept as it is", where=where),
        file=file,
        hint=phrase("Check the outline; distances from this zone may be wrong."),
    )


def _stray(outline: Any) -> tuple[Any, Any]:
    """Split an outline into its parts in two places, or (None, None) when it lies in one."""
    import shapely

    pieces = sorted(shapely.get_parts(outline), key=lambda p: -p.area)
    main = pieces[0]
    reach = float(np.sqrt(main.area))
    away = [p for p in pieces[1:] if p.distance(main) > 1.5 * reach and p.area > 0.1 * main.area]
    if not away:
        return None, None
    # whatever lies beside the far part belongs to it
    far = [p for p in pieces if p.distance(away[0]) < p.distance(main)]
    here = [p for p in pieces if not any(p is f for f in far)]
    return shapely.multipolygons(far) if len(far) > 1 else far[0], shapely.union_all(here)


def _owner(i: int, stray: Any, rest: Any, atlas: _Atlas) -> tuple[int, Any, Any] | None:
    """Find the one zone to which one of two parts belongs: (its position, its part, the part that stays)."""
    code = str(atlas.ids[i])
    options = []
    for part, other in ((stray, rest), (rest, stray)):
        around = atlas.neighbours(part, i)
        own = _home(code, around)
        options += [(h, part, other) for h in atlas.homeless if _home(h, around) > max(own, len(h) // 2)]
    if len(options) != 1:
        return None
    name, part, stays = options[0]
    return next(k for k, z in enumerate(atlas.ids) if z == name), part, stays
