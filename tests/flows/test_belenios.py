"""The bridge to Belenios: archives of its real program, a stand-in for the program, and changed archives."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import shutil
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from isopolis.cli.app import run
from isopolis.engage.ledger import belenios as pure
from isopolis.engage.ledger.ballot import Question, question_from
from isopolis.flows.belenios import TOOL, hand_over, question_of, take_back, verified
from isopolis.model import CallError, DataError
from isopolis.read.belenios import find_archive, read_archive

HERE = Path(__file__).parent / "belenios"
VOTE = HERE / "vote.pb"
SAYS = """#!{python}
import sys
if sys.argv[1:] == ["--version"]:
    print("stand-in 1")
else:
    assert sys.argv[1:4] == ["election", "verify", "--dir"], sys.argv
    print({text!r}, file=sys.stderr)
    sys.exit({code})
"""


def stand_in(folder: Path, text: str = "I: all checks passed", code: int = 0) -> str:
    """Write a program that answers as Belenios would."""
    path = folder / "stand-in"
    path.write_text(SAYS.format(python=sys.executable, text=text, code=code))
    path.chmod(0o700)
    return str(path)


def unpacked(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    packed = base64.b64decode((HERE / f"{name}.bel.gz.txt").read_text())
    (folder / "koBsSCvjNAaujK.bel").write_bytes(gzip.decompress(packed))
    return folder


@pytest.fixture(params=["stand-in", TOOL])
def tool(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The stand-in, and the real program too where it is installed."""
    return shutil.which(TOOL) or stand_in(tmp_path) if request.param == TOOL else stand_in(tmp_path)


def rewritten(path: Path, change: Callable[[str, Any], Any]) -> None:
    """Change texts of an archive as somebody would who then computes every name and every event anew."""
    new: dict[str, str] = {}
    out = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=out, mode="w:") as made:
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            text, (name, _, kind) = file.read(), member.name.partition(".")
            if kind:
                for before, after in new.items():
                    text = text.replace(before.encode(), after.encode())
                plain = json.loads(text)
                if (changed := change(kind, plain)) is not None:
                    text = json.dumps(changed, separators=(",", ":")).encode()
                new[name] = hashlib.sha256(text).hexdigest()
                member.name = f"{new[name]}.{kind}"
            member.size = len(text)
            made.addfile(member, io.BytesIO(text))
    path.write_bytes(out.getvalue())


# -- back ----------------------------------------------------------------------------------------------------
def test_opened_ballots_come_back(tmp_path: Path, tool: str) -> None:
    taken, election, origin = take_back(unpacked(tmp_path / "e", "ballots"), VOTE, tool=tool)
    assert (taken.voters, taken.invalid) == (5, 1)
    assert sorted(map(sorted, taken.ballots or ())) == [["p1", "p2"], ["p1", "p3"], ["p2", "p3"], ["p4"]]
    assert taken.totals == {"p1": 2, "p2": 2, "p3": 2, "p4": 1}
    assert election is not None
    assert election.ballots.n_voters == 4
    assert origin["uuid"] == "koBsSCvjNAaujK"


def test_sums_come_back_and_no_ballot(tmp_path: Path, tool: str) -> None:
    taken, election, _origin = take_back(unpacked(tmp_path / "e", "totals"), VOTE, tool=tool)
    assert taken.totals == {"p1": 2, "p2": 3, "p3": 3, "p4": 2}
    assert (taken.voters, taken.ballots, election) == (5, None, None)


def test_without_the_program_nothing_is_believed(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="is not installed"):
        take_back(unpacked(tmp_path / "e", "ballots"), VOTE, tool="no-such-program")


@pytest.mark.parametrize(("text", "code"), [("belenios-tool: hash found", 124), ("W: something", 0)])
def test_what_is_not_verified_is_refused(tmp_path: Path, text: str, code: int) -> None:
    bad = stand_in(tmp_path, text, code)
    with pytest.raises(DataError, match="does not verify") as caught:
        take_back(unpacked(tmp_path / "e", "ballots"), VOTE, tool=bad)
    assert text in str(caught.value)


def test_a_program_that_cannot_run(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o700)
    with pytest.raises(DataError, match="could not be run"):
        verified(unpacked(tmp_path / "e", "totals") / "koBsSCvjNAaujK.bel", tool=str(broken))


def test_a_changed_result_in_an_archive_made_anew(tmp_path: Path) -> None:
    """Our own reading sees no fault in it; the program does, and that is why it is asked."""
    folder = unpacked(tmp_path / "e", "totals")

    def more(_kind: str, plain: Any) -> Any:
        if isinstance(plain, dict) and "result" in plain:
            return {"result": [[5, 5, 0, 0]]}
        return None

    rewritten(folder / "koBsSCvjNAaujK.bel", more)
    assert read_archive(folder / "koBsSCvjNAaujK.bel").result == {"result": [[5, 5, 0, 0]]}
    if (real := shutil.which(TOOL)) is not None:
        with pytest.raises(DataError, match="does not verify"):
            take_back(folder, VOTE, tool=real)


def test_a_changed_text_under_its_old_name(tmp_path: Path) -> None:
    path = unpacked(tmp_path / "e", "ballots") / "koBsSCvjNAaujK.bel"
    content = path.read_bytes()
    place = content.rindex(b'"result":[[[') + 12
    other = b"1" if content[place : place + 1] == b"0" else b"0"
    path.write_bytes(content[:place] + other + content[place + 1 :])
    with pytest.raises(DataError, match="no archive of an election that is whole"):
        read_archive(path)


def _event_before(kind: str, plain: Any) -> Any:
    return plain | {"parent": "0" * 64} if kind == "event.json" and plain.get("type") == "Result" else None


def _weights(_kind: str, plain: Any) -> Any:
    return plain | {"total_weight": 9} if isinstance(plain, dict) and "total_weight" in plain else None


def _too_many(_kind: str, plain: Any) -> Any:
    return {"result": [[6, 0, 0, 0]]} if isinstance(plain, dict) and "result" in plain else None


def _odd(_kind: str, plain: Any) -> Any:
    return {"result": [[1, 2]]} if isinstance(plain, dict) and "result" in plain else None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_event_before, "does not follow"),
        (_weights, "count differently"),
        (_too_many, "does not have the form"),
        (_odd, "does not have the form"),
    ],
)
def test_archives_that_do_not_fit(tmp_path: Path, change: Callable[[str, Any], Any], words: str) -> None:
    folder = unpacked(tmp_path / "e", "totals")
    rewritten(folder / "koBsSCvjNAaujK.bel", change)
    with pytest.raises(DataError, match=words):
        take_back(folder, VOTE, tool=stand_in(tmp_path))


def test_an_archive_of_another_vote(tmp_path: Path) -> None:
    other = tmp_path / "other.pb"
    other.write_text(VOTE.read_text().replace("Trees", "Cars"))
    with pytest.raises(DataError, match="of another vote"):
        take_back(unpacked(tmp_path / "e", "ballots"), other, tool=stand_in(tmp_path))


def test_one_archive_and_no_other(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="must hold one archive"):
        find_archive(tmp_path)
    folder = unpacked(tmp_path / "e", "ballots")
    shutil.copy(folder / "koBsSCvjNAaujK.bel", folder / "b.bel")
    with pytest.raises(DataError, match="more than one"):
        take_back(folder / "b.bel", VOTE, tool=stand_in(tmp_path))


@pytest.mark.parametrize("content", [b"", b"no tar at all", b"\0" * 10240])
def test_no_archive_at_all(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.bel").write_bytes(content)
    with pytest.raises(DataError, match="no archive"):
        read_archive(tmp_path / "a.bel")


# -- over ----------------------------------------------------------------------------------------------------
def rolled(folder: Path, text: str = "ID-1\nID-2\n") -> Path:
    path = folder / "roll.txt"
    path.write_text(text)
    return path


def test_what_is_handed_over(tmp_path: Path) -> None:
    made = hand_over(VOTE, rolled(tmp_path), tmp_path / "out", ballots=False, administrator="City")
    asked = json.loads((tmp_path / "out" / "questions.json").read_text())
    assert (made.voters, made.projects, made.opens) == (2, 4, "totals")
    assert (tmp_path / "out" / "voters.txt").read_text() == "ID-1\nID-2\n"
    assert asked["administrator"] == "City"
    assert asked["questions"] == [
        {"answers": ["p1: Bench", "p2: Trees", "p3: Fountain", "p4: Path"], "min": 0, "max": 3,
         "question": "Example data, not a real place 2027"}
    ]  # fmt: skip
    with pytest.raises(CallError, match="is not empty"):
        hand_over(VOTE, rolled(tmp_path), tmp_path / "out")


@pytest.mark.parametrize("text", ["ID-1\nid-1\n", "a,b\n", " ID-1\n", ""])
def test_rolls_that_belenios_could_not_read(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError):
        hand_over(VOTE, rolled(tmp_path, text), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def kinds() -> Iterator[tuple[Question, list[int], dict[str, int] | None]]:
    """Questions, numbers as Belenios opens them, and the ballot that they are; None for an invalid one."""
    plain = question_of(VOTE).to_plain()
    ordinal = question_from(plain | {"ballot": "ordinal"})
    points = question_from(
        plain | {"ballot": "cumulative", "limits": plain["limits"] | {"max_points": 5, "max_length": None}}
    )
    single = question_from(plain | {"ballot": "choose-1"})
    knapsack = question_from(plain | {"ballot": "knapsack"})
    yield ordinal, [2, 0, 1, 0], {"p1": 1, "p3": 2}
    yield ordinal, [1, 1, 0, 0], None
    yield ordinal, [3, 0, 1, 0], None
    yield points, [4, 0, 0, 1], {"p1": 4, "p4": 1}
    yield points, [4, 0, 0, 2], None
    yield single, [0, 1, 0, 0], {"p2": 1}
    yield single, [0, 1, 1, 0], None
    yield knapsack, [1, 1, 0, 0], {"p1": 1, "p2": 1}
    yield knapsack, [1, 0, 0, 1], None
    yield question_of(VOTE), [2, 0, 0, 0], None


@pytest.mark.parametrize(("question", "row", "ballot"), list(kinds()))
def test_every_kind_of_ballot(question: Question, row: list[int], ballot: dict[str, int] | None) -> None:
    taken = pure.ballots_from(question, [row])
    assert taken.ballots == ((ballot,) if ballot else ())
    assert taken.invalid == (ballot is None)


def test_sums_are_not_enough_for_points_and_orders() -> None:
    for question, *_ in kinds():
        if question.ballot in pure.TICKS:
            continue
        with pytest.raises(DataError, match="sums of votes are not enough"):
            pure.template_of(question, ballots=False)


# -- commands ------------------------------------------------------------------------------------------------
def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, back = tmp_path / "out", tmp_path / "back.pb"
    assert run(["belenios", "export", str(VOTE), str(rolled(tmp_path)), str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["opens"] == "ballots"
    folder, tool = unpacked(tmp_path / "e", "ballots"), stand_in(tmp_path)
    assert run(["belenios", "import", str(folder), str(VOTE), "--tool", tool, "--out", str(back)]) == 0
    assert "1 of them break a limit" in capsys.readouterr().out
    assert "p1,p2" in back.read_text()
    assert run(["belenios", "import", str(folder), str(VOTE), "--tool", "no-such-program"]) == 2
    assert "is not installed" in capsys.readouterr().err
    assert run(["belenios", "import", str(tmp_path / "none"), str(VOTE)]) == 2
    bad = stand_in(tmp_path, "belenios-tool: wrong", 1)
    assert run(["belenios", "import", str(folder), str(VOTE), "--tool", bad, "--json"]) == 1
