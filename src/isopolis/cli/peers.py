"""Commands about other cities: peers of a city; beside it stands `compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .compare import compare

if TYPE_CHECKING:
    from isopolis.learn.peers import Filter

__all__ = ["add_commands"]

TEMPLATE = "template"


def add_commands(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(peers)
    app.command()(compare)


def peers(
    city: Annotated[
        str, typer.Argument(metavar="CITY", help='Id or name in the table; or "template" for an empty table.')
    ],
    table: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Table of cities: CSV, Excel or Parquet.")
    ] = None,
    roles: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Sheet of roles (TOML or YAML), else the one beside it."),
    ] = None,
    theme: Annotated[
        str, typer.Option(metavar="THEME", help="Only features of a theme, theme:housing.")
    ] = "",
    k: Annotated[int, typer.Option("--k", min=1, max=1000, help="Cities in the list.")] = 10,
    runs: Annotated[int, typer.Option(min=1, max=100_000, help="Runs of the resampling.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same shares.")] = 0,
    weight: Annotated[
        list[str] | None, typer.Option(metavar="ID=NUMBER", help="Weight of a feature; 0 leaves it out.")
    ] = None,
    choose: Annotated[
        list[str] | None, typer.Option(metavar="CITY", help="Show these cities instead of the nearest.")
    ] = None,
    country: Annotated[list[str] | None, typer.Option(help="Only cities of this country.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Only cities with this language.")] = None,
    network: Annotated[list[str] | None, typer.Option(help="Only members of this network.")] = None,
    smallest: Annotated[float | None, typer.Option(help="Fewest residents.")] = None,
    largest: Annotated[float | None, typer.Option(help="Most residents.")] = None,
    outcome: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Also put this outcome beside that of the peers.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the template goes.")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    lang: Annotated[str, typer.Option(metavar="LANGUAGE", help="Language of the sentences.")] = "en",
) -> None:
    """Find cities that are given the same, with the share of runs in which each is in the list."""
    from isopolis.flows.peers import find_city, load_table
    from isopolis.learn.peers import Filter
    from isopolis.learn.peers import peers as peers_of
    from isopolis.model import CallError

    from .show_peers import print_peers

    if city == TEMPLATE and table is None:
        _template(out)
        return
    if table is None:
        raise CallError(
            "name the table of cities: --table FILE; `isopolis peers template` writes an empty one"
        )
    loaded = load_table(table, roles)
    cities = loaded.table.cities
    found = peers_of(
        find_city(cities, city).id,
        loaded.table,
        weights=_weights(weight or []),
        k=k,
        runs=runs,
        seed=seed,
        theme=theme,
        filtered=_filter(Filter, country, language, network, (smallest, largest)),
        chosen=[find_city(cities, c).id for c in choose or []],
    )
    print_peers(found, loaded, outcome or [], as_json, _known(lang))


def _filter(
    make: type[Filter],
    country: list[str] | None,
    language: list[str] | None,
    network: list[str] | None,
    size: tuple[float | None, float | None],
) -> Filter:
    return make(tuple(country or ()), tuple(language or ()), tuple(network or ()), size)


def _weights(given: list[str]) -> dict[str, float]:
    from isopolis.model import CallError

    out = {}
    for one in given:
        name, _, number = one.partition("=")
        try:
            out[name.strip()] = float(number)
        except ValueError:
            raise CallError(f'--weight "{one}" is not ID=NUMBER, such as population=2') from None
    return out


def _template(out: Path) -> None:
    from isopolis.flows.peers import template
    from isopolis.model import CallError

    places = (out / "cities.csv", out / "features.toml")
    for place in places:
        if place.exists():
            raise CallError(f"{place} is there already; name another folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    for place, text in zip(places, template(), strict=True):
        place.write_text(text, encoding="utf-8")
        print(place)


def _known(lang: str) -> str:
    """Return the code of a language that has words; refuse any other."""
    from isopolis.explain.languages import language
    from isopolis.model import CallError

    found = language(lang)
    if not found.known:
        raise CallError(f'there is no translation into "{lang}"; `isopolis languages` lists what there is')
    return found.code
