"""The command `isopolis worries`: the week of Bishkek, a drowned group, files that are wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from isopolis.cli.app import run

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def go(*words: object) -> tuple[int, str, str]:
        code = run(["worries", *map(str, words)])
        out = capsys.readouterr()
        return code, out.out, out.err

    return go


def write(path: Path, told: object) -> Path:
    path.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")
    return path


def test_the_week_of_bishkek_as_numbers_and_as_requests(call: Call, tmp_path: Path) -> None:
    """744 received, 232 registered, 157 done, as 24.kg/obschestvo/86477 reports; the dates are invented."""
    numbers = write(
        tmp_path / "week.csv", "week,channel,received,registered,resolved\n2018-W21,phone,744,232,157\n"
    )
    requests = [
        ({"service_request_id": f"r{i}"} if i < 232 else {"token": f"t{i}", "service_request_id": ""})
        | {
            "token": f"t{i}", "status": "closed" if i < 157 else "open", "lat": 42.87, "long": 74.59,
            "description": ("На улице не работает освещение", "Яма на дороге у дома", "Автобус опять опоздал",
                            "Громкая музыка и шум ночью")[i % 4],
            "requested_datetime": f"2018-05-2{1 + i % 7}T08:{i % 60:02d}:00+06:00",
            "updated_datetime": f"2018-05-2{2 + i % 7}T08:{i % 60:02d}:00+06:00",
            "extended_attributes": {"channel": "phone", "zone": "Sverdlov"},
        }
        for i in range(744)
    ]  # fmt: skip
    for file in (numbers, write(tmp_path / "requests.json", requests)):
        code, out, err = call(file, "--languages", "ky,ru", "--json")
        assert code == 0, err
        told = json.loads(out)
        assert (told["received"], told["registered"], told["resolved"]) == (744, 232, 157)
        week, channel = told["tables"]["week"], told["tables"]["channel"]
        assert [(x["key"], x["received"], x["registered"], x["resolved"]) for x in week] == [
            ("2018-W21", 744, 232, 157)
        ]
        assert channel[0]["key"] == "phone"
        assert told["unheard"] is None
        assert "census" in told["unheard_reason"]
    assert {m["topic"] for m in told["many"]} == {
        "service:street_lighting", "worry:roads", "service:public_transport", "worry:order",
    }  # fmt: skip
    assert told["many"][0]["received"] == 186
    assert told["response_days"][""]["median"] == 1.0
    assert told["tables"]["language"][0]["key"] == "ru"
    code, out, _err = call(tmp_path / "requests.json", "--languages", "ky,ru")
    assert code == 0
    assert "744 worries were received, 232 of them registered and 157 resolved." in out


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    (folder / "people.csv").write_text(
        "zone,name,total\nZ1,Hill,20000\nZ2,Centre,480000\nZ3,North,300000\nZ4,South,200000\n",
        encoding="utf-8",
    )
    (folder / "city.toml").write_text(
        'name = "Testville"\nnotes = ["example data, not a real place"]\n[zones]\nid = "zone"\n'
        '[[tables]]\nfile = "people.csv"\nlayout = "wide"\nzone = "zone"\ntotal = "total"\ndate = "2024"\n',
        encoding="utf-8",
    )
    return folder


TEXTS = ("The lamp is out", "A pothole in the road", "The bus stop is gone", "Loud noise at night",
         "Garbage everywhere", "Ice and snow")  # fmt: skip


def _weeks(surge: bool) -> str:
    rng = np.random.default_rng(3)
    rows = []
    for day in range(1, 29):
        for zone, share in (("Z1", 0.01), ("Z2", 0.48), ("Z3", 0.3), ("Z4", 0.2)):
            for text, usual in zip(TEXTS, (15, 14, 12, 11, 9, 1), strict=True):
                rows += [(day, zone, text)] * int(rng.poisson(usual * share))
        rows += [(day, "Z1", "No ramp for a wheelchair")] * int(rng.poisson(0.7))
    rows += [(20, z, TEXTS[5]) for z in rng.choice(["Z1", "Z2", "Z3", "Z4"], 1000 if surge else 0)]
    return "received,zone,text\n" + "\n".join(f"2026-02-{d:02d},{z},{t}" for d, z, t in rows) + "\n"


def test_the_worry_of_a_2_percent_neighbourhood_survives_1000_calls(
    call: Call, town: Path, tmp_path: Path
) -> None:
    found: list[dict[str, Any]] = []
    for surge in (False, True):
        file = write(tmp_path / f"{surge}.csv", _weeks(surge))
        code, out, err = call(file, "--city", town, "--json")
        assert code == 0, err
        found.append(json.loads(out))
    calm, after = found
    for told in found:
        first = told["unheard"][0]
        assert (first["unit"], first["topic"]) == ("Z1", "theme:accessibility")
        assert first["received_about"] % 10 == 0
    assert abs(calm["unheard"][0]["ratio"] / after["unheard"][0]["ratio"] - 1) < 0.15
    assert after["many"][0]["topic"] == "worry:snow_and_ice"
    assert after["many"][0]["interval"][0] < after["many"][0]["per_1000"] < after["many"][0]["interval"][1]
    assert [(s["topic"], s["day"]) for s in after["surges"]] == [("worry:snow_and_ice", "2026-02-20")]
    assert calm["surges"] == []


def test_wrong_files_name_row_column_and_what_was_allowed(call: Call, tmp_path: Path) -> None:
    rows = "id,received,text,status,lat,lon\n1,2/17/26,a,open,,\n2,2026-02-17,b,lost,,\n"
    rows += "3,2026-02-17,c,open,0,0\n"
    code, _out, err = call(write(tmp_path / "rows.csv", rows))
    assert code == 1
    for said in ("row 2", "2/17/26", "2026-02-17T08:30:00+06:00", "row 3", "lost", "open or closed"):
        assert said in err
    numbers = "week,received,registered,resolved\n2026-W08,5,6,1\n2026-W09,7,x,1\n"
    code, _out, err = call(write(tmp_path / "numbers.csv", numbers))
    assert code == 1
    assert "5 / 6 / 1" in err
    assert "whole numbers" in err
    late = [{"service_request_id": "1", "status": "closed", "requested_datetime": "2026-02-17T10:00:00Z",
             "updated_datetime": "2026-02-16T10:00:00Z"}]  # fmt: skip
    for told, words in (
        (late, "resolved before"), ("{", "no JSON"), ("[" * 100_000, "no JSON"),
        ({"a": 1}, "list of requests"), ([1], "no service request"), ([], "no worry"),
    ):  # fmt: skip
        code, _out, err = call(write(tmp_path / "bad.json", told))
        assert code == 1, words
        assert words in err
    huge = "received,registered,resolved\n999999999,1,1\n"
    assert call(write(tmp_path / "huge.csv", huge))[0] == 1
    fine = write(tmp_path / "fine.csv", "id,received,text\n1,2026-02-17,lamp\n1,2026-02-18,lamp\n")
    assert call(fine, "--languages", "xx")[0] == 2
    assert call(fine, "--until", "soon")[0] == 2
    assert call(fine, "--group", "origin")[0] == 1
    code, out, _err = call(fine, "--json", "--threshold", "0")
    assert (code, json.loads(out)["received"]) == (0, 1)
    assert "first one counts" in " ".join(json.loads(out)["caveats"])


def test_small_numbers_are_hidden_and_people_are_not_read(call: Call, tmp_path: Path) -> None:
    rows = ["id,received,text,channel,email"]
    for i in range(80):
        channel = "web" if i < 3 else "phone" if i < 30 else "letter"
        rows.append(f"{i},2026-02-17,The lamp is out,{channel},a{i}@b.org")
    code, out, _err = call(write(tmp_path / "small.csv", "\n".join(rows) + "\n"), "--json")
    assert code == 0
    channels = {x["key"]: x["received"] for x in json.loads(out)["tables"]["channel"]}
    assert channels == {"letter": 50, "phone": None, "web": None}
    assert "@" not in out


def test_groups_are_held_against_a_dimension_of_the_city(call: Call, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        "zone,here,abroad\nZ1,490000,10000\nZ2,490000,10000\n", encoding="utf-8"
    )
    (tmp_path / "city.toml").write_text(
        'name = "Testville"\nnotes = ["example data, not a real place"]\n[zones]\nid = "zone"\n'
        '[[tables]]\nfile = "people.csv"\nlayout = "wide"\nzone = "zone"\ndate = "2024"\n'
        '[[tables.dimensions]]\nname = "origin"\ncolumns = ["here", "abroad"]\n',
        encoding="utf-8",
    )
    rows = [(t, "here") for t in TEXTS for _ in range(60)] + [("No ramp for a wheelchair", "abroad")] * 25
    rows += [("The lamp is out", "abroad")] * 2 + [("A lamp", "Mars")]
    lines = [f"2026-02-{1 + i % 28:02d},Z{1 + i % 2},{t},{g}" for i, (t, g) in enumerate(rows)]
    file = write(tmp_path / "w.csv", "received,zone,text,origin\n" + "\n".join(lines) + "\n")
    code, out, err = call(file, "--city", tmp_path, "--group", "origin", "--json")
    assert code == 0, err
    told = json.loads(out)
    first = told["unheard"][0]
    assert (first["kind"], first["unit"], first["topic"]) == ("group", "abroad", "theme:accessibility")
    assert first["residents"] == 20_000
    assert "no categories of origin" in " ".join(told["caveats"])
    code, out, _err = call(file, "--city", tmp_path, "--group", "origin")
    assert "in abroad" in out
