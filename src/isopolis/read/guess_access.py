"""Looking at a folder for streets, timetables, services and travel times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from .access_tables import numbers_of
from .config import CityConfig
from .config_access import (
    AccessConfig,
    FeedConfig,
    OriginsConfig,
    PlacesConfig,
    StreetsConfig,
    TravelConfig,
)
from .guess_apart import (
    Apart,
    attribute_columns,
    kind_column,
    points_of,
    share_known,
    texts_of,
    travel_columns,
)
from .guess_files import FoundFile
from .ids import normal
from .not_people import ZONE_WORDS, is_total
from .numbers import table_decimal
from .profile import Look, Looks
from .vocabulary import words

__all__ = ["AccessGuess", "guess_access"]

_OSM = (".osm.pbf", ".pbf", ".osm", ".osm.bz2", ".osm.gz")
_SECONDS = {"seconds", "secs", "sec", "s"}
_SERVICES = set(
    "school schools hospital hospitals healthcare health clinic clinics doctors pharmacy pharmacies library "
    "libraries kindergarten kindergartens nursery childcare park parks playground playgrounds shop shops "
    "supermarket supermarkets job jobs workplace workplaces employment stop stops station stations facility "
    "facilities services escolas escuelas ecoles schulen hospitais hospitales saude".split()
)
"""Words of headings of zones under which services are counted."""
_ID = {"id", "code", "ref", "uid", "osm_id"}
_NAME = {"name", "nom", "nombre", "nome", "nimi", "navn", "namn", "nazwa"}
_HEIGHT = set("elevation elev dem dtm dgm mnt srtm altitude height heights hoehe topography relief".split())


@dataclass(slots=True)
class AccessGuess:
    """A guessed configuration, why, and why files were left aside."""

    config: AccessConfig = field(default_factory=AccessConfig)
    comments: dict[tuple[str, ...], str] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


# -- afterwards ------------------------------------------------------------------
def guess_access(
    folder: Path, files: Sequence[FoundFile], apart: Apart, ignored: Iterable[str], city: CityConfig
) -> AccessGuess:
    """Say what the files about access are.

    Parameters
    ----------
    folder : Path
    files : sequence of FoundFile
        Every file that was read.
    apart : Apart
        From `set_apart`.
    ignored : iterable of str
        Names of files that hold nothing about people.
    city : CityConfig
        The guess about people.
    """
    out = AccessGuess()
    if not folder.is_dir():
        return out
    names = sorted(set(ignored) | set(apart.lines) | _hidden(folder))
    ids = _zone_ids(files, city)
    _guess_streets(folder, names, apart, out)
    _guess_feeds(folder, names, out)
    _guess_travel(apart, ids, out)
    _guess_places(apart, ids, out)
    if out.config:
        _guess_counted(files, city, out)
    _guess_origins(files, city, apart, out)
    return out


def _hidden(folder: Path) -> set[str]:
    """Folders, which may hold an unpacked timetable."""
    return {p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")}


def _zone_ids(files: Sequence[FoundFile], city: CityConfig) -> set[str]:
    file = city.zones.file or next((t.file for t in city.tables), "")
    for found in files:
        if found.name == file and city.zones.id in found.looks.columns:
            return {normal(t) for t in texts_of(found, found.looks[city.zones.id])}
    return set()


def _guess_streets(folder: Path, names: Sequence[str], apart: Apart, out: AccessGuess) -> None:
    extracts = [n for n in names if n.lower().endswith(_OSM)]
    heights = [n for n in names if Path(n).suffix.lower() in (".tif", ".tiff")]
    chosen = max(extracts or list(apart.lines), key=lambda n: (folder / n).stat().st_size, default="")
    for name in [*extracts, *apart.lines]:
        if name != chosen:
            out.ignored[name] = f"streets are taken from {chosen}"
    if not chosen:
        return
    out.used.add(chosen)
    if chosen in extracts:
        made, why = StreetsConfig(chosen), "an extract of OpenStreetMap; credit its contributors (ODbL)"
    else:
        made, why = _lines(folder, chosen)
    fitting = [n for n in heights if set(words(Path(n).stem)) & _HEIGHT] or heights[: len(heights) == 1]
    if fitting:
        made = replace(made, elevation=fitting[0] if len(fitting) == 1 else tuple(fitting))
        out.used.update(fitting)
        why += f"\nheights above sea level, in metres, are taken from {', '.join(fitting)}"
    out.config = replace(out.config, streets=made)
    out.comments["streets",] = why


_LINE_TAGS = set(
    "highway bridge tunnel lit kerb steps step_count surface smoothness width width_m incline incline_pct "
    "sidewalk foot footway access oneway crossing handrail ramp name wheelchair maxspeed segregated "
    "tactile_paving".split()
)


def _lines(folder: Path, name: str) -> tuple[StreetsConfig, str]:
    """Find the columns of a layer of lines."""
    import pyogrio

    layers = [str(n) for n, kind in pyogrio.list_layers(folder / name) if kind and "Line" in str(kind)]
    columns = [str(c) for c in pyogrio.read_info(folder / name, layer=layers[0])["fields"]]
    plain = {"_".join(words(c)): c for c in columns}

    def one(*wanted: str) -> str:
        return next((plain[w] for w in wanted if w in plain), "")

    start = one("from_node", "start_node", "from", "u", "source", "node_from", "fnode")
    end = one("to_node", "end_node", "to", "v", "target", "node_to", "tnode")
    length = one("length_m", "length", "len_m", "shape_length", "laenge")
    used = {start, end, length}
    made = StreetsConfig(
        name,
        layer=layers[0] if len(layers) > 1 else "",
        id=one(
            "id", "street", "street_id", "osm_id", "way_id", "segment", "segment_id", "edge_id", "link_id"
        ),
        start=start if end else "",
        end=end if start else "",
        length=length,
        tags=tuple(c for p, c in plain.items() if p in _LINE_TAGS and c not in used),
    )
    joined = f'joined by "{start}" and "{end}"' if start and end else "joined where their ends meet"
    return made, f"lines, {joined}; tags are the columns that keep people out or let them through"


def _guess_feeds(folder: Path, names: Sequence[str], out: AccessGuess) -> None:
    from .gtfs import is_feed

    found = [n for n in names if (folder / n).is_dir() or n.lower().endswith(".zip")]
    for name in found:
        if not is_feed(folder / name):
            continue
        number = len(out.config.feeds) + 1
        out.config = replace(out.config, feeds=(*out.config.feeds, FeedConfig(name, number)))
        out.comments["feeds", str(number)] = _why_feed(folder / name)
        out.used.add(name)


def _why_feed(path: Path) -> str:
    """Say which tables of a timetable are there, headways among them."""
    import zipfile

    try:
        if path.is_dir():
            inside = [p.name for p in path.iterdir()]
        else:
            with zipfile.ZipFile(path) as archive:
                inside = [Path(n).name for n in archive.namelist()]
    except (OSError, zipfile.BadZipFile):
        inside = []
    by = ", with headways (frequencies.txt)" if "frequencies.txt" in inside else ""
    return f"a timetable: it holds stops.txt, trips.txt and stop_times.txt{by}"


def _guess_travel(apart: Apart, ids: set[str], out: AccessGuess) -> None:
    for found in apart.travel:
        columns = travel_columns(found.looks)
        assert columns is not None
        start, end, time, price = columns
        if share_known(found, found.looks[start], ids) < 0.3:
            out.ignored[found.name] = f'travel times, but "{start}" holds no ids of the zones'
            continue
        if price:
            out.ignored[found.name] = (
                f'travel times with a price ("{price}"), several for each pair. To count what can be reached '
                f'for at most 5, add [[travel]] with file, from = "{start}", to = "{end}", '
                f'minutes = "{time}", price = "{price}" and most = 5'
            )
            continue
        number = len(out.config.travel) + 1
        seconds = bool(set(words(time)) & _SECONDS) or _in_seconds(found.looks[time], time)
        minutes, exact = ("", time) if seconds else (time, "")
        made = TravelConfig(found.name, number, from_=start, to=end, minutes=minutes, seconds=exact)
        out.config = replace(out.config, travel=(*out.config.travel, made))
        unit = "seconds" if seconds else "minutes"
        out.comments["travel", str(number)] = (
            f'"{start}" and "{end}" hold ids of the zones, "{time}" the time, taken for {unit}; a pair '
            'without a row cannot be reached.\nSay how people travel here: mode = "by public transport"'
        )
        out.used.add(found.name)


def _in_seconds(look: Look, name: str) -> bool:
    """True for whole numbers, half of them above 360, under a heading that does not say minutes."""
    good = look.values[np.isfinite(look.values)]
    told = {"minutes", "mins", "min"} & set(words(name))
    return not told and look.whole and len(good) > 0 and float(np.median(good)) > 360


# -- services -----------------------------------------------------------------------
def _guess_places(apart: Apart, ids: set[str], out: AccessGuess) -> None:
    stems = [words(Path(n).stem) for n in apart.names] + [words(Path(f.file).stem) for f in out.config.feeds]
    stems += [words(Path(out.config.streets.file.partition(".")[0]).stem)] if out.config.streets else []
    first = [s[0] for s in stems if s]
    for found in apart.services:
        number = len(out.config.places) + 1
        made, why = _places(found, number, ids, first)
        out.config = replace(out.config, places=(*out.config.places, made))
        out.comments["places", str(number)] = why
        out.used.add(found.name)


def _places(found: FoundFile, number: int, ids: set[str], first: Sequence[str]) -> tuple[PlacesConfig, str]:
    looks = found.looks
    xy = points_of(looks) or ("", "")
    if found.outlines:
        xy = ("", "")  # the file itself carries the points
    kind = kind_column(looks)
    stem = words(Path(found.name).stem)
    if len(stem) > 1 and first.count(stem[0]) > 1:
        stem = stem[1:]  # the city's name, with which its files begin
    attributes = attribute_columns(looks)
    taken = {*xy, kind, *attributes.values()}
    zone = next(
        (n for n, look in looks.columns.items()
         if n not in taken and ids and share_known(found, look, ids) >= 0.5
         and (look.unique < 1 or set(words(n)) & ZONE_WORDS) and not {"name"} & set(words(n))),
        "",
    )  # fmt: skip
    taken.add(zone)
    key = next(
        (n for n, look in looks.columns.items()
         if n not in taken and _ID & {*words(n), n.lower()} and (look.unique or _tells_rows(looks, n))),
        "",
    )  # fmt: skip
    name = next(
        (n for n in looks.columns
         if n not in taken and _NAME & set(words(n))),
        "",
    )  # fmt: skip
    made = PlacesConfig(
        found.name, number, id=key, name=name, kind=kind, service="" if kind else "_".join(stem) or "service",
        zone=zone, x=xy[0], y=xy[1]
    )  # fmt: skip
    made = replace(made, **attributes)  # type: ignore[arg-type]
    where = (
        f'"{xy[0]}" and "{xy[1]}"' if xy[0] else ("the points drawn in it" if found.outlines else f'"{zone}"')
    )
    what = (
        f'"{kind}" says which service' if kind else f'one kind, "{made.service}", after the name of the file'
    )
    why = f"services, placed by {where}; {what}"
    if xy[0] and not _degrees(looks, xy):
        why += '\nThe reference system is told from the coordinates; write crs = "EPSG:..." if you know it.'
    return made, why


def _tells_rows(looks: Looks, name: str) -> bool:
    """True for a filled column whose cells stand twice only where whole rows do."""
    look = looks.columns[name]
    rows = np.stack([looks.table[n].coded()[0] for n in looks.table.columns], axis=1)
    return look.filled and 1 < look.distinct == len(np.unique(rows, axis=0))


def _degrees(looks: Looks, xy: tuple[str, str]) -> bool:
    decimal = table_decimal(looks.table, columns=xy)
    x, y = (np.abs(numbers_of(looks.table, n, decimal)[0]) for n in xy)
    return not ((x > 180).any() or (y > 90).any())


def _guess_counted(files: Sequence[FoundFile], city: CityConfig, out: AccessGuess) -> None:
    """Numbers of services among the columns of the zones."""
    looked = {f.title: f for f in files} | {f.name: f for f in files}
    for table in city.tables:
        found = looked.get(table.file)
        columns = tuple(c for c in table.context if set(words(c)) & _SERVICES and _is_count(found, c))
        if (
            not columns
            or found is None
            or table.date_column
            or any(p.file == table.file for p in out.config.places)
        ):
            continue
        number = len(out.config.places) + 1
        empty = any(not np.isfinite(found.looks[c].values).all() for c in columns)
        made = PlacesConfig(
            table.file, number, sheet=table.sheet, zone=table.zone, columns=columns, where=table.where,
            empty="none" if empty else "unknown",
        )  # fmt: skip
        why = f"numbers of services or workplaces in each zone: {', '.join(columns)}"
        if empty:
            why += (
                "\nSome cells are empty. They are taken to mean none, because counts of services usually "
                'leave them so;\nwrite empty = "unknown" if they stand for what nobody knows'
            )
        out.config = replace(out.config, places=(*out.config.places, made))
        out.comments["places", str(number)] = why


def _is_count(found: FoundFile | None, column: str) -> bool:
    if found is None or column not in found.looks.columns:
        return False
    look = found.looks[column]
    good = look.values[np.isfinite(look.values)]
    return look.numeric and look.whole and len(good) > 0 and float(good.min()) >= 0


def _guess_origins(files: Sequence[FoundFile], city: CityConfig, apart: Apart, out: AccessGuess) -> None:
    """Points of people finer than the zones; classes of zones."""
    for found in apart.points:
        if out.config.origins.file or not out.config:
            out.ignored[found.name] = "points of people, but not of the city's zones"
            continue
        x, y = points_of(found.looks) or ("", "")
        total = next(n for n, look in found.looks.columns.items() if look.counts) if not any(
            is_total(n) for n in found.looks.columns
        ) else next(n for n in found.looks.columns if is_total(n))  # fmt: skip
        key = next(
            (n for n, look in found.looks.columns.items() if look.unique and n not in (x, y, total)), ""
        )
        if not key:
            out.ignored[found.name] = "points of people without an id"
            continue
        origins = OriginsConfig(found.name, id=key, x=x, y=y, total=total)
        out.config = replace(out.config, origins=origins)
        out.comments["origins",] = (
            f'people ("{total}") at points, finer than the zones: they start from there'
        )
        out.used.add(found.name)
    classes = _classes(files, city)
    if classes and out.config and not out.config.origins.file:
        out.config = replace(out.config, origins=OriginsConfig(classes=classes))
        out.comments["origins",] = (
            f"{', '.join(classes)} gives each zone one class. Here everybody of a zone is counted in "
            "its class, so that\naccess can be compared between richer and poorer areas; it says nothing of "
            "people within a zone."
        )


def _classes(files: Sequence[FoundFile], city: CityConfig) -> tuple[str, ...]:
    looked = {f.name: f.looks for f in files}
    return tuple(
        c
        for t in city.tables
        for c in t.context
        if t.file in looked and c in looked[t.file].columns and looked[t.file][c].purpose == "level"
        and looked[t.file][c].distinct <= 40
    )  # fmt: skip
