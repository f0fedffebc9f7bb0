"""Rules for files and functions that no other tool checks."""

from __future__ import annotations

import ast
import os
import re
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "isopolis"
NOT_TEXT = {".png", ".jpg", ".pdf", ".gpkg", ".parquet", ".xlsx", ".woff2", ".ico", ".xz", ".mo"}

# Written in pieces, so that this file does not break its own rules.
FORBIDDEN = {
    "a registry host": r"(?i)://[a-z0-9.-]*(pypi|pythonhosted|npmjs|debian)[a-z0-9.-]*"
    r"|\b(pypi|test\.pypi|pythonhosted|npmjs|debian)\.(org|com)\b",
    "an absolute path of one machine": r"(?<![\w.~)}-])/(work|root|farm|home/\w+|Users/\w+)/"
    r"|\b[A-Z]:\\Users\\",
    "work left for later": r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b",
}


def project_files() -> list[Path]:
    """Every file that belongs to the project: known to git, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        found = [ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    else:  # a copy without its history
        skipped = {".git", ".venv", "demo", "build", "dist", "__pycache__"}
        found = [p for p in ROOT.rglob("*") if not skipped & set(p.relative_to(ROOT).parts)]
    return sorted(p for p in found if p.is_file())


def text_files() -> list[Path]:
    return [p for p in project_files() if p.suffix not in NOT_TEXT and p.name != "LICENSE"]


def python_files() -> list[Path]:
    return [p for p in project_files() if p.suffix == ".py"]


def source_files() -> list[Path]:
    return [p for p in python_files() if p.is_relative_to(SOURCE)]


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=short(path))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of code without heading and docstring."""
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def without_docstring(node: ast.AST, owner: str = "") -> Iterator[str]:
    """Public modules, classes, functions and methods that say nothing."""
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        if not named or child.name.startswith("_"):
            continue
        if not ast.get_docstring(child):
            yield f"{owner}{child.name}"
        if isinstance(child, ast.ClassDef):
            yield from without_docstring(child, f"{child.name}.")


# -- text ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{short(path)}:{number}: {line.strip()[:100]}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a registry host", "index-url = https" + "://py" + "pi.org/simple"),
        ("a registry host", "deb http" + "://deb.deb" + "ian.org/debian bookworm main"),
        ("an absolute path of one machine", 'DATA = "/ho' + 'me/ana/data"'),
        ("an absolute path of one machine", "cd /ro" + "ot/project"),
        ("work left for later", "# TO" + "DO: later"),
    ],
)
def test_the_patterns_catch(what: str, line: str) -> None:
    assert re.search(FORBIDDEN[what], line)


# -- code ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", source_files(), ids=short)
def test_everything_public_has_a_docstring(path: Path) -> None:
    tree = parsed(path)
    assert ast.get_docstring(tree), f"{short(path)} does not say what it is for"
    assert list(without_docstring(tree)) == []


def test_files_are_short() -> None:
    counted = {short(p): len(p.read_text(encoding="utf-8").splitlines()) for p in python_files()}
    assert {name: lines for name, lines in counted.items() if lines > 500} == {}


def test_functions_are_short() -> None:
    found = [(p, f) for p in source_files() for f in functions(parsed(p))]
    lengths = {f"{short(p)}:{f.lineno} {f.name}": body_lines(f) for p, f in found}
    assert statistics.median(lengths.values()) < 15
    assert {name: lines for name, lines in lengths.items() if lines > 60} == {}
    assert sum(lines > 40 for lines in lengths.values()) <= 0.02 * len(lengths)


def test_readers_name_their_arguments() -> None:
    """A reader says in its signature what it can be told; a misspelt option is an error."""
    loose = [
        f"{short(p)}:{f.lineno} {f.name}"
        for p in source_files()
        if p.is_relative_to(SOURCE / "read")
        for f in functions(parsed(p))
        if f.args.kwarg and f.name.lstrip("_").startswith(("read", "probe", "guess", "init"))
    ]
    assert loose == []


def test_nothing_is_caught_blindly() -> None:
    blind = [
        f"{short(p)}:{n.lineno}"
        for p in source_files()
        for n in ast.walk(parsed(p))
        if isinstance(n, ast.ExceptHandler) and (n.type is None or ast.unparse(n.type) == "BaseException")
    ]
    # cleaning up after anything at all is fine when it is raised again
    reraised = [
        f"{short(p)}:{n.lineno}"
        for p in source_files()
        for n in ast.walk(parsed(p))
        if isinstance(n, ast.ExceptHandler) and isinstance(n.body[-1], ast.Raise) and n.body[-1].exc is None
    ]
    assert sorted(set(blind) - set(reraised)) == []


def test_tests_skip_in_one_place_only() -> None:
    """`missing` in tests/conftest.py skips on a laptop and fails in CI; nothing else may skip."""
    skips = re.compile(r"\b(pytest\.(skip|importorskip|xfail)|mark\.(skip|skipif|xfail))\b")
    allowed = {ROOT / "tests" / "conftest.py", Path(__file__).resolve()}
    found = [
        f"{short(p)}:{number}"
        for p in python_files()
        if p.is_relative_to(ROOT / "tests") and p not in allowed
        for number, line in enumerate(p.read_text(encoding="utf-8").splitlines(), 1)
        if skips.search(line)
    ]
    assert found == []
