"""What is said about files that were not used, and about folders in which nothing was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from isopolis.model import Problem

from .archives import ARCHIVES
from .guess_files import FoundFile
from .tables import ACCEPTED
from .wording import many

__all__ = ["in_words", "nothing_usable"]

_HINT = "Add a table with one row per zone and a column per group, or write a city.toml by hand."


def in_words(ignored: Mapping[str, str], outlines: bool) -> str:
    """List files that were not used; an archive with its reason when there are no outlines otherwise."""
    said = []
    for name, reason in sorted(ignored.items()):
        packed = Path(name).suffix.lower() in ARCHIVES and not outlines
        more = f" ({reason}; it may hold the outlines, of which there are none)"
        said.append(name + more if packed else name)
    return ", ".join(said)


def nothing_usable(path: Path, files: Sequence[FoundFile], ignored: Mapping[str, str], why: str) -> Problem:
    """Say why a folder, or one file, gives no counts of people by zone."""
    if path.is_file() and not files:
        return Problem(
            "unknown-format",
            f"this cannot be used: {ignored.get(path.name, 'neither a table nor outlines')}",
            file=path.name,
            rule=ACCEPTED,
            hint="Name a file of such a kind, or the folder that holds it.",
        )
    reasons = {f.title: f"{many(len(f.table), 'row')}, {many(len(f.table.columns), 'column')}" for f in files}
    reasons |= {n: "; ".join(w for w in (reasons.get(n), reason) if w) for n, reason in ignored.items()}
    looked = [f"{n} ({w})" for n, w in reasons.items()]
    more = f" and {len(looked) - 12} more" if len(looked) > 12 else ""
    empty = "a folder without any file that could be one"
    return Problem(
        "nothing-usable",
        f"nothing here counts people by zone: {why}; looked at {', '.join(looked[:12]) or empty}{more}",
        count=max(len(looked), 1),
        rule=ACCEPTED,
        hint=_HINT,
    )
