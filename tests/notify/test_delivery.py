"""From a finding to whoever is to know: at least once at every channel, shown once, whatever fails or is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from ganzhi.base.clock import SystemClock
from ganzhi.base.settings import NotifySettings
from ganzhi.improve.clocks import tick
from ganzhi.improve.findings import Findings
from ganzhi.improve.rules import Rules
from ganzhi.notify.announce import Announcer
from ganzhi.notify.channels import channels
from ganzhi.notify.deliver import deliver
from ganzhi.store.models import NoticeRow
from ganzhi.store.open import Store, open_store
from ganzhi.store.outbox import NewNotice
from tests.improve.town import ANN, HAN, Town, catalogue, evaluated
from tests.notify.servers import Mailbox, Receiver, http_server, mail_server

ZONE = ZoneInfo("Asia/Shanghai")
ROOT = Path(__file__).resolve().parent.parent.parent


def settings(hook: str = "", mail_port: int = 0, **targets: Any) -> NotifySettings:
    given: dict[str, Any] = dict(targets)
    if hook:
        given["hook"] = {"channel": "webhook", "roles": ["owner"], "url": hook}
    document: dict[str, Any] = {"deadline_s": 1, "targets": given, "portal_url": "https://ganzhi.example.cn/"}
    if mail_port:
        document["mail"] = {"host": "127.0.0.1", "port": mail_port, "security": "none", "sender": "g@example.cn"}
    return NotifySettings.model_validate(document)


def mailed(role: str, **more: Any) -> dict[str, Any]:
    return {"channel": "mail", "roles": [role], "address": f"{role}@example.cn", **more}


def told(town: Town, chosen: NotifySettings) -> Findings:
    rules = Rules(catalogue())
    return Findings(town.store, rules, Announcer(rules, chosen, ZONE))


@pytest.mark.requirement("S003-011")
def test_a_red_warning_asks_for_approval_is_told_escalated_and_stood_down_by_mail(town: Town) -> None:
    box = Mailbox()
    with mail_server(box) as port:
        chosen = settings(
            "", port, owner=mailed("owner"), handler=mailed("handler", lang="en"), leader=mailed("leader")
        )
        desk = told(town, chosen)

        def subjects() -> list[tuple[str, str]]:
            before = len(box.mails)
            deliver(town.store.outbox, channels(town.clock), chosen)
            found = [(each.rcpt_tos[0].partition("@")[0], _subject(each.content)) for each in box.mails[before:]]
            return sorted(found)

        (found,) = desk.hear([evaluated(4)])
        assert subjects() == [("handler", "[To be approved, red] volume: 11")]
        found = desk.act(found, "publish", HAN)
        assert subjects() == [("leader", "【红色预警】volume：11"), ("owner", "【红色预警】volume：11")]
        town.clock.pass_time(minutes=16)
        tick(desk)
        assert subjects() == [("leader", "【超时上报·红色预警】volume：11")]
        desk.hear([evaluated(0, day=21)])
        assert subjects() == [("leader", "【解除】volume：11"), ("owner", "【解除】volume：11")]
        assert subjects() == []
    body = box.mails[1].content.decode()
    assert f"https://ganzhi.example.cn/alerts/{found.id}" in _text(box.mails[1].content)
    assert "Auto-Submitted: auto-generated" in body


def _message(content: bytes) -> Any:
    import email
    import email.policy

    return email.message_from_bytes(content, policy=email.policy.default)


def _subject(content: bytes) -> str:
    return str(_message(content)["Subject"])


def _text(content: bytes) -> str:
    return str(_message(content).get_content())


def test_a_notice_of_quiet_hours_waits_in_the_outbox_with_its_reason(town: Town) -> None:
    town.clock.jump(hours=8)
    desk = told(town, settings(owner=mailed("owner")))
    (found,) = desk.hear([evaluated(2)])
    (notice,) = town.store.outbox.notices(found.id)
    assert (notice.withheld, notice.due.astimezone(ZONE).hour) == ("quiet_hours", 7)
    assert town.store.outbox.claim() is None
    assert town.store.check() == []


def test_a_target_that_left_the_settings_is_not_told_and_its_notice_stays(town: Town) -> None:
    with http_server(Receiver()) as receiver:
        before = settings(receiver.url)
        town.store.outbox.enqueue(
            [NewNotice("f", "webhook", "1.publish.hook", {"target": "hook", "subject": "s", "text": "t"})]
        )
        done = deliver(town.store.outbox, channels(town.clock), settings())
        assert (done.sent, done.put_off, receiver.calls) == (0, 1, 0)
        (notice,) = town.store.outbox.notices()
        assert (notice.state, notice.error) == ("waiting", "target is not in the settings")
        town.clock.pass_time(minutes=2)
        assert deliver(town.store.outbox, channels(town.clock), before).sent == 1


def test_a_payload_cannot_name_an_address_of_its_own(town: Town) -> None:
    with http_server(Receiver()) as receiver:
        for payload in ({"target": receiver.url}, {"target": "hook", "url": receiver.url, "address": "x"}, {}):
            town.store.outbox.enqueue([NewNotice(str(len(payload)), "webhook", str(payload), payload)])
        elsewhere = settings(hook="http://127.0.0.1:9/")
        assert deliver(town.store.outbox, channels(town.clock), elsewhere).put_off == 3
        assert receiver.calls == 0


def _enqueue(store: Store, count: int) -> set[str]:
    store.outbox.enqueue(
        NewNotice(f"f{n}", "webhook", "2.publish.hook", {"target": "hook", "subject": f"{n}", "text": "t", "data": {}})
        for n in range(count)
    )
    return {f"f{n}:2.publish.hook" for n in range(count)}


def _due_now(store: Store) -> None:
    """Make everything that is not sent due now, as if the pauses and leases of hours were over."""
    over = SystemClock().now().replace(year=2000)
    with store.database.write() as connection:
        connection.execute(sa.update(NoticeRow).where(NoticeRow.state == "waiting").values(due=over))
        connection.execute(sa.update(NoticeRow).where(NoticeRow.state == "sending").values(lease_until=over))


def _all_sent(store: Store) -> bool:
    return {each.state for each in store.outbox.notices(limit=200)} == {"sent"}


def _waits(store: Store) -> bool:
    """Whether something is due now, or being sent."""
    now = SystemClock().now()
    left = (each for each in store.outbox.notices(limit=200) if each.state in ("waiting", "sending"))
    return any(each.state == "sending" or each.due <= now for each in left)


def _sender(url: str, chosen: NotifySettings, seconds: float, point: str = "") -> subprocess.Popen[bytes]:
    environment = {**os.environ, **({"GANZHI_FAILPOINT": point} if point else {})}
    command = [sys.executable, "-m", "tests.notify.sender", url, chosen.model_dump_json(), str(seconds)]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


@pytest.mark.parametrize("point", ["store.notice_claimed:3", "notify.sent:3"])
def test_a_sender_killed_with_a_notice_in_its_hands_loses_none_and_none_is_shown_twice(
    tmp_path: Path, point: str
) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = open_store(url, SystemClock())
    keys = _enqueue(store, 6)
    with http_server(Receiver()) as receiver:
        killed = _sender(url, settings(receiver.url), 30, point)
        assert killed.wait(60) == -signal.SIGKILL
        _due_now(store)
        deliver(store.outbox, channels(SystemClock()), settings(receiver.url))
        assert receiver.shown == dict.fromkeys(keys, 1)
        assert len(receiver.posts) == 6 + point.startswith("notify")
    assert {each.state for each in store.outbox.notices()} == {"sent"}
    assert store.check() == []
    store.close()


@pytest.mark.slow
def test_two_senders_killed_again_and_again_over_a_bad_line_lose_nothing_and_show_nothing_twice(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = open_store(url, SystemClock())
    keys = _enqueue(store, 16)
    dice = random.Random(20261121)
    ways = ["ok"] * 11 + ["refuse"] * 4 + ["taken_then_cut"] * 3 + ["taken_then_500"] * 2
    with http_server(Receiver(behave=lambda _n: dice.choice(ways))) as receiver:
        chosen = settings(receiver.url)
        kills = 0
        deadline = time.monotonic() + 120
        while not _all_sent(store):
            assert time.monotonic() < deadline
            enough = receiver.calls + dice.randint(3, 7)
            senders = [_sender(url, chosen, 60) for _ in range(2)]
            while receiver.calls < enough and _waits(store):
                time.sleep(0.1)
            for each in senders:
                each.kill()
                each.wait()
                kills += 1
            _due_now(store)
        assert kills >= 4
        assert receiver.shown == dict.fromkeys(keys, 1)
        repeated = Counter(post.headers["idempotency-key"] for post in receiver.posts)
        assert set(repeated) == keys
        assert max(repeated.values()) > 1
    assert store.audit.verify() == []
    store.close()


def test_what_is_done_and_its_notices_are_one_transaction(town: Town) -> None:
    def breaks(*_: object) -> Any:
        raise RuntimeError

    (found,) = told(town, settings(owner=mailed("owner"))).hear([evaluated(2)])
    before = town.store.outbox.notices(found.id)
    with pytest.raises(RuntimeError):
        Findings(town.store, Rules(catalogue()), breaks).act(found, "dismiss", ANN, reason="x")
    assert town.now(found) == found
    assert town.store.outbox.notices(found.id) == before
