"""Places that no foreign key leads to: sessions, the cache table, mail files, logs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from .rules import skip_none

__all__ = ["Marks", "clear", "count", "marks_of", "sessions_of"]

LEAST = 3


@dataclass(frozen=True, slots=True)
class Marks:
    """What an account can be recognised by."""

    number: int
    texts: tuple[str, ...]

    def within(self, text: str) -> bool:
        """Tell whether a text names the person, as whole words and whatever the case."""
        return any(re.search(rf"(?<!\w){re.escape(t)}(?!\w)", text, re.IGNORECASE) for t in self.texts)


def marks_of(number: int, names: Iterable[str]) -> Marks:
    """Return what to look for; a name of one or two letters would match anything."""
    return Marks(number, tuple(sorted({n.strip() for n in names if len(n.strip()) >= LEAST})))


def sessions_of(number: int) -> list[Session]:
    """Return the sessions of an account; whose one is stands inside it."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    return [
        s
        for s in Session.objects.order_by("pk").iterator()
        if str(store.decode(s.session_data).get("_auth_user_id", "")) == str(number)
    ]


def _mail_files(marks: Marks) -> Iterator[Path]:
    for path in skip_none(Path(settings.DATA_DIR) / "mail"):
        # the file holds mails one after the other, each ended by a line of hyphens
        for part in re.split(rb"\n-{79}\n", path.read_bytes()):
            if marks.within(_mail_text(part)):
                yield path
                break


def _mail_text(raw: bytes) -> str:
    mail = message_from_bytes(raw.lstrip(), policy=policy.default)
    bodies = [p.get_payload(decode=True) or b"" for p in mail.walk() if not p.is_multipart()]
    heads = [str(v) for v in mail.values()]
    return "\n".join([*heads, *(b.decode("utf-8", "replace") for b in bodies if isinstance(b, bytes))])


def _log_files(marks: Marks) -> Iterator[Path]:
    for path in skip_none(Path(settings.DATA_DIR) / "logs"):
        if marks.within(path.read_text(encoding="utf-8", errors="replace")):
            yield path


def _redact(path: Path, marks: Marks) -> None:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not marks.within(line)), encoding="utf-8")


def _cache_table() -> str:
    place = settings.CACHES["default"]
    return str(place["LOCATION"]) if "DatabaseCache" in place["BACKEND"] else ""


def _cache_keys(marks: Marks) -> list[str]:
    """Keys of cache rows about the account: by number, by hash of the address, or naming it inside."""
    table = _cache_table()
    if not table or table not in connection.introspection.table_names():
        return []
    hashes = {hashlib.sha256(t.lower().encode()).hexdigest() for t in marks.texts} | {
        hashlib.sha256(t.encode()).hexdigest() for t in marks.texts
    }
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT cache_key, value FROM {name}")
        rows = cursor.fetchall()
    user = re.compile(rf"(?<!\w)user:{marks.number}(?!\w)")
    return [
        key
        for key, value in rows
        if user.search(key) or any(h in key for h in hashes) or marks.within(key + "\n" + _decoded(value))
    ]


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return value


def count(marks: Marks) -> dict[str, int]:
    """Count what `clear` would remove, by place."""
    return {
        "sessions": len(sessions_of(marks.number)),
        "cache": len(_cache_keys(marks)),
        "mail": len(list(_mail_files(marks))),
        "logs": len(list(_log_files(marks))),
    }


def clear(marks: Marks) -> dict[str, int]:
    """Remove every trace; of logs the lines that name the person."""
    sessions, keys = sessions_of(marks.number), _cache_keys(marks)
    mails, logs = list(_mail_files(marks)), list(_log_files(marks))
    Session.objects.filter(pk__in=[s.pk for s in sessions]).delete()
    if keys:
        name = connection.ops.quote_name(_cache_table())
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {name} WHERE cache_key = %s", [(k,) for k in keys])
    for path in mails:
        path.unlink(missing_ok=True)
    for path in logs:
        _redact(path, marks)
    return {"sessions": len(sessions), "cache": len(keys), "mail": len(mails), "logs": len(logs)}
