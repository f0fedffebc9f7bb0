"""Archives that are no backup of ours, or were made to do harm."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from isopolis.model import CallError
from isopolis.web.operate.archive import unpack


def odd(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    """Make an archive with one odd member."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, link
        tar.addfile(member, io.BytesIO(b""))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (odd("../evil"), "outside the folder"),
        (odd("/etc/evil"), "outside the folder"),
        (odd("data/../../evil"), "outside the folder"),
        (odd("data/link", tarfile.SYMTYPE, "/etc/passwd"), "no plain file"),
        (odd("data/link", tarfile.LNKTYPE, "../x"), "no plain file"),
        (odd("data/pipe", tarfile.FIFOTYPE), "no plain file"),
        (odd("data/device", tarfile.CHRTYPE), "no plain file"),
        (odd("data/fine"), "no manifest"),
        (b"", "cannot be read as a backup"),
        (b"PK\x03\x04 a zip, perhaps", "cannot be read as a backup"),
    ],
    # the contents hold the time: as names of tests they would differ between processes
    ids=["above", "root", "inside out", "symlink", "hardlink", "pipe", "device", "bare", "empty", "zip"],
)
def test_archives_of_others_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path, place = tmp_path / "x.tar.gz", tmp_path / "in" / "side"
    path.write_bytes(content)
    place.mkdir(parents=True)
    with pytest.raises(CallError, match=said):
        unpack(path, place)
    assert [p.name for p in tmp_path.iterdir()] == ["x.tar.gz", "in"] or len(list(tmp_path.iterdir())) == 2
