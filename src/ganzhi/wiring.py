"""The one place that names concrete engines and stores, and opens a workspace out of its parts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ganzhi.base.clock import Clock, SystemClock
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.settings import SETTINGS_FILE, Settings, first_settings, read_settings, read_settings_file
from ganzhi.catalogue.content import from_json, to_json
from ganzhi.catalogue.edits import EDITS_FOLDER
from ganzhi.catalogue.expressions import Opinion
from ganzhi.catalogue.files import packs
from ganzhi.catalogue.kept import load_kept
from ganzhi.catalogue.load import load_catalogue, load_with_issues
from ganzhi.catalogue.model.data import ColumnType
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.improve.findings import Findings
from ganzhi.improve.rules import Rules
from ganzhi.improve.sample import sample_of
from ganzhi.measure.open import States
from ganzhi.notify.announce import Announcer
from ganzhi.notify.channels import channels
from ganzhi.notify.deliver import Delivered, deliver
from ganzhi.store.backup import restore_backup
from ganzhi.store.findings.records import Finding, Sample
from ganzhi.store.open import Store, open_store
from ganzhi.store.revisions.desk import Desk
from ganzhi.store.revisions.projection import settle
from ganzhi.warehouse.backup import BackupReport, read_index, restore
from ganzhi.warehouse.clickhouse.engine import ClickHouseEngine
from ganzhi.warehouse.clickhouse.wire import EmbeddedWire, ServerWire, Wire
from ganzhi.warehouse.duckdb.engine import DuckDBEngine
from ganzhi.warehouse.duckdb.opinion import give_opinion
from ganzhi.warehouse.duckdb.serving import ServingCache
from ganzhi.warehouse.engine import Engine
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.spark.engine import SparkEngine
from ganzhi.warehouse.workplace import Workplace

OVERLAY_FOLDER = "catalogue"
WAREHOUSE_FOLDER = "warehouse"
CACHE_FOLDER = "cache"


def _duckdb(root: Path, settings: Settings) -> Engine:
    return DuckDBEngine(
        root=root / WAREHOUSE_FOLDER,
        zone=settings.zone,
        memory_mb=settings.engine.memory_mb,
        threads=settings.engine.threads or os.cpu_count() or 1,
        deadline_s=settings.engine.query_deadline_s,
    )


def _clickhouse(root: Path, settings: Settings) -> Engine:
    chosen = settings.engine.clickhouse
    password = Path(chosen.password_file).read_text(encoding="utf-8").strip() if chosen.password_file else ""

    def connect() -> Wire:
        if not chosen.host:
            return EmbeddedWire()
        return ServerWire(
            chosen.host,
            chosen.port or (8443 if chosen.secure else 8123),
            database=chosen.database,
            user=chosen.user,
            password=password,
            secure=chosen.secure,
            deadline_s=None,
        )

    return ClickHouseEngine(root / WAREHOUSE_FOLDER, connect)


def _spark(root: Path, settings: Settings) -> Engine:
    chosen = settings.engine.spark
    return SparkEngine(
        root / WAREHOUSE_FOLDER, master=chosen.master, files_uri=chosen.files_uri, settings=chosen.options
    )


ENGINES: tuple[tuple[str, Callable[[Path, Settings], Engine]], ...] = (
    ("duckdb", _duckdb),
    ("clickhouse", _clickhouse),
    ("spark", _spark),
)
"""Engines by name, the embedded one first; the others scan rows where the settings say so."""


def scanner(root: Path, settings: Settings) -> Engine | None:
    """The engine that scans rows of the workspace at `root`; None when it is the embedded one."""
    kind = settings.engine.kind
    return None if kind == ENGINES[0][0] else dict(ENGINES)[kind](root, settings)


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open workspace: its settings and the ports every piece of work needs."""

    root: Path
    settings: Settings
    workplace: Workplace

    def close(self) -> None:
        """Release the store's connections."""
        self.workplace.store.close()


def second_opinion(sql: str, columns: Mapping[str, ColumnType]) -> Opinion:
    """What the default engine's own parser makes of an expression that the catalogue's grammar accepts."""
    engine_says = give_opinion(sql, columns)
    return Opinion(engine_says.type or None, engine_says.refusal)


def check_catalogue(root: Path) -> tuple[Catalogue | None, list[Issue]]:
    """The catalogue of the workspace at `root` with every issue, warnings included."""
    settings = read_settings(root)
    return load_with_issues(settings.workspace.pack, root / OVERLAY_FOLDER, second=second_opinion)


def _store_url(root: Path, settings: Settings) -> str:
    if settings.store.url_file:
        return Path(settings.store.url_file).read_text(encoding="utf-8").strip()
    return settings.store.url or f"sqlite:///{root / 'store.sqlite'}"


def open_workspace(root: Path, clock: Clock | None = None, catalogue: Catalogue | None = None) -> Workspace:
    """Open the workspace at `root`: settings, checked catalogue, migrated store, engine.

    catalogue: one that has been read and checked already; by default it is read from pack, overlay and
    approved edits, whose files are put right from the store first.
    Raises: InputError with every issue of the settings or of the catalogue.
    """
    root = root.resolve()
    settings = read_settings(root)
    ticking = clock or SystemClock()
    store: Store = open_store(_store_url(root, settings), ticking)
    try:
        if catalogue is None:
            settle(root / OVERLAY_FOLDER / EDITS_FOLDER, store)
            kept, overlay = root / CACHE_FOLDER, root / OVERLAY_FOLDER
            catalogue = load_kept(settings.workspace.pack, overlay, kept, second=second_opinion)
        store.catalogues.remember(catalogue.version, to_json(catalogue))
    except BaseException:
        store.close()
        raise
    workplace = Workplace(
        root=root,
        catalogue=catalogue,
        store=store,
        files=Files(root / WAREHOUSE_FOLDER),
        engine=ENGINES[0][1](root, settings),
        zone=settings.zone,
        clock=ticking,
        operator_week=settings.operator_week,
        far=scanner(root, settings),
    )
    return Workspace(root, settings, workplace)


@contextmanager
def opened(root: Path, clock: Clock | None = None) -> Iterator[Workspace]:
    """`open_workspace` that closes again."""
    workspace = open_workspace(root, clock)
    try:
        yield workspace
    finally:
        workspace.close()


def desk(workspace: Workspace) -> Desk:
    """Where the workspace's catalogue is changed: proposals and decisions."""
    pack, overlay = workspace.settings.workspace.pack, workspace.root / OVERLAY_FOLDER
    place = workspace.workplace
    return Desk(
        store=place.store,
        current=place.catalogue,
        load=lambda files: load_with_issues(pack, overlay, second=second_opinion, proposed=files),
        edits=overlay / EDITS_FOLDER,
        zone=place.zone,
    )


def findings_of(workspace: Workspace, reading: States | None = None) -> Findings:
    """The findings of a workspace, told to those whom its settings name.

    reading: where samples of new findings are drawn from; None draws none.
    """
    place = workspace.workplace
    rules = Rules(place.catalogue)

    def draw(finding: Finding) -> Sample | None:
        try:
            return None if reading is None else sample_of(place, reading, finding)
        except InputError:
            return None  # an indicator without records of its own

    announce = Announcer(rules, workspace.settings.notify, place.zone)
    return Findings(place.store, rules, announce, draw)


def send_notices(workspace: Workspace, most: int = 1_000) -> Delivered:
    """Send what is due in the outbox."""
    place = workspace.workplace
    return deliver(place.store.outbox, channels(place.clock), workspace.settings.notify, most)


def find_catalogue(workspace: Workspace, name: str) -> Catalogue:
    """The catalogue called `now`, `pack`, by a folder laid over the pack, or by a remembered version or its beginning.

    Raises: InputError REQ026 for a version that is not there, and every issue of a folder.
    """
    pack = workspace.settings.workspace.pack
    if name == "now":
        return workspace.workplace.catalogue
    if name == "pack":
        return load_catalogue(pack, None)
    folder = Path(name)
    if folder.is_dir():
        inner = folder / OVERLAY_FOLDER
        return load_catalogue(pack, inner if inner.is_dir() else folder)
    catalogues = workspace.workplace.store.catalogues
    content = catalogues.get(catalogues.find(name))
    assert content is not None
    return from_json(content)


@contextmanager
def trial(workspace: Workspace, catalogue: Catalogue) -> Iterator[Workplace]:
    """A workplace of its own with this catalogue, in a folder that is gone afterwards.

    Nothing of the workspace's data or store is in it, and nothing that is done in it remains.
    """
    with tempfile.TemporaryDirectory(prefix="ganzhi-try-") as folder:
        root = Path(folder)
        (root / WAREHOUSE_FOLDER).mkdir()
        clock = workspace.workplace.clock
        store = open_store(f"sqlite:///{root / 'store.sqlite'}", clock)
        try:
            yield Workplace(
                root=root,
                catalogue=catalogue,
                store=store,
                files=Files(root / WAREHOUSE_FOLDER),
                engine=ENGINES[0][1](root, workspace.settings),
                zone=workspace.workplace.zone,
                clock=clock,
            )
        finally:
            store.close()


def init_workspace(root: Path, *, pack: str = "telecom", name: str = "", timezone: str = "Asia/Shanghai") -> Settings:
    """Make a new workspace in a new or empty folder; `ganzhi.toml` comes last, so a half-made folder is none.

    Raises: InputError CFG005, CFG006 or CFG007.
    """
    if pack not in packs():
        raise InputError(Issue("CFG007", pack, params={"known": ", ".join(packs())}))
    if (root / SETTINGS_FILE).exists():
        raise InputError(Issue("CFG006", str(root)))
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise InputError(Issue("CFG005", str(root)))
    text = first_settings(name or root.resolve().name, pack, timezone)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    root.chmod(0o700)
    (root / OVERLAY_FOLDER).mkdir(exist_ok=True)
    (root / WAREHOUSE_FOLDER).mkdir(exist_ok=True)
    half = root / f"{SETTINGS_FILE}.part"
    half.write_text(text, encoding="utf-8")
    half.replace(root / SETTINGS_FILE)
    return read_settings(root)


def serving_cache(workspace: Workspace) -> ServingCache:
    """The cache of small tables that pages read from."""
    limits = workspace.settings.engine
    return ServingCache(
        workspace.root / WAREHOUSE_FOLDER,
        workspace.settings.zone,
        workspace.workplace.clock,
        memory_mb=limits.memory_mb,
        deadline_s=limits.query_deadline_s,
    )


def restore_workspace(source: Path, to: Path) -> BackupReport:
    """Make a new workspace of a backup; its store goes to where the backed-up settings (or the
    environment) say. Errors as of `warehouse.backup.restore` and `store.backup.restore_backup`."""
    entries = read_index(source.resolve()).entries
    kept = next((entry for entry in entries if entry.target == SETTINGS_FILE), None)
    settings = Settings() if kept is None else read_settings_file(source.resolve() / kept.path)
    target = to.resolve()
    return restore(source, target, lambda copy: restore_backup(copy, _store_url(target, settings)))
