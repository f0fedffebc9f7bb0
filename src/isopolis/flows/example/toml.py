"""city.toml and README.txt of the example city."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .composition import DIMENSIONS
from .fields import DATES
from .households import HOUSEHOLDS, UNITS
from .names import CITY, CODE, COUNTRY, NOTICE
from .participation import ACTIVITY, AGES
from .plan import CRS
from .streets import TAGS
from .survey import LGBTIQ_SHARES, RELIGIONS

__all__ = ["LICENCE", "city_toml", "readme"]

LICENCE = f"CC0-1.0, {NOTICE.split(',')[0]}"
PUBLISHER = f"Isopolis ({NOTICE})"
SOURCES = {
    "outlines": ("Outlines of zones and districts", "2025-01-01"),
    "register": ("Population register", "2025-01-01"),
    "religion": ("Census question on religion", "2025-01-01"),
    "survey": ("Residents' survey, simple random sample", "2025-03-01"),
    "prices": ("Rents and sale prices", "2025-01-01"),
    "households": ("Incomes, homes and degrees", "2025-01-01"),
    "broadband": ("Broadband coverage and use", "2025-01-01"),
    "services": ("List of public services", "2025-01-01"),
    "streets": ("Street survey", "2025-01-01"),
    "vote": ("Turnout list of the citizens' budget", "2025-05-18"),
}
LABELS = {
    "age": "Age",
    "sex": "Sex",
    "origin": "Country of birth",
    "income": "Household income, fifths of the city",
    "disability": "Disability",
}
CATEGORY_LABELS: dict[str, dict[str, str]] = {
    "age": {},
    "sex": {"female": "Women", "male": "Men"},
    "origin": {
        "native": "Born in the country",
        "eu": "Born elsewhere in the EU",
        "non_eu": "Born outside the EU",
    },
    "income": {
        "Q1": "Lowest fifth",
        "Q2": "Second fifth",
        "Q3": "Middle fifth",
        "Q4": "Fourth fifth",
        "Q5": "Highest fifth",
    },
    "disability": {"no": "Without a disability", "yes": "With a disability"},
}
GROUNDS: dict[str, dict[str, Any]] = {
    "age": {"ground": "age"},
    "sex": {"ground": "sex"},
    "origin": {"sensitive": True, "ground": "origin"},
    "income": {},
    "disability": {"sensitive": True, "ground": "disability"},
}
RELIGION_LABELS = {
    "no_religion": "No religion",
    "christian": "Christian",
    "muslim": "Muslim",
    "jewish": "Jewish",
    "other_religion": "Another religion",
    "not_stated": "Not stated",
}
LGBTIQ_LABELS = {"lgbtiq": "LGBTIQ", "not_lgbtiq": "Not LGBTIQ", "not_stated": "Not stated"}
_ORDERED = {"age", "income"}


def _value(value: Any) -> str:
    """Write one toml value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, dict):
        inside = ", ".join(f"{k if k.isidentifier() else _value(k)} = {_value(v)}" for k, v in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return str(value)


def _block(heading: str, comment: str = "", /, **values: Any) -> str:
    lines = [f"# {comment}"] if comment else []
    return "\n".join([*lines, heading, *(f"{k} = {_value(v)}" for k, v in values.items())]) + "\n"


def _dimension(name: str, **more: Any) -> dict[str, Any]:
    out: dict[str, Any] = {
        "name": name,
        "column": name,
        "label": LABELS[name],
        "categories": DIMENSIONS[name],
    }
    if name in _ORDERED:
        out["ordered"] = True
    if CATEGORY_LABELS[name]:
        out["labels"] = CATEGORY_LABELS[name]
    return out | more


def _heading() -> str:
    top = {"name": CITY, "code": CODE, "country": COUNTRY, "notes": [NOTICE]}
    zones = {
        "file": "zones.gpkg",
        "layer": "zones",
        "id": "zone",
        "name": "name",
        "kind": "neighbourhood",
        "parents": {"district": "district"},
    }
    sources = (
        _block(
            "[[sources]]",
            key=key,
            title=f"{title} ({NOTICE})",
            publisher=PUBLISHER,
            licence=LICENCE,
            date=date,
        )
        for key, (title, date) in SOURCES.items()
    )
    head = f"# {CITY}: {NOTICE}.\n" + "\n".join(f"{k} = {_value(v)}" for k, v in top.items()) + "\n"
    return "\n".join([head, _block("[zones]", **zones), *sources])


def _residents(population: str) -> str:
    table = _block(
        "[[tables]]",
        "Residents by age, sex, country of birth, income and disability; what is not listed is 0.",
        file=population,
        layout="long",
        zone="zone",
        date_column="date",
        count="count",
        mechanism_default="exact",
        source="register",
        universe="residents",
    )
    return "\n".join(
        [table, *(_block("[[tables.dimensions]]", **_dimension(n, **GROUNDS[n])) for n in DIMENSIONS)]
    )


def _religion() -> str:
    table = _block(
        "[[tables]]",
        "Religion by zone: hardly any city has this, and few may hold it.",
        file="religion.csv",
        layout="wide",
        zone="zone",
        date=DATES[-1],
        source="religion",
        universe="residents",
        total="residents",
    )
    dimension = _block(
        "[[tables.dimensions]]",
        name="religion",
        label="Religion",
        columns=RELIGIONS,
        labels=RELIGION_LABELS,
        total="residents",
        sensitive=True,
        ground="religion",
    )
    return f"{table}\n{dimension}"


def _survey() -> str:
    table = _block(
        "[[tables]]",
        "LGBTIQ people: a sample of the whole city with standard errors, never by zone.",
        file="lgbtiq_survey.csv",
        layout="long",
        level="city",
        date=DATES[-1],
        count="count",
        se="se",
        mechanism="mechanism",
        mechanism_default="sample",
        source="survey",
        universe="residents aged 15 and over",
    )
    dimension = _block(
        "[[tables.dimensions]]",
        name="lgbtiq",
        column="lgbtiq",
        label="LGBTIQ",
        categories=tuple(LGBTIQ_SHARES),
        labels=LGBTIQ_LABELS,
        sensitive=True,
        ground="lgbtiq",
    )
    return f"{table}\n{dimension}"


def _values() -> str:
    rents = (
        _block(
            "[[tables]]",
            f"Euros per square metre, {date}; empty where nobody lives.",
            file="prices.csv",
            layout="values",
            zone="zone",
            date=date,
            source="prices",
            context=[f"rent_eur_m2_{date}", f"price_eur_m2_{date}"],
        )
        for date in DATES
    )
    households = _block(
        "[[tables]]",
        "Incomes, homes and degrees, for isopolis priority-areas; empty where nobody lives.",
        file="households.csv",
        layout="values",
        zone="zone",
        date_column="date",
        source="households",
        context=HOUSEHOLDS,
        units=UNITS,
    )
    broadband = _block(
        "[[tables]]",
        "Per cent of households.",
        file="broadband.csv",
        layout="values",
        zone="zone",
        date=DATES[-1],
        source="broadband",
        context=["coverage_100mbit_pct", "coverage_1gbit_pct", "households_online_pct"],
    )
    return "\n".join([*rents, households, broadband])


def _later() -> str:
    """Return what other parts of the system read."""
    places = _block(
        "[[places]]",
        "Services with their barriers; x and y in metres.",
        file="services.csv",
        id="id",
        name="name",
        kind="kind",
        zone="zone",
        x="x",
        y="y",
        crs=CRS,
        date=DATES[-1],
        source="services",
        opening_hours="opening_hours",
        capacity="capacity",
        fee="fee_eur",
        languages="languages",
        step_free="step_free",
        booking="booking",
        eligibility="eligibility",
    )
    streets = _block(
        "[streets]",
        "One line per street segment; unknown means that nobody has looked.",
        file="streets.gpkg",
        layer="streets",
        id="street",
        start="from_node",
        end="to_node",
        length="length_m",
        tags=TAGS,
        source="streets",
        date=DATES[-1],
    )
    vote = _block(
        "[[participation]]",
        "Who could vote and who did; the same people as in the register.",
        name=ACTIVITY,
        file="participation.csv",
        layout="long",
        zone="zone",
        date="2025-05-18",
        eligible="eligible",
        count="voters",
        source="vote",
        universe="residents aged 15 and over",
        dimensions=[_dimension("age", categories=AGES), _dimension("origin")],
    )
    return "\n".join([places, streets, vote])


def city_toml(population: str) -> str:
    """Return city.toml; `population` is the name of the residents' file."""
    return "\n".join([_heading(), _residents(population), _religion(), _survey(), _values(), _later()])


def readme(files: Iterable[tuple[str, str]], seed: int, zones: int) -> str:
    """Return README.txt: what each of the `files` (name, content) is, and that none of it is real."""
    listed = "\n".join(f"{name:<20} {content}" for name, content in files)
    return (
        f"{CITY}: {NOTICE}\n\n"
        "Everything in this folder was drawn by a computer: the city, its outlines, its residents, its\n"
        "services and its vote. No line says anything about a real person or a real place; the outlines lie\n"
        "in the open Atlantic. The tables have no line that repeats this: keep this text with them.\n\n"
        f"Drawn for {zones} zones with seed {seed}; the same numbers give the same files again.\n"
        f"Licence of all files: {LICENCE}.\n\n{listed}\n"
    )
