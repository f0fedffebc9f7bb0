"""What a folder may hold: streets, a matrix, both, or neither; damaged data says where and what."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from isopolis.flows.access import access
from isopolis.flows.access_asked import AccessAsked
from isopolis.flows.access_load import load_access, named_service
from isopolis.model import AccessData, CallError, DataError


def _without(folder: Path, to: Path, *sections: str) -> Path:
    """Copy the example city without some sections of its city.toml and their files."""
    place = to / "city"
    shutil.copytree(folder, place)
    parts = (place / "city.toml").read_text(encoding="utf-8").split("\n\n")
    kept = [p for p in parts if not any(f"[{s}]" in p for s in sections)]
    assert len(kept) < len(parts)
    (place / "city.toml").write_text("\n\n".join(kept) + "\n", encoding="utf-8")
    return place


def _with_matrix(place: Path, ids: list[str]) -> None:
    """Every zone to itself in 3 minutes, to the next in 20, and to no other."""
    rows = [
        f"{a},{b},{3 if a == b else 20}" for a, n in zip(ids, [*ids[1:], ids[0]], strict=True) for b in (a, n)
    ]
    (place / "times.csv").write_text("from,to,minutes\n" + "\n".join(rows) + "\n", encoding="utf-8")
    toml = place / "city.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8")
        + '\n[[travel]]\nfile = "times.csv"\nfrom = "from"\nto = "to"\nminutes = "minutes"\n'
        + 'mode = "by bus"\n',
        encoding="utf-8",
    )


def test_neither_streets_nor_matrix_says_what_to_add(small: Path, tmp_path: Path) -> None:
    data = load_access(_without(small, tmp_path, "streets"))
    with pytest.raises(CallError, match=r"no streets and no travel matrix: put a street extract"):
        access(data, AccessAsked("health_centre"))


def test_a_matrix_alone(small: Path, tmp_path: Path) -> None:
    place = _without(small, tmp_path, "streets")
    ids = load_access(place).origins.ids.tolist()
    _with_matrix(place, ids)
    data = load_access(place)
    found = access(data, AccessAsked("health_centre", minutes=10, by=(("age",),)))
    homes = set(data.service("health_centre").zone.tolist())
    people = dict(zip(ids, data.origins.counts[0].totals().tolist(), strict=True))
    near = sum(people[z] for z in ids if z in homes)
    assert found.main.everyone.finding.number == pytest.approx(near / sum(people.values()), abs=1e-12)
    assert str(found.main.title) == "by bus"
    before = set(np.array(ids)[found.main.nearest["expected"] == 20 * 60_000].tolist())
    assert before == {
        a for a, n in zip(ids, [*ids[1:], ids[0]], strict=True) if n in homes and a not in homes
    }
    with pytest.raises(CallError, match="--change needs streets"):
        access(data, AccessAsked("health_centre", changes=("add:0101",)))


def test_streets_alone_need_no_services_but_to_be_asked_for_one(small: Path, tmp_path: Path) -> None:
    data = load_access(_without(small, tmp_path, "places"))
    assert data.services == ()
    with pytest.raises(CallError, match="health_centre"):
        access(data, AccessAsked("health_centre"))


@pytest.mark.parametrize(
    "name", ["health_centre", "Health centre", "service:health_centre", "centro de salud"]
)
def test_a_service_answers_to_its_name_its_term_and_its_words(example: AccessData, name: str) -> None:
    assert named_service(example, name).kind == "health_centre"


def _damaged(folder: Path, to: Path, old: str, new: str) -> Path:
    place = to / "city"
    shutil.copytree(folder, place)
    text = (place / "services.csv").read_text(encoding="utf-8")
    assert old in text
    (place / "services.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    return place


def _lines(place: Path) -> list[str]:
    return (place / "services.csv").read_text(encoding="utf-8").splitlines()


def test_an_id_given_twice_is_refused_with_its_place(small: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_access(_damaged(small, tmp_path, "health_centre-002,", "health_centre-001,"))
    assert "services.csv" in str(caught.value)
    assert "health_centre-001" in str(caught.value)


def test_a_place_without_a_spot_is_left_out_and_said(small: Path, tmp_path: Path) -> None:
    row = next(r for r in _lines(small) if r.startswith("health_centre-001,"))
    data = load_access(_damaged(small, tmp_path, f",{row.split(',')[4]},", ",east,"))
    found = access(data, AccessAsked("health_centre", others=("manual_wheelchair",), sites=0))
    told = [p for p in found.caveats if p.code == "bad-coordinate"]
    assert told
    assert told[0].file == "services.csv"
    assert "health_centre-001" in found.places.ids.tolist()
    lost = found.places.ids.tolist().index("health_centre-001")
    assert not (found.main.travel["optimistic"].indices == lost).any()
