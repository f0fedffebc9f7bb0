"""Write the example city's folder."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

from isopolis.model import CallError

from .fields import DATES
from .households import draw_households
from .layers import write_outlines, write_streets
from .names import NOTICE
from .participation import hold_vote
from .people import draw_people
from .plan import make_plan
from .prices import draw_broadband, draw_prices
from .services import COLUMNS, place_services
from .streams import stream
from .streets import lay_streets
from .survey import ask_lgbtiq, draw_religion
from .tables import (
    write_broadband,
    write_csv,
    write_households,
    write_population,
    write_prices,
    write_religion,
    write_survey,
    write_vote,
)
from .toml import city_toml, readme
from .truth import make_truth

__all__ = ["FEWEST_ZONES", "MOST_ZONES", "write_example"]

FEWEST_ZONES, MOST_ZONES = 12, 50_000

CONTENTS = {
    "city.toml": "which file holds what, for isopolis diagnose",
    "zones.gpkg": "outlines of the zones, with the district and the land use of each",
    "districts.gpkg": "outlines of the districts, which the zones divide",
    "population.csv": f"residents in {' and '.join(DATES)} by zone, age, sex, origin, income, disability",
    "religion.csv": f"residents in {DATES[-1]} by zone and religion",
    "lgbtiq_survey.csv": "LGBTIQ people in the whole city, estimated from a sample, with standard errors",
    "prices.csv": "rents and sale prices at both dates by zone",
    "households.csv": "incomes, home values, degrees and renters at both dates by zone",
    "broadband.csv": "broadband coverage and use by zone",
    "services.csv": "public services with what keeps people out",
    "streets.gpkg": "streets with steps, kerbs, light, surface, width and slope",
    "participation.csv": "who could vote on the citizens' budget in May 2025, and who did",
    "truth.json": "the parameters that everything was drawn with",
    "README.txt": "this text",
}


def write_example(folder: str | os.PathLike[str], *, zones: int = 240, seed: int = 7) -> Path:
    """Write the files of an invented city: example data, not a real place.

    The same `zones` and `seed` give the same text files byte for byte and equal outlines.
    Each part draws from a random stream of its own.

    Parameters
    ----------
    folder : path
        Made when it does not exist; the files of an older example city in it are replaced.
    zones : int
        From 12 to 50,000.
    seed : int
        0 or more.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    CallError
        If `zones` or `seed` is out of range, or the folder holds another city.
    """
    target = Path(folder)
    if not FEWEST_ZONES <= zones <= MOST_ZONES:
        raise CallError(f"an example city has {FEWEST_ZONES} to {MOST_ZONES:,} zones, not {zones}")
    if seed < 0:
        raise CallError(f"the seed must be 0 or more, not {seed}")
    _refuse_other_city(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    # made beside the target and moved in at the end, so that nothing is left half-written
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        _write_all(draft, zones, seed)
        _move_in(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _refuse_other_city(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise CallError(f"{folder} is a file: name a folder for the example city")
    own = folder / "city.toml"
    if own.exists():
        if NOTICE not in own.read_text(encoding="utf-8", errors="replace"):
            raise CallError(f"{folder} holds another city: name an empty folder for the example city")
    elif folder.exists() and any((folder / name).exists() for name in _file_names()):
        raise CallError(f"{folder} has files that the example city would replace: name an empty folder")


def _file_names() -> list[str]:
    return [*CONTENTS, "population.parquet"]


def _move_in(draft: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for name in _file_names():
        if (draft / name).exists():
            os.replace(draft / name, target / name)
        else:
            (target / name).unlink(missing_ok=True)


def _write_all(folder: Path, zones: int, seed: int) -> None:
    plan = make_plan(stream(seed, "plan"), zones)
    people, gentrified = draw_people(seed, plan)
    now = people[-1]
    vote = hold_vote(stream(seed, "vote"), now, plan.district)
    sample = ask_lgbtiq(stream(seed, "lgbtiq"), now)
    write_outlines(folder, plan)
    population = write_population(folder, plan, people)
    write_religion(folder / "religion.csv", plan, now, draw_religion(stream(seed, "religion"), now))
    write_survey(folder / "lgbtiq_survey.csv", sample)
    prices = draw_prices(stream(seed, "prices"), plan, people, gentrified)
    write_prices(folder / "prices.csv", plan, prices)
    households = draw_households(stream(seed, "households"), plan, people, gentrified, prices)
    write_households(folder / "households.csv", plan, households, prices)
    write_broadband(folder / "broadband.csv", plan, draw_broadband(stream(seed, "broadband"), plan, now))
    write_csv(folder / "services.csv", COLUMNS, place_services(stream(seed, "services"), plan, now))
    write_streets(folder / "streets.gpkg", lay_streets(stream(seed, "streets"), plan))
    write_vote(folder / "participation.csv", plan, vote)
    truth = make_truth(plan, people, gentrified, vote, sample, seed=seed)
    _write_text(folder / "truth.json", json.dumps(truth, indent=1, ensure_ascii=False) + "\n")
    _write_text(folder / "city.toml", city_toml(population))
    contents = {population if k == "population.csv" else k: v for k, v in CONTENTS.items()}
    _write_text(folder / "README.txt", readme(contents.items(), seed, zones))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
