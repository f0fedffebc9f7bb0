"""A city's folder → `AccessData`: people by place, services, streets, timetables, travel times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from isopolis.model import (
    AccessData,
    CallError,
    DataError,
    Origins,
    Places,
    Problem,
    Problems,
    Streets,
    Timetable,
    Travel,
)
from isopolis.model.text import joint, phrase

from .access_origins import origins_of, with_digital
from .access_places import box_of
from .access_tables import own
from .city import city_from
from .config import CityConfig
from .config_access import AccessConfig, FeedConfig, StreetsConfig, load_access
from .config_file import load_config
from .services import Zoned, read_services
from .source_files import existing_file, file_of
from .travel import read_travel

__all__ = ["OSM_SUFFIXES", "read_access"]

Progress = Callable[[str], None]

OSM_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.bz2", ".osm.gz")
"""Ends of names of extracts of OpenStreetMap."""


def read_access(
    path: str | Path, *, streets: bool = True, travel: bool = True, progress: Progress | None = None
) -> AccessData:
    """Read everything that a folder says about getting around.

    Parameters
    ----------
    path : str or Path
        A folder with or without ``city.toml`` (without one, its layout is guessed and a caveat
        says how), or a ``city.toml``.
    streets, travel : bool
        False leaves the streets, or the ready matrices, unread: for whoever needs only the rest.
    progress : callable, optional
        Receives one line per step.

    Returns
    -------
    AccessData
        A folder without streets, feeds, services or matrices gives origins alone.

    Raises
    ------
    DataError
        With every problem found in all files.
    CallError
        If there is no such folder, or it is a file of another kind.
    """
    say = _once(progress)
    config, access, found = _config(Path(path))
    problems = Problems()
    for problem in found:
        problems.add(problem)
    city = city_from(config, say)
    for problem in city.caveats:
        problems.add(problem)
    origins = origins_of(city, config, access.origins, problems)
    if access.digital is not None:
        origins = with_digital(origins, config, access.digital, problems)
    services = _services(config, access, origins, problems, say)
    origins = _without_services(origins, access)
    matrices = _travel(config, access, origins, services, problems, say) if travel else ()
    network = _streets(config, access.streets, problems, say) if access.streets and streets else None
    timetable = _timetable(config, access.feeds, problems)
    problems.raise_if_fatal()
    return AccessData(
        config.name,
        origins,
        services,
        network,
        timetable,
        matrices,
        config.notes,
        tuple(dict.fromkeys(problems)),
        _credits(config, access),
    )


def _once(progress: Progress | None) -> Progress:
    """Tell each step once: one file may hold people and services."""
    told: set[str] = set()

    def tell(step: str) -> None:
        if progress is not None and step not in told:
            told.add(step)
            progress(step)

    return tell


def _config(path: Path) -> tuple[CityConfig, AccessConfig, tuple[Problem, ...]]:
    """The city's configuration, that of access, and a caveat when both were guessed."""
    if not path.exists():
        raise CallError(f"there is no file or folder {path}")
    toml = path / "city.toml" if path.is_dir() else path
    if toml.is_file():
        if toml.suffix.lower() != ".toml":
            raise CallError(f"{path} is one file; access needs the folder of a city, or its city.toml")
        return _loaded(toml)
    from .guess import guess, guesses_in_words

    found = guess(path)
    guessed = Problem(
        "guessed",
        phrase("the folder has no city.toml; this was guessed: {guesses}", guesses=guesses_in_words(found)),
        fatal=False,
        hint=phrase("Run `isopolis init` on the folder to see and correct it."),
    )
    return found.config, found.access, (guessed,)


def _loaded(toml: Path) -> tuple[CityConfig, AccessConfig, tuple[Problem, ...]]:
    problems = Problems()
    config, access = None, AccessConfig()
    try:
        config = load_config(toml)
    except DataError as error:
        own(problems, error)
    try:
        if config is not None or not any(p.code in ("bad-toml", "unreadable-file") for p in problems):
            access = load_access(toml)
    except DataError as error:
        own(problems, error)
    problems.raise_if_fatal()
    assert config is not None
    return config, access, ()


# -- services and matrices ---------------------------------------------------
def _services(
    config: CityConfig, access: AccessConfig, origins: Origins, problems: Problems, say: Progress
) -> tuple[Places, ...]:
    for section in access.places:
        say(f"reading {section.file}")
    box = box_of(origins.lon, origins.lat, (config.crs, origins.crs))
    zoned = Zoned(origins.ids, origins.lon, origins.lat)
    return read_services(config, access.places, zoned, box, problems)


def _without_services(origins: Origins, access: AccessConfig) -> Origins:
    """Leave out columns of the zones that are counts of services: they are places, and stay so."""
    from dataclasses import replace

    counted = {c for p in access.places for c in p.columns}
    if not counted & set(origins.columns):
        return origins
    return replace(origins, columns={k: v for k, v in origins.columns.items() if k not in counted})


def _travel(
    config: CityConfig,
    access: AccessConfig,
    origins: Origins,
    services: Sequence[Places],
    problems: Problems,
    say: Progress,
) -> tuple[Travel, ...]:
    places = list(dict.fromkeys(str(i) for s in services for i in s.ids))
    out = []
    for section in access.travel:
        say(f"reading {section.file}")
        made = read_travel(config, section, origins.ids, places, problems)
        if made is not None:
            out.append(made)
    return tuple(out)


# -- streets and feeds ---------------------------------------------------------
def _streets(config: CityConfig, section: StreetsConfig, problems: Problems, say: Progress) -> Streets | None:
    say(f"reading {section.file}")
    try:
        path = existing_file(config, section.file)
        if path.name.lower().endswith(OSM_SUFFIXES):
            from .osm import read_osm

            made = read_osm(path)
        else:
            made = _lines(path, section)
        if section.elevation:
            from .elevation import heights

            names = (section.elevation,) if isinstance(section.elevation, str) else section.elevation
            say(f"reading {', '.join(names)}")
            made = heights([existing_file(config, n) for n in names], made)
    except DataError as error:
        own(problems, error)
        return None
    for problem in made.caveats:
        problems.add(problem)
    return made


def _lines(path: Path, section: StreetsConfig) -> Streets:
    from .street_lines import StreetsConfig as Lines
    from .street_lines import read_lines

    keys = ("layer", "id", "start", "end", "length", "tags", "crs")
    return read_lines(path, Lines(path, **{k: getattr(section, k) for k in keys}))


def _timetable(
    config: CityConfig, feeds: Sequence[FeedConfig], problems: Problems
) -> Callable[[str], Timetable] | None:
    paths = []
    for feed in feeds:
        try:
            folder = file_of(config, feed.file)
            # a feed may stand unpacked
            paths.append(folder if folder.is_dir() else existing_file(config, feed.file))
        except DataError as error:
            own(problems, error)
    if not paths:
        return None

    def timetable(date: str = "") -> Timetable:
        """Read the feeds of one date; the best covered working day when it is empty."""
        from .gtfs import read_timetable

        return read_timetable(paths, date)

    return timetable


# -- credit ---------------------------------------------------------------------
def _credits(config: CityConfig, access: AccessConfig) -> tuple[str, ...]:
    """What to say of where streets, feeds and services came from."""
    stated = {s.key: s for s in config.sources}
    out = []
    if access.streets and access.streets.file.lower().endswith(OSM_SUFFIXES):
        out.append(phrase("Streets: OpenStreetMap contributors, Open Database Licence (ODbL)"))
    for key in access.sources:
        source = stated.get(key)
        if source is None:
            continue
        parts = [p for p in (source.title or key, source.publisher, source.licence, source.date) if p]
        if source.title or source.publisher or source.licence:
            out.append(joint(parts, "; "))
    return tuple(dict.fromkeys(out))
