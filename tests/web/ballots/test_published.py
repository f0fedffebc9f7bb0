"""What everybody can fetch after the count, bundle and log, held against `isopolis verify`."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from isopolis.cli.app import run
from isopolis.web import ballots
from isopolis.web.ballots.models import Vote

from .votes import choices, finished, opened

Texts = dict[str, bytes]


@pytest.fixture
def published(owner: Any, officer: Any, module: Any, client: Client, tmp_path: Path) -> Path:
    """Count a vote of 24 people; fetch what is public without an account."""
    _vote, codes = opened(owner, module, people=24, least=5)
    for choice, code in zip(choices(24), codes.values(), strict=True):
        ballots.cast(module, choice, code=code)
    finished(owner, officer, module)
    at = [module.process.workspace.slug, module.process.number, module.pk]
    (tmp_path / "bundle.zip").write_bytes(client.get(reverse("ballot_bundle", args=at)).content)
    (tmp_path / "log.json").write_bytes(client.get(reverse("ballot_log_file", args=at)).content)
    return tmp_path


def texts_of(folder: Path) -> Texts:
    with zipfile.ZipFile(folder / "bundle.zip") as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def written(folder: Path, texts: Texts, mended: bool) -> Path:
    """Write a bundle anew; `mended` when whoever changed it has put its fingerprints right as well."""
    if mended:
        manifest = json.loads(texts["manifest.json"])
        for name in manifest["files"]:
            text = texts[name]
            manifest["files"][name] = {"sha256": hashlib.sha256(text).hexdigest(), "bytes": len(text)}
        texts["manifest.json"] = json.dumps(manifest).encode()
    out = folder / "other.zip"
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return out


def verified(capsys: Any, folder: Path, bundle: Path, *, log: bool) -> dict[str, Any]:
    more = ["--log", str(folder / "log.json")] if log else []
    done = run(["verify", str(bundle), "--json", *more])
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert answer["verified"] is (done == 0)
    return answer


def test_the_bundle_and_the_log_verify(published: Path, capsys: Any) -> None:
    said = verified(capsys, published, published / "bundle.zip", log=True)
    assert said["differences"] == []
    assert said["winners"] == (Vote.objects.get().result or {})["winners"]
    assert run(["verify", str(published / "bundle.zip"), "--log", str(published / "log.json")]) == 0
    assert "The log is whole, and it names this bundle" in capsys.readouterr().out


def _seed(texts: Texts) -> None:
    texts["rule_card.json"] = texts["rule_card.json"].replace(b"4 8 1 9", b"1 1 1 1")


def _ballot(texts: Texts) -> None:
    lines = texts["ballots.jsonl"].splitlines()
    place = next(n for n, line in enumerate(lines) if b'"p3"' in line)
    lines[place] = lines[place].replace(b'"p3"', b'"p2"')
    texts["ballots.jsonl"] = b"\n".join(lines) + b"\n"


def _removed(texts: Texts) -> None:
    texts["ballots.jsonl"] = texts["ballots.jsonl"].partition(b"\n")[2]


@pytest.mark.parametrize("attack", [_seed, _ballot, _removed])
@pytest.mark.parametrize("mended", [False, True])
def test_a_changed_bundle_does_not(
    published: Path, capsys: Any, attack: Callable[[Texts], None], mended: bool
) -> None:
    texts = texts_of(published)
    attack(texts)
    bundle = written(published, texts, mended)
    said = verified(capsys, published, bundle, log=True)["differences"]
    assert "The log names another bundle than this one." in said or not mended
    assert said
    if attack is _seed and mended:
        assert any("seed of its lot" in one for one in said)
    if not mended:
        assert verified(capsys, published, bundle, log=False)["differences"]


def _batch(log: dict[str, Any]) -> None:
    log["batches"]["1"].pop()


def _exchanged(log: dict[str, Any]) -> None:
    log["batches"]["1"][0][1] = "0" * 64


def _entry(log: dict[str, Any]) -> None:
    next(e for e in log["entries"] if e["kind"] == "roll")["content"]["people"] = 23


def _without(log: dict[str, Any]) -> None:
    del log["entries"][2]


def _uncounted(log: dict[str, Any]) -> None:
    del log["entries"][-1]


def _other(log: dict[str, Any]) -> None:
    log["format"] = "something"


def _wild(log: dict[str, Any]) -> None:
    log["entries"] = [None, 3]


def _half(log: dict[str, Any]) -> None:
    next(e for e in log["entries"] if e["kind"] == "batch")["content"] = {"batch": 1}


@pytest.mark.parametrize(
    ("attack", "found"),
    [
        (_batch, "batch 1 has"),
        (_exchanged, "a ballot of batch 1 was changed"),
        (_entry, "entry 2 of the log was changed"),
        (_without, "entry 3 of the log is missing"),
        (_uncounted, "does not say that the vote was counted"),
        (_other, "no public log"),
        (_wild, "no public log"),
        (_half, "no public log"),
    ],
)
def test_a_changed_log_does_not(
    published: Path, capsys: Any, attack: Callable[[dict[str, Any]], None], found: str
) -> None:
    log = json.loads((published / "log.json").read_bytes())
    attack(log)
    (published / "log.json").write_text(json.dumps(log))
    said = verified(capsys, published, published / "bundle.zip", log=True)
    assert any(found in one for one in said["differences"]), said


def test_what_is_no_log(published: Path, capsys: Any) -> None:
    for text in ("[]", "{", "\0"):
        (published / "log.json").write_text(text)
        assert run(["verify", str(published / "bundle.zip"), "--log", str(published / "log.json")]) == 1
        assert "no public log" in "".join(capsys.readouterr())


def test_a_zip_in_the_log_is_the_one_that_is_given(published: Path) -> None:
    log = json.loads((published / "log.json").read_bytes())
    told = log["entries"][-1]["content"]
    content = (published / "bundle.zip").read_bytes()
    assert told["bundle"] == hashlib.sha256(content).hexdigest()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert told["fingerprint"] == hashlib.sha256(archive.read("manifest.json")).hexdigest()
