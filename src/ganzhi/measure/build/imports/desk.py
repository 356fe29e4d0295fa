"""The import port: takes uploads in, says what would come of them, loads them, and has refused rows put right.

What is handed in counts for nobody but its sender until it is loaded. A load is that of `ingest`: whole or
not at all, the same bytes once. Each import is in the audit trail before it begins and when it is done.
Viewers bound to units bring rows of those units only and see their own imports only.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO

from ganzhi.access.rights import Ground, Viewer
from ganzhi.base.errors import EngineError, InputError, Issue, Location
from ganzhi.base.failpoint import failpoint
from ganzhi.base.messages import Lang
from ganzhi.ingest.load import load, look
from ganzhi.ingest.quarantine import rejected_of
from ganzhi.ingest.replay import replay
from ganzhi.ingest.report import LoadReport, RefusedError, Tally
from ganzhi.ingest.sender import Sender
from ganzhi.ingest.shaping.job import Job
from ganzhi.ingest.template import template_csv, template_xlsx
from ganzhi.measure.build.arrival import load_row, rejected_row, seen_load
from ganzhi.measure.build.imports.choices import asked_columns, chosen, feed_choices, with_own
from ganzhi.measure.build.imports.corrections import MOST_ROWS, RefusedRows
from ganzhi.measure.build.imports.tray import KEPT, MOST_BYTES, MOST_WAITING, Tray, Upload, new_upload
from ganzhi.measure.views.imports.pages import Counts, ImportsPage, PreviewPage, ResultPage, Waiting
from ganzhi.store.jobs import NewJob
from ganzhi.store.ledger import LoadRecord
from ganzhi.warehouse.workplace import Workplace

ROWS_SHOWN = 50
RECENT_SHOWN = 30
LOOKED_THROUGH = 1_000
"""Latest loads among which a viewer's own are looked for."""
AT_ONCE = 2
WAIT_S = 60.0
LOOKS_KEPT = 32
NO_COUNTS = Counts(0, 0, 0, 0, 0, 0, 0, 0)


class ImportDesk:
    """The import port of a workspace, for all viewers; every act asks the viewer's right `import` first."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = replace(workplace, catalogue=with_own(workplace.catalogue))
        self._tray = Tray(workplace.root)
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._guard = threading.Lock()
        self._looks: OrderedDict[tuple[str, int], PreviewPage] = OrderedDict()

    # -- the page --------------------------------------------------------------------------------

    def page(self, viewer: Viewer, feed: str | None, form: str | None) -> ImportsPage:
        """The import port, with a feed and a form of file chosen or not."""
        viewer.require("import")
        catalogue = self._workplace.catalogue
        choices = feed_choices(catalogue)
        of_feed, of_form = chosen(choices, feed, form)
        columns = (
            ()
            if of_feed is None or of_form is None
            else asked_columns(catalogue, of_feed.code, of_form.code, Ground(catalogue, viewer).top)
        )
        return ImportsPage(
            feeds=choices,
            feed=of_feed,
            form=of_form,
            columns=tuple(columns),
            waiting=tuple(self._waiting(each) for each in self._own(viewer)),
            recent=tuple(load_row(catalogue, each) for each in self._recent(viewer)),
            most_bytes=MOST_BYTES,
            kept_hours=int(KEPT.total_seconds() // 3600),
            bound=bool(viewer.units),
        )

    def template(self, viewer: Viewer, feed: str, form: str, kind: str, lang: Lang) -> bytes:
        """The template of a feed's files. kind: `csv` or `xlsx`."""
        viewer.require("import")
        catalogue = self._workplace.catalogue
        chosen(feed_choices(catalogue), feed, form)
        unit = Ground(catalogue, viewer).top
        if kind == "xlsx":
            return template_xlsx(catalogue, feed, form, lang, unit)
        return template_csv(catalogue, feed, form, unit)

    # -- uploads ---------------------------------------------------------------------------------

    def receive(self, viewer: Viewer, feed: str, form: str, name: str, content: BinaryIO) -> str:
        """Keep an upload for its sender; its id. Raises as `Tray.put`, and InputError for an unknown feed or form."""
        viewer.require("import")
        of_feed, of_form = chosen(feed_choices(self._workplace.catalogue), feed or "–", form)
        assert of_feed is not None
        assert of_form is not None
        now = self._workplace.clock.now()
        self._tray.sweep(now)
        for extra in self._own(viewer)[MOST_WAITING - 1 :]:
            self._tray.drop(extra)
        upload = new_upload(viewer.login, viewer.units, of_feed.code, of_form.code, name, now)
        return self._tray.put(upload, content).id

    def became(self, viewer: Viewer, id_: str) -> str | None:
        """The load an upload became, None while it does not count."""
        return self._upload(viewer, id_).load

    def look(self, viewer: Viewer, id_: str) -> PreviewPage:
        """What would come of an upload now; nothing is loaded."""
        upload = self._upload(viewer, id_)
        key = (upload.id, self._workplace.store.manifest.head())
        with self._guard:
            if key in self._looks:
                return self._looks[key]
        with self._turn(upload.name):
            page = self._looked(viewer, upload)
        with self._guard:
            self._looks[key] = page
            while len(self._looks) > LOOKS_KEPT:
                self._looks.popitem(last=False)
        return page

    def _looked(self, viewer: Viewer, upload: Upload) -> PreviewPage:
        path, waiting = self._tray.path(upload), self._waiting(upload)
        try:
            report, rows = look(
                self._workplace, upload.feed, path, upload.mapping, self._sender(viewer), first=ROWS_SHOWN
            )
        except InputError as error:
            return PreviewPage(waiting, "refused", None, NO_COUNTS, (), _named(error.issues, upload), (), ())
        feed = self._workplace.catalogue.feeds[upload.feed]
        return PreviewPage(
            upload=waiting,
            state=report.state,
            load=report.load_id if report.already_loaded else None,
            counts=_counts(report.tally),
            reasons=_most_first(report.reasons),
            issues=_named(report.issues, upload),
            rows=tuple(rejected_row(feed, each) for each in rows),
            days=report.days,
        )

    def commit(self, viewer: Viewer, id_: str) -> str:
        """Load an upload; the id of the load, which may be an earlier one of the same bytes.

        Raises: InputError with what is wrong with a file that cannot be read as its feed; it stays, to be
        tried again.
        """
        upload = self._upload(viewer, id_)
        if upload.load is not None:
            return upload.load
        about: dict[str, object] = {"upload": upload.id, "mapping": upload.mapping, "sha256": upload.sha256}
        with self._turn(upload.name):
            self._note(viewer, "import.begin", upload.feed, {**about, "bytes": upload.size})
            failpoint("imports.begun")
            try:
                found = load(
                    self._workplace,
                    upload.feed,
                    [self._tray.path(upload)],
                    upload.mapping,
                    WAIT_S,
                    self._sender(viewer),
                )[0]
            except RefusedError as error:
                meanwhile = self._tray.get(id_, self._workplace.clock.now()).load
                if meanwhile is not None:
                    return meanwhile
                codes = sorted({issue.code for issue in error.issues})
                self._note(viewer, "import.refused", upload.feed, {**about, "codes": codes})
                raise InputError(_named(error.issues, upload)) from None
            failpoint("imports.loaded")
            self._note(viewer, "import.done", upload.feed, {**about, **_told(found)})
            self._tray.done(upload, found.load_id)
        self._refresh()
        return found.load_id

    def discard(self, viewer: Viewer, id_: str) -> None:
        """Throw an upload away."""
        self._tray.drop(self._upload(viewer, id_))

    # -- loads -----------------------------------------------------------------------------------

    def result(self, viewer: Viewer, load_id: str, page: int) -> ResultPage:
        """What came of a load, with a page of the rows still refused; InputError REQ016 for one that nobody may see."""
        viewer.require("import")
        record = seen_load(self._workplace, viewer, load_id)
        found, left = rejected_of(self._workplace, record.id, limit=ROWS_SHOWN, offset=(page - 1) * ROWS_SHOWN)
        pages = max(1, math.ceil(left / ROWS_SHOWN))
        if not 1 <= page <= pages:
            raise InputError(Issue("REQ004", "page", params={"value": str(page), "known": f"1–{pages}"}))
        catalogue = self._workplace.catalogue
        feed = catalogue.feeds.get(record.feed)
        latest = self._workplace.store.ledger.loads(record.feed, limit=LOOKED_THROUGH)
        refreshed = self._workplace.store.manifest.last("refresh")
        return ResultPage(
            load=load_row(catalogue, record),
            by=str(record.report.get("by", "")),
            issues=tuple(_issues(record)),
            rows=tuple(rejected_row(feed, each) for each in found),
            left=left,
            page=page,
            pages=pages,
            again=tuple(load_row(catalogue, each) for each in latest if each.replay_of == record.id),
            of=record.replay_of,
            correctable=0 < left <= MOST_ROWS and record.mapping in catalogue.mappings,
            refreshed=refreshed is not None and refreshed >= record.finished_at,
        )

    def refused_rows(self, viewer: Viewer, load_id: str, lang: Lang) -> tuple[bytes, str, int]:
        """The rows of a load that are still refused as a table to put right; with its feed and how many rows.

        Raises: InputError IMP006 when there is none, or too many for a table.
        """
        viewer.require("import")
        record = seen_load(self._workplace, viewer, load_id)
        rows = self._refused(viewer, record)
        return rows.as_csv(lang), record.feed, len(rows)

    def correct(self, viewer: Viewer, load_id: str, name: str, content: BinaryIO) -> str:
        """Load the refused rows of a load again, some of them put right in a table; the load to look at.

        Raises: as `RefusedRows.corrected`, and InputError IMP007 for a table in which nothing was changed.
        """
        viewer.require("import")
        record = seen_load(self._workplace, viewer, load_id)
        texts = self._refused(viewer, record).corrected(
            content, new_upload("", (), "", "", name, record.started_at).name
        )
        if not texts:
            raise InputError(Issue("IMP007", "file"))
        return self._again(viewer, record, texts)

    def again(self, viewer: Viewer, load_id: str) -> str:
        """Load the refused rows of a load again as they are, with the catalogue and mapping of today."""
        viewer.require("import")
        return self._again(viewer, seen_load(self._workplace, viewer, load_id), {})

    def _again(self, viewer: Viewer, record: LoadRecord, texts: Mapping[tuple[str, int], str]) -> str:
        about = {"replay_of": record.id, "corrected": len(texts)}
        with self._turn(record.file):
            self._note(viewer, "import.replay", record.feed, about)
            reports = replay(self._workplace, load=record.id, texts=texts, wait_s=WAIT_S, sender=self._sender(viewer))
            for each in reports:
                self._note(viewer, "import.done", record.feed, {**about, **_told(each)})
        came = [each.load_id for each in reports if each.state == "accepted"]
        if came:
            self._refresh()
        return came[-1] if came else record.id

    def _refused(self, viewer: Viewer, record: LoadRecord) -> RefusedRows:
        rows, total = rejected_of(self._workplace, record.id, limit=MOST_ROWS)
        if not rows or total > MOST_ROWS or record.mapping not in self._workplace.catalogue.mappings:
            params = {"rows": str(total), "most": str(MOST_ROWS)}
            raise InputError(Issue("IMP006", record.id, params=params))
        job = Job.of(self._workplace, record.feed, record.mapping, self._sender(viewer))
        return RefusedRows(job, rows)

    # -- shared ----------------------------------------------------------------------------------

    def _sender(self, viewer: Viewer) -> Sender:
        if not viewer.units:
            return Sender(viewer.login)
        return Sender(viewer.login, viewer.units, frozenset(Ground(self._workplace.catalogue, viewer).units))

    def _upload(self, viewer: Viewer, id_: str) -> Upload:
        """An upload of the viewer's own; what others sent does not exist for them."""
        viewer.require("import")
        found = self._tray.get(id_, self._workplace.clock.now())
        if (found.login, found.tops) != (viewer.login, viewer.units):
            raise InputError(Issue("IMP001", id_[:40]))
        return found

    def _own(self, viewer: Viewer) -> list[Upload]:
        waiting = self._tray.waiting(self._workplace.clock.now())
        return [each for each in waiting if (each.login, each.tops) == (viewer.login, viewer.units)]

    def _recent(self, viewer: Viewer) -> list[LoadRecord]:
        latest = self._workplace.store.ledger.loads(limit=LOOKED_THROUGH)
        mine = (each for each in latest if (by := each.report.get("by")) and (not viewer.units or by == viewer.login))
        return [each for each, _ in zip(mine, range(RECENT_SHOWN), strict=False)]

    def _waiting(self, upload: Upload) -> Waiting:
        feed = self._workplace.catalogue.feeds[upload.feed]
        return Waiting(
            upload.id, upload.feed, feed.name, upload.mapping, upload.name, upload.size, upload.at, upload.until
        )

    def _note(self, viewer: Viewer, act: str, feed: str, detail: Mapping[str, object]) -> None:
        self._workplace.store.audit.append(viewer.login, act, feed, detail)

    def _refresh(self) -> None:
        """Have the numbers computed soon; the schedule does it later in any case."""
        self._workplace.store.jobs.enqueue(NewJob("refresh", "schedule"))

    @contextmanager
    def _turn(self, name: str) -> Iterator[None]:
        """One of few places, so that imports leave room for pages; EngineError IMP008 when all stay taken."""
        if not self._turns.acquire(timeout=WAIT_S):
            raise EngineError(Issue("IMP008", name), retryable=True)
        try:
            yield
        finally:
            self._turns.release()


def sweep_uploads(workplace: Workplace) -> int:
    """Throw away uploads whose time is over; how many."""
    return Tray(workplace.root).sweep(workplace.clock.now())


def _counts(tally: Tally) -> Counts:
    names = ("read", "accepted", "duplicate", "replaced", "rejected", "filtered", "blanked", "noted")
    return Counts(*(getattr(tally, name) for name in names))


def _most_first(reasons: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))


def _told(report: LoadReport) -> dict[str, object]:
    tally = report.tally
    counts = {"accepted": tally.accepted, "replaced": tally.replaced, "rejected": tally.rejected}
    return {"load": report.load_id, "state": report.state, **counts}


def _named(issues: tuple[Issue, ...], upload: Upload) -> tuple[Issue, ...]:
    """Issues with the file called as its sender called it, whatever folder it lies in here."""

    def named(issue: Issue) -> Issue:
        at = None if issue.at is None else Location(upload.name, issue.at.line)
        subject = upload.name if issue.subject == upload.file else issue.subject
        return replace(issue, at=at, subject=subject)

    return tuple(map(named, issues))


def _issues(record: LoadRecord) -> Iterator[Issue]:
    """What was noted of a load, as the ledger keeps it."""
    kept = record.report.get("issues")
    for each in kept if isinstance(kept, list) else ():
        name = record.file.rsplit("/", 1)[-1]
        at = Location(name, int(each.get("line") or 0))
        subject = str(each.get("subject", ""))
        params = {str(key): str(value) for key, value in dict(each.get("params") or {}).items()}
        if each.get("severity") == "warning":
            yield Issue(str(each["code"]), subject, at, params, "warning")
        else:
            yield Issue(str(each["code"]), subject, at, params)
