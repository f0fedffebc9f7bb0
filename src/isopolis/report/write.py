"""All files of a report, or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from isopolis.flows.diagnosis import Diagnosis

from .place import FILES, check_place, made_parents, refused

__all__ = ["FILES", "LARGEST", "write_report"]

LARGEST = 15_000_000
"""Bytes that report.html stays under."""

Say = Callable[[str], None]


def write_report(
    diagnosis: Diagnosis, out: Path, *, progress: Say | None = None, pdf: bool = True
) -> dict[str, Path]:
    """Write report.html, report.pdf, findings.json, findings.csv and zones.gpkg.

    Everything is made in a temporary folder on the same disk and moved in at the
    end: when anything fails, `out` is as it was. Files of other names stay.

    Parameters
    ----------
    diagnosis : Diagnosis
    out : Path
        Folder; made when it is not there, with the folders above it. An earlier report
        of ours in it is replaced.
    progress : callable, optional
        Told what is being made.
    pdf : bool
        Leave False to make no PDF; an earlier report.pdf goes away, as it would
        tell of another run.

    Returns
    -------
    dict of str to Path
        File name → where it is.

    Raises
    ------
    CallError
        If `out` is a file, cannot be written, or holds files that a report would replace
        and that are none of ours (see `check_place`).
    """
    out = Path(out)
    check_place(out, diagnosis.city)
    with made_parents(out), _workshop(out) as (fresh, old):
        _make(diagnosis, fresh, progress or (lambda _: None), pdf)
        made = [name for name in FILES if (fresh / name).exists()]
        _move_in(out, fresh, old)
    return {name: out / name for name in made}


def _make(diagnosis: Diagnosis, folder: Path, say: Say, pdf: bool) -> None:
    from .files import write_csv, write_json
    from .geopackage import write_zones

    say("report: tables")
    write_json(diagnosis.findings, folder / "findings.json")
    write_csv(diagnosis.findings, folder / "findings.csv")
    say("report: zones")
    write_zones(diagnosis, folder / "zones.gpkg")
    _write_pages(diagnosis, folder, say, pdf)


def _write_pages(diagnosis: Diagnosis, folder: Path, say: Say, pdf: bool) -> None:
    """Write the page, with less in it when it would grow too large, and the PDF of the same content."""
    from .content import Limits, compose
    from .html import render

    for limits in (
        Limits(),
        Limits(30, 6, 100, 6),
        Limits(12, 3, 30, 4),
        Limits(4, 1, 0, 2),
        Limits(1, 0, 0, 1),
    ):
        report = compose(diagnosis, limits, say)
        page = render(report).encode("utf-8", "replace")
        if len(page) < LARGEST:
            break
    (folder / "report.html").write_bytes(page)
    if pdf:
        from .pdf import write_pdf

        say("report: PDF")
        write_pdf(report, folder / "report.pdf")


@contextmanager
def _workshop(out: Path) -> Iterator[tuple[Path, Path]]:
    """Two temporary folders on the same disk as `out`: for the new files and for the replaced ones."""
    # inside a folder that is there: the one above may be another disk, or closed to us
    room = out if out.is_dir() else out.absolute().parent
    with refused(out, every=True):
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=room))
    try:
        fresh, old = folder / "new", folder / "old"
        fresh.mkdir()
        old.mkdir()
        yield fresh, old
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _move_in(out: Path, fresh: Path, old: Path) -> None:
    """Replace the files of `out`; put everything back if one cannot be moved."""
    existed = out.exists()
    out.mkdir(exist_ok=True)
    undo: list[tuple[Path, Path]] = []
    try:
        for name in FILES:
            if (out / name).exists():
                os.replace(out / name, old / name)
                undo.append((old / name, out / name))
            if (fresh / name).exists():
                os.replace(fresh / name, out / name)
                undo.append((out / name, fresh / name))
    except OSError:
        for now, before in reversed(undo):
            os.replace(now, before)
        if not existed:
            out.rmdir()
        raise
