"""Style, script and mark under names made from their content, kept in memory and cached for good."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from ganzhi.base.errors import InputError, Issue

_KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file: its public name, media type and bytes."""

    name: str
    media: str
    content: bytes


def load_assets() -> dict[str, Asset]:
    """All files of `static/`, by the name the source tree gives them."""
    found = {}
    for entry in files("ganzhi.portal").joinpath("static").iterdir():
        stem, _, kind = entry.name.rpartition(".")
        if kind in _KINDS:
            content = entry.read_bytes()
            mark = hashlib.sha256(content).hexdigest()[:12]
            found[entry.name] = Asset(f"{stem}.{mark}.{kind}", _KINDS[kind], content)
    return found


def serve(assets: Mapping[str, Asset], request: Request) -> Response:
    """The file of a public name; InputError POR010 for any other."""
    wanted = str(request.path_params["name"])
    for asset in assets.values():
        if asset.name == wanted:
            headers = {"Cache-Control": "public, max-age=31536000, immutable", "ETag": f'"{asset.name}"'}
            if request.headers.get("if-none-match") == headers["ETag"]:
                return Response(status_code=304, headers=headers)
            return Response(asset.content, media_type=asset.media, headers=headers)
    raise InputError(Issue("POR010", wanted[:80]))
