"""Correcting by form what columns mean: writing into city.toml, reading back, and the pages."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.flows.cities import init, load
from isopolis.flows.columns import seen
from isopolis.web.datasets.column_edit import ColumnState, TableState, edit_city, edit_table, states, wrong

from .conftest import CSV, TOML
from .towns import upload, work

SEEN = [
    {
        "file": "people.csv",
        "sheet": "",
        "outlines": False,
        "rows": 24,
        "columns": [
            {"name": n, "samples": ["1"], "numeric": True}
            for n in ("zone", "total", "born_here", "born_abroad")
        ],
    }
]
WIDE = ("zone", "total", "group", "context", "date", "")
LONG = ("zone", "count", "category", "date", "")


@st.composite
def tables(draw: Callable[..., Any]) -> TableState:
    """A table with columns in any roles that fit together."""
    roles = draw(st.lists(st.sampled_from(draw(st.sampled_from([WIDE, LONG]))), min_size=1, max_size=8))
    names = draw(
        st.lists(st.text("abcäя. -'\"", min_size=1, max_size=6), min_size=8, max_size=8, unique=True)
    )
    titles = draw(
        st.lists(st.sampled_from(["age", "Sex", "Country of birth", "възраст"]), min_size=8, max_size=8)
    )
    columns = []
    for role, name, title in zip(roles, names, titles, strict=False):
        dimension = title if role in ("group", "category") else ""
        if role == "group" and title == "age":
            dimension = draw(st.sampled_from(["age", "age; Sex"]))
        label = draw(st.sampled_from(["", "Women", "“65+”"])) if role == "group" else ""
        columns.append(ColumnState(name, (), role, dimension, label))
    date = "" if "date" in roles else draw(st.sampled_from(["", "2024"]))
    return TableState("t.csv", "", None, date, draw(st.sampled_from(["", "pupils"])), tuple(columns))


def meaning(state: TableState) -> Any:
    return state.date, state.universe, sorted((c.name, c.role, c.dimension, c.label) for c in state.columns)


@settings(max_examples=150, deadline=None)
@given(tables(), tables())
def test_what_is_written_is_what_is_read_back(first: TableState, second: TableState) -> None:
    """Whatever stood there before, the text says exactly what the form said."""
    text = '# kept\nname = "X"\n'
    if not wrong(first.columns) and any(c.role for c in first.columns):
        text = edit_table(text, first)
        looks = [asdict(first) | {"outlines": False, "rows": 1}]
        assert meaning(states(text, looks)[0]) == meaning(first)
        assert edit_table(text, states(text, looks)[0]) == text, "no change is no change"
    if wrong(second.columns) or not any(c.role for c in second.columns):
        return
    looks = [asdict(second) | {"outlines": False, "rows": 1}]
    after = edit_table(text, replace(second, place=states(text, looks)[0].place))
    assert meaning(states(after, looks)[0]) == meaning(second)
    assert after.startswith("# kept")
    tomllib.loads(after)


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        (["group"], "no_zone"),
        (["zone", "zone", "total"], "many_zone"),
        (["zone", "total", "total"], "many_total"),
        (["zone", "date", "date", "total"], "many_date"),
        (["zone", "count", "count", "category"], "many_count"),
        (["zone", "count", "category", "total"], "mixed"),
        (["zone", "count"], "no_category"),
        (["zone"], "nothing"),
        (["zone", "group"], "no_dimension"),
    ],
)
def test_contradictions_are_found(roles: list[str], code: str) -> None:
    columns = [
        ColumnState(f"c{i}", role=r, dimension="" if code == "no_dimension" else "age")
        for i, r in enumerate(roles)
    ]
    assert code in [c for c, _ in wrong(columns)]


def test_a_table_that_is_not_used_has_no_contradiction() -> None:
    assert wrong([ColumnState("a"), ColumnState("b")]) == []


def test_leaving_every_column_out_takes_the_table_away_and_back() -> None:
    state = states(TOML, SEEN)[0]
    none = replace(state, columns=tuple(replace(c, role="") for c in state.columns))
    without = edit_table(TOML, none)
    assert "tables" not in tomllib.loads(without)
    assert states(without, SEEN)[0].place is None
    again = edit_table(without, replace(state, place=None))
    assert meaning(states(again, SEEN)[0]) == meaning(state)


def test_what_the_form_does_not_ask_stays() -> None:
    rich = TOML + 'ordered = true\nuniverse = "adults"\nsensitive = true\n'
    state = states(rich, SEEN)[0]
    columns = [replace(c, label="Born here") if c.name == "born_here" else c for c in state.columns]
    after = tomllib.loads(edit_table(rich, replace(state, columns=tuple(columns))))
    dimension = after["tables"][0]["dimensions"][0]
    assert dimension["ordered"]
    assert dimension["sensitive"]
    assert dimension["universe"] == "adults"
    assert dimension["labels"] == {"born_here": "Born here"}
    assert dimension["columns"] == ["born_here", "born_abroad"]


def test_the_city_and_its_outlines() -> None:
    text = edit_city('# first\n[[tables]]\nfile = "a.csv"\n', {"name": "A"}, {"file": "z.gpkg", "id": "nr"})
    said = tomllib.loads(text)
    assert said["name"] == "A"
    assert said["zones"] == {"file": "z.gpkg", "id": "nr"}
    assert said["tables"] == [{"file": "a.csv"}]
    without = edit_city(text, {"name": "B"}, {"file": "", "name": "", "kind": "ward"})
    assert tomllib.loads(without)["zones"] == {"id": "nr", "kind": "ward"}


@pytest.mark.parametrize("name", ["barcelona_neighbourhoods", "berlin_planning_areas"])
def test_real_cities_are_not_changed_by_a_form_that_changes_nothing(
    data: Path, tmp_path: Path, name: str
) -> None:
    folder = data / name
    copy = tmp_path / "city"
    copy.mkdir()
    for item in folder.iterdir():
        if item.is_file() and item.name != "city.toml":
            (copy / item.name).symlink_to(item.resolve())
    text = init(copy).read_text(encoding="utf-8")
    (copy / "city.toml").unlink()
    looks = [asdict(t) for t in seen(copy)]
    used = [s for s in states(text, looks) if s.used]
    assert used
    for state in used:
        assert wrong(state.columns) == []
        assert edit_table(text, state) == text


# -- pages -------------------------------------------------------------------------------------
@pytest.fixture
def dataset(owner: Any, city: Any) -> Any:
    made = upload(owner, city, {"people.csv": CSV})
    work()
    made.refresh_from_db()
    return made


def answers(page: Any, **changes: str) -> dict[str, str]:
    """Fill the form as it came, with changes."""
    rows = page.context["rows"]
    out = {name: page.context["form"][name].value() or "" for name in ("date", "universe")}
    for row in rows:
        out |= {row.add_prefix(n): row[n].value() or "" for n in ("role", "dimension", "label")}
    by_name = {row.state.name: row for row in rows}
    for key, value in changes.items():
        column, _, field = key.rpartition("__")
        out[by_name[column].add_prefix(field)] = value
    return out


def test_one_column_is_corrected_and_measured_so(owner: Any, city: Any, dataset: Any, browse: Any) -> None:
    assert dataset.state == "ready"
    assert dataset.summary["name"] == city.name, "a guess takes the name of the workspace"
    assert [c["name"] for c in dataset.seen[0]["columns"]] == ["zone", "total", "born_here", "born_abroad"]
    client = browse(owner)
    address = f"/w/{city.slug}/data/{dataset.pk}/table/0/"
    assert f'href="{address}"' in client.get(dataset.get_absolute_url()).content.decode()
    page = client.get(address)
    assert page.status_code == 200
    title = "Where people were born"
    changes = {"born_abroad__dimension": title, "born_here__dimension": title}
    sent = answers(page, born_abroad__label="Born abroad", **changes)
    assert client.post(address, sent).status_code == 302
    work()
    dataset.refresh_from_db()
    assert dataset.state == "ready", dataset.problems
    assert "Where people were born" in dataset.summary["dimensions"]
    assert tomllib.loads(dataset.config)["tables"][0]["dimensions"][0]["labels"] == {
        "born_abroad": "Born abroad"
    }


def test_nothing_changed_reads_nothing_again(owner: Any, city: Any, dataset: Any, browse: Any) -> None:
    client, address = browse(owner), f"/w/{city.slug}/data/{dataset.pk}/table/0/"
    client.post(address, answers(client.get(address)))
    before = dataset.revision
    dataset.refresh_from_db()
    assert dataset.revision == before


def test_all_contradictions_are_shown_at_once(owner: Any, city: Any, dataset: Any, browse: Any) -> None:
    client, address = browse(owner), f"/w/{city.slug}/data/{dataset.pk}/table/0/"
    sent = answers(client.get(address), zone__role="", total__role="count", born_here__dimension="")
    page = client.post(address, sent)
    assert page.status_code == 422
    text = page.content.decode()
    for part in ("No column names the zone", "not both", "Say what the groups differ in"):
        assert part in text
    wrong_sign = client.post(address, sent | {"c2-dimension": "a=b"})
    assert "Leave out the signs" in wrong_sign.content.decode()


def test_files_of_which_nothing_was_understood_can_be_explained(owner: Any, city: Any, browse: Any) -> None:
    """No guess is possible, and a person says what the columns are."""
    rows = b"".join(f"{i},{5 + i % 7},{9 + i % 5}\n".encode() for i in range(30))
    made = upload(owner, city, {"x.csv": b"a,b,c\n" + rows})
    work()
    made.refresh_from_db()
    client = browse(owner)
    address = f"/w/{city.slug}/data/{made.pk}/table/0/"
    sent = answers(client.get(address), a__role="zone", b__role="group", c__role="group",
                   b__dimension="sex", c__dimension="sex")  # fmt: skip
    assert client.post(address, sent).status_code == 302
    work()
    made.refresh_from_db()
    assert made.state == "ready", made.problems
    assert made.summary["zones"] == 30


def test_the_city_form(owner: Any, city: Any, dataset: Any, browse: Any) -> None:
    client, address = browse(owner), f"/w/{city.slug}/data/{dataset.pk}/city/"
    page = client.post(
        address, {"name": "Newtown", "country": "bg", "kind": "ward", "zone_id": "", "zone_name": ""}
    )
    assert page.status_code == 302
    work()
    dataset.refresh_from_db()
    assert dataset.state == "ready", dataset.problems
    said = tomllib.loads(dataset.config)
    assert (said["name"], said["country"], said["zones"]["kind"]) == ("Newtown", "BG", "ward")
    assert client.post(address, {"name": "", "country": "Bulgaria"}).status_code == 422


def test_the_forms_are_for_those_who_may_correct(staff: Any, city: Any, dataset: Any, browse: Any) -> None:
    for path in ("table/0/", "city/"):
        address = f"/w/{city.slug}/data/{dataset.pk}/{path}"
        assert browse(staff["viewer"]).get(address).status_code == 403
        assert browse(staff["stranger"]).get(address).status_code == 404
        assert browse(staff["analyst"]).get(address).status_code == 200
    assert browse(staff["owner"]).get(f"/w/{city.slug}/data/{dataset.pk}/table/99/").status_code == 404


def test_outlines_are_chosen_by_form(tmp_path: Path) -> None:
    from isopolis.flows.example import write_example

    folder = tmp_path / "example"
    write_example(folder, zones=40)
    looks = [asdict(t) for t in seen(folder)]
    assert any(t["outlines"] for t in looks)
    config = (folder / "city.toml").read_text(encoding="utf-8")
    text = edit_city(config, {"name": "Elsewhere"}, {"kind": "ward"})
    (folder / "city.toml").write_text(text, encoding="utf-8")
    city = load(folder)
    assert city.name == "Elsewhere"
    assert city.zones.drawable.any()
