"""Proposals and approvals: checked, all or nothing, never on top of what somebody else changed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import ganzhi
from ganzhi.base.errors import InputError
from ganzhi.catalogue import files
from ganzhi.catalogue.exchange.changes import Change, written_kinds
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.open import Store
from ganzhi.store.revisions.desk import Desk
from ganzhi.store.revisions.projection import folder_name
from ganzhi.store.revisions.proposals import Approval
from tests.store.conftest import Opener
from tests.store.processes.approver import PACKS, desk_at

ROOT = Path(__file__).resolve().parents[2]
WHO: dict[str, Any] = {"author": "ann", "reason": "clearer", "source": "book.xlsx"}


@pytest.fixture
def overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(files, "_packs_folder", lambda: PACKS)
    folder = tmp_path / "catalogue"
    folder.mkdir()
    return folder


At = Callable[[], Desk]


@pytest.fixture
def at(overlay: Path, store: Store) -> At:
    """Opens the desk as a new command would."""
    return lambda: desk_at(store, overlay)


def renamed(catalogue: Catalogue, code: str, name: str) -> Change:
    old = catalogue.indicators[code]
    return Change({"indicators": {code: old.model_copy(update={"name": old.name.model_copy(update={"en": name})})}})


def refusal(work: Callable[[], Any]) -> list[str]:
    with pytest.raises(InputError) as caught:
        work()
    return [issue.code for issue in caught.value.issues]


def test_a_proposal_changes_nothing_and_an_approval_everything(at: At, store: Store, overlay: Path) -> None:
    before = at().current.version
    made = at().propose(renamed(at().current, "hall.visits", "Visits to halls"), **WHO)
    assert [entry.code for entry in made.difference.entries] == ["hall.visits"]
    assert at().current.version == before
    assert store.proposals.list("proposed") == (made.proposal,)

    done = at().approve(made.proposal, by="boss", note="fine", valid_from=date(2026, 12, 1))

    now = at().current
    assert now.indicators["hall.visits"].name.en == "Visits to halls"
    assert (done.proposal.state, done.proposal.number, done.proposal.resulting_version) == ("approved", 1, now.version)
    old, new = store.catalogues.history()
    assert (old.version, old.superseded_at is None) == (before, False)
    assert (new.author, new.reason, new.valid_from, new.superseded_at) == ("ann", "clearer", date(2026, 12, 1), None)
    assert store.catalogues.current() == now.version
    acts = [(entry.actor, entry.act) for entry in store.audit.entries()]
    assert acts == [("ann", "catalogue.propose"), ("boss", "catalogue.approve")]
    text = (overlay / "edits" / folder_name(done.proposal) / "indicators.yaml").read_text("utf-8")
    assert "# Reason: clearer" in text
    assert 'name: {zh: "到厅量", en: "Visits to halls"}' in text


def test_what_would_break_the_catalogue_is_not_even_proposed(at: At, store: Store) -> None:
    desk = at()
    assert refusal(lambda: desk.propose(Change(drop={"systems": ("crm",)}), **WHO)) == ["CAT136"] * 2
    visits = desk.current.indicators["hall.visits"].model_copy(update={"feed": "nothing"})
    assert "CAT070" in refusal(lambda: desk.propose(Change({"indicators": {"hall.visits": visits}}), **WHO))
    assert refusal(lambda: desk.propose(renamed(desk.current, "hall.visits", "V"), **{**WHO, "reason": " "})) == [
        "REQ027"
    ]
    assert store.proposals.list() == ()


def test_entries_may_be_added_and_dropped(at: At) -> None:
    shortfall = written_kinds(at().current)["shortfalls"]["long_queues"]
    change = Change({"shortfalls": {"other_queues": shortfall}}, {"shortfalls": ("long_queues",)})
    at().approve(at().propose(change, **WHO).proposal, by="boss")
    assert list(at().current.shortfalls) == ["other_queues"]
    back = Change({"shortfalls": {"long_queues": shortfall}})
    at().approve(at().propose(back, **WHO).proposal, by="boss")
    assert list(at().current.shortfalls) == ["other_queues", "long_queues"]


def test_a_proposal_for_an_older_version_is_built_again_when_nothing_it_touches_changed(at: At, store: Store) -> None:
    base = at().current
    first = at().propose(renamed(base, "hall.visits", "One"), **WHO).proposal
    second = at().propose(renamed(base, "hall.index", "Two"), **WHO).proposal
    third = at().propose(renamed(base, "hall.visits", "Three"), **WHO).proposal
    at().approve(first, by="boss")

    shown = at().judge(second)
    assert shown.rebased_from == base.version
    assert [entry.code for entry in shown.difference.entries] == ["hall.index"]
    assert at().approve(second, by="boss").rebased_from == base.version

    assert refusal(lambda: at().approve(third, by="boss")) == ["STO031"]
    now = at().current
    assert (now.indicators["hall.visits"].name.en, now.indicators["hall.index"].name.en) == ("One", "Two")
    assert store.proposals.get(third.id).state == "proposed"


def test_a_decision_is_made_once_and_only_on_what_was_seen(at: At, store: Store) -> None:
    desk = at()
    made = desk.propose(renamed(desk.current, "hall.visits", "One"), **WHO).proposal
    stale = Approval("another version", "x", "{}", date(2026, 1, 1))
    assert refusal(lambda: store.proposals.approve(made, stale, by="boss")) == ["STO005"]
    closed = store.proposals.close(made, "rejected", by="boss", note="no")
    assert (closed.state, closed.decided_by, closed.note) == ("rejected", "boss", "no")
    assert refusal(lambda: desk.approve(made, by="boss")) == ["STO005"]
    assert refusal(lambda: desk.approve(closed, by="boss")) == ["REQ029"]
    assert refusal(lambda: store.proposals.close(closed, "withdrawn", by="ann")) == ["REQ029"]
    assert [entry.act for entry in store.audit.entries()] == ["catalogue.propose", "catalogue.reject"]
    assert store.check() == []


def test_whoever_proposed_it_and_programs_cannot_approve_it(at: At, store: Store) -> None:
    before = at().current.version
    made = at().propose(renamed(at().current, "hall.visits", "One"), **WHO).proposal
    for who in ("ann", " ann ", "schedule:catalogue", "system"):
        assert refusal(lambda who=who: at().approve(made, by=who)) == ["REQ030"]  # type: ignore[misc]
    assert (store.proposals.get(made.id).state, at().current.version) == ("proposed", before)
    assert [entry.act for entry in store.audit.entries()] == ["catalogue.propose"]
    assert store.proposals.close(made, "withdrawn", by="ann").state == "withdrawn"


def test_proposals_and_versions_are_found_by_a_part_of_their_names(at: At, store: Store) -> None:
    desk = at()
    made = desk.propose(renamed(desk.current, "hall.visits", "One"), **WHO).proposal
    assert store.proposals.get(made.id[-12:]) == made
    assert refusal(lambda: store.proposals.get("zzz")) == ["REQ028"]
    version = desk.current.version
    assert store.catalogues.find(version.partition("+")[2][:6]) == version == store.catalogues.find("small 1.0.0")
    assert refusal(lambda: store.catalogues.find("nothing")) == ["REQ026"]


def test_a_version_that_comes_back_is_in_force_again(store: Store) -> None:
    store.catalogues.remember("a", "{}")
    store.catalogues.remember("b", "{}")
    assert store.catalogues.current() == "b"
    store.catalogues.remember("a", "{}")
    assert store.catalogues.current() == "a"
    assert [each.superseded_at is None for each in store.catalogues.history()] == [True, False]


@pytest.mark.parametrize(
    ("point", "approved"),
    [("revisions.before_commit", False), ("revisions.after_commit", True), ("revisions.half_written", True)],
)
def test_killed_on_the_way_the_store_says_what_holds(
    at: At, store: Store, url: str, overlay: Path, point: str, approved: bool
) -> None:
    before = at().current.version
    made = at().propose(renamed(at().current, "hall.visits", "One"), **WHO).proposal
    command = [sys.executable, "-m", "tests.store.processes.approver", url, str(overlay), made.id]
    path = os.pathsep.join([str(Path(ganzhi.__file__).parents[1]), str(ROOT)])
    environment = os.environ | {"GANZHI_FAILPOINT": point, "PYTHONPATH": path}
    killed = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    assert (store.proposals.get(made.id).state == "approved") is approved
    assert (at().current.version != before) is approved
    assert (at().current.indicators["hall.visits"].name.en == "One") is approved
    assert at().current.version == store.catalogues.current()
    if not approved:
        at().approve(made, by="boss")
        assert at().current.indicators["hall.visits"].name.en == "One"


def test_files_that_do_not_say_what_the_store_says_are_put_right(at: At, store: Store, overlay: Path) -> None:
    done = at().approve(at().propose(renamed(at().current, "hall.visits", "One"), **WHO).proposal, by="boss").proposal
    folder = overlay / "edits" / folder_name(done)
    file = folder / "indicators.yaml"
    written = file.read_bytes()
    file.write_bytes(written.replace(b"One", b"Two"))
    assert at().current.indicators["hall.visits"].name.en == "One"
    assert file.read_bytes() == written
    assert [each.name.startswith(".aside-") for each in sorted((overlay / "edits").iterdir())] == [True, False]
    shutil.rmtree(folder)
    assert at().current.indicators["hall.visits"].name.en == "One"


def test_edits_of_a_proposal_that_is_not_approved_are_taken_away(at: At, overlay: Path) -> None:
    """As after a backup that was older in its store than in its files."""
    made = at().propose(renamed(at().current, "hall.visits", "One"), **WHO).proposal
    folder = overlay / "edits" / folder_name(made)
    folder.mkdir(parents=True)
    (folder / "indicators.yaml").write_text("indicators: {}\n", encoding="utf-8")
    assert at().current.indicators["hall.visits"].name.en == "Visits"
    assert not folder.exists()


def test_edits_that_the_store_has_never_seen_are_refused(at: At, overlay: Path) -> None:
    (overlay / "edits" / "0001-somewhere").mkdir(parents=True)
    assert refusal(at) == ["STO030"]


def test_a_store_of_the_first_schema_keeps_its_versions(empty_url: str, opened: Opener) -> None:
    from ganzhi.base.clock import SystemClock
    from ganzhi.store.database import connect
    from ganzhi.store.migrations.run import upgrade

    database = connect(empty_url)
    upgrade(database, "0001")
    with database.write() as connection:
        at = SystemClock().now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        connection.exec_driver_sql(
            f"INSERT INTO catalogues (version, content, remembered_at) VALUES ('old', '{{}}', '{at}')"
        )
    database.close()
    store = opened(empty_url)
    assert store.catalogues.versions() == ("old",)
    assert store.catalogues.history()[0].author is None
    store.catalogues.remember("new", "{}")
    assert store.catalogues.current() == "new"
