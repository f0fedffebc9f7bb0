"""Write the audit of a vote: a page, the numbers, and the public bundle."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from isopolis import __version__
from isopolis.engage.budget.bundle import digest_of
from isopolis.flows.vote_audit import Audited, bundle_vote
from isopolis.model import CallError, DataError

from .bundle import zipped
from .html import environment
from .place import GENERATOR, made_parents, refused
from .vote import compose_vote

__all__ = ["VOTE_FILES", "render_vote", "write_vote_report"]

VOTE_FILES = ("report.html", "audit.json", "bundle.zip")


def render_vote(found: Audited, *, digest: str = "", language: str = "en") -> str:
    """Return the page, which needs nothing else."""
    report = compose_vote(found, digest=digest, language=language)
    return str(environment().get_template("vote.html.j2").render(report=report, version=__version__))


def write_vote_report(
    found: Audited, out: Path, *, progress: Callable[[str], None] | None = None
) -> dict[str, Path]:
    """Write report.html, audit.json and bundle.zip.

    Parameters
    ----------
    found : Audited
    out : Path
        Folder; made when it is not there. An earlier report of ours in it is replaced.
    progress : callable, optional
        Told what is being made, and why there is no bundle where the ballots cannot be published.

    Returns
    -------
    dict of str to Path
        File name → where it is.

    Raises
    ------
    CallError
        If `out` is a file, cannot be written, or holds files of these names that are no report of ours.
    """
    say = progress or (lambda _: None)
    out = Path(out)
    _check(out)
    texts: dict[str, bytes] = {}
    digest = ""
    try:
        bundle = bundle_vote(found.audit.outcome, found)
        digest = digest_of(bundle["manifest.json"])
        texts["bundle.zip"] = zipped(bundle)
    except DataError as error:  # the rule needs to know something of voters that cannot be published
        say(error.problems[0].said())
    say("report: page")
    texts["report.html"] = render_vote(found, digest=digest).encode("utf-8", "replace")
    numbers = found.audit.to_dict() | {
        "notes": [str(n) for n in found.notes],
        "bundle_sha256": digest or None,
    }
    texts["audit.json"] = (json.dumps(numbers, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()
    with made_parents(out):
        _write(out, texts)
    return {name: out / name for name in VOTE_FILES if name in texts}


def _check(out: Path) -> None:
    with refused(out, every=True):
        if out.exists() and not out.is_dir():
            raise CallError(f'"{out}" is a file; name a folder for the report')
        there = [name for name in VOTE_FILES if (out / name).exists()]
        if there and not _ours(out / "report.html"):
            raise CallError(
                f'"{out}" holds {" and ".join(there)}, but no report of Isopolis that could be replaced; '
                "name another folder, or move these files away"
            )


def _ours(page: Path) -> bool:
    return page.is_file() and GENERATOR.encode() in page.read_bytes()[:4096]


def _write(out: Path, texts: dict[str, bytes]) -> None:
    """Write everything beside its place first; what an earlier report left and this one lacks goes away."""
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".vote-", dir=out) as room:
        for name, text in texts.items():
            (Path(room) / name).write_bytes(text)
        for name in VOTE_FILES:
            if name in texts:
                os.replace(Path(room) / name, out / name)
            else:
                (out / name).unlink(missing_ok=True)
