"""Many cities, one after another or at once: each is diagnosed, and none stops the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isopolis.model import CallError, DataError, Finding, Problem
from isopolis.model.text import from_tree, phrase, to_tree
from isopolis.run import JSON, Executor, Kept, Progress, carry_out

__all__ = ["CityResult", "diagnose_many"]


@dataclass(frozen=True, slots=True, eq=False)
class CityResult:
    """One city of a batch.

    Parameters
    ----------
    path : str
        The folder, as it was named.
    name : str
        The city's name; the folder's where it could not be read.
    findings : tuple of Finding
        As `isopolis.flows.diagnose` gives them.
    headlines : tuple of Finding
        Those to read first.
    problems : tuple of Problem
        Why there are no findings, or caveats beside them.
    notes : tuple of str
        Sentences that every product of this city must carry.
    """

    path: str
    name: str
    findings: tuple[Finding, ...]
    headlines: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """True when the city could not be diagnosed."""
        return any(p.fatal for p in self.problems)

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        return {
            "path": self.path,
            "name": self.name,
            "failed": self.failed,
            "findings": [f.to_dict() for f in self.findings],
            "headlines": [self.findings.index(f) for f in self.headlines],
            "problems": [p.to_dict() for p in self.problems],
            "notes": [str(n) for n in self.notes],
        }


def diagnose_many(
    paths: Sequence[str | Path],
    *,
    seed: int | None = None,
    simulations: int | None = None,
    executor: Executor | None = None,
    keep: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[CityResult]:
    """Diagnose many cities; the findings of each are those of `isopolis.flows.diagnose.diagnose`.

    A city whose files do not allow a diagnosis has its problems as a result, and the others go on.

    Parameters
    ----------
    paths : sequence of paths
        City folders, or files of zones, which every worker can read under the same path.
    seed, simulations : int, optional
        As in `diagnose`; every city has its own random streams, which do not depend on the others.
    executor : Executor, optional
        This process when not given.
    keep : Path, optional
        Folder for what is done, from which a batch that was stopped goes on.
    progress : callable, optional
        Called with a sentence after every city.

    Returns
    -------
    list of CityResult
        In the order of `paths`.

    Raises
    ------
    CallError
        If no path is given, or one is given twice.
    """
    from .diagnose import SEED

    places = [str(Path(p)) for p in paths]
    _check(places)
    wanted = {"seed": SEED if seed is None else seed, "simulations": simulations}
    items = [{"path": str(Path(p).resolve())} | wanted for p in places]
    kept = Kept(keep, {"cities": [_stamp(Path(p)) for p in places]} | wanted, JSON) if keep else None
    say = progress or (lambda _: None)
    done = carry_out(_one, items, executor, kept=kept, progress=lambda p: say(_sentence(p)))
    return [_result(p, d) for p, d in zip(places, done, strict=True)]


def _check(places: Sequence[str]) -> None:
    if not places:
        raise CallError(phrase("name at least one city folder"))
    twice = [p for p in places if places.count(p) > 1]
    if twice:
        raise CallError(phrase("{path} is named twice", path=twice[0]))


def _one(item: dict[str, Any]) -> dict[str, Any]:
    """Diagnose one city, as plain values: they are kept and sent."""
    from .cities import load
    from .diagnose import diagnose

    try:
        city = load(item["path"])
        found = diagnose(city, seed=item["seed"], simulations=item["simulations"])
    except (DataError, CallError) as error:
        problems = getattr(error, "problems", None) or (Problem("wrong-call", str(error)),)
        return {"name": Path(item["path"]).name, "problems": [_problem(p) for p in problems]}
    place = {id(f): n for n, f in enumerate(found.findings)}
    undefined = [Problem(u.code, u.reason, fatal=True) for u in found.undefined]
    return {
        "name": city.name,
        "findings": [to_tree(f.to_dict()) for f in found.findings],
        "headlines": [place[id(f)] for f in found.headlines],
        "problems": [_problem(p) for p in (*undefined, *city.caveats)],
        "notes": [to_tree(n) for n in city.notes],
    }


def _problem(problem: Problem) -> Any:
    return to_tree(problem.to_dict())


def _result(path: str, found: dict[str, Any]) -> CityResult:
    findings = tuple(Finding.from_dict(from_tree(f)) for f in found.get("findings", ()))
    problems = []
    for plain in found["problems"]:
        read = from_tree(plain)
        problems.append(Problem(**(read | {"rows": tuple(read["rows"])})))
    return CityResult(
        path,
        found["name"],
        findings,
        tuple(findings[n] for n in found.get("headlines", ())),
        tuple(problems),
        tuple(from_tree(n) for n in found.get("notes", ())),
    )


def _stamp(path: Path) -> list[Any]:
    """Names, sizes and times of the files of a city: a folder that has changed is another city."""
    if not path.exists():
        return [path.name, None]
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return [path.name, [[p.name, p.stat().st_size, p.stat().st_mtime_ns] for p in files]]


def _sentence(p: Progress) -> str:
    said = phrase("{done} of {total} cities", done=p.done, total=p.total)
    if p.kept:
        said = phrase("{said}, {n} of them from an earlier run", said=said, n=p.kept)
    if p.lost:
        said = phrase("{said}; workers lost and replaced: {n}", said=said, n=p.lost)
    return said
