"""A workspace's settings: `ganzhi.toml`, overridden by environment variables `GANZHI_<SECTION>_<KEY>`.

Everything is validated at once and every problem named; an unknown key is an error. Secrets are
never written here: a store URL with a password belongs into the environment or a file
(`store.url_file`).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ganzhi.base.errors import InputError, Issue, Location

SETTINGS_FILE = "ganzhi.toml"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WorkspaceSettings(_Section):
    """`[workspace]`: pack, name shown on pages, and the zone in which days and hours are local."""

    pack: str = "telecom"
    name: str = "ganzhi"
    timezone: str = "Asia/Shanghai"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            near = get_close_matches(value, sorted(available_timezones()), n=3)
            raise ValueError(f"unknown zone; near: {', '.join(near) or '–'}")
        return value


class StoreSettings(_Section):
    """`[store]`: where the operational store is. Empty url: `store.sqlite` in the workspace."""

    url: str = ""
    url_file: str = ""


class EngineSettings(_Section):
    """`[engine]`: limits of the embedded engine. threads 0 means all cores."""

    memory_mb: Annotated[int, Field(ge=128)] = 1024
    threads: Annotated[int, Field(ge=0, le=256)] = 0
    query_deadline_s: Annotated[int, Field(ge=1, le=3600)] = 60


class ServeSettings(_Section):
    """`[serve]`: the portal's address; `refresh_every_s` is how often changed data are looked for."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8350
    refresh_every_s: Annotated[int, Field(ge=1)] = 60


class KeepSettings(_Section):
    """`[keep]`: how long superseded files stay readable before they are swept; `drop_expired` lets the schedule delete
    rows whose feed's `retention_days` are over (numbers stay; `ganzhi expire` does it by hand)."""

    retired_hours: Annotated[int, Field(ge=1)] = 24
    drop_expired: bool = False


class Settings(_Section):
    """All sections of `ganzhi.toml`."""

    workspace: WorkspaceSettings = WorkspaceSettings()
    store: StoreSettings = StoreSettings()
    engine: EngineSettings = EngineSettings()
    serve: ServeSettings = ServeSettings()
    keep: KeepSettings = KeepSettings()

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's zone."""
        return ZoneInfo(self.workspace.timezone)


def _from_environment(raw: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    merged = {name: dict(value) if isinstance(value, dict) else value for name, value in raw.items()}
    for section, field in Settings.model_fields.items():
        model = field.annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        for key in model.model_fields:
            value = environment.get(f"GANZHI_{section}_{key}".upper())
            if value is not None:
                merged.setdefault(section, {})[key] = value
    return merged


def _line_of(text: str, section: str, key: str) -> int:
    inside = not section
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            inside = stripped.strip("[] ") == section
            if inside and not key:
                return number
        elif inside and key and stripped.partition("=")[0].strip() == key:
            return number
    return 0


def _issue(error: Any, path: Path, text: str) -> Issue:
    where = [str(part) for part in error["loc"]]
    section, key = ([*where, "", ""])[:2]
    at = Location(path.name, _line_of(text, section, key))
    subject = ".".join(where)
    if error["type"] == "extra_forbidden":
        known = list(Settings.model_fields)
        if key:
            model = Settings.model_fields[section].annotation
            assert isinstance(model, type)
            assert issubclass(model, BaseModel)
            known = list(model.model_fields)
        near = get_close_matches(where[-1], known, n=1)
        return Issue("CFG002", subject, at, {"near": near[0] if near else ", ".join(known)})
    return Issue("CFG003", subject, at, {"detail": str(error["msg"])})


def read_settings(root: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the workspace at `root`; errors as of `read_settings_file`."""
    return read_settings_file(root / SETTINGS_FILE, environment)


def read_settings_file(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in a file, overridden by the environment.

    Raises: InputError CFG001 when there is no such file, CFG002–CFG004 for every problem at once.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(Issue("CFG001", str(path.parent))) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(Issue("CFG004", SETTINGS_FILE, Location(SETTINGS_FILE), {"detail": str(error)})) from None
    try:
        return Settings.model_validate(_from_environment(raw, os.environ if environment is None else environment))
    except ValidationError as error:
        raise InputError([_issue(e, path, text) for e in error.errors()]) from None


def first_settings(name: str, pack: str, timezone: str) -> str:
    """The text of a new workspace's `ganzhi.toml`."""
    WorkspaceSettings(pack=pack, name=name, timezone=timezone)
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return (
        "[workspace]\n"
        f'pack = "{pack}"\n'
        f'name = "{quoted}"\n'
        f'timezone = "{timezone}"\n\n'
        "[engine]\nmemory_mb = 1024\n\n"
        '[serve]\nhost = "127.0.0.1"\nport = 8350\n'
    )
