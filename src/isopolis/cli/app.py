"""Commands. Everything heavy is imported inside, so that help comes at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .access import access
from .batch import batch
from .belenios import belenios
from .change import change
from .content import frames, rules
from .draw import draw
from .grid_profile import grid_profile
from .languages import languages
from .library import library
from .operate import add_commands as add_operation
from .opinions import opinions
from .partnership import partnership
from .peers import add_commands as add_peers
from .personal import personal
from .plans import plan
from .priority_areas import priority_areas
from .profile import profile
from .sample import sample
from .serve import add_commands
from .survey import survey
from .took_part import took_part
from .trip import trip
from .verify import verify
from .vocabulary import vocabulary
from .vote import vote
from .worries import worries

if TYPE_CHECKING:
    from isopolis.model import DataError

__all__ = ["app", "run"]

DONE, DATA_SAYS_NO, WRONG_CALL = 0, 1, 2

app = typer.Typer(
    help="Measure how the people of a city live apart or together, from the city's own tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; no traceback for what a user can mend."""
    command = typer.main.get_command(app)
    try:
        code = command.main(args=list(arguments), prog_name="isopolis", standalone_mode=False)
        sys.stdout.flush()  # here, and not at exit, so that a reader that has left is met below
    except KeyboardInterrupt:
        print("isopolis: stopped; nothing was left half-written", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return _reader_left()
    except SystemExit as leave:
        # click answers a broken pipe with exit code 1, which here means that the data says no
        if isinstance(leave.__context__, BrokenPipeError):
            return _reader_left()
        raise
    except Exception as error:
        return _explain_or_raise(error)
    return code if isinstance(code, int) else DONE


def _reader_left() -> int:
    """``isopolis … | head`` is no failure: throw the rest of the output away."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return DONE


def _explain_or_raise(error: Exception) -> int:
    """Say what a user can mend; anything else is a defect of ours and shows its traceback."""
    from isopolis.model import CallError, DataError

    if isinstance(error, DataError):
        _print_problems(error)
        return DATA_SAYS_NO
    if isinstance(error, CallError):
        print(f"isopolis: {error}", file=sys.stderr)
        return WRONG_CALL
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if show is None or code is None:
        raise error
    show()
    return int(code)


def _print_problems(error: DataError) -> None:
    fatal = [p for p in error.problems if p.fatal]
    rest = [p for p in error.problems if not p.fatal]
    print(
        f"isopolis: the data has {len(fatal)} problem{'s' * (len(fatal) != 1)} to mend first:",
        file=sys.stderr,
    )
    for problem in fatal:
        print(f"  - {problem}", file=sys.stderr)
    if rest:
        print("It would also have been said in the report:", file=sys.stderr)
        for problem in rest:
            print(f"  - {problem}", file=sys.stderr)
    print("Nothing was written.", file=sys.stderr)


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _quiet(text: str) -> None:
    """Swallow progress."""


def _version(wanted: bool) -> None:
    if wanted:
        from isopolis import __version__

        print(__version__)
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Measure how the people of a city live apart or together, from the city's own tables."""


City = Annotated[Path, typer.Argument(metavar="PATH", help="City folder, or one file of zones with columns.")]
Lang = Annotated[
    str, typer.Option(metavar="LANGUAGE", help="Language of the sentences: en, fr, it, es, de, bg, pl, …")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder with the city's files.")],
    overwrite: Annotated[bool, typer.Option(help="Replace a city.toml that is there.")] = False,
) -> None:
    """Look at a folder's files and write a commented city.toml with the guesses."""
    from isopolis.flows.cities import init as write_config

    path = write_config(folder, overwrite=overwrite)
    text = path.read_text(encoding="utf-8")
    if "\n# No groups were found" in text:
        print(f"{path}\nNo groups were found: its comments say what to add and what can be done now.")
    else:
        print(f"{path}\nRead it, correct what is wrong, then: isopolis diagnose {folder} --out report")
    if "\n[[places]]" in text and ("\n[streets]" in text or "\n[[travel]]" in text):
        print(f"Who can reach which service: isopolis access {folder} --service NAME --minutes 15")


@app.command()
def example(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write the example city.")],
    zones: Annotated[int, typer.Option(min=12, max=50_000, help="Number of zones.")] = 240,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same city.")] = 7,
) -> None:
    """Write an invented city to try things on (example data, not a real place)."""
    from isopolis.flows.example import write_example

    print(write_example(folder, zones=zones, seed=seed))


@app.command()
def diagnose(
    path: City,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the report and the data files here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    groups: Annotated[
        str, typer.Option(metavar="A,B", help="Columns that are groups, when there is no city.toml.")
    ] = "",
    total: Annotated[
        str, typer.Option(metavar="COLUMN", help="Column of everyone, when there is no city.toml.")
    ] = "",
    zone: Annotated[
        str, typer.Option(metavar="COLUMN", help="Column of zone ids, when there is no city.toml.")
    ] = "",
    pdf: Annotated[bool, typer.Option(help="Also make report.pdf.")] = True,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of every random stream.")] = None,
    simulations: Annotated[
        int | None, typer.Option(min=19, help="Random tables per table of counts.")
    ] = None,
    quiet: Quiet = False,
    lang: Lang = "en",
) -> None:
    """Turn a city's tables into a diagnosis of spatial segregation."""
    from datetime import date

    from isopolis.flows.cities import load
    from isopolis.flows.diagnose import SEED
    from isopolis.flows.diagnose import diagnose as run_diagnosis

    say, spoken = _quiet if quiet else _say, _known(lang)
    say(f"reading {path}")
    names = tuple(g.strip() for g in groups.split(",") if g.strip()) or None
    city = load(path, groups=names, total=total or None, zone=zone or None, progress=say)
    if out is not None:
        from isopolis.report import check_place

        check_place(out, city)
    found = run_diagnosis(
        city,
        seed=SEED if seed is None else seed,
        simulations=simulations,
        progress=say,
        today=date.today().isoformat(),
    )
    if out is not None:
        from isopolis.report import write_report

        written = write_report(found, out, progress=say, pdf=pdf)
        if not quiet:
            for name, place in written.items():
                print(f"{name}: {place}", file=sys.stderr)
    if as_json:
        from .show import print_findings

        print_findings(found)
    else:
        from .show import print_summary

        print_summary(found, out, spoken)


@app.command()
def measures(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the measures."""
    from .show import print_measures

    print_measures(as_json)


@app.command()
def explain(
    name: Annotated[
        str, typer.Argument(metavar="MEASURE", help="Name or symbol of a measure or index: docs/measures.md.")
    ],
    lang: Lang = "en",
) -> None:
    """Print what a measure means, and how not to misread it."""
    from .show import print_explanation

    print_explanation(name, _known(lang))


def _known(lang: str) -> str:
    """Return the code of a language that has words; refuse any other."""
    from isopolis.explain.languages import language
    from isopolis.model import CallError

    found = language(lang)
    if not found.known:
        raise CallError(f'there is no translation into "{lang}"; `isopolis languages` lists what there is')
    return found.code


add_commands(app)
add_operation(app)
add_peers(app)
app.command()(languages)
app.command()(vocabulary)
app.command()(vote)
app.command()(verify)
app.command()(draw)
app.command()(opinions)
app.command(name="took-part")(took_part)
app.command(name="priority-areas")(priority_areas)
app.command()(worries)
app.command()(change)
app.command()(sample)
app.command()(profile)
app.command(name="grid-profile")(grid_profile)
app.command()(batch)
app.command()(access)
app.command()(trip)
app.add_typer(personal, name="personal")
app.add_typer(library, name="library")
app.add_typer(partnership, name="partnership")
app.add_typer(rules, name="rules")
app.add_typer(frames, name="frames")
app.add_typer(plan, name="plan")
app.add_typer(survey, name="survey")
app.add_typer(belenios, name="belenios")
