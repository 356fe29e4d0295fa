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
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ganzhi.base.addresses import is_mail_address, is_phone_number, web_address
from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.base.periods import Grain, known_zones

SETTINGS_FILE = "ganzhi.toml"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WorkspaceSettings(_Section):
    """`[workspace]`: pack, name shown on pages, the zone in which days and hours are local, and the operator's own week
    that pages offer beside the ISO week (`week-sat` starts on Saturdays; empty for none)."""

    pack: str = "telecom"
    name: str = "ganzhi"
    timezone: str = "Asia/Shanghai"
    operator_week: str = ""

    @field_validator("operator_week")
    @classmethod
    def _known_week(cls, value: str) -> str:
        known = [grain.value for grain in Grain if grain.is_operator_week]
        if value and value not in known:
            raise ValueError(f"not a week; known: {', '.join(known)}")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in known_zones():
            near = get_close_matches(value, sorted(known_zones()), n=3)
            raise ValueError(f"unknown zone; near: {', '.join(near) or '–'}")
        return value


class StoreSettings(_Section):
    """`[store]`: where the operational store is. Empty url: `store.sqlite` in the workspace."""

    url: str = ""
    url_file: str = ""


class ClickHouseSettings(_Section):
    """`[engine.clickhouse]`: the server that scans rows with kind `clickhouse`. port 0 means 8123, or 8443 where `secure`;
    password_file is a file that only the service can read; an empty host means the library chdb in this process."""

    host: str = ""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    database: str = "default"
    user: str = "default"
    password_file: str = ""
    secure: bool = False


class SparkSettings(_Section):
    """`[engine.spark]`: the Spark that scans rows with kind `spark`. master is `local[*]` or a cluster's address;
    files_uri is where a cluster's machines see the warehouse folder (empty: under its own path); options are
    further settings of Spark."""

    master: str = "local[*]"
    files_uri: str = ""
    options: dict[str, str] = Field(default_factory=dict)


class EngineSettings(_Section):
    """`[engine]`: which engine scans rows in a refresh (`duckdb`, `clickhouse` or `spark`), and limits of the
    embedded one, DuckDB, which does everything else. threads 0 means all cores."""

    kind: Literal["duckdb", "clickhouse", "spark"] = "duckdb"
    memory_mb: Annotated[int, Field(ge=128)] = 1024
    threads: Annotated[int, Field(ge=0, le=256)] = 0
    query_deadline_s: Annotated[int, Field(ge=1, le=3600)] = 60
    clickhouse: ClickHouseSettings = ClickHouseSettings()
    spark: SparkSettings = SparkSettings()


class ServeSettings(_Section):
    """`[serve]`: the portal's address; `refresh_every_s` is how often changed data are looked for. proxies are the
    addresses or networks of reverse proxies that are believed whom they pass on, and whether by https
    (`X-Forwarded-For`, `X-Forwarded-Proto`), in the environment apart by spaces; exports_per_hour is how many files one
    user may take."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8350
    refresh_every_s: Annotated[int, Field(ge=1)] = 60
    proxies: tuple[str, ...] = ()
    exports_per_hour: Annotated[int, Field(ge=1, le=100_000)] = 120

    @field_validator("proxies", mode="before")
    @classmethod
    def _apart(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("proxies")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            ip_network(each, strict=False)
        return value


class ApiSettings(_Section):
    """`[api]`: what one token may ask of the API: requests in a minute, spread or at once, and how many run together."""

    requests_per_minute: Annotated[int, Field(ge=1, le=100_000)] = 600
    at_once: Annotated[int, Field(ge=1, le=32)] = 4


class QuerySettings(_Section):
    """`[query]`: free questions. most_rows is how many rows, by the manifest's own counts, one question may read (more is
    refused before anything is read); deadline_s is how long one may take."""

    most_rows: Annotated[int, Field(ge=1)] = 20_000_000
    deadline_s: Annotated[int, Field(ge=1, le=3600)] = 30


class KeepSettings(_Section):
    """`[keep]`: how long superseded files stay readable before they are swept; `drop_expired` lets the schedule delete
    rows whose feed's `retention_days` are over (numbers stay; `ganzhi expire` does it by hand). report_levels: levels of
    units whose reports on complaints are made and kept, beside those of the whole and of units that a target is told of."""

    retired_hours: Annotated[int, Field(ge=1)] = 24
    drop_expired: bool = False
    report_levels: tuple[Literal["province", "city", "county", "hall", "counter", "centre", "team", "agent"], ...] = ()


Days = Annotated[int, Field(ge=0, le=400)]


class CloseSettings(_Section):
    """`[close]`: so many days after it ended a period is closed by itself (what was shown is kept); 0 is never.
    operator_week_after_days: of weeks of the operator's own, where it has any."""

    day_after_days: Days = 0
    week_after_days: Days = 0
    operator_week_after_days: Days = 0
    month_after_days: Days = 0
    quarter_after_days: Days = 0
    year_after_days: Days = 0


def is_safe_address(address: str) -> bool:
    """Whether what is sent to an address reaches only it: https, or http within this machine.

    >>> [is_safe_address(a) for a in ("https://a.cn/x", "http://127.0.0.1:9/x", "http://127.0.0.1.a.cn", "https:///x")]
    [True, True, False, False]
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    here = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and here))


class OidcSettings(_Section):
    """`[access.oidc]`: signing in by an OpenID Connect provider; an empty issuer means none. portal_url: the portal's
    address as browsers see it (the provider sends them to `<portal_url>/sign-in/oidc`). Who is what: the first entry of
    `roles` whose claim value somebody has gives the role; `units` gives the units of each value of `unit_claim`, their
    codes apart by a space, `*` for the whole organisation; without `unit_claim` everybody has `default_units`. Whoever
    has no role or no unit by these rules is not let in. client_secret_file and ca_file are files that only the service
    can read."""

    issuer: str = ""
    client_id: str = ""
    client_secret_file: str = ""
    portal_url: str = ""
    name: str = ""
    scopes: str = "openid profile"
    algorithms: tuple[Literal["RS256", "PS256", "ES256"], ...] = ("RS256", "PS256", "ES256")
    role_claim: str = "groups"
    roles: dict[str, str] = Field(default_factory=dict)
    unit_claim: str = ""
    units: dict[str, str] = Field(default_factory=dict)
    default_units: str = ""
    ca_file: str = ""

    @field_validator("issuer", "portal_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not is_safe_address(value):
            raise ValueError("not an https address")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        lacking = [name for name in ("client_id", "portal_url", "roles") if not getattr(self, name)]
        if self.issuer and lacking:
            raise ValueError(f"issuer needs: {', '.join(lacking)}")
        return self


class AccessSettings(_Section):
    """`[access]`: signing in. demo lets everybody in, in a role they choose, without a password: for demonstrations
    only. A session ends after idle_minutes without a request, and hours after it began. second_factor_roles: roles
    whose owners must prove themselves by a code of an app too, as everybody may. second_factor_key_file: a file that
    only the service can read, from which the secrets of the codes are made; without it a copy of the store is enough."""

    demo: bool = False
    idle_minutes: Annotated[int, Field(ge=1, le=240)] = 30
    hours: Annotated[int, Field(ge=1, le=24)] = 12
    second_factor_roles: tuple[
        Literal["leader", "analyst", "manager", "handler", "owner", "support", "operations", "administrator"], ...
    ] = ()
    second_factor_key_file: str = ""
    oidc: OidcSettings = OidcSettings()


class MailSettings(_Section):
    """`[notify.mail]`: the mail server that notices go through; an empty host means none. ca_file: whom to trust besides
    the system's authorities. password_file is a file that only the service can read."""

    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: str = ""
    sender: str = ""
    ca_file: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.host and not is_mail_address(self.sender):
            raise ValueError("sender is not one mail address")
        return self


class SmsSettings(_Section):
    """`[notify.sms]`: the gateway that sends text messages, called by HTTP POST; an empty url means none. body is what is
    posted, with `{phone}`, `{text}`, `{key}` and `{token}` (of token_file) filled in, quoted as content_type asks for (JSON
    or form). accepted is what a good answer holds; empty for any with status 2xx."""

    url: str = ""
    content_type: Literal["application/json", "application/x-www-form-urlencoded"] = "application/json"
    body: str = '{"phone": "{phone}", "text": "{text}", "id": "{key}"}'
    token_file: str = ""
    accepted: str = ""


class TargetSettings(_Section):
    """`[notify.targets.<name>]`: somebody or something that may be told, and the only ones that are. channel, and by it:
    `mail` an address, `sms` a phone number, `webhook` a url, `wecom`, `dingtalk` and `feishu` nothing but token_file, a file with
    the robot's key. sign_file: a file with the secret that requests are signed with. roles: as whom it is told; units: of
    which units and all below (empty for all). lang: in which language."""

    channel: Literal["mail", "sms", "webhook", "wecom", "dingtalk", "feishu"]
    roles: tuple[str, ...]
    units: tuple[str, ...] = ()
    address: str = ""
    url: str = ""
    token_file: str = ""
    sign_file: str = ""
    lang: Literal["zh", "en"] = "zh"

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        match self.channel:
            case "mail" if not is_mail_address(self.address):
                raise ValueError("address is not one mail address")
            case "sms" if not is_phone_number(self.address):
                raise ValueError("address is not one phone number")
            case "webhook" if not self.url:
                raise ValueError("webhook needs url")
            case "wecom" | "dingtalk" | "feishu" if not self.token_file:
                raise ValueError(f"{self.channel} needs token_file")
            case _:
                return self


class NotifySettings(_Section):
    """`[notify]`: how warnings reach people. targets is the list of all that are allowed; notices go nowhere else. portal_url is
    the portal's address in notices; plain_http allows http to other machines; deadline_s is how long one delivery may
    take; wecom_url, dingtalk_url and feishu_url are where the robots are (a relay inside the operator's network, for example)."""

    portal_url: str = ""
    plain_http: bool = False
    deadline_s: Annotated[int, Field(ge=1, le=50)] = 15
    wecom_url: str = "https://qyapi.weixin.qq.com"
    dingtalk_url: str = "https://oapi.dingtalk.com"
    feishu_url: str = "https://open.feishu.cn"
    mail: MailSettings = MailSettings()
    sms: SmsSettings = SmsSettings()
    targets: dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")], TargetSettings] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _safe(self) -> Self:
        named = {f"targets.{name}.url": target.url for name, target in self.targets.items()}
        robots = {f"{kind}_url": getattr(self, f"{kind}_url") for kind in ("wecom", "dingtalk", "feishu")}
        for name, url in {**named, **robots, "sms.url": self.sms.url, "portal_url": self.portal_url}.items():
            if url and web_address(url, plain_http=self.plain_http or name == "portal_url") is None:
                raise ValueError(f"{name} is no address that may be written to")
        return self


class StreamSettings(_Section):
    """`[streams.<name>]`: a feed that arrives in small pieces. feed and mapping are what is loaded and how (the mapping may be
    left out where there is only one). source: `kafka` with brokers, topic, group and options (those of librdkafka; secrets as
    a file's path where it takes one), or `folder` with folder, whose files are loaded once they have stopped changing. start: where a topic is read
    from that was never read. every_s is how long messages are collected, most how many at once; late_s is how long after
    the end of a minute its events may still come. serve: `ganzhi serve` reads it, too."""

    feed: str
    mapping: str = ""
    source: Literal["kafka", "folder"]
    brokers: str = ""
    topic: str = ""
    group: str = "ganzhi"
    options: dict[str, str] = Field(default_factory=dict)
    start: Literal["earliest", "latest"] = "earliest"
    folder: str = ""
    every_s: Annotated[float, Field(ge=0.1, le=60)] = 1.0
    most: Annotated[int, Field(ge=1, le=1_000_000)] = 100_000
    late_s: Annotated[float, Field(ge=0, le=86_400)] = 60.0
    serve: bool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needed = ("brokers", "topic") if self.source == "kafka" else ("folder",)
        for name in needed:
            if not getattr(self, name):
                raise ValueError(f"{self.source} needs {name}")
        return self


class Settings(_Section):
    """All sections of `ganzhi.toml`."""

    workspace: WorkspaceSettings = WorkspaceSettings()
    store: StoreSettings = StoreSettings()
    engine: EngineSettings = EngineSettings()
    serve: ServeSettings = ServeSettings()
    api: ApiSettings = ApiSettings()
    query: QuerySettings = QuerySettings()
    keep: KeepSettings = KeepSettings()
    close: CloseSettings = CloseSettings()
    access: AccessSettings = AccessSettings()
    notify: NotifySettings = NotifySettings()
    streams: dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")], StreamSettings] = Field(
        default_factory=dict
    )

    @property
    def operator_week(self) -> Grain | None:
        """The operator's own week, if it has one."""
        return Grain(self.workspace.operator_week) if self.workspace.operator_week else None

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's zone."""
        return ZoneInfo(self.workspace.timezone)


def _from_environment(raw: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = _overridden(raw, Settings, "GANZHI", environment)
    return found


def _overridden(raw: Any, model: type[BaseModel], name: str, environment: Mapping[str, str]) -> Any:
    """A section's raw values, with those of the environment in their place."""
    if not isinstance(raw, dict):
        return raw
    merged = dict(raw)
    for key, field in model.model_fields.items():
        variable = f"{name}_{key}".upper()
        inner = section_of(field.annotation)
        if inner is not None:
            below = _overridden(merged.get(key, {}), inner, variable, environment)
            if below or key in merged:
                merged[key] = below
        elif variable in environment:
            merged[key] = environment[variable]
    return merged


def section_of(annotation: object) -> type[BaseModel] | None:
    """The model of a section, or None for a plain value."""
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


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
    model: type[BaseModel] = Settings
    depth = 0
    while depth < len(where) - 1 and (inner := section_of(_annotation(model, where[depth]))) is not None:
        model, depth = inner, depth + 1
    section, key = ".".join(where[:depth]), "".join(where[depth : depth + 1])
    at = Location(path.name, _line_of(text, section or key, key if section else ""))
    subject = ".".join(where)
    if error["type"] == "extra_forbidden":
        known = list(model.model_fields)
        near = get_close_matches(where[-1], known, n=1)
        return Issue("CFG002", subject, at, {"near": near[0] if near else ", ".join(known)})
    return Issue("CFG003", subject, at, {"detail": str(error["msg"])})


def _annotation(model: type[BaseModel], name: str) -> object:
    field = model.model_fields.get(name)
    return None if field is None else field.annotation


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
