"""``isopolis access`` and ``isopolis trip``: what they print, write and refuse."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from isopolis.cli.app import run

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("access") / "example"
    assert run(["example", str(place), "--zones", "40"]) == 0
    return place


@pytest.fixture
def call(folder: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Ask with two bodies, one dimension and no new sites, which take longest."""

    def go(*more: str, command: str = "access", service: str = "health_centre") -> tuple[int, str, str]:
        start = [command, str(folder)]
        if command == "access":
            start += ["--service", service, "--sites", "0"]
            if "--profile" not in more:
                start += ["--profile", "wheelchair", "--profile", "adult"]
            if "--by" not in more:
                start += ["--by", "age"]
        capsys.readouterr()
        code = run([*start, *more])
        out = capsys.readouterr()
        return code, out.out, out.err

    return go


def test_the_answer_in_words(call: Call) -> None:
    code, out, err = call()
    assert code == 0
    assert out.startswith("** example data, not a real place **\nHealth centre within 15 minutes")
    assert "everyone:" in out
    assert "80+" in out
    assert "Adult on foot" in out
    assert "population.csv" in out  # caveats stand under the figures
    assert "reading services.csv" in err
    assert call("--quiet")[2] == ""
    assert max(map(len, out.splitlines())) <= 88


def test_json_holds_what_the_words_say(call: Call) -> None:
    code, out, _ = call("--json", "--by", "age,disability", "--change", "add:0104", "--at", "Tu 17:00",
                        "--fee", "0", "--language", "en", "--offline", "--minutes", "20")  # fmt: skip
    assert code == 0
    found = json.loads(out)
    assert found["asked"] == {
        "service": "health_centre", "term": found["asked"]["term"], "profile": "manual_wheelchair",
        "minutes": 20.0, "at": "Tu 17:00", "fee": 0.0, "language": "en", "offline": True, "timetable": None,
        "depart": "",
    }  # fmt: skip
    assert [p["name"] for p in found["profiles"]] == ["manual_wheelchair", "adult"]
    groups = found["profiles"][0]["groups"]
    assert groups[0]["group"] == "everyone"
    assert len(groups) == 1 + 6 * 2
    for group in groups:
        assert group["pessimistic"] <= group["value"] <= group["optimistic"]
    (change,) = found["changes"]
    assert change["people_gained"] > 0
    assert "NaN" not in out


def test_one_profile_alone_is_compared_with_all_others(call: Call) -> None:
    code, out, _ = call("--profile", "night", "--json")
    assert code == 0
    assert len(json.loads(out)["profiles"]) == 8
    assert json.loads(out)["profiles"][0]["name"] == "night"


def test_the_page_is_written_once(call: Call, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    code, _, err = call("--report", str(page))
    assert code == 0
    assert page.read_text(encoding="utf-8").startswith("<!")
    assert str(page) in err
    before = page.read_bytes()
    code, _, err = call("--report", str(page))
    assert code == 2
    assert "is there already" in err
    assert page.read_bytes() == before


def test_a_page_that_could_not_be_written_is_refused_before_anything_is_read(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    for page, said in (("none/x.html", "there is no folder none; make it, or name another place"),
                       ("file/x.html", "file is no folder")):  # fmt: skip
        code, out, err = call("--report", page)
        assert (code, out) == (2, "")
        assert f"--report {page}: " in " ".join(err.split())
        assert said in " ".join(err.split())
        assert "reading" not in err
    # whoever runs the tests as root may write everywhere
    monkeypatch.setattr("os.access", lambda _place, mode, **_: not mode & os.W_OK)
    code, _, err = call("--report", "x.html")
    assert code == 2
    assert "nothing can be written to the folder ." in err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("city", [[], ["."]])
def test_the_ways_of_moving_are_listed(city: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["access", *city, "--profiles"]) == 0
    out = capsys.readouterr().out
    listed = [line.partition(":")[0].partition(" ")[0] for line in out.splitlines()]
    assert set(listed) >= {"adult", "older_person", "child_alone", "pram", "cane", "manual_wheelchair",
                           "powered_wheelchair", "night"}  # fmt: skip
    assert "manual_wheelchair (also wheelchair): " in out
    assert run(["access", *city, "--profiles", "--lang", "de"]) == 0


def test_without_a_city_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["access", "--service", "library"]) == 2
    assert "CITY is needed" in capsys.readouterr().err


WRONG = [
    (["--profile", "weelchair"], "wheelchair"),
    (["--by", "agge"], "age"),
    (["--at", "Someday 9:00"], "Tu 14:30"),
    (["--depart", "14"], "14:00-16:00"),
    (["--minutes", "0"], "minutes"),
    (["--minutes", "ten"], "--minutes"),
    (["--fee", "-1"], '--fee "-1": a number is needed; 0 means free'),
    (["--fee", "free"], '--fee "free": a number is needed; 0 means free'),
    (["--fee", "nan"], "0 means free"),
    (["--change", "add"], "add:ZONE"),
    (["--change", "ad:0101"], "add"),
    (["--change", "tag:1:kerb"], "KEY=VALUE"),
    (["--change", "close:health_centre-01"], "did you mean"),
    (["--language", "english"], "english"),
    (["--language", "xx"], '"health_centre" is known to speak it; they list'),
    (["--lang", "xx"], "xx"),
]


@pytest.mark.parametrize(("more", "said"), WRONG, ids=lambda x: " ".join(x) if isinstance(x, list) else "")
def test_a_wrong_call_is_two_and_names_what_is_near(call: Call, more: list[str], said: str) -> None:
    code, out, err = call(*more)
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())


def test_an_unknown_service_names_those_there_are(call: Call) -> None:
    code, _, err = call(service="helth_centre")
    assert code == 2
    assert "health_centre" in err


def test_no_service_named_lists_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["access", str(folder), "--quiet"]) == 2
    assert "health_centre, pharmacy" in " ".join(capsys.readouterr().err.split())


def test_wrong_data_is_one_and_names_the_place(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "city"
    shutil.copytree(folder, place)
    text = (place / "services.csv").read_text(encoding="utf-8")
    (place / "services.csv").write_text(
        text.replace("health_centre-002,", "health_centre-001,", 1), encoding="utf-8"
    )
    assert run(["access", str(place), "--service", "health_centre", "--quiet"]) == 1
    err = " ".join(capsys.readouterr().err.split())
    assert "services.csv" in err
    assert "health_centre-001" in err


def test_a_journey_in_words_and_as_json(call: Call) -> None:
    code, out, _ = call("0102", "health_centre-002", "--profile", "wheelchair", "--quiet", command="trip")
    assert code == 0
    assert "Manual wheelchair" in out
    assert "nobody has recorded" in out
    code, out, _ = call("0102", "health_centre-002", "--profile", "wheelchair", "--json", command="trip")
    found = json.loads(out)
    assert code == 0
    assert found["seconds"]["optimistic"] <= found["seconds"]["expected"]
    assert found["seconds"]["pessimistic"] is None
    assert sum(leg["seconds"] for leg in found["legs"]) == pytest.approx(found["seconds"]["expected"])


def test_a_journey_that_cannot_be_made_is_one(call: Call, folder: Path) -> None:
    for more, code, said in (
        (("0102", "health_centre-9"), 2, "did you mean"),
        (("0102", "health_centre-002", "--profile", "broom"), 2, "broom"),
        (("0102", "10,10"), 2, "m from any street"),
        (("0102", "health_centre-002", "--depart", "noon"), 2, "noon"),
    ):
        found, _, err = call(*more, "--quiet", command="trip")
        assert found == code, more
        assert said in " ".join(err.split()), more


def test_a_body_of_ones_own(call: Call, tmp_path: Path) -> None:
    from isopolis.content import text

    mine = tmp_path / "mine.yaml"
    shipped = text("reach/profiles/adult.yaml")
    mine.write_text(shipped.replace("profile: adult", "profile: mine", 1), encoding="utf-8")
    code, out, _ = call("--json", "--profile", str(mine), "--profile", "adult")
    assert code == 0
    own, adult = json.loads(out)["profiles"]
    assert (own["name"], own["origins"]) == ("mine", adult["origins"])
    mine.write_text("speed: fast\n", encoding="utf-8")
    assert call("0101", "0102", "--profile", str(mine), command="trip")[0] == 1
    assert call("0101", "0102", "--profile", "none.yaml", command="trip")[0] == 2


def test_a_language_that_is_spoken_in_a_variety_is_spoken(folder: Path) -> None:
    from dataclasses import replace

    import numpy as np

    from isopolis.flows.access_call import check_language
    from isopolis.flows.access_load import load_access
    from isopolis.model import CallError

    data = load_access(folder)

    def speaking(*spoken: tuple[str, ...]) -> None:
        column = np.empty(len(places), dtype=object)
        column[:] = [spoken[i % len(spoken)] for i in range(len(places))]
        others = tuple(p for p in data.services if p is not places)
        check_language(
            replace(data, services=(replace(places, languages=column), *others)), places.kind, "pt"
        )

    places = data.service("health_centre")
    speaking(("pt-BR",), ())
    with pytest.raises(CallError, match=r"they list ar, fi \(\d+ of \d+ list none\)"):
        speaking(("fi", "ar"), ())
    with pytest.raises(CallError, match="says which languages are spoken"):
        speaking(())
