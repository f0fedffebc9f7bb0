"""What is said about files that were not used, and about folders in which nothing was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from isopolis.model import Problem
from isopolis.model.text import joint, phrase

from .archives import ARCHIVES
from .guess_files import FoundFile
from .tables import ACCEPTED
from .wording import listed, many

__all__ = ["in_words", "nothing_usable"]

_HINT = phrase("Add a table with one row per zone and a column per group, or write a city.toml by hand.")


def in_words(ignored: Mapping[str, str], outlines: bool) -> str:
    """List files that were not used; an archive with its reason when there are no outlines otherwise."""
    said = []
    for name, reason in sorted(ignored.items()):
        packed = Path(name).suffix.lower() in ARCHIVES and not outlines
        more = phrase(
            "{file} ({reason}; it may hold the outlines, of which there are none)", file=name, reason=reason
        )
        said.append(more if packed else name)
    return joint(said, ", ")


def nothing_usable(path: Path, files: Sequence[FoundFile], ignored: Mapping[str, str], why: str) -> Problem:
    """Say why a folder, or one file, gives no counts of people by zone."""
    if path.is_file() and not files:
        return Problem(
            "unknown-format",
            phrase(
                "this cannot be used: {reason}",
                reason=ignored.get(path.name) or phrase("neither a table nor outlines"),
            ),
            file=path.name,
            rule=ACCEPTED,
            hint=phrase("Name a file of such a kind, or the folder that holds it."),
        )
    reasons: dict[str, str] = {
        f.title: joint((many(len(f.table), "row"), many(len(f.table.columns), "column")), ", ") for f in files
    }
    reasons |= {n: joint((reasons.get(n, ""), reason), "; ") for n, reason in ignored.items()}
    looked = [phrase("{file} ({what})", file=n, what=w) for n, w in reasons.items()]
    empty = phrase("a folder without any file that could be one")
    return Problem(
        "nothing-usable",
        phrase(
            "nothing here counts people by zone: {why}; looked at {files}",
            why=why,
            files=listed(looked, 12) if looked else empty,
        ),
        count=max(len(looked), 1),
        rule=ACCEPTED,
        hint=_HINT,
    )
