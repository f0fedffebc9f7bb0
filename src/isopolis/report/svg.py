"""A matplotlib figure as SVG that can stand inside a page: small, no ids, text as text."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from .style import FAMILY, settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw"]

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_NUMBER = re.compile(r"-?\d+\.\d+")
_SIZE = re.compile(r"([\d.]+)px")
_ANCHOR = re.compile(r"text-anchor:\s*(\w+)")
_REFERENCE = re.compile(r"#([\w.-]+)")


def draw(
    paint: Callable[[], Figure], key: str, titles: Mapping[str, str] | None = None, dpi: float = 160
) -> str:
    """Paint a figure and return its SVG.

    Parameters
    ----------
    paint : callable
        Makes the figure; called with our drawing settings in force.
    key : str
        Prefix for the ids that must stay.
    titles : mapping of str to str, optional
        Gid of an artist → text that a pointer shows over it.
    dpi : float
        Resolution of the parts that are drawn as pixels.
    """
    with settings(), warnings.catch_warnings():
        # a name in a script that the measuring font lacks: the reader's own font has it
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        buffer = io.BytesIO()
        paint().savefig(buffer, format="svg", dpi=dpi, metadata={"Date": None, "Creator": None})
    return _tidy(buffer.getvalue(), key, titles or {})


def _tidy(raw: bytes, key: str, titles: Mapping[str, str]) -> str:
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(raw)
    _drop(root)
    _title(root, titles)
    _rename_ids(root, key)
    for element in root.iter():
        _slim(element)
    _unwrap(root)
    width, height = root.get("viewBox", "0 0 1 1").split()[2:]
    root.set("width", f"{float(width):.0f}")
    root.set("height", f"{float(height):.0f}")
    root.set("stroke-linejoin", "round")
    root.attrib.pop("version", None)
    return ET.tostring(root, encoding="unicode").replace("\n", "")


def _drop(root: ET.Element) -> None:
    """Leave out metadata and the style sheet, which would style the whole page."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)


def _title(root: ET.Element, titles: Mapping[str, str]) -> None:
    for element in root.iter():
        text = titles.get(element.get("id", ""))
        if text:
            title = ET.Element(f"{{{SVG}}}title")
            title.text = text
            element.insert(0, title)


def _rename_ids(root: ET.Element, key: str) -> None:
    """Keep only ids that are referred to, and put `key` before them."""
    used: dict[str, str] = {}
    for element in root.iter():
        for name, value in element.attrib.items():
            refers = name.endswith("href") or "url(#" in value
            for old in _REFERENCE.findall(value) if refers and not value.startswith("data:") else ():
                used.setdefault(old, f"{key}-{len(used)}")
    for element in root.iter():
        own = element.attrib.pop("id", None)
        if own in used:
            element.set("id", used[own])
        for name, value in list(element.attrib.items()):
            if name.endswith("href") and value.startswith("#"):
                element.set(name, "#" + used[value[1:]])
            elif "url(#" in value:
                element.set(name, _REFERENCE.sub(lambda m: "#" + used.get(m[1], m[1]), value))


def _slim(element: ET.Element) -> None:
    """Round coordinates to a tenth of a pixel and set text in faces that readers have."""
    for name in ("d", "transform", "x", "y", "width", "height"):
        value = element.get(name)
        # a scale of 0.36 must stay what it is
        if value is not None and not (name == "transform" and re.search("scale|matrix", value)):
            element.set(name, _NUMBER.sub(_rounded, value.replace("\n", "")))
    if element.tag != f"{{{SVG}}}text":
        return
    style = element.attrib.pop("style", "")
    size, anchor = _SIZE.search(style), _ANCHOR.search(style)
    weight = " bold" if re.search(r"\b(bold|700)\b", style) else ""
    colour = re.search(r"fill:\s*(#\w+)", style)
    element.set("font-family", FAMILY)
    element.set("font-size", size[1] if size else "12")
    if weight:
        element.set("font-weight", "bold")
    if anchor:
        element.set("text-anchor", anchor[1])
    if colour:
        element.set("fill", colour[1])


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match[0]):.1f}".removesuffix(".0")


def _unwrap(parent: ET.Element) -> None:
    """Take away groups that say nothing any more."""
    flat: list[ET.Element] = []
    for child in parent:
        _unwrap(child)
        bare = child.tag == f"{{{SVG}}}g" and not child.attrib and not _has_title(child)
        flat.extend(list(child) if bare else [child])
    parent[:] = flat


def _has_title(element: ET.Element) -> bool:
    return any(child.tag == f"{{{SVG}}}title" for child in element)
