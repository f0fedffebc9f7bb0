"""Languages: catalogues that fit their sources, pages in the reader's language, a fallback that says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation
from tools.messages import COMPLETE, FALLING_BACK, all_messages, stale

from isopolis.explain.languages import Language
from isopolis.model.text import Number, phrase, to_tree
from isopolis.web import languages
from isopolis.web.accounts.models import User
from isopolis.web.catalogues import DOMAINS, faults, languages_with_catalogues, missing, path_of
from isopolis.web.workspaces.models import Workspace

from .pseudo import spoken_as

UNION = set("bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv".split())


# -- catalogues ---------------------------------------------------------------------------------------
def test_every_language_of_the_union_can_be_chosen() -> None:
    assert {code for code, _ in settings.LANGUAGES} == UNION | {"ar"}
    assert {"en", *COMPLETE, *FALLING_BACK} == UNION | {"ar"}


@pytest.mark.parametrize("code", COMPLETE)
@pytest.mark.parametrize("domain", DOMAINS)
def test_nothing_is_untranslated(domain: str, code: str) -> None:
    left = missing(domain, code)
    assert not left, f"{len(left)} texts of {domain} have no translation into {code}: {left[:5]}"


@pytest.mark.parametrize("domain", DOMAINS)
def test_translations_fit_their_texts(domain: str) -> None:
    found = [f"{code}: {said}" for code in languages_with_catalogues(domain) for said in faults(domain, code)]
    assert found == []


def test_catalogues_are_fresh() -> None:
    """Every text of the sources is in every catalogue, nothing else is, and the compiled files fit."""
    assert stale(check=True) == [], "run: make messages"


def test_a_text_that_nobody_collected_is_noticed() -> None:
    known = {m.text for messages in all_messages().values() for m in messages}
    assert "{percent} of {group} would have to move to another zone to be spread like {versus}. " in " ".join(
        sorted(known)
    )
    assert "Sign in first." in known  # a reason of a permission
    assert "{actor} created the workspace" in known  # a sentence of the log
    assert "What the words mean" in known  # a template
    assert "No table holds counts of people by zone".lower() in {k.lower() for k in known}  # the reader


BAD = [
    ("Hello %(name)s", "Bonjour", "placeholders differ"),
    ("Hello %(name)s", "Bonjour %(nom)s", "placeholders differ"),
    ("{n} of {all}", "{n}", "placeholders differ"),
    ("{n} of {all}", "{n} de {all", "placeholders differ"),
    ("<strong>all</strong>", "tout", "tags differ"),
    ("<strong>all</strong>", "<b>tout</b>", "tags differ"),
    ("one\ntwo", "un deux", "line ends differ"),
    (" at {date}", "le {date}", "blanks at the ends differ"),
]


@pytest.mark.parametrize(("english", "told", "why"), BAD)
def test_a_wrong_translation_is_found(
    english: str, told: str, why: str, tmp_path: Any, monkeypatch: Any
) -> None:
    _catalogue(tmp_path, monkeypatch, polib.POEntry(msgid=english, msgstr=told, flags=_flags(english)))
    assert [f.partition(":")[0] for f in faults("django", "fr")] == [why]


def test_a_missing_plural_form_is_found(tmp_path: Any, monkeypatch: Any) -> None:
    entry = polib.POEntry(msgid="%(n)s zone", msgid_plural="%(n)s zones", msgstr_plural={0: "%(n)s zone"})
    _catalogue(tmp_path, monkeypatch, entry)
    assert faults("django", "fr") == ["1 of 2 plural forms: %(n)s zone"]


def test_a_doubtful_or_empty_translation_is_missing(tmp_path: Any, monkeypatch: Any) -> None:
    doubtful = polib.POEntry(msgid="a", msgstr="un", flags=["fuzzy"])
    _catalogue(
        tmp_path, monkeypatch, doubtful, polib.POEntry(msgid="b"), polib.POEntry(msgid="c", msgstr="c")
    )
    assert missing("django", "fr") == ["a", "b"]


def _flags(english: str) -> list[str]:
    return ["python-brace-format"] if "{" in english else ["python-format"]


def _catalogue(folder: Any, patch: Any, *entries: polib.POEntry) -> None:
    patch.setitem(DOMAINS, "django", folder)
    path = path_of("django", "fr")
    path.parent.mkdir(parents=True)
    book = polib.POFile()
    book.metadata = {"Plural-Forms": "nplurals=2; plural=(n > 1);"}
    book.extend(entries)
    book.save(str(path))


# -- the reader's language --------------------------------------------------------------------------------
def test_a_language_without_translation_says_so(client: Client, db: None) -> None:
    page = client.get("/accounts/login/", headers={"accept-language": "fi"})
    text = page.content.decode()
    assert '<html lang="en"' in text
    assert page.headers["Content-Language"] == "en"
    assert re.search(r'<p class="notice[^"]*" lang="fi"[^>]*>[^<]*suomi[^<]*englanniksi', text)
    assert re.search(r'<option value="fi" lang="fi" selected>suomi</option>', text)


def test_every_fallback_language_says_so_in_its_own_words(client: Client, db: None) -> None:
    for code in FALLING_BACK:
        text = client.get("/accounts/login/", headers={"accept-language": code}).content.decode()
        told = re.search(rf'<p class="notice[^"]*" lang="{code}"[^>]*>([^<]+)<', text)
        assert told, code
        assert languages.NAMES[code] in told[1]
        assert "not translated" not in told[1]


def test_english_has_no_notice(client: Client, db: None) -> None:
    assert "language-missing" not in client.get("/accounts/login/").content.decode()


def test_the_form_works_without_a_script(client: Client, db: None) -> None:
    answer = client.post(reverse("set_language"), {"language": "mt", "next": "/accounts/login/"}, follow=True)
    assert 'lang="mt" selected' in answer.content.decode()


def test_arabic_runs_from_right_to_left(client: Client, db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(languages, "complete", lambda code: True)
    text = client.get("/accounts/login/", headers={"accept-language": "ar"}).content.decode()
    assert '<html lang="ar" dir="rtl"' in text


def test_reasons_are_said_in_the_readers_language(
    city: Workspace, staff: dict[str, User], browse: Callable[[User], Client], monkeypatch: Any
) -> None:
    with spoken_as("fr", monkeypatch):
        page = browse(staff["viewer"]).get(f"/w/{city.slug}/log/", headers={"accept-language": "fr"})
    assert page.status_code == 403
    assert "⟦viewer⟧" in page.content.decode()


def test_the_log_is_said_in_the_readers_language(
    city: Workspace, owner: User, browse: Callable[[User], Client], monkeypatch: Any
) -> None:
    with spoken_as("fr", monkeypatch):
        page = browse(owner).get(f"/w/{city.slug}/log/", headers={"accept-language": "fr"})
    assert re.search(r"⟦[^⟧]* created the workspace⟧", page.content.decode())


# -- saying what was stored --------------------------------------------------------------------------------
class Shout:
    def gettext(self, message: str) -> str:
        return message.upper().replace("{GROUP}", "{group}")

    ngettext = None


def test_one_computation_serves_all_languages(monkeypatch: Any) -> None:
    stored = to_tree(
        {"rows": [[phrase("the share of {group}", group="Zona 1")]], "value": Number("1,234.5%")}
    )
    assert languages.spoken(stored, "en") == {"rows": [["the share of Zona 1"]], "value": "1,234.5%"}
    monkeypatch.setattr(languages, "language", lambda code: Language("de", Shout()))  # type: ignore[arg-type]
    languages._one.cache_clear()
    assert languages.spoken(stored, "de") == {"rows": [["THE SHARE OF Zona 1"]], "value": "1.234,5\u00a0%"}
    languages._one.cache_clear()


def test_data_that_looks_like_a_text_is_left_alone() -> None:
    for item in ({"s": "x"}, {"t": "a", "p": {}}, {"d": 1, "more": 2}, [1, None, True]):
        assert languages.spoken(item, "fr") == item


def test_words_in_drawings(monkeypatch: Any) -> None:
    svg = (
        '<svg width="9"><text x="1" font-size="12">by &amp; by</text><text>Zona 1</text>'
        "<g><title>no data</title></g></svg>"
    )
    words = {t: {"is": to_tree(phrase(t))} for t in ("by & by", "no data")}
    monkeypatch.setattr(languages, "language", lambda code: Language("ar", Shout()))  # type: ignore[arg-type]
    languages._one.cache_clear()
    told = languages.said_drawing(svg, words, "ar")
    languages._one.cache_clear()
    assert ">BY &amp; BY<" in told
    assert ">Zona 1<" in told
    assert "<title>NO DATA</title>" in told
    assert told.startswith('<svg direction="ltr" ')
    assert languages.said_drawing(svg, words, "en") == svg


def test_a_translation_cannot_break_out_of_a_drawing(monkeypatch: Any) -> None:
    class Evil(Shout):
        def gettext(self, message: str) -> str:
            return "<script>alert(1)</script>"

    monkeypatch.setattr(languages, "language", lambda code: Language("de", Evil()))  # type: ignore[arg-type]
    languages._one.cache_clear()
    told = languages.said_drawing(
        "<svg ><text>a b</text></svg>", {"a b": {"is": to_tree(phrase("a b"))}}, "de"
    )
    languages._one.cache_clear()
    assert "<script>" not in told


def test_sorting_puts_accents_beside_their_letters() -> None:
    names = ["Zug", "Ährengasse", "Ester", "Évora", "apple", "Łódź", "Lyon", "Ötztal", "Oslo"]
    assert languages.sorted_by_name(names) == [
        "Ährengasse", "apple", "Ester", "Évora", "Łódź", "Lyon", "Oslo", "Ötztal", "Zug",
    ]  # fmt: skip
    rows = [{"name": "b"}, {"name": "Á"}]
    assert languages.sorted_by_name(rows, lambda r: r["name"])[0] == {"name": "Á"}


def test_forms_use_the_translations_of_the_libraries(client: Client, db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(languages, "complete", lambda code: True)
    with translation.override("de"):
        expected = translation.gettext("This field is required.")
    assert expected != "This field is required."
    page = client.post("/accounts/login/", {}, headers={"accept-language": "de"})
    assert expected in page.content.decode()


def test_a_long_translation_gets_smaller_letters_only_where_it_must() -> None:
    def size(anchor: str, before: str, after: str) -> float:
        found = languages._fitted(f' x="1" font-size="12" text-anchor="{anchor}"', before, after)
        return float(re.search(r'font-size="([\d.]+)"', found)[1])  # type: ignore[index]

    assert size("start", "measured", "gemessen") == 12
    assert size("start", "measured", "gemessener Wert") < 12
    assert size("end", "measured", "gemessener Wert") == 12
    assert size("start", "all", "so long that nothing would be left of the letters") >= 8.6
