"""Documents say what is so: links lead somewhere, examples are read, every key is described."""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from isopolis.read import config, config_access
from isopolis.read.config_access import parse_access
from isopolis.read.config_file import parse_config

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "news").glob("*.md")])


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_relative_link_leads_somewhere() -> None:
    broken = []
    for path in DOCUMENTS:
        targets = re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8"))
        inside = [t.split("#")[0] for t in targets if not re.match(r"[a-z]+:|#", t)]
        broken += [f"{short(path)}: {t}" for t in inside if not (path.parent / t).exists()]
    assert broken == []


DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda p: p.stem)
def test_every_decision_has_its_four_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]} ")
    assert re.findall(r"^## (.+)$", text, re.M) == ["Context", "Options", "Choice", "Cost"]
    parts = re.split(r"^## .+$", text, flags=re.M)[1:]
    assert all(len(part.split()) >= 15 for part in parts)


def test_decisions_are_numbered_and_listed() -> None:
    assert [p.name[:4] for p in DECISIONS] == [f"{n:04d}" for n in range(1, len(DECISIONS) + 1)]
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    assert [p.name for p in DECISIONS if p.name not in index] == []


def test_readme_starts_with_something_to_run() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert "make demo" in lines[:20]
    assert "make test" in "\n".join(lines)
    first_block = next(i for i, line in enumerate(lines) if line.startswith("```"))
    prose = " ".join(lines[1:first_block])
    assert 0 < len(prose.split()) < 60


def test_readme_shows_python_in_about_ten_lines() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.S)
    ast.parse(block)
    assert len(block.splitlines()) <= 12


@pytest.mark.parametrize("page", ["access", "inference", "noise"])
def test_examples_of_a_page_run(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, f"{page}.md", "exec"), {})
    assert capsys.readouterr().out


def test_news_knows_the_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    news = (ROOT / "NEWS.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(project['version'])}\b", news, re.M)


def test_news_fragments_have_their_form() -> None:
    fragments = [p for p in (ROOT / "news").glob("*.md") if p.name != "README.md"]
    wrong = [
        p.name
        for p in fragments
        if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", p.name)
        or not re.match(r"\*\*(Added|Changed|Fixed|Removed):\*\* \S", p.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_makefile_offers_what_the_readme_promises() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    promised = set(re.findall(r"^make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.M))
    assert promised
    assert promised <= targets


# -- docs/city-folder.md ------------------------------------------------------------------------------
CITY_FOLDER = (ROOT / "docs" / "city-folder.md").read_text(encoding="utf-8")
SET_BY_THE_READER = {"folder", "origin", "number", "level", "column", "prefix", "section"}


def test_the_example_city_toml_is_one_that_the_reader_takes() -> None:
    first, crossing, around = re.findall(r"```toml\n(.*?)```", CITY_FOLDER, re.S)
    city = parse_config(first + crossing + around, ROOT)
    assert city.name == "Barcelona"
    assert city.tables[0].crossings[0].dimension == "age"
    access = parse_access(first + crossing + around)
    assert access.streets is not None
    assert access.streets.elevation
    assert [len(x) for x in (access.places, access.feeds, access.travel)] == [2, 1, 1]


@pytest.mark.parametrize(
    "section",
    [
        config.CityConfig, config.ZonesConfig, config.SourceConfig, config.TableConfig,
        config.DimensionConfig,
        config_access.PlacesConfig, config_access.StreetsConfig, config_access.FeedConfig,
        config_access.TravelConfig, config_access.OriginsConfig, config_access.DigitalConfig,
    ],
)  # fmt: skip
def test_every_key_of_city_toml_is_described(section: type) -> None:
    keys = {f.name.rstrip("_") for f in fields(section)} - SET_BY_THE_READER
    described = set(re.findall(r"`\[*(?:tables\.)?(\w+)\]*`", CITY_FOLDER))
    assert sorted(keys - described) == []


# -- docs/access.md -----------------------------------------------------------------------------------
ACCESS = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["access", "trip"])
def test_every_option_of_access_is_described(command: str) -> None:
    source = (ROOT / "src" / "isopolis" / "cli" / f"{command}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    (body,) = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == command]
    every = [*body.args.args, *body.args.kwonlyargs]
    options = [a.arg for a in every if a.annotation is not None and "Option" in ast.unparse(a.annotation)]
    assert len(options) >= 6
    named = {"as_json": "json"}
    missing = [o for o in options if f"`--{named.get(o, o).replace('_', '-')}" not in ACCESS]
    assert missing == []


def test_every_form_of_a_what_if_is_described() -> None:
    from isopolis.flows.access_changes import FORMS

    verbs = {form.partition(":")[0] for form in FORMS}
    assert verbs == {v for v in re.findall(r"`(\w+):", ACCESS) if v in verbs}
