"""Files that hold no records: what lies there is named, and what was wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from isopolis.cli.app import WRONG_CALL, run


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"%PDF-1.7\n\xe2\xe3\xcf\xd3", "notes.csv is a PDF; records come as YAML, JSON or CSV in UTF-8"),
        (b"PK\x03\x04 an office document", "notes.csv is an Office document or an archive"),
        ("id;заглавие\n".encode("cp1251"), "notes.csv is not UTF-8: save it again as UTF-8"),
    ],
)
def test_a_wrong_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], raw: bytes, said: str
) -> None:
    (tmp_path / "notes.csv").write_bytes(raw)
    assert run(["library", "check", str(tmp_path / "notes.csv")]) == WRONG_CALL
    assert said in capsys.readouterr().err
