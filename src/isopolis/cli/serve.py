"""Commands of the platform. Django is imported inside, and only when one of them runs."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Data", "add_commands", "need_web", "say"]

Data = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Data folder; isopolis-data, or that of the settings.")
]
audit = typer.Typer(help="The audit log of the platform.", no_args_is_help=True)


def add_commands(app: typer.Typer) -> None:
    """Add the platform's commands to the command line."""
    app.command()(serve)
    app.add_typer(audit, name="audit")


def need_web() -> None:
    """Say which libraries of the platform are missing."""
    from isopolis.model import CallError

    missing = [n for n in ("django", "allauth", "argon2", "gunicorn", "whitenoise") if find_spec(n) is None]
    if missing:
        raise CallError(f"the platform needs {', '.join(missing)}: python3 -m pip install 'isopolis[web]'")


def serve(
    data: Data = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others can reach it unless local.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes of the web server.")] = 2,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
    link: Annotated[
        bool | None,
        typer.Option("--link/--no-link", help="Print a one-time sign-in link; only if local when not said."),
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="Put the example city there first, with its diagnosis.")
    ] = False,
) -> None:
    """Serve the platform: a workspace for each city, in the browser."""
    need_web()
    from isopolis.web.server import LOOPBACK
    from isopolis.web.server import serve as run

    wanted = host in LOOPBACK if link is None else link
    code = run(data, host, port, browser=open_browser, link=wanted, workers=workers, say=say, example=example)
    if code:
        raise typer.Exit(code)


def say(text: str) -> None:
    """Tell the person at the keyboard."""
    print(text, flush=True)


@audit.command()
def verify(data: Data = None) -> None:
    """Check that no row of the audit log was changed, added in between or taken away."""
    need_web()
    from isopolis.web.server import prepare

    prepare(data)
    from isopolis.web.audit.chain import verify as check
    from isopolis.web.audit.models import AuditEvent, AuditHead

    wrong = list(check())
    if wrong:
        print("isopolis: the audit log is not whole:", file=sys.stderr)
        for sentence in wrong:
            print(f"  - {sentence}", file=sys.stderr)
        raise typer.Exit(1)
    head = AuditHead.objects.filter(pk=1).first()
    seal = head.seal if head else "none yet"
    print(f"The audit log is whole: {AuditEvent.objects.count():,} rows. Its seal: {seal}")
