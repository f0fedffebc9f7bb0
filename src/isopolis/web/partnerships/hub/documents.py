"""Receiving documents: pdf and office files by name and content, kept with their checksum."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.web.actions import ValidationError
from isopolis.web.permissions import require

from .actions import KeepRecord
from .models import HubItem

__all__ = ["KINDS_OF_FILE", "UploadDocument", "whole"]

KINDS_OF_FILE: dict[str, tuple[str, bytes]] = {
    ".pdf": ("application/pdf", b"%PDF-"),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK\x03\x04"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04"),
    ".pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", b"PK\x03\x04"),
    ".odt": ("application/vnd.oasis.opendocument.text", b"PK\x03\x04"),
    ".ods": ("application/vnd.oasis.opendocument.spreadsheet", b"PK\x03\x04"),
    ".odp": ("application/vnd.oasis.opendocument.presentation", b"PK\x03\x04"),
    ".csv": ("text/csv", b""),
    ".txt": ("text/plain", b""),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
}
"""Suffix → type that is told to browsers, and how such a file begins. No SVG, no HTML: they can run."""
MOST = 30_000_000
PIECE = 1 << 20


def _name(given: str) -> str:
    """Return the last part of a name, without signs that lead elsewhere or cannot be seen."""
    last = unicodedata.normalize("NFC", given.replace("\\", "/").split("/")[-1])
    clean = "".join(c for c in last if c.isprintable() and unicodedata.category(c) not in ("Cf", "Cs"))
    return re.sub(r'[:*?"<>|]', "", clean).strip(" .")[:120]


def _suspicion(path: Path, suffix: str) -> str:
    """Say why a file is not taken; empty when nothing speaks against it."""
    start = KINDS_OF_FILE[suffix][1]
    with path.open("rb") as stream:
        head = stream.read(65_536)
    if not head.startswith(start):
        return _("The file does not hold what its name says. Save it again.")
    if not start and b"\x00" in head:
        return _("This is no text. Save it again as UTF-8.")
    if start == b"PK\x03\x04" and not _office(path):
        return _("The file is damaged, locked or carries macros. Save it again without them.")
    return ""


def _office(path: Path) -> bool:
    from isopolis.web.datasets.archives import bomb, opened

    try:
        with path.open("rb") as stream, opened(stream) as book:
            entries = book.infolist()
            macros = any("vbaproject" in e.filename.lower() for e in entries)
            return not macros and not bomb(entries, 20 * MOST)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        return False


@dataclass
class UploadDocument(KeepRecord):
    """Keep a document with its file, checksum, language, version and level of access."""

    kind: str = "document"
    plain: Mapping[str, Any] = ()  # type: ignore[assignment]
    upload: Any = None
    verb: ClassVar[str] = "hub.upload"
    permission: ClassVar[str] = "partnership.manage"
    sentence: ClassVar[str] = gettext_noop("{actor} added a document to partnership {partnership}")

    def run(self) -> HubItem:
        """Receive the file first: no lock on the database is held while it is written."""
        require(self.actor, self.permission, partnership=self.partnership)
        self.fresh = self.placed = self._received()
        try:
            made: HubItem = super().run()
        except BaseException:
            self.placed.unlink(missing_ok=True)
            raise
        return made

    def change(self) -> HubItem:
        """Put the file in its place before the row is there for others: no row is ever without its file."""
        made = super().change()
        made.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.replace(self.fresh, made.file)
        self.placed = made.file
        return made

    def _received(self) -> Path:
        name = _name(self.upload.name or "")
        suffix = Path(name).suffix.lower()
        if suffix not in KINDS_OF_FILE:
            taken = ", ".join(KINDS_OF_FILE)
            raise ValidationError(
                _("Files of this kind are not taken. Taken are: %(kinds)s.") % {"kinds": taken}
            )
        if self.upload.size > MOST:
            most = MOST // 1_000_000
            raise ValidationError(_("The file is larger than %(most)s MB.") % {"most": most})
        folder = Path(settings.DATA_DIR) / "partnerships" / str(self.partnership.pk)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f".upload-{os.urandom(8).hex()}"
        digest, size = hashlib.sha256(), 0
        try:
            with path.open("xb") as out:
                while (piece := self.upload.read(PIECE)) and size <= MOST:
                    digest.update(piece)
                    size += len(piece)
                    out.write(piece)
            why = _suspicion(path, suffix)
            if why or size > MOST:
                raise ValidationError(why or _("The file is too large."))
        except ValidationError:
            path.unlink(missing_ok=True)
            raise
        self.plain = dict(self.plain) | {"file": name, "size": size, "sha256": digest.hexdigest()}
        return path


def whole(row: HubItem) -> bool:
    """Tell whether the file is still the one that was sent: there, and with the same checksum."""
    if not row.file.is_file():
        return False
    with row.file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == row.data.get("sha256")
