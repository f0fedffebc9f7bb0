"""MapLibre's script and style out of its Python package, packed and kept by browsers for good."""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

__all__ = ["asset", "asset_url"]

FILES = {"maplibre-gl.js": "text/javascript; charset=utf-8", "maplibre-gl.css": "text/css; charset=utf-8"}
FOREVER = "public, max-age=31536000, immutable"


@lru_cache(maxsize=1)
def _folder() -> Path:
    # found without importing it: the package brings much more than these files
    spec = find_spec("maplibre")
    if spec is None or not spec.submodule_search_locations:
        raise Http404
    return Path(next(iter(spec.submodule_search_locations))) / "srcjs"


@lru_cache(maxsize=1)
def _version() -> str:
    return version("maplibre")


@lru_cache(maxsize=len(FILES))
def _packed(name: str) -> bytes:
    return gzip.compress((_folder() / name).read_bytes(), 9, mtime=0)


def asset_url(name: str) -> str:
    """Return the address of one file; it changes with the version, so browsers may keep it for good."""
    return reverse("map_asset", args=[_version(), name])


@require_safe
def asset(request: HttpRequest, release: str, name: str) -> HttpResponse:
    """Hand one of the files out."""
    if name not in FILES or release != _version():
        raise Http404
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    body = _packed(name) if packed else gzip.decompress(_packed(name))
    response = HttpResponse(body, content_type=FILES[name])
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOREVER
    return response
