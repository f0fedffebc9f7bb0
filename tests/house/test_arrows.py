"""Who may import whom: the table of docs/architecture.md, held against every import in the source.

Imports inside functions and under ``TYPE_CHECKING`` count like any other.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "isopolis"
PUBLIC_FACE = "(package)"

BELOW_FLOWS = {
    "model", "explain", "content", "read", "measure", "privacy", "learn", "act", "intersect", "engage",
    "run", "reach",
}  # fmt: skip
ARROWS: dict[str, set[str]] = {
    "model": set(),
    "explain": {"model"},
    "content": {"model"},
    "learn": {"model", "explain", "content"},
    "act": {"model", "explain", "content"},
    "read": {"model"},
    "privacy": {"model"},
    "intersect": {"model", "explain"},
    "engage": {"model", "explain", "intersect", "privacy"},
    "measure": {"model", "explain", "intersect"},
    "reach": {"model", "explain", "content", "intersect", "run"},
    "run": {"model"},
    "compat": {"model", "explain", "measure"},
    "flows": BELOW_FLOWS,
    "report": BELOW_FLOWS | {"flows"},
    "web": {"model", "explain", "content", "learn", "act", "engage", "privacy", "flows", "report"},
    "cli": {"model", "explain", "content", "learn", "act", "engage", "run", "flows", "report", "web"},
    PUBLIC_FACE: BELOW_FLOWS | {"flows", "report"},
}

TABLES = {"pandas", "pyarrow", "openpyxl"}
MAPS = {"geopandas", "shapely", "pyproj", "pyogrio"}
LIBRARIES: dict[str, set[str]] = {
    "model": {"numpy"},
    "explain": set(),
    "content": {"yaml"},
    "learn": {"numpy", "scipy", "pydantic", "Stemmer", "yaml", "tantivy"},
    "act": {"numpy", "pydantic", "yaml"},
    "read": {"numpy", *TABLES, *MAPS, "pyxform", "rasterio", "osmium", "opening_hours"},
    "measure": {"numpy", "scipy", "numba"},
    "reach": {"numpy", "scipy", "numba", "highspy"},
    "compat": {"numpy"},
    "run": {"numpy", "distributed"},
    "intersect": {"numpy", "scipy"},
    "engage": {"numpy", "scipy", "numba", "llvmlite", "highspy", "py3langid"},
    "privacy": {"numpy", "scipy"},
    "flows": {"numpy", "scipy", *TABLES, *MAPS},
    "report": {"numpy", "pandas", "openpyxl", *MAPS, "matplotlib", "jinja2", "markupsafe", "typst"},
    "web": {
        "babel",
        "cryptography",
        "django",
        "psycopg",
        "allauth",
        "prometheus_client",
        "pythonjsonlogger",
        "tomlkit",
        "ninja",
        "pmtiles",
        "polib",
        "numpy",
        "pandas",
        "geopandas",
        "shapely",
        "pyproj",
        "pyogrio",
        "pyuca",
    },
    "cli": {"typer", "rich"},
    PUBLIC_FACE: {"numpy"},
}
# import names that differ from the names of their distributions
DISTRIBUTIONS = {"yaml": "pyyaml", "Stemmer": "pystemmer", "opening_hours": "opening-hours-py"}
# libraries that come with an extra, are imported inside functions and are not needed
OPTIONAL = {
    "tantivy": "search", "distributed": "cluster", "rasterio": "raster", "osmium": "osm",
    "opening_hours": "hours",
}  # fmt: skip
# rooms whose libraries come with an extra of the same name, and what the distributions are called
EXTRAS = {
    "web": {
        "babel": "babel",
        "cryptography": "cryptography",
        "polib": "polib",
        "pyuca": "pyuca",
        "django": "django",
        "psycopg": "psycopg",
        "allauth": "django-allauth",
        "tomlkit": "tomlkit",
        "ninja": "django-ninja",
        "pmtiles": "pmtiles",
        "prometheus_client": "prometheus-client",
        "pythonjsonlogger": "python-json-logger",
    }
}

# What a room may import while it is itself being imported; the rest of its libraries inside functions.
# The public face and the command line reach read, measure and report from function bodies only.
AT_THE_TOP: dict[str, set[str]] = LIBRARIES | {
    "learn": LIBRARIES["learn"] - set(OPTIONAL),
    "read": LIBRARIES["read"] - set(OPTIONAL),
    "run": {"numpy"},
    "reach": {"numpy"},
    "engage": {"numpy"},  # compilers, solvers and models of languages only when somebody asks
    "flows": {"numpy"},
    "web": LIBRARIES["web"] - TABLES - MAPS,  # a web process is small
}

# Rooms of pure functions, and what would make them impure.
PURE = {"model", "explain", "measure", "privacy", "intersect", "engage", "reach"}
IMPURE_MODULES = {
    "builtins", "csv", "ftplib", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib",
    "pickle", "random", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time",
    "urllib", "zipfile",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}
IMPURE_METHODS = {"now", "read_bytes", "read_text", "today", "tofile", "utcnow", "write_bytes", "write_text"}
FILES_OF_NUMPY = {"fromfile", "genfromtxt", "load", "loadtxt", "memmap", "save", "savetxt", "savez"}
# the numpy functions that draw from hidden global state
GLOBAL_RANDOM = set("choice normal permutation rand randint randn random seed shuffle uniform".split())


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    if parts == ("__main__.py",):
        return "cli"  # python -m isopolis is the command line by another name
    return parts[0] if len(parts) > 1 else PUBLIC_FACE


def imported(tree: ast.AST, path: Path) -> Iterator[tuple[str, bool, int]]:
    """Absolute dotted name, whether it runs when the module is imported, and the line of every import."""
    package = ["isopolis", *path.relative_to(PACKAGE).parent.parts]
    late = {
        inner
        for outer in ast.walk(tree)
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)) or is_type_checking(outer)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        top = node not in late
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, top, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            # "from isopolis import x" and "from .. import x" name a room only in x
            for alias in node.names:
                yield f"{stem}.{alias.name}", top, node.lineno


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name_of(path))


def wrong_doors(path: Path, tree: ast.AST) -> list[str]:
    room, wrong = room_of(path), []
    for dotted, _, line in imported(tree, path):
        head, *rest = dotted.split(".")
        target = rest[0] if head == "isopolis" and rest else None
        if target in ARROWS and target not in ARROWS[room] | {room}:
            wrong.append(f"{name_of(path)}:{line}: {room} must not import {target}")
    return wrong


def wrong_libraries(path: Path, tree: ast.AST) -> list[str]:
    room, wrong = room_of(path), []
    for dotted, top, line in imported(tree, path):
        head = dotted.split(".")[0]
        if head == "isopolis" or head in sys.stdlib_module_names:
            continue
        if head not in LIBRARIES[room]:
            wrong.append(f"{name_of(path)}:{line}: {head} does not belong in {room}")
        elif top and head not in AT_THE_TOP[room]:
            wrong.append(f"{name_of(path)}:{line}: in {room}, import {head} inside a function")
    return wrong


def impurities(path: Path, tree: ast.AST) -> list[str]:
    wrong = [
        (line, f"imports {dotted.split('.')[0]}")
        for dotted, _, line in imported(tree, path)
        if dotted.split(".")[0] in IMPURE_MODULES
    ]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        owner, _, last = called.rpartition(".")
        numpy = owner in ("np", "numpy") and last in FILES_OF_NUMPY
        if called in IMPURE_CALLS or numpy or (owner and last in IMPURE_METHODS):
            wrong.append((node.lineno, f"calls {called}"))
    return [f"{name_of(path)}:{line}: {what}; {room_of(path)} is pure" for line, what in wrong]


def hidden_randomness(path: Path, tree: ast.AST) -> list[str]:
    wrong = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        *owner, last = ast.unparse(node.func).split(".")
        if owner in (["np", "random"], ["numpy", "random"], ["random"]) and last in GLOBAL_RANDOM:
            wrong.append(f"{name_of(path)}:{node.lineno}: {ast.unparse(node.func)} draws from global state")
        if last == "default_rng" and not node.args and not node.keywords:
            wrong.append(f"{name_of(path)}:{node.lineno}: default_rng without a seed cannot be repeated")
    return wrong


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_every_import_follows_the_arrows(path: Path) -> None:
    room = room_of(path)
    assert room in ARROWS, f"{room} is a new room: give it a row here and in docs/architecture.md"
    assert wrong_doors(path, parsed(path)) == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_every_library_is_in_its_room(path: Path) -> None:
    assert wrong_libraries(path, parsed(path)) == []


@pytest.mark.parametrize("path", [p for p in modules() if room_of(p) in PURE], ids=name_of)
def test_pure_rooms_do_no_input_or_output(path: Path) -> None:
    assert impurities(path, parsed(path)) == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_randomness_is_an_argument(path: Path) -> None:
    assert hidden_randomness(path, parsed(path)) == []


def test_every_room_of_the_table_exists() -> None:
    rooms = {room_of(p) for p in modules()}
    assert rooms == set(ARROWS)


def test_no_room_can_reach_itself_through_others() -> None:
    def below(room: str) -> set[str]:
        return ARROWS[room] | {far for near in ARROWS[room] for far in below(near)}

    for room in ARROWS:
        assert room not in below(room)


def test_libraries_are_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {bare(d) for d in project["dependencies"]}
    used = set().union(*(names for room, names in LIBRARIES.items() if room not in EXTRAS))
    assert {DISTRIBUTIONS.get(name, name) for name in used - set(OPTIONAL)} == declared
    for name, extra in OPTIONAL.items():
        offered = {bare(d) for d in project["optional-dependencies"][extra]}
        assert DISTRIBUTIONS.get(name, name) in offered
    for room, distributions in EXTRAS.items():
        assert LIBRARIES[room] - declared == set(distributions)
        offered = project["optional-dependencies"][room] + project["optional-dependencies"]["postgres"]
        assert set(distributions.values()) <= {bare(d) for d in offered}


def bare(requirement: str) -> str:
    return requirement.split(">")[0].split("[")[0].strip()


# -- the guard itself: each of these must be caught ---------------------------------------------------
CAUGHT = [
    (wrong_doors, "model/groups.py", "from isopolis.explain import Explain"),
    (wrong_doors, "model/groups.py", "from ..measure import spec"),
    (wrong_doors, "model/groups.py", "from .. import read"),
    (wrong_doors, "model/groups.py", "from isopolis import read"),
    (wrong_doors, "read/tables.py", "def late():\n    import isopolis.flows.diagnose"),
    (wrong_doors, "measure/nested.py", "if TYPE_CHECKING:\n    from isopolis.read import read_city"),
    (wrong_doors, "flows/diagnose.py", "from isopolis.report import write_report"),
    (wrong_doors, "cli/main.py", "from isopolis.measure import MEASURES"),
    (wrong_doors, "report/page.py", "from isopolis.web import jobs"),
    (wrong_doors, "web/urls.py", "def late():\n    from isopolis.cli.app import app"),
    (wrong_libraries, "cli/serve.py", "def late():\n    import django"),
    (wrong_libraries, "model/city.py", "import pandas as pd"),
    (wrong_libraries, "measure/evenness.py", "def kernel(x):\n    from shapely.geometry import box"),
    (wrong_libraries, "flows/example.py", "import geopandas"),
    (wrong_libraries, "report/page.py", "import requests"),
    (impurities, "measure/evenness.py", "def kernel(x):\n    return open('x').read()"),
    (impurities, "measure/evenness.py", "from pathlib import Path"),
    (impurities, "measure/evenness.py", "import numpy as np\nx = np.load('x.npy')"),
    (impurities, "explain/render.py", "print('hello')"),
    (hidden_randomness, "flows/example.py", "import numpy as np\nx = np.random.rand(3)"),
    (hidden_randomness, "measure/simulate.py", "import numpy as np\nrng = np.random.default_rng()"),
]  # fmt: skip


@pytest.mark.parametrize(("guard", "path", "source"), CAUGHT)
def test_the_guard_catches(guard, path: str, source: str) -> None:
    assert len(guard(PACKAGE / path, ast.parse(source))) == 1


FINE = [
    (wrong_doors, "flows/diagnose.py", "import isopolis.model\nfrom isopolis.read import read_city"),
    (wrong_doors, "model/city.py", "from .groups import Group\nfrom . import zones"),
    (wrong_libraries, "flows/example.py", "def write():\n    import geopandas"),
    (impurities, "measure/evenness.py", "import numpy as np\nx = np.zeros(3).sum()"),
    (hidden_randomness, "measure/simulate.py", "import numpy as np\nrng = np.random.default_rng(seed)"),
    (hidden_randomness, "measure/simulate.py", "x = rng.random(3)"),
]


@pytest.mark.parametrize(("guard", "path", "source"), FINE)
def test_the_guard_lets_pass(guard, path: str, source: str) -> None:
    assert guard(PACKAGE / path, ast.parse(source)) == []
