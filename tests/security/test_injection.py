"""Nothing that somebody enters is ever run: as a page, a query, a command, a template or a mail header."""

from __future__ import annotations

import ast
import inspect
import json
import re
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.template import engines
from django.test import Client

from isopolis import content
from isopolis.web.accounts.models import User
from isopolis.web.api import urls as _api  # noqa: F401
from isopolis.web.operate.logs import scrub  # noqa: F401
from isopolis.web.workspaces.actions import AddMember, CreateWorkspace
from isopolis.web.workspaces.models import Workspace

from ..web.conftest import CSV, TOML
from ..web.towns import upload, work
from .conftest import WEB, calls, imports, texts, trees

EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}{% debug %}'--"
HOSTILE = [
    "' OR '1'='1",
    "'; DROP TABLE accounts_user; --",
    "\\",
    "%",
    "_",
    "\x00",
    "${7*7}",
    "{{7*7}}",
    "%s%s%n",
]


@pytest.fixture
def named(owner: User, city: Any) -> User:
    """A person and a city with hostile names."""
    owner.name, city.name = EVIL[:120], EVIL[:120]
    owner.save()
    city.save()
    return owner


def pages(named: User, city: Any, browse: Any) -> list[str]:
    base = city.get_absolute_url()
    urls = ["/w/", base, f"{base}members/", f"{base}log/", "/account/", "/accounts/email/", "/account/erase/"]
    return [browse(named).get(u, follow=True).content.decode() for u in urls]


def test_names_are_text_on_every_page(named: User, city: Any, browse: Any) -> None:
    seen = 0
    for page in pages(named, city, browse):
        assert "<script>alert" not in page
        assert not re.search(r"<img src=x", page)
        seen += "&lt;script&gt;alert" in page
        assert "49" not in re.findall(r"onerror=alert\(2\)&gt;(\d*)", page)
    assert seen >= 4, "the names are shown, as text"


def test_what_stands_in_a_form_stays_in_its_attribute(owner: User, city: Any, browse: Any) -> None:
    page = (
        browse(owner).post("/w/new/", {"name": 'x" autofocus onfocus="alert(1)' + "y" * 200}).content.decode()
    )
    assert 'onfocus="alert' not in page
    assert "onfocus=&quot;alert" in page


def test_text_is_kept_as_it_was_entered(owner: User) -> None:
    """Escaped once, at the end: the table has what was typed."""
    name = 'Saint-Ouen & <Clichy> "93"'
    made = CreateWorkspace(owner, name).run()
    assert Workspace.objects.get(pk=made.pk).name == name
    twice = "%2541 &amp;amp; \\u003c"
    assert Workspace.objects.get(pk=CreateWorkspace(owner, twice).run().pk).name == twice


def test_addresses_are_decoded_once(owner: User, city: Any, browse: Any) -> None:
    member = browse(owner)
    assert member.get(f"/w/{city.slug}/").status_code == 200
    for path in (
        f"/w/%25{ord(city.slug[0]):x}{city.slug[1:]}/",
        "/w/%2574estville/",
        "/w/testville%2500/",
        "/w/..%252f/",
    ):
        assert member.get(path).status_code == 404, path


def test_our_templates_switch_escaping_off_nowhere_that_matters() -> None:
    """``safe`` and ``autoescape off`` only where the content is ours; mails in plain text excepted."""
    allowed = {
        "parts/form.html",
        "diagnoses/",
        "parts/figure.html",
        "explore/",
        "publish/",
        "public/",
        "parts/",
    }
    loose = [
        p
        for p in texts(r"\|\s*safe\b|autoescape off|safeseq", ".html")
        if not any(f"templates/{a}" in p for a in allowed)
    ]
    assert loose == []
    from django.conf import settings

    assert settings.TEMPLATES[0]["OPTIONS"].get("autoescape", True) is True
    assert engines["django"].engine.autoescape is True


def test_data_in_answers_for_programs_stays_data(named: User, city: Any, browse: Any) -> None:
    answer = Client().get("/health")
    json.loads(answer.content)
    for page in pages(named, city, browse):
        for block in re.findall(r"<script[^>]*>(.*?)</script>", page, re.S):
            assert "alert" not in block


def test_scripts_of_ours_put_text_in_as_text() -> None:
    assert texts(r"innerHTML\s*=|outerHTML\s*=|insertAdjacentHTML|document\.write|\.html\(", ".js") == []


def test_scripts_of_ours_run_no_text() -> None:
    assert texts(r"\beval\(|new Function\(|setTimeout\(\s*['\"]|setInterval\(\s*['\"]", ".js") == []
    assert texts(r"__proto__|\.prototype\s*\[|Object\.assign\([^{]*JSON", ".js") == []


def test_pages_have_no_script_of_their_own() -> None:
    assert texts(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", ".html") == []
    assert texts(r"\son(click|load|error|submit|focus|change|input)\s*=", ".html") == []
    assert texts(r"<style|\sstyle\s*=", ".html") == [
        p for p in texts(r"<style|\sstyle\s*=", ".html") if "/report/" in p
    ]


# -- queries ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_finds_and_breaks_nothing(owner: User, city: Any, browse: Any, text: str) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": text, "password": text})
    assert "_auth_user_id" not in client.session
    assert browse(owner).get("/w/", {"q": text, "page": text, "order_by": text}).status_code == 200
    answer = browse(owner).post(f"/w/{city.slug}/members/", {"email": text, "role": text})
    assert answer.status_code in (200, 400)
    assert User.objects.count() == 1
    assert city.membership_set.count() == 1


QUOTED = {"quote_name", "self.quote", "quote"}


def test_queries_are_never_glued_together() -> None:
    """Raw SQL only as a fixed text, or with names that the database itself has quoted."""
    loose = []
    for place, name, node in calls(WEB):
        if name.rpartition(".")[2] not in (
            "execute",
            "executemany",
            "executescript",
            "raw",
            "extra",
            "RawSQL",
        ):
            continue
        if node.args and not isinstance(node.args[0], (ast.Constant, ast.Name)):
            loose.append((place, ast.unparse(node.args[0])))
    bad = [
        (place, text)
        for place, text in loose
        if not all(
            re.search(r"quote|name|table|schema|aside|tables|sql|Identifier|^where$", h)
            for h in re.findall(r"\{([^}]*)\}", text)
        )
    ]
    assert bad == []


def test_the_extra_doors_of_the_database_layer_are_not_used() -> None:
    used = {n.rpartition(".")[2] for _p, n, _node in calls(WEB)}
    assert not used & {"RawSQL", "extra", "raw"}


# -- commands, code, templates ---------------------------------------------------------------------
def test_commands_are_lists_and_never_pass_a_shell() -> None:
    for place, name, node in calls():
        words = {k.arg: ast.unparse(k.value) for k in node.keywords}
        assert words.get("shell", "False") == "False", place
        assert name not in ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"), (
            place
        )
        if name.startswith("subprocess.") and node.args:
            assert not isinstance(node.args[0], (ast.Constant, ast.JoinedStr)), place


def test_no_text_becomes_code() -> None:
    for place, name, _node in calls():
        assert name not in ("eval", "exec", "compile", "__import__", "code.interact", "builtins.eval"), place


def content_loader() -> set[str]:
    """Every loader that the one reader of YAML names."""
    return set(re.findall(r"\w*Loader\b", inspect.getsource(content.parse))) - {"Loader"}


def test_nothing_is_unpickled() -> None:
    bad = {"pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle", "cloudpickle", "joblib"}
    assert [p for p, m in imports() if m.split(".")[0] in bad] == []
    for place, name, node in calls():
        if name.startswith("yaml.") and name != "yaml.safe_dump":
            # YAML is read in one place only, with the loader that makes no objects
            assert place.rsplit(":", 1)[0] == "src/isopolis/content/__init__.py", place
            assert name in ("yaml.load", "yaml.parse"), place
            assert content_loader() == {"CSafeLoader", "SafeLoader"}, place
        if name.rpartition(".")[2] == "load" and name.startswith(("np.", "numpy.")):
            words = {k.arg: ast.unparse(k.value) for k in node.keywords}
            assert words.get("allow_pickle", "False") == "False", place
    from django.conf import settings

    assert "Pickle" not in str(getattr(settings, "SESSION_SERIALIZER", ""))
    assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")


def test_templates_come_from_files_only(owner: User, city: Any, browse: Any) -> None:
    for place, name, _node in calls(WEB):
        assert name.rpartition(".")[2] not in ("from_string", "Template"), place
    city.name = "{{ settings.SECRET_KEY }}{% load static %}"
    city.save()
    page = browse(owner).get(city.get_absolute_url()).content.decode()
    assert "{{ settings.SECRET_KEY }}" in page


def test_texts_with_braces_and_percents_are_only_texts(owner: User, city: Any, browse: Any) -> None:
    """Format strings: what comes from outside is an argument, never the pattern."""
    from isopolis.web.audit.chain import append, say

    event = append("account.create", actor=owner.pk, target="{0.__class__}{actor.__init__}%s")
    assert "__class__" in say(event, {owner.pk: "x"}) or "class" not in say(event, {owner.pk: "x"})
    said = say(event, {owner.pk: "{target.__class__} %(secret)s %s"})
    assert "{target.__class__} %(secret)s %s" in said
    owner.name = "%(actor)s {actor} %s"
    owner.save()
    assert browse(owner).get(f"/w/{city.slug}/log/").status_code == 200


def test_regular_expressions_from_outside_are_escaped() -> None:
    """A pattern that is built from a value passes ``re.escape``."""
    loose = []
    for place, name, node in calls(WEB):
        if (
            name
            in ("re.compile", "re.search", "re.match", "re.fullmatch", "re.sub", "re.findall", "re.split")
            and node.args
        ):
            first = node.args[0]
            if isinstance(first, ast.JoinedStr):
                holes = [ast.unparse(v.value) for v in first.values if isinstance(v, ast.FormattedValue)]
                loose += [
                    (place, h)
                    for h in holes
                    if "re.escape" not in h and not re.fullmatch(r"[\w.]*number[\w.]*|[A-Z_]+", h)
                ]
    assert loose == []


# -- mail ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "bad", ["a@example.org\r\nBcc: all@example.org", "a@example.org\nX: y", "a@example.org%0aBcc: b@c.d"]
)
def test_mail_headers_cannot_be_added(owner: User, city: Any, bad: str) -> None:
    for url, data in (
        ("/accounts/password/reset/", {"email": bad}),
        ("/accounts/signup/", {"email": bad, "password1": "some rare words", "password2": "some rare words"}),
    ):
        Client().post(url, data)
    with pytest.raises(ValidationError):
        AddMember(owner, city, bad, "viewer").run()
    for sent in mail.outbox:
        assert not [h for h in sent.message() if h.lower() in ("bcc", "x")]
        assert all("\n" not in to for to in sent.to)


def test_a_name_with_line_breaks_stays_in_its_line(owner: User, city: Any) -> None:
    from isopolis.web.workspaces.invitations import __name__ as there

    assert there
    message = mail.EmailMessage(f"{EVIL}\nBcc: all@example.org", "x", "a@example.org", ["b@example.org"])
    with pytest.raises(Exception, match=r"newline|[Hh]eader"):
        message.message()


# -- files -----------------------------------------------------------------------------------------
def test_numbers_that_are_too_large_or_odd_are_refused_or_kept_whole(owner: User, city: Any) -> None:
    for value in ("99999999999999999999999999", "-5", "1e400", "nan", "inf", "0x10"):
        table = CSV.replace(b"Z00,200", b"Z00," + value.encode())
        dataset = upload(owner, city, {"people.csv": table, "city.toml": TOML.encode()})
        for job in work():
            assert job.state in ("done", "failed")
            assert "Traceback" not in job.error
            assert "defect" not in job.error
        dataset.refresh_from_db()
        if value not in ("99999999999999999999999999", "nan"):  # large is whole, nan is "not known"
            assert dataset.state == "refused", value


def test_markup_in_texts_of_users_is_text(owner: User, city: Any, browse: Any) -> None:
    """No Markdown, no BBCode, no style: what is written is what is shown."""
    city.name = "**bold** [link](javascript:alert(1)) [b]x[/b] <b>y</b>"
    city.save()
    page = browse(owner).get(city.get_absolute_url()).content.decode()
    assert "**bold** [link](javascript:alert(1)) [b]x[/b] &lt;b&gt;y&lt;/b&gt;" in page
    assert '<a href="javascript' not in page


def test_no_module_of_ours_reads_markup_of_users() -> None:
    bad = {"markdown", "bleach", "docutils", "mistune", "commonmark", "bbcode"}
    assert [p for p, m in imports() if m.split(".")[0] in bad] == []
    assert len(list(trees())) > 100
