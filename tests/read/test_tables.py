from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import DataError, Problems
from isopolis.read import text_tables
from isopolis.read.encodings import sniff_encoding
from isopolis.read.tables import read_table

HEADING = ["id", "Größe", "n"]
ROWS = [["01", "Köln, Süd", "5"], ["02", 'sagt "ja"', "7"], ["03", "", "9"]]


def quoted(cell: str, mark: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if mark in cell or '"' in cell or "\n" in cell else cell


def text(mark: str = ",") -> str:
    return "\n".join(mark.join(quoted(c, mark) for c in r) for r in [HEADING, *ROWS]) + "\n"


def cells(path: Path, **options: str) -> list[list[str]]:
    table = read_table(path, problems=Problems(), **options)  # type: ignore[arg-type]
    return [
        list(table.columns),
        *(list(r) for r in zip(*(c.text() for c in table.columns.values()), strict=True)),
    ]


def code(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_table(path, problems=Problems())
    return caught.value.problems[0].code


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_any_delimiter_and_encoding(tmp_path: Path, mark: str, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text(mark).encode(encoding))
    assert cells(path) == [HEADING, *ROWS]


def test_a_guessed_encoding_is_said(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text().encode("cp1252"))
    problems = Problems()
    read_table(path, problems=problems)
    assert [p.code for p in problems] == ["encoding-assumed"]


WORDS = {
    "cp1252": "Stadtteil;Bevölkerung über 65;né à l'étranger;niños",
    "cp1250": "Dzielnica;Ludność ogółem;urodzeni za granicą;mężczyźni",
    "cp1257": "Seniūnija;Gyventojų iš viso;gimę užsienyje;moterys šalyje",
    "cp1254": "İlçe;Toplam nüfus;yurt dışında doğan;kadın",
    "cp1251": "Район;Население общо;роден тук;роден в чужбина;жени",
    "cp1253": "Γειτονιά;Σύνολο κατοίκων;γυναίκες;γεννήθηκαν στο εξωτερικό",
    "cp1256": "الحي;مجموع السكان;النساء;مولود في الخارج",
}


@pytest.mark.parametrize("encoding", WORDS)
def test_headings_of_old_files_are_readable_in_any_alphabet(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    numbers = ";".join("12345"[: 1 + WORDS[encoding].count(";")])
    path.write_bytes(f"{WORDS[encoding]}\n{numbers}\n".encode(encoding))
    problems = Problems()
    table = read_table(path, problems=problems)
    assert ";".join(table.columns) == WORDS[encoding]
    assert encoding in str(next(p.message for p in problems if p.code == "encoding-assumed"))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Мъже;Жени;Чужди граждани", "cp1251"),  # rare letters, which western ones would explain better
        ("Ηλικία;Φύλο", "cp1253"),
        ("فئة العمر;جنس;حي", "cp1256"),
        ("Île-de-France;où;Zürich", "cp1252"),
        ("a à é", "cp1252"),
        ("Część;Mężczyźni", "cp1250"),
        ("gyvenamoji vietovė;įsikūrė", "cp1257"),
    ],
)
def test_few_letters_are_enough(text: str, encoding: str) -> None:
    assert sniff_encoding(text.encode(encoding), whole=True) == encoding


@pytest.mark.parametrize(
    "raw", [b"\x96 5 \xb0C", "Köln".encode("cp1252"), "São Paulo".encode("cp1252"), b"a\x81b\xe9"]
)
def test_what_fits_nowhere_else_is_western(raw: bytes) -> None:
    assert sniff_encoding(raw, whole=True) == ("latin-1" if b"\x81" in raw else "cp1252")


def test_decimal_commas_do_not_look_like_delimiters(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id;a;b\n1;1,5;2,5\n2;3,5;4,5\n", encoding="utf-8")
    assert cells(path)[1] == ["1", "1,5", "2,5"]


def test_row_numbers_are_those_of_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Some title\n\nid,n\n1,5\n\n2,6\n\nSource: the office\n", encoding="utf-8")
    problems = Problems()
    table = read_table(path, problems=problems)
    assert table.row_numbers.tolist() == [4, 6]
    assert {p.code for p in problems} == {"title-rows", "footnotes"}


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"", "empty-file"),
        (b"\n\n", "empty-file"),
        (b"id,n\n1,5\n2", "truncated-file"),
        (b"id,n\n1,5\n2\n3,7\n", "ragged-rows"),
        (b"id,n\n1,5\n2,6,7\n", "ragged-rows"),
        (b'id,n\n1,"5\n2,6\n3,7\n', "unclosed-quote"),
        (b"id,n\n1,\x00\n" * 4, "binary-file"),
        (b"PK\x03\x04" + bytes(range(256)), "binary-file"),
    ],
)
def test_damaged_text_is_refused_with_a_reason(tmp_path: Path, content: bytes, wanted: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert code(path) == wanted


def test_stated_encoding_that_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text().encode("cp1252"))
    with pytest.raises(DataError, match="encoding utf-8"):
        read_table(path, encoding="utf-8", problems=Problems())
    with pytest.raises(DataError, match="nonsense"):
        read_table(path, encoding="nonsense", problems=Problems())


def test_duplicate_headings_get_names_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,n,n\n1,5,6\n2,7,8\n", encoding="utf-8")
    problems = Problems()
    table = read_table(path, problems=problems)
    assert list(table.columns) == ["id", "n", "n_2"]
    assert [p.code for p in problems] == ["duplicate-heading"]


@given(
    st.lists(
        st.tuples(st.text("abc01ü .-", min_size=1, max_size=6).filter(str.strip), st.integers(0, 10**6)),
        min_size=3,
        max_size=40,
    ),
    st.sampled_from([",", ";", "\t"]),
)
def test_the_fast_reader_is_the_slow_one(rows: list[tuple[str, int]], mark: str) -> None:
    import tempfile

    body = "".join(f"{name}{mark}{k}{mark}{n}\n" for k, (name, n) in enumerate(rows))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_text(f"name{mark}k{mark}n\n{body}", encoding="utf-8")
        slow = cells(path)
        before = text_tables.SMALL
        text_tables.SMALL = 0
        try:
            fast = cells(path)
        finally:
            text_tables.SMALL = before
    assert fast == slow


def test_the_fast_reader_refuses_cut_off_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_tables, "SMALL", 0)
    path = tmp_path / "t.csv"
    path.write_bytes(b"id,n\n1,5\n2")
    assert code(path) == "unreadable-file"


def test_workbooks_keep_numbers_and_marks(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in [
        ["id", "n", "share", "when"],
        ["01", 5, 0.125, None],
        ["02", "<5", 1.5, None],
        ["03", 7, None, None],
    ]:
        sheet.append(row)
    book.create_sheet("notes").append(["one", "two"])
    path = tmp_path / "t.xlsx"
    book.save(path)
    table = read_table(path, problems=Problems())
    assert table["id"].text().tolist() == ["01", "02", "03"]
    assert table["n"].text().tolist() == ["5", "<5", "7"]
    assert table.decimal == "."
    assert np.isnan(table["share"].numbers[2])  # type: ignore[index]


def test_workbooks_that_unpack_to_something_absurd(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    assert path.stat().st_size < 100_000
    assert code(path) in ("too-large", "unreadable-file")
    path.write_bytes(b"no workbook")
    assert code(path) == "unreadable-file"


def test_parquet_of_every_kind_of_column(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = pa.table(
        {
            "zone": pa.array(["a", None, "b"]).dictionary_encode(),
            "id": pa.array([10**15 + 1, 2, 3]),
            "n": pa.array([1, None, 3]),
            "flag": pa.array([True, False, None]),
            "parts": pa.array([[1], [2], [3]]),
            "blob": pa.array([b"x", b"y", b"z"]),
        }
    )
    pq.write_table(data, tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet", problems=Problems())
    assert list(table.columns) == ["zone", "id", "n", "flag"]
    assert table["zone"].text().tolist() == ["a", "", "b"]
    assert table["id"].text().tolist() == [str(10**15 + 1), "2", "3"]
    assert table["n"].text().tolist() == ["1", "", "3"]
    (tmp_path / "t.parquet").write_bytes((tmp_path / "t.parquet").read_bytes()[:200])
    assert code(tmp_path / "t.parquet") == "unreadable-file"


def test_unknown_kinds_of_files(tmp_path: Path) -> None:
    (tmp_path / "t.doc").write_text("x", encoding="utf-8")
    assert code(tmp_path / "t.doc") == "unknown-format"
    assert code(tmp_path / "none.csv") == "missing-file"
