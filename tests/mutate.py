"""Ways to damage a city folder, deterministically: what real files look like on a bad day."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["Mutation", "mutations"]

Rng = np.random.Generator
Rows = list[list[str]]


@dataclass(frozen=True)
class Mutation:
    """One damage: `write` makes a damaged copy of the folder and returns it."""

    name: str
    folder: Path
    file: str
    damage: Callable[[Path, Rng], None]
    seed: int

    def write(self, target: Path) -> Path:
        """Copy the folder to `target` and damage it there."""
        shutil.copytree(self.folder, target)
        for path in (target, *target.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        self.damage(target / self.file, np.random.default_rng(self.seed))
        return target


def mutations(folder: Path, n: int, seed: int) -> list[Mutation]:
    """`n` damages of the files of `folder`, every kind at least once when `n` allows."""
    rng = np.random.default_rng(seed)
    kinds: list[tuple[str, str, Callable[[Path, Rng], None]]] = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        some = (
            {**BYTES, **FOR_SUFFIX.get(path.suffix.lower(), {})} if path.suffix.lower() in FOR_SUFFIX else {}
        )
        kinds += [(label, name, damage) for label, damage in some.items()]
    order = rng.permutation(len(kinds))
    out = []
    for k in range(n):
        label, name, damage = kinds[order[k % len(kinds)]]
        out.append(Mutation(f"{label}: {name} #{k}", folder, name, damage, int(rng.integers(2**31))))
    return out


# -- any file ---------------------------------------------------------------
def _cut(path: Path, rng: Rng) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * rng.uniform(0.1, 0.95))])


def _garble(path: Path, rng: Rng) -> None:
    raw = bytearray(path.read_bytes())
    start = int(rng.integers(0, max(len(raw) - 200, 1)))
    raw[start : start + 200] = rng.bytes(200)
    path.write_bytes(bytes(raw))


BYTES: dict[str, Callable[[Path, Rng], None]] = {
    "truncated": _cut,
    "emptied": lambda p, r: p.write_bytes(b"") and None,
    "garbled": _garble,
    "random bytes": lambda p, r: p.write_bytes(r.bytes(3000)) and None,
    "removed": lambda p, r: p.unlink(),
}


# -- tables of text -----------------------------------------------------------
def _read(path: Path) -> tuple[Rows, str]:
    text = path.read_text(encoding="utf-8-sig")
    mark = max(",;\t", key=text.splitlines()[0].count)
    return list(csv.reader(io.StringIO(text), delimiter=mark)), mark


def _write(path: Path, rows: Rows, mark: str = ",", encoding: str = "utf-8") -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator="\n").writerows(rows)
    path.write_text(out.getvalue(), encoding=encoding)


def _numeric(rows: Rows, rng: Rng) -> int:
    """A column of numbers."""

    def number(text: str) -> bool:
        try:
            float(text)
        except ValueError:
            return False
        return True

    some = [
        i
        for i in range(1, len(rows[0]))
        if sum(number(r[i]) for r in rows[1:] if len(r) > i) > len(rows) // 2
    ]
    return int(rng.choice(some)) if some else 0


def _cell(value: str | Callable[[str], str]) -> Callable[[Path, Rng], None]:
    """Put something into one cell of a column of numbers."""

    def damage(path: Path, rng: Rng) -> None:
        rows, mark = _read(path)
        i, j = int(rng.integers(1, len(rows))), _numeric(rows, rng)
        rows[i][j] = value(rows[i][j]) if callable(value) else value
        _write(path, rows, mark)

    return damage


def _column(value: Callable[[str], str]) -> Callable[[Path, Rng], None]:
    """Change every cell of a column of numbers."""

    def damage(path: Path, rng: Rng) -> None:
        rows, mark = _read(path)
        j = _numeric(rows, rng)
        for row in rows[1:]:
            row[j] = value(row[j])
        _write(path, rows, mark)

    return damage


def _ids(value: Callable[[str, Rng], str]) -> Callable[[Path, Rng], None]:
    """Change every id of the id column (or the first)."""

    def damage(path: Path, rng: Rng) -> None:
        rows, mark = _read(path)
        j = next((i for i, h in enumerate(rows[0]) if h.lower() in ("id", "zone")), 0)
        for row in rows[1:]:
            row[j] = value(row[j], rng)
        _write(path, rows, mark)

    return damage


def _table(change: Callable[[Rows, Rng], Rows]) -> Callable[[Path, Rng], None]:
    """Change the rows as a whole."""

    def damage(path: Path, rng: Rng) -> None:
        rows, mark = _read(path)
        _write(path, change(rows, rng), mark)

    return damage


def _encoded(encoding: str) -> Callable[[Path, Rng], None]:
    return lambda path, rng: _write(path, *_read(path), encoding=encoding)


def _drop_column(rows: Rows, rng: Rng) -> Rows:
    j = int(rng.integers(0, len(rows[0])))
    return [r[:j] + r[j + 1 :] for r in rows]


def _total_row(rows: Rows, rng: Rng) -> Rows:
    def total(j: int) -> str:
        try:
            return f"{sum(float(r[j]) for r in rows[1:]):g}"
        except ValueError:
            return "Total"

    return [*rows, [total(j) for j in range(len(rows[0]))]]


def _swap_ids(rows: Rows, rng: Rng) -> Rows:
    a, b = rng.choice(np.arange(1, len(rows)), 2, replace=False)
    rows[a][0], rows[b][0] = rows[b][0], rows[a][0]
    return rows


def _shuffle_columns(rows: Rows, rng: Rng) -> Rows:
    order = rng.permutation(len(rows[0]))
    return [[r[j] for j in order] for r in rows]


def _swap_columns(rows: Rows, rng: Rng) -> Rows:
    a, b = rng.choice(np.arange(len(rows[0])), 2, replace=False)
    rows[0][a], rows[0][b] = rows[0][b], rows[0][a]
    return rows


def _duplicate_heading(rows: Rows, rng: Rng) -> Rows:
    rows[0][int(rng.integers(1, len(rows[0])))] = rows[0][0]
    return rows


def _blank_heading(rows: Rows, rng: Rng) -> Rows:
    rows[0][int(rng.integers(0, len(rows[0])))] = ""
    return rows


def _longer(rows: Rows, rng: Rng) -> Rows:
    rows[int(rng.integers(1, len(rows)))].append("7")
    return rows


def _shorter(rows: Rows, rng: Rng) -> Rows:
    rows[int(rng.integers(1, len(rows)))].pop()
    return rows


def _repeat_row(rows: Rows, rng: Rng) -> Rows:
    return [*rows, list(rows[int(rng.integers(1, len(rows)))])]


def _unclosed(path: Path, rng: Rng) -> None:
    text = path.read_text(encoding="utf-8")
    spot = int(rng.integers(len(text) // 4, len(text) // 2))
    spot = text.index("\n", spot) + 1
    path.write_text(text[:spot] + '"' + text[spot:], encoding="utf-8")


def _comma_decimals(path: Path, rng: Rng) -> None:
    rows, _ = _read(path)
    _write(path, [[c.replace(".", ",") for c in r] for r in rows], ";")


def _thousands(value: str) -> str:
    return f"{int(float(value)):,}" if value.replace(".", "").isdigit() else value


TABLES: dict[str, Callable[[Path, Rng], None]] = {
    "text in a count": _cell("many"),
    "NaN in a count": _cell("NaN"),
    "infinite count": _cell("inf"),
    "negative count": _cell(lambda v: "-" + v),
    "empty count": _cell(""),
    "dots": _cell(".."),
    "suppressed": _cell("<5"),
    "starred": _cell("*"),
    "percent": _cell("12 %"),
    "huge count": _cell("1e300"),
    "absurd count": _cell("999999999999999999999999999999"),
    "odd number": _cell("1.2.3"),
    "column doubled": _column(lambda v: v + v if v else v),
    "column of zeros": _column(lambda v: "0"),
    "column of nothing": _column(lambda v: ""),
    "column of text": _column(lambda v: "n" + v),
    "thousands separators": _column(_thousands),
    "all suppressed": _column(lambda v: "c"),
    "ids without zeros": _ids(lambda v, r: v.lstrip("0") or "0"),
    "ids as floats": _ids(lambda v, r: v + ".0"),
    "ids with spaces": _ids(lambda v, r: f" {v} "),
    "other ids": _ids(lambda v, r: f"zz{r.integers(10**9)}"),
    "blank ids": _ids(lambda v, r: "" if r.random() < 0.2 else v),
    "one id for all": _ids(lambda v, r: "1"),
    "dropped column": _table(_drop_column),
    "dropped rows": _table(lambda rows, r: [rows[0], *[x for x in rows[1:] if r.random() < 0.7]]),
    "heading only": _table(lambda rows, r: rows[:1]),
    "one row": _table(lambda rows, r: rows[:2]),
    "no heading": _table(lambda rows, r: rows[1:]),
    "repeated row": _table(_repeat_row),
    "repeated table": _table(lambda rows, r: rows + rows[1:]),
    "repeated heading row": _table(lambda rows, r: rows + rows),
    "swapped ids": _table(_swap_ids),
    "shuffled columns": _table(_shuffle_columns),
    "shuffled rows": _table(lambda rows, r: [rows[0], *[rows[1 + i] for i in r.permutation(len(rows) - 1)]]),
    "swapped headings": _table(_swap_columns),
    "duplicate heading": _table(_duplicate_heading),
    "blank heading": _table(_blank_heading),
    "longer row": _table(_longer),
    "shorter row": _table(_shorter),
    "total row": _table(_total_row),
    "title rows": _table(lambda rows, r: [["Population by group"], [], *rows]),
    "footnote": _table(lambda rows, r: [*rows, [], ["Source: statistical office, own sums"]]),
    "unclosed quote": _unclosed,
    "UTF-16": _encoded("utf-16"),
    "Latin-1": _encoded("latin-1"),
    "BOM": _encoded("utf-8-sig"),
    "decimal commas": _comma_decimals,
    "tabs": lambda p, r: _write(p, _read(p)[0], "\t"),
    "wrong delimiter": lambda p, r: (
        p.write_text(p.read_text(encoding="utf-8").replace(",", "^"), encoding="utf-8") and None
    ),
}


# -- outlines -------------------------------------------------------------------
def _frame(change: Callable[..., object]) -> Callable[[Path, Rng], None]:
    def damage(path: Path, rng: Rng) -> None:
        import geopandas

        changed = change(geopandas.read_file(path), rng)
        path.unlink()
        changed.to_file(path, driver={".gpkg": "GPKG", ".geojson": "GeoJSON"}[path.suffix])  # type: ignore[attr-defined]

    return damage


def _crs(code: int | None) -> Callable[..., object]:
    return lambda frame, rng: frame.set_crs(code, allow_override=True)


def _set_geometry(value: Callable[..., object]) -> Callable[..., object]:
    def change(frame, rng):  # type: ignore[no-untyped-def]
        geometry = list(frame.geometry)
        i = int(rng.integers(len(frame)))
        geometry[i] = value(geometry[i])
        return frame.set_geometry(geometry, crs=frame.crs)

    return change


def _bow_tie(outline):  # type: ignore[no-untyped-def]
    from shapely import Polygon

    x0, y0, x1, y1 = outline.bounds
    return Polygon([(x0, y0), (x1, y1), (x1, y0), (x0, y1)])


def _without_geometry(path: Path, rng: Rng) -> None:
    import geopandas
    import pyogrio

    frame = geopandas.read_file(path)
    path.unlink()
    pyogrio.write_dataframe(frame.drop(columns="geometry"), path, driver="GPKG", layer="table")


def _other_id(frame, rng):  # type: ignore[no-untyped-def]
    column = "id" if "id" in frame else frame.columns[0]
    frame.loc[int(rng.integers(len(frame))), column] = frame.loc[int(rng.integers(len(frame))), column]
    return frame


def _rename_ids(frame, rng):  # type: ignore[no-untyped-def]
    column = "id" if "id" in frame else frame.columns[0]
    return frame.assign(**{column: [f"q{k}" for k in range(len(frame))]})


def _repeat(frame, rng):  # type: ignore[no-untyped-def]
    import pandas

    return pandas.concat([frame, frame.iloc[[int(rng.integers(len(frame)))]]], ignore_index=True)


OUTLINES: dict[str, Callable[[Path, Rng], None]] = {
    "degrees claimed": _frame(_crs(4326)),
    "web map claimed": _frame(_crs(3857)),
    "other zone claimed": _frame(_crs(32718)),
    "no reference system": _frame(lambda f, r: f.set_crs(None, allow_override=True)),
    "degrees in metres": _frame(lambda f, r: f.to_crs(4326).set_crs(f.crs, allow_override=True)),
    "in degrees": _frame(lambda f, r: f.to_crs(4326)),
    "empty outline": _frame(_set_geometry(lambda g: type(g)())),
    "missing outline": _frame(_set_geometry(lambda g: None)),
    "crossing outline": _frame(_set_geometry(_bow_tie)),
    "point for an outline": _frame(_set_geometry(lambda g: g.centroid)),
    "repeated outline": _frame(_repeat),
    "two outlines with one id": _frame(_other_id),
    "renamed ids": _frame(_rename_ids),
    "half the outlines": _frame(lambda f, r: f.iloc[: len(f) // 2]),
    "one outline": _frame(lambda f, r: f.iloc[:1]),
    "no outlines column": _without_geometry,
    "renamed columns": _frame(
        lambda f, r: f.rename(columns={c: f"x_{c}" for c in f.columns if c != "geometry"})
    ),
}


# -- city.toml --------------------------------------------------------------------
def _replace(old: str, new: str) -> Callable[[Path, Rng], None]:
    return lambda p, r: (
        p.write_text(p.read_text(encoding="utf-8").replace(old, new), encoding="utf-8") and None
    )


def _drop_line(path: Path, rng: Rng) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    del lines[int(rng.integers(len(lines)))]
    path.write_text("\n".join(lines), encoding="utf-8")


TOML: dict[str, Callable[[Path, Rng], None]] = {
    "not TOML": _replace("=", ":"),
    "unknown key": _replace("layout", "lay_out"),
    "unknown layout": _replace('"wide"', '"tall"'),
    "unknown column": _replace('"female"', '"femal"'),
    "missing file": _replace(".csv", ".tsv"),
    "number for text": _replace('name = "', "name = 12 # "),
    "list for text": _replace('total = "total"', 'total = ["total"]'),
    "unknown id column": _replace('id = "', 'id = "no_'),
    "dropped line": _drop_line,
    "dropped line again": _drop_line,
    "unknown reference system": _replace("[zones]", 'crs = "EPSG:99999999"\n\n[zones]'),
}  # fmt: skip

FOR_SUFFIX = {".csv": TABLES, ".gpkg": OUTLINES, ".geojson": OUTLINES, ".toml": TOML}
