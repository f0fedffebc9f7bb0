"""What a city's administrators copy: the container, the units, the proxy, and the page that explains them."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from isopolis.web.options import OPTIONS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


# -- the container --------------------------------------------------------------------------------
def instructions(text: str) -> list[tuple[str, str]]:
    """Split a Containerfile into instructions, continued lines joined and comments left out."""
    joined = re.sub(
        r"\\\n\s*", " ", "\n".join(x for x in text.splitlines() if not x.lstrip().startswith("#"))
    )
    return [
        (a.upper(), b.strip())
        for a, _, b in (line.strip().partition(" ") for line in joined.splitlines())
        if a
    ]


def faults(text: str) -> set[str]:
    """Rules that reviewers of images ask for; names of those that are broken."""
    steps = instructions(text)
    last = max(i for i, (name, _) in enumerate(steps) if name == "FROM")
    final = steps[last:]
    said = dict(final)
    bases = [b.split()[0] for name, b in steps if name == "FROM"]
    runs = [b for name, b in steps if name == "RUN"]
    apt = [r for r in runs if "apt-get install" in r]
    user = said.get("USER", "root").split(":")[0]
    checks = {
        "root": user not in ("root", "0") and user.isdecimal(),
        "latest": all(":" in b and not b.endswith(":latest") for b in bases),
        "add": not any(name == "ADD" for name, _ in steps),
        "copy": not any(name == "COPY" and b.split()[0] == "." for name, b in steps),
        "apt lists": all("rm -rf /var/lib/apt/lists" in r for r in apt),
        "apt extras": all("--no-install-recommends" in r and "--yes" in r for r in apt),
        "update alone": all("apt-get install" in r for r in runs if "apt-get update" in r),
        "pip cache": all("--no-cache-dir" in r for r in runs if "pip install" in r),
        "pipes": not any(re.search(r"curl|wget|sudo|chmod 777", r) for r in runs),
        "exec form": all(_is_list(said.get(n, "")) for n in ("CMD", "ENTRYPOINT")),
        "health": "/health" in said.get("HEALTHCHECK", ""),
        "volume": "VOLUME" in said,
        "secrets": not re.search(r"(?i)(password|secret|token|key)\s*=\s*\S", text),
        "order": [n for n, _ in final].index("USER") < [n for n, _ in final].index("CMD")
        if "USER" in said
        else False,
    }
    return {name for name, holds in checks.items() if not holds}


def _is_list(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except ValueError:
        return False


CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")


def test_the_container_keeps_the_rules() -> None:
    assert faults(CONTAINER) == set()


BREAKS = {
    "root": ("USER 10001:10001", "USER root"),
    "latest": ("FROM python:3.12-slim-bookworm\n", "FROM python\n"),
    "add": ("COPY src ./src", "ADD src ./src"),
    "copy": ("COPY src ./src", "COPY . ./src"),
    "apt lists": ("rm -rf /var/lib/apt/lists/*", "true"),
    "apt extras": ("--no-install-recommends ", ""),
    "pip cache": ("--no-cache-dir", ""),
    "exec form": (
        'CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--no-open", "--no-link"]',
        "CMD serve",
    ),
    "health": ("/health", "/"),
    "volume": ("VOLUME", "LABEL"),
    "secrets": ("PYTHONUNBUFFERED=1", "ISOPOLIS_WEB_SECRET_KEY=abc"),
}


@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_can_be_broken(rule: str) -> None:
    before, after = BREAKS[rule]
    assert before in CONTAINER
    assert rule in faults(CONTAINER.replace(before, after))


def test_the_build_sees_only_what_it_copies() -> None:
    lines = (ROOT / ".containerignore").read_text(encoding="utf-8").split()
    let_in = {x[1:] for x in lines if x.startswith("!")}
    copied = {
        s
        for name, b in instructions(CONTAINER)
        if name == "COPY" and "--from" not in b
        for s in b.split()[:-1]
    }
    assert "*" in lines
    assert let_in == copied
    assert all((ROOT / name).exists() for name in copied)


# -- units --------------------------------------------------------------------------------
def unit(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return parser


HARDENED = {
    "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "ProtectSystem": "strict", "ProtectHome": "yes",
    "PrivateTmp": "yes", "PrivateDevices": "yes", "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectControlGroups": "yes", "RestrictNamespaces": "yes", "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes", "SystemCallArchitectures": "native", "UMask": "0077",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "StateDirectoryMode": "0700",
}  # fmt: skip


@pytest.mark.parametrize("path", UNITS, ids=lambda p: p.name)
def test_units_run_without_rights(path: Path) -> None:
    service = dict(unit(path)["Service"])
    assert {k: service.get(k) for k in HARDENED} == HARDENED
    assert service["User"] not in ("root", "0")
    assert not re.search(r"(?i)password|secret", path.read_text(encoding="utf-8").replace("# secrets", ""))


@pytest.mark.parametrize("path", UNITS, ids=lambda p: p.name)
def test_systemd_calls_the_units_safe(path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:  # a machine without systemd; the test above holds the keys on every machine
        return
    done = subprocess.run(
        [program, "security", "--offline=true", "--threshold=20", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout[-500:]
    said = subprocess.run([program, "verify", str(path)], capture_output=True, text=True, timeout=60).stderr
    ours = [x for x in said.splitlines() if path.name in x and "is not executable" not in x]
    assert ours == []


@pytest.mark.parametrize("path", UNITS, ids=lambda p: p.name)
def test_units_call_commands_that_there_are(path: Path) -> None:
    import typer

    from isopolis.cli.app import app

    words = unit(path)["Service"]["ExecStart"].split()
    command = typer.main.get_command(app).commands[words[1]]  # type: ignore[attr-defined]
    known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
    assert {w for w in words if w.startswith("--")} <= known


def test_the_timer_makes_up_for_a_night_that_was_missed() -> None:
    timer = dict(unit(DEPLOY / "isopolis-backup.timer")["Timer"])
    assert timer["Persistent"] == "true"
    assert timer["OnCalendar"]


def test_the_example_settings_exist() -> None:
    known = {o.variable for o in OPTIONS}
    text = (DEPLOY / "environment.example").read_text(encoding="utf-8")
    named = {line.partition("=")[0] for line in text.splitlines() if line and not line.startswith("#")}
    assert named <= known
    assert {"ISOPOLIS_WEB_HTTPS", "ISOPOLIS_WEB_PROXY", "ISOPOLIS_WEB_HOSTS"} <= named


# -- the proxy --------------------------------------------------------------------------------
PROXY = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")


def test_the_proxy_sets_what_the_platform_believes() -> None:
    said = dict(re.findall(r"proxy_set_header\s+(\S+)\s+(\S+);", PROXY))
    assert said["X-Forwarded-Proto"] == "$scheme"
    assert said["X-Forwarded-For"] == "$remote_addr", "set and never appended to: visitors can send one too"
    assert said["Host"] == "$host"
    assert (said["Forwarded"], said["X-Forwarded-Host"]) == ('""', '""')
    assert "TLSv1.2 TLSv1.3" in PROXY
    assert not re.search(r"TLSv1(\.1)?[ ;]", PROXY)
    assert PROXY.count("{") == PROXY.count("}")
    assert "$request_uri" not in PROXY.partition("log_format")[2].partition(";")[0], "one-time links in a log"


def test_the_proxy_lets_the_largest_upload_through() -> None:
    most = next(o.default for o in OPTIONS if o.name == "upload_mb")
    (size,) = re.findall(r"client_max_body_size (\d+)m;", PROXY)
    assert int(size) > int(most)


# -- the page --------------------------------------------------------------------------------
def test_the_page_names_every_file_and_only_commands_that_there_are() -> None:
    import typer

    from isopolis.cli.app import app

    page = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    for path in DEPLOY.iterdir():
        assert f"deploy/{path.name}" in page, path.name
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    code = "\n".join(re.findall(r"```.*?```|`[^`]+`", page, re.S))
    called = set(re.findall(r"\bisopolis ([a-z]+)", code.replace("isopolis isopolis", "isopolis")))
    assert {"backup", "restore", "upgrade", "doctor"} <= called
    assert called <= commands, called - commands
    assert {f"ISOPOLIS_WEB_{n}" for n in re.findall(r"ISOPOLIS_WEB_([A-Z_]+)", page)} <= {
        o.variable for o in OPTIONS
    }
