from __future__ import annotations

from pathlib import Path

import pytest

from isopolis.model import DataError, Problem
from isopolis.read import read_city
from isopolis.read.config_file import expand, parse_config

from .small_city import TOML

HERE = Path()


def complaints(text: str) -> list[Problem]:
    with pytest.raises(DataError) as caught:
        parse_config(text, HERE)
    return list(caught.value.problems)


def test_a_full_configuration() -> None:
    config = parse_config(TOML, HERE)
    assert (config.name, config.notes) == ("Smallville", ("example data, not a real place",))
    assert config.zones.parents[0].prefix == 2
    (table,) = config.tables
    assert [d.name for d in table.dimensions] == ["sex", "age", "citizenship"]
    assert table.dimensions[1].ordered
    assert table.dimensions[2].complement == "native"
    assert table.needed()[:2] == ("id", "total")


def test_long_tables_and_later_parts() -> None:
    config = parse_config(
        """
name = "X"
[streets]
file = "streets.gpkg"
[[places]]
file = "places.csv"
[[tables]]
file = "p.csv"
layout = "long"
zone = "zone"
date_column = "date"
count = "count"
mechanism_default = "rounded"
rounding_base = 3
dimensions = [ { name = "age", column = "age", ordered = true, categories = ["0-14", "65+"] } ]
""",
        HERE,
    )
    assert config.tables[0].rounding_base == 3.0
    assert config.tables[0].dimensions[0].categories == ("0-14", "65+")


def test_units_of_numbers_of_the_zone_reach_the_city_and_must_have_a_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("zone,women,men,income\na,5,3,900\nb,2,4,\n", encoding="utf-8")
    text = (
        'name = "Town"\n[[tables]]\nfile = "t.csv"\nlayout = "wide"\nzone = "zone"\ncontext = ["income"]\n'
        'units = { UNIT = "crowns a year" }\n'
        '[[tables.dimensions]]\nname = "sex"\ncolumns = ["women", "men"]\n'
    )
    (tmp_path / "city.toml").write_text(text.replace("UNIT", "income"), encoding="utf-8")
    assert dict(read_city(tmp_path).units) == {"income": "crowns a year"}
    (tmp_path / "city.toml").write_text(text.replace("UNIT", "incme"), encoding="utf-8")
    with pytest.raises(DataError, match="incme"):
        read_city(tmp_path)


def test_everything_wrong_is_said_at_once_with_its_line() -> None:
    text = TOML.replace("layout", "lay_out").replace('total = "total"\ncontext', "total = 3\ncontext")
    text = text.replace("ordered = true", 'ordered = "yes"').replace('source = "office"', 'source = "ofice"')
    found = complaints(text)
    assert {p.code for p in found} == {"unknown-key", "missing-key", "wrong-type", "unknown-source"}
    lines = text.splitlines()
    for p in found:
        if p.rows and p.column and p.code in ("unknown-key", "unknown-source"):
            assert p.column in lines[p.rows[0] - 1], p
    assert any('did you mean "layout"' in p.message for p in found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "missing-key"),
        ("name = ", "bad-toml"),
        ('name = "X"', "no-tables"),
        ('name = "X"\ntables = 3', "wrong-type"),
        ('name = "X"\ntables = [3]', "wrong-type"),
        ('name = "X"\nnotes = [3]\n', "wrong-type"),
        ('name = "X"\n[zones]\nparents = { a = 3 }', "wrong-type"),
        ('name = "X"\n[zones]\nparents = { a = { prefix = 0 } }', "wrong-type"),
        ('name = "X"\n[zones]\nx = "lon"', "missing-key"),
        ('name = "X"\n[[tables]]\nfile = "a"\nlayout = "long"\nzone = "z"', "missing-key"),
        ('name = "X"\n[[tables]]\nfile = "a"\nlayout = "tall"\nzone = "z"', "wrong-value"),
        ('name = "X"\n[[tables]]\nfile = "a"\nlayout = "wide"\nzone = "z"\ndecimal = ";"', "wrong-value"),
        (
            'name = "X"\n[[tables]]\nfile = "a"\nlayout = "wide"\nzone = "z"\n'
            '[[tables.dimensions]]\nname = "d"\ncolumns = ["a", "a"]',
            "repeated-category",
        ),
        (
            'name = "X"\n[[tables]]\nfile = "a"\nlayout = "wide"\nzone = "z"\n'
            '[[tables.dimensions]]\nname = "d"\ncolumns = ["a"]\nground = "hair colour"',
            "unknown-ground",
        ),
        (
            'name = "X"\n[[tables]]\nfile = "a"\nlayout = "wide"\nzone = "z"\n'
            '[[tables.dimensions]]\nname = "d"\ncolumns = ["a"]\n'
            '[[tables.dimensions]]\nname = "d"\ncolumns = ["b"]',
            "repeated-dimension",
        ),
        (
            'name = "X"\n[[tables]]\nfile = "a"\nlayout = "wide"\nzone = "z"\n'
            '[[tables.crossings]]\ndimension = "a"',
            "missing-key",
        ),
    ],
)
def test_each_rule(text: str, code: str) -> None:
    assert code in {p.code for p in complaints(text)}


def test_environment_variables_in_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLACE", raising=False)
    assert expand("${PLACE:-../data}/a.csv") == "../data/a.csv"
    assert expand("$PLACE/a.csv") == "$PLACE/a.csv"
    monkeypatch.setenv("PLACE", "/srv")
    assert expand("${PLACE:-../data}/a.csv") == expand("$PLACE/a.csv") == "/srv/a.csv"


LONG = """
name = "X"
[[tables]]
file = "p.csv"
layout = "long"
zone = "zone"
count = "count"
{extra}
dimensions = [ {{ name = "age", column = "age" }} ]
"""


@pytest.mark.parametrize(
    ("extra", "strength"),
    [
        ('mechanism_default = "cell_key"\nnoise_variance = 2.5', 2.5),
        ('mechanism_default = "dp"\nepsilon = 0.5', 0.5),
        ('mechanism = "how"\nepsilon = 1', 1.0),
        ("rounding_base = 5", 5.0),
        ('mechanism_default = "cell_key"', 0.0),
    ],
)
def test_how_strongly_counts_were_changed(extra: str, strength: float) -> None:
    assert parse_config(LONG.format(extra=extra), HERE).tables[0].parameter == strength


@pytest.mark.parametrize(
    ("extra", "code", "column"),
    [
        ('mechanism_default = "dp"\nepsilon = 0', "wrong-value", "epsilon"),
        ('mechanism_default = "cell_key"\nnoise_variance = -1', "wrong-value", "noise_variance"),
        ('mechanism_default = "dp"\nnoise_variance = 2', "wrong-value", "noise_variance"),
        ("epsilon = 1", "missing-key", "epsilon"),
        ('mechanism = "how"\nepsilon = 1\nrounding_base = 5', "two-mechanisms", "epsilon"),
    ],
)
def test_a_strength_that_does_not_fit_is_refused(extra: str, code: str, column: str) -> None:
    (found,) = complaints(LONG.format(extra=extra))
    assert (found.code, found.column) == (code, column)
    assert found.rows, "its line in the file"
