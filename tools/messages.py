"""Collect every text that readers see, update the catalogues of all languages, compile them.

    python -m tools.messages            # update src/isopolis/locale and src/isopolis/web/locale
    python -m tools.messages --check    # say what is stale; exit status 1 when something is

Two domains: ``isopolis`` (sentences of findings, explanations of measures: the library's own
collector) and ``django`` (pages, forms, messages of the platform: Python and templates).
Translations are kept; a text that is no longer used leaves the catalogues.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib

from .library_texts import library_texts
from .web_texts import web_texts

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "isopolis"
COMPLETE = ("fr", "it", "es", "de", "bg", "pl", "lt", "nl", "ar")
"""Languages that are translated in full, beside English."""

FALLING_BACK = ("cs", "da", "el", "et", "fi", "ga", "hr", "hu", "lv", "mt", "pt", "ro", "sk", "sl", "sv")
"""Languages that can be chosen and show English: only the texts of `ALWAYS` are in their catalogues."""

ALWAYS = {
    "This page is not translated into %(language)s yet. It is shown in English.",
    "Language",
    "Change",
}

PLURALS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
    "n%100>=11 && n%100<=99 ? 4 : 5);",
    "fr": "nplurals=2; plural=(n > 1);",
    "lt": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "pl": "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
}
ONE_OTHER = "nplurals=2; plural=(n != 1);"


@dataclass
class Message:
    """One text with the places that use it and what a translator should know."""

    text: str
    more: str = ""
    context: str = ""
    places: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)
    style: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one entry of a catalogue."""
        return (self.context, self.text)


def merged(messages: Iterator[Message]) -> list[Message]:
    """Make one message of all with the same text."""
    out: dict[tuple[str, str], Message] = {}
    for message in messages:
        known = out.setdefault(message.key, message)
        known.places |= message.places
        known.notes |= message.notes
        known.more = known.more or message.more
    return sorted(out.values(), key=lambda m: (min(m.places), m.text))


def catalogue(language: str, messages: list[Message], old: polib.POFile | None) -> polib.POFile:
    """Return the catalogue of a language with the translations that `old` had."""
    new = polib.POFile(wrapwidth=100)
    new.metadata = {
        "Project-Id-Version": "isopolis",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS.get(language, ONE_OTHER),
    }
    known = {} if old is None else {(e.msgctxt or "", e.msgid): e for e in old if not e.obsolete}
    forms = int(new.metadata["Plural-Forms"].partition("=")[2][0])
    missing = 0
    for message in messages:
        if language in FALLING_BACK and message.text not in ALWAYS:
            missing += 1
            continue
        entry = polib.POEntry(
            msgid=message.text,
            msgctxt=message.context or None,
            msgid_plural=message.more,
            occurrences=[(place, "") for place in sorted(message.places)],
            comment="\n".join(sorted(message.notes)),
            flags=[message.style] if message.style else [],
        )
        before = known.get(message.key)
        if message.more:
            given = before.msgstr_plural if before is not None else {}
            entry.msgstr_plural = {i: given.get(i, "") for i in range(forms)}
        elif before is not None:
            entry.msgstr = before.msgstr or before.msgstr_plural.get(0, "")
        if before is not None and "fuzzy" in before.flags:
            entry.flags.append("fuzzy")
        missing += not entry.translated()
        new.append(entry)
    # programs read how much is missing from the compiled file
    new.metadata["X-Untranslated"] = str(missing)
    return new


def folders(domain: str) -> Path:
    """Folder of the catalogues of a domain."""
    return PACKAGE / "locale" if domain == "isopolis" else PACKAGE / "web" / "locale"


def all_messages() -> dict[str, list[Message]]:
    """Every message of both domains."""
    return {
        "isopolis": merged(Message(*t) for t in library_texts(PACKAGE)),
        "django": merged(Message(*t) for t in web_texts(PACKAGE / "web")),
    }


def stale(check: bool) -> list[str]:
    """Bring all catalogues up to date, or only say which are not when `check` is true."""
    found = []
    for domain, messages in all_messages().items():
        for language in (*COMPLETE, *FALLING_BACK):
            if domain == "isopolis" and language in FALLING_BACK:
                continue
            path = folders(domain) / language / "LC_MESSAGES" / f"{domain}.po"
            old = polib.pofile(str(path)) if path.is_file() else None
            new = catalogue(language, messages, old)
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            compiled = path.with_suffix(".mo")
            if str(new) + "\n" != text:
                found.append(str(path.relative_to(ROOT)))
            if not compiled.is_file() or compiled.read_bytes() != new.to_binary():
                found.append(str(compiled.relative_to(ROOT)))
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(str(new) + "\n", encoding="utf-8")
                compiled.write_bytes(new.to_binary())
    return found


def main() -> int:
    """Update or check, and say what was done."""
    check = "--check" in sys.argv[1:]
    found = stale(check)
    for name in found:
        print(("stale: " if check else "updated: ") + name)
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
