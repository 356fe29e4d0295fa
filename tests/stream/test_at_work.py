"""Streams at work in a workspace: from files in a folder to notices, by the command, the server and the schedule."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from ganzhi.api.metrics import Metrics
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.warning import GradeLimits
from ganzhi.cli.main import run
from ganzhi.ingest.stream.counting import recount
from ganzhi.ingest.stream.folder import FolderSource
from ganzhi.ingest.stream.load import StreamLoader
from ganzhi.ingest.stream.messages import Message
from ganzhi.ingest.stream.run import Pace, Stream
from ganzhi.ingest.stream.source import Polled
from ganzhi.jobs import SCHEDULE, Judging
from ganzhi.measure.refresh import refresh
from ganzhi.store.streams.streams import StreamState
from ganzhi.streaming import Streaming
from ganzhi.warn.evaluate import rules_in_force
from ganzhi.warn.minutes.feeds import FeedWatch
from ganzhi.wiring import init_workspace, opened
from tests.notify.servers import Receiver, http_server
from tests.stream.ground import FEED, MAPPING, START, STREAM, complaint, many, messages, place_in, rule

DECLARED = """
units:
  C1: {name: {zh: 一市, en: One}, level: city, parent: all}
  C2: {name: {zh: 二市, en: Two}, level: city, parent: all}
mappings:
  complaint_messages:
    name: {zh: 投诉消息, en: Messages}
    feed: complaints
    format: {kind: jsonl}
    columns:
      complaint_id: {source: complaint_id}
      received_at: {source: received_at, epoch: ms}
      unit: {source: unit}
      channel: {const: hall}
      kind: {const: ordinary}
      commercial_process: {const: network}
      category: {const: order_record}
publications:
  at_once:
    name: {zh: 即时, en: At once}
    red: {roles: [handler], channels: [webhook], acknowledge_min: 60, feedback_min: 120}
warning_rules:
  trial.centre:
    name: {zh: 实时投诉量, en: Complaints as they come}
    level: centre
    indicator: complaint.count
    at: [city]
    grain: 1min
    limits: {red: 25}
    hold: 0
    owner: {zh: 客户服务中心, en: Customer service centre}
    publication: at_once
"""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with http_server(Receiver()) as made:
        yield made


@pytest.fixture
def root(tmp_path: Path, receiver: Receiver) -> Path:
    made = tmp_path / "w"
    init_workspace(made)
    (made / "catalogue" / "near.yaml").write_text(DECLARED, encoding="utf-8")
    (made / "in").mkdir()
    settings = made / "ganzhi.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8")
        + '\n[streams.desk]\nfeed = "complaints"\nmapping = "complaint_messages"\nsource = "folder"\nfolder = "in"\n'
        "every_s = 0.1\nlate_s = 0\n"
        f'\n[notify.targets.desk]\nchannel = "webhook"\nroles = ["handler"]\nurl = "{receiver.url}"\n',
        encoding="utf-8",
    )
    receiver.posts.clear()
    return made


def put(folder: Path, name: str, count: int, first: int, unit: str = "C1") -> None:
    """A file of complaints of this minute, written under another name first."""
    at = int(datetime.now(UTC).timestamp() * 1000)
    lines = [json.dumps({"complaint_id": f"x{first + n}", "received_at": at, "unit": unit}) for n in range(count)]
    half = folder / f"{name}.part"
    half.write_text("\n".join(lines), encoding="utf-8")
    half.rename(folder / name)


@pytest.mark.requirement("S003-007", "S003-009")
def test_a_burst_of_complaints_reaches_who_is_to_know_at_once(root: Path, receiver: Receiver) -> None:
    """The centre's level: a file comes, its minute is judged, the finding is published under the rule's own owner and
    the notice is out, all within the command's turn; nothing waits for a schedule, a day or a refresh."""
    put(root / "in", "1.jsonl", 40, 0)
    put(root / "in", "2.jsonl", 3, 100, "C2")
    assert run(["stream", "--name", "desk", "--once", "-w", str(root), "--lang", "en"]) == 0
    assert sorted(each.name for each in (root / "in" / "loaded").iterdir()) == ["1.jsonl", "2.jsonl"]
    with opened(root) as workspace:
        (finding,) = workspace.workplace.store.findings.list()
        assert (finding.rule, finding.unit, finding.grade, finding.state) == ("trial.centre", "C1", 4, "published")
        assert finding.first_period.endswith("/1min")
        refresh(workspace.workplace)
        schedule = {each.kind: each for each in SCHEDULE}
        schedule["clocks"].work(workspace)
        (sample,) = workspace.workplace.store.samples.of(finding.id)
        assert (sample.population, len(sample.rows)) == (40, 40), (
            "a sample is drawn as soon as its records are in states"
        )
        assert [each.state for each in workspace.workplace.store.streams.all()] == ["stopped"]
        told = generate_latest(Metrics(workspace.workplace)._registry).decode()
        assert "ganzhi_stream_age_seconds" in told
        assert 'ganzhi_stream_lag{stream="desk"}' not in told, "how much is left of a stopped stream is unknown"
        assert 'ganzhi_stream_up{stream="desk"} 0.0' in told
    assert [post.json["unit"] for post in receiver.posts] == ["C1"]


def test_the_server_reads_the_streams_of_the_settings(root: Path, receiver: Receiver) -> None:
    with opened(root) as workspace:
        streaming = Streaming(workspace)
        streaming.start()
        put(root / "in", "1.jsonl", 30, 0)
        until = time.monotonic() + 20
        while not receiver.posts and time.monotonic() < until:
            time.sleep(0.05)
        assert streaming.stop()
        assert [each.grade for each in workspace.workplace.store.findings.list()] == [4]
    assert len(receiver.posts) == 1


def test_rules_of_minutes_are_left_to_the_streams_by_the_schedule(tmp_path: Path) -> None:
    """A rule of minutes is never judged day by day; one of a quarter of an hour is, until its feed is a stream."""
    rules = {
        "minute": rule(grain=Grain.MINUTE),
        "quarter": rule(grain=Grain.QUARTER_HOUR),
        "daily": rule(level="product", grain=Grain.DAY),
    }
    place = place_in(tmp_path, rules)
    judging = Judging()
    assert [code for code in rules if not judging._is_elsewhere(place, code, set())] == ["quarter", "daily"]
    assert [code for code in rules if not judging._is_elsewhere(place, code, {FEED})] == ["daily"]
    assert rules_in_force(place.catalogue) == ("quarter", "daily")
    place.store.close()


def test_a_message_on_which_the_work_fails_is_put_aside_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever one message does to the program, all others count and the stream goes on."""
    place = place_in(tmp_path)
    recount(place, FEED)
    batch = messages([complaint(n, START) for n in range(21)])
    plain = StreamLoader.load

    def faulty(self: StreamLoader, some: tuple[Message, ...], before: object, unworkable: object = ()) -> object:
        if not unworkable and any(b"c000013" in (each.value or b"") for each in some):
            raise ValueError("a fault of ours")
        return plain(self, some, before, unworkable)  # type: ignore[arg-type]

    monkeypatch.setattr(StreamLoader, "load", faulty)

    class Once:
        given = False

        def poll(self, _wait_s: float, _most: int) -> Polled:
            found, self.given = (() if self.given else batch), True
            return Polled(found, before={"t[0]": None}, caught_up=place.clock.now())

        def counted(self, polled: Polled) -> None: ...

        def rewind(self) -> None: ...

        def close(self) -> None: ...

    turn = Stream(place, STREAM, FEED, MAPPING, Once(), Pace(0.01)).turn()
    assert turn.error is None
    assert sum(each.accepted for each in turn.reports) == 20
    assert [each.reasons for each in turn.reports if each.rejected] == [{"STR011": 1}]
    assert place.store.streams.offsets(STREAM) == {"t[0]": 21}
    place.store.close()


def test_files_that_are_being_written_are_left_alone(tmp_path: Path) -> None:
    """Neither by its name nor while it changes is half a file taken for a whole one; a refused one is moved aside and
    the next ones come in."""
    place = place_in(tmp_path / "w")
    folder = tmp_path / "in"
    folder.mkdir()
    source = FolderSource(folder, place.clock)
    stream = Stream(place, STREAM, FEED, MAPPING, source, Pace(0.01))
    lines = [each.value or b"" for each in messages(many(6, START))]
    growing = folder / "a.jsonl"
    growing.write_bytes(lines[0])
    for name in (".b.jsonl", "_c.jsonl", "d.jsonl.part", "e.jsonl.TMP"):
        (folder / name).write_bytes(lines[5])
    assert stream.turn().reports == ()
    growing.write_bytes(b"\n".join(lines[:3]))
    assert stream.turn().reports == (), "it has grown since"
    (folder / "f.jsonl").write_bytes(b"PK\x03\x04 no text")
    assert [each.accepted for each in stream.turn().reports] == [3]
    (refused,) = stream.turn().reports
    assert refused.state == "rejected"
    assert [each.name for each in (folder / "refused").iterdir()] == ["f.jsonl"]
    assert sum(file.rows for file in place.store.manifest.snapshot().table(f"rows/{FEED}")) == 3
    place.store.close()


def test_a_folder_that_is_gone_is_waited_for(tmp_path: Path) -> None:
    place = place_in(tmp_path / "w")
    folder = tmp_path / "in"
    stream = Stream(place, STREAM, FEED, MAPPING, FolderSource(folder, place.clock), Pace(0.01))
    assert stream.turn().error is not None
    assert [(each.state, each.said) for each in place.store.streams.all()] == [("waiting", "STR006")]
    folder.mkdir()
    assert stream.turn().error is None
    place.store.close()


def test_events_from_a_clock_that_is_ahead_are_put_aside(tmp_path: Path) -> None:
    """Time skew: what lies further ahead than the feed allows goes to quarantine, what lies less far is counted in its
    minute and judged when that minute has come."""
    place = place_in(
        tmp_path,
        {"trial": rule(by=None, at=("city",), grain=Grain.MINUTE, baseline="fixed", limits=GradeLimits(red=5))},
    )
    recount(place, FEED)
    hours = place.catalogue.feed(FEED).window.future_hours
    soon, never = START + timedelta(minutes=3), START + timedelta(hours=hours, minutes=1)
    report = StreamLoader(place, STREAM, FEED, MAPPING).load(messages([*many(9, soon), complaint(99, never)]), {})
    assert (report.accepted, report.reasons) == (9, {"ING135": 1})
    watch = FeedWatch(place, FEED)
    place.store.streams.says(StreamState(STREAM, FEED, MAPPING, "running", "", 0, START, START))
    assert [each for found in watch.turn() for each in found if each.verdict == "warned"] == []
    place.clock.at = soon  # type: ignore[attr-defined]
    assert [each.value for found in watch.turn() for each in found if each.verdict == "warned"] == [9.0]
    place.store.close()
