"""Everything that is kept about an account, in words: one JSON file, and one CSV file per table."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.report.files import neutral
from isopolis.web.audit.chain import say
from isopolis.web.audit.models import AuditEvent

from . import equality, traces
from .erasure import addresses_of
from .register import Record, records
from .words import BASES, SEEN_BY

__all__ = ["collect", "files", "packed", "write"]

HIDDEN = "(kept as a secret, not shown)"


def collect(account: Any) -> dict[str, Any]:
    """Return everything as plain data: what it is, why it is kept, and the rows."""
    parts = [part for record in records() if (part := _part(record, account)) is not None]
    own = {"sessions": _sessions(account), "equality": equality.export_for(account.pk)}
    return {
        "account": account.pk,
        "made": timezone.now().isoformat(timespec="seconds"),
        "tables": parts,
        "sessions": own["sessions"],
        "equality answers": own["equality"],
        "log": list(_log(account)),
    }


def _part(record: Record, account: Any) -> dict[str, Any] | None:
    addresses, rows = addresses_of(account), {}
    for path in record.owners:
        for row in record.rows_of(path, account.pk, addresses).order_by("pk"):
            rows[row.pk] = row
    if not rows or record.table() is AuditEvent:
        return None  # the log comes as sentences
    return {
        "table": record.model,
        "about": str(record.about),
        "purpose": str(record.purpose),
        "legal basis": str(BASES[record.basis]),
        "seen by": str(SEEN_BY[record.seen_by]),
        "rows": [_row(record, r) for r in rows.values()],
    }


def _row(record: Record, row: Model) -> dict[str, Any]:
    """Write one row with readable names; fields about nobody come too, as they belong to the row."""
    out: dict[str, Any] = {}
    for one in row._meta.concrete_fields:
        name = str(record.personal.get(one.name) or one.verbose_name)
        name = f"{name} ({one.name})" if name in out else name
        out[name] = HIDDEN if one.name in record.secret else _plain(getattr(row, one.attname))
    return out


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, float, bool, list, dict)):
        return value
    return str(value)


def _sessions(account: Any) -> list[dict[str, Any]]:
    return [{"expires": s.expire_date.isoformat()} for s in traces.sessions_of(account.pk)]


def _log(account: Any) -> Iterator[dict[str, Any]]:
    """Rows of the audit log that this account made or that are about it, other people by number only."""
    mine = AuditEvent.objects.filter(actor=account.pk) | AuditEvent.objects.filter(
        target=f"account:{account.pk}"
    )
    for event in mine.order_by("number"):
        yield {"number": event.number, "at": event.at, "what": say(event, {account.pk: _("You")})}


def files(found: dict[str, Any]) -> dict[str, str]:
    """Return name and text of every file of an export."""
    out = {"account.json": json.dumps(found, indent=2, ensure_ascii=False, default=str) + "\n"}
    tables = {t["table"]: t["rows"] for t in found["tables"]}
    tables |= {n: found[n] for n in ("sessions", "equality answers", "log")}
    for name, rows in tables.items():
        if rows:
            out[name.replace(" ", "_").lower() + ".csv"] = _csv(rows)
    return out


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow({k: neutral(_cell(v)) for k, v in row.items()})
    return text.getvalue()


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (list, dict)) else value


def packed(found: dict[str, Any]) -> bytes:
    """Return the files of an export in one zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, text in files(found).items():
            pack.writestr(name, text)
    return out.getvalue()


def write(found: dict[str, Any], folder: Path) -> list[Path]:
    """Write the files of an export into a folder that only its owner can read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    out = []
    for name, text in files(found).items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        out.append(path)
    return out
