"""Every channel against a real server: what arrives, and what becomes of servers that do not behave."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import hmac
import json
import socket
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ganzhi.base.clock import FixedClock
from ganzhi.base.settings import NotifySettings, TargetSettings
from ganzhi.notify.channels import channels
from ganzhi.notify.http import MOST_ANSWER, post
from ganzhi.notify.mail.channel import Mail
from ganzhi.notify.message import DeliveryError, Message
from ganzhi.notify.robots.channels import WECOM_BYTES, shortened
from tests.notify.servers import Mailbox, Receiver, http_server, mail_server
from tests.store.conftest import START

MESSAGE = Message(
    "f1:2.publish.ann", 0, "【红色预警】投诉量：杭州", "周期：2026-11-20\n实际 60，预期 40", {"grade": "red"}
)
CHANNELS = channels(FixedClock(START))


def settings(**more: Any) -> NotifySettings:
    return NotifySettings.model_validate({"deadline_s": 1, **more})


def target(channel: str, **more: Any) -> TargetSettings:
    return TargetSettings.model_validate({"channel": channel, "roles": ["owner"], **more})


def secret(folder: Path, text: str) -> str:
    path = folder / f"{len(list(folder.iterdir()))}.secret"
    path.write_text(text + "\n", encoding="utf-8")
    return str(path)


def test_a_webhook_gets_json_with_its_key_and_a_signature_that_fits(tmp_path: Path) -> None:
    with http_server(Receiver()) as receiver:
        to = target(
            "webhook", url=receiver.url + "in?x=1", sign_file=secret(tmp_path, "s3"), token_file=secret(tmp_path, "t0")
        )
        CHANNELS["webhook"].send(MESSAGE, to, settings())
    (got,) = receiver.posts
    assert got.path == "/in?x=1"
    assert got.json == {
        "key": MESSAGE.key,
        "repeat": 0,
        "subject": MESSAGE.subject,
        "text": MESSAGE.text,
        "grade": "red",
    }
    assert got.headers["idempotency-key"] == MESSAGE.key
    assert got.headers["authorization"] == "Bearer t0"
    assert got.headers["x-ganzhi-signature"] == "sha256=" + hmac.new(b"s3", got.body, hashlib.sha256).hexdigest()


def test_wecom_gets_the_text_under_the_robots_key(tmp_path: Path) -> None:
    with http_server(Receiver()) as receiver:
        CHANNELS["wecom"].send(
            MESSAGE, target("wecom", token_file=secret(tmp_path, "a&b")), settings(wecom_url=receiver.url)
        )
    (got,) = receiver.posts
    assert got.path == "/cgi-bin/webhook/send?key=a%26b"
    assert got.json == {"msgtype": "text", "text": {"content": MESSAGE.plain}}


def test_dingtalk_is_signed_as_its_documentation_says(tmp_path: Path) -> None:
    with http_server(Receiver()) as receiver:
        to = target("dingtalk", token_file=secret(tmp_path, "tok"), sign_file=secret(tmp_path, "SECx"))
        CHANNELS["dingtalk"].send(MESSAGE, to, settings(dingtalk_url=receiver.url))
    (got,) = receiver.posts
    asked = parse_qs(urlsplit(got.path).query)
    at = asked["timestamp"][0]
    expected = base64.b64encode(hmac.digest(b"SECx", f"{at}\nSECx".encode(), "sha256")).decode()
    assert (asked["access_token"], asked["sign"], int(at)) == (["tok"], [expected], int(START.timestamp() * 1000))
    assert got.json["text"]["content"].startswith(MESSAGE.subject)


def test_feishu_is_signed_as_its_documentation_says(tmp_path: Path) -> None:
    with http_server(Receiver()) as receiver:
        to = target("feishu", token_file=secret(tmp_path, "tok"), sign_file=secret(tmp_path, "SECx"))
        CHANNELS["feishu"].send(MESSAGE, to, settings(feishu_url=receiver.url))
    (got,) = receiver.posts
    assert got.path == "/open-apis/bot/v2/hook/tok"
    at = got.json["timestamp"]
    assert got.json["sign"] == base64.b64encode(hmac.digest(f"{at}\nSECx".encode(), b"", "sha256")).decode()
    assert got.json["content"]["text"] == MESSAGE.plain


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
@pytest.mark.parametrize(
    "answer", [b'{"errcode": 93000, "code": 19021}', b"<html>ok</html>", b"[]", b"{}", b'{"errcode": "0"}']
)
def test_a_robot_that_answers_200_with_an_error_did_not_take_it(tmp_path: Path, kind: str, answer: bytes) -> None:
    with http_server(Receiver(answer=answer)) as receiver, pytest.raises(DeliveryError):
        CHANNELS[kind].send(
            MESSAGE, target(kind, token_file=secret(tmp_path, "tok")), settings(**{f"{kind}_url": receiver.url})
        )


def test_a_long_text_is_cut_for_wecom_and_keeps_its_key() -> None:
    long = Message(MESSAGE.key, 2, MESSAGE.subject, "预警" * 2_000, {})
    found = shortened(long, WECOM_BYTES)
    assert len(found.encode()) <= WECOM_BYTES
    assert found.endswith(f"[{MESSAGE.key} · ×3]")


def test_sms_fills_the_template_and_no_text_leaves_its_field(tmp_path: Path) -> None:
    sly = Message('k","phone":"999', 0, 'a"}', "{token}\n\\", {})
    body = '{"to": "{phone}", "msg": "{text}", "id": "{key}", "auth": "{token}"}'
    with http_server(Receiver(answer=b"OK 1")) as receiver:
        sms = {"url": receiver.url, "body": body, "token_file": secret(tmp_path, "tok"), "accepted": "OK"}
        CHANNELS["sms"].send(sly, target("sms", address="13800000000"), settings(sms=sms))
        with pytest.raises(DeliveryError):
            CHANNELS["sms"].send(
                MESSAGE, target("sms", address="13800000000"), settings(sms=sms | {"accepted": "SENT"})
            )
    got = receiver.posts[0].json
    assert (got["to"], got["auth"], got["id"]) == ("13800000000", "tok", sly.key)
    assert got["msg"].startswith('a"} {token} \\')


def test_sms_as_a_form_quotes_its_values() -> None:
    with http_server(Receiver()) as receiver:
        sms = {"url": receiver.url, "content_type": "application/x-www-form-urlencoded", "body": "m={phone}&t={text}"}
        CHANNELS["sms"].send(
            Message("k", 0, "a&m=999", "b", {}), target("sms", address="13800000000"), settings(sms=sms)
        )
    assert parse_qs(receiver.posts[0].body.decode()) == {"m": ["13800000000"], "t": ["a&m=999 b [k]"]}


@pytest.mark.parametrize("how", ["refuse", "taken_then_500", "cut", "taken_then_cut", "silent", "redirect", "drip"])
def test_a_server_that_misbehaves_is_a_failure_in_time_and_is_not_followed(how: str) -> None:
    with http_server(Receiver(behave=lambda _n: how)) as receiver:
        began = time.monotonic()
        with pytest.raises(DeliveryError) as caught:
            CHANNELS["webhook"].send(MESSAGE, target("webhook", url=receiver.url), settings())
        assert time.monotonic() - began < 2.5
    assert receiver.calls == 1
    assert "secret" not in str(caught.value)


def test_an_endless_answer_is_read_up_to_its_limit_only() -> None:
    with http_server(Receiver(behave=lambda _n: "endless")) as receiver:
        answer = post(receiver.url, b"{}", {}, deadline_s=5)
    assert len(answer.body) == MOST_ANSWER


def test_nobody_listening_is_a_failure() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(DeliveryError):
        post(url, b"", {}, deadline_s=1)


def _mail(port: int, **more: Any) -> NotifySettings:
    server = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "ganzhi@example.cn", **more}
    return settings(mail=server)


def test_mail_arrives_at_one_address_with_a_message_id_that_a_repetition_shares() -> None:
    box = Mailbox(refuse=["451 later"])
    with mail_server(box) as port:
        to = target("mail", address="ann@example.cn")
        with pytest.raises(DeliveryError, match="smtp 451"):
            CHANNELS["mail"].send(MESSAGE, to, _mail(port))
        CHANNELS["mail"].send(MESSAGE, to, _mail(port))
        CHANNELS["mail"].send(Message(MESSAGE.key, 1, MESSAGE.subject, MESSAGE.text, {}), to, _mail(port))
    first, again = (email.message_from_bytes(each.content, policy=email.policy.default) for each in box.mails)
    assert [each.rcpt_tos for each in box.mails] == [["ann@example.cn"]] * 2
    assert first["Subject"] == MESSAGE.subject
    assert again["Subject"] == f"{MESSAGE.subject} (×2)"
    assert first["Message-ID"] == again["Message-ID"]
    assert MESSAGE.text.splitlines()[1] in first.get_content()


def test_mail_is_not_sent_in_the_clear_when_it_should_be_encrypted() -> None:
    box = Mailbox()
    with mail_server(box) as port, pytest.raises(DeliveryError):
        CHANNELS["mail"].send(MESSAGE, target("mail", address="ann@example.cn"), _mail(port, security="starttls"))
    assert box.mails == []


def test_a_mail_server_that_drips_its_greeting_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                for _ in range(60):
                    try:
                        connection.sendall(b"2")
                    except OSError:
                        return
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(DeliveryError, match="timed out"):
            CHANNELS["mail"].send(MESSAGE, target("mail", address="a@b.cn"), _mail(server.getsockname()[1]))
        assert time.monotonic() - began < 2.5


SEVERAL = [
    "a@b.cn\r\nBcc: c@d.cn", "a@b.cn\nRCPT TO:<c@d.cn>", "a@b.cn,c@d.cn", "a@b.cn;c@d.cn", "a@b.cn c@d.cn", "<a@b.cn>",
    "A <a@b.cn>", "a@b.cn\x00", "a@b@c.cn", "a@b.cn\t", '"a,b"@c.cn', "a@b.cn>", "a@", "@b.cn", "ann", ",".join(["a@b.cn"] * 10_000),
    "a＠b.cn", "a@b..cn", "a@-b.cn", "a@b.cn\u2028c@d.cn",
]  # fmt: skip


@pytest.mark.parametrize("address", SEVERAL)
def test_a_mail_address_that_is_not_exactly_one_is_refused_in_settings_and_when_sending(address: str) -> None:
    with pytest.raises(ValueError, match="one mail address"):
        target("mail", address=address)
    with pytest.raises(DeliveryError, match="address refused"):
        Mail(FixedClock(START)).compose(MESSAGE, address, "ganzhi@example.cn")
    with pytest.raises(DeliveryError, match="address refused"):
        Mail(FixedClock(START)).compose(MESSAGE, "ann@example.cn", address)


@pytest.mark.parametrize("text", ["a\r\nBcc: c@d.cn", "a\nb", "a\x0bb", "a\x85b", "a\u2028b", "a\x00b"])
def test_a_line_end_in_a_header_is_refused(text: str) -> None:
    mail = Mail(FixedClock(START))
    for message in (Message("k", 0, text, "t", {}), Message(text, 0, "s", "t", {})):
        with pytest.raises(DeliveryError, match="header refused"):
            mail.compose(message, "a@b.cn", "g@b.cn")


@pytest.mark.parametrize(
    "number", ["138,139", "138\r\n139", "１３８００", "+", "138 139", "13800000000;1", "1" * 16, "abc"]
)
def test_a_phone_number_that_is_not_exactly_one_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="one phone number"):
        target("sms", address=number)


STRANGE = [
    "ftp://a.cn/", "file:///etc/passwd", "gopher://a.cn", "javascript:1", "//a.cn", "a.cn", "", "http://", "https://",
    "https://u:p@a.cn/", "https://u@a.cn/", "https://a.cn#b", "https://a.cn/ b", "https://a.cn/\r\nX: y", "https://a.cn\\@b.cn/",
    "http://a.cn/", "http://10.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/",
    "http://①②⑦.⓪.⓪.①/", "http://127.0.0.1.a.cn/", "http://localhost.a.cn/", "https://a.cn:0/", "https://a.cn:99999/",
    "https://a.cn:x/", "https://[::1", "https://a_b!.cn/", "https://256.1.1.1/", "https://1.2.3/", "https://0x7f000001/",
    "https://017700000001/", "https://127.0.0.01/", "https://a..cn/", "https://-a.cn/", "https://a.cn/\x00", "https://a。cn/",
    "HTTPS://u@a.cn", "http://169.254.169.254/",
]  # fmt: skip


@pytest.mark.parametrize("url", STRANGE)
def test_an_address_that_may_not_be_written_to_is_refused_in_settings_and_when_sending(url: str) -> None:
    given = {"channel": "webhook", "roles": ["owner"], "url": url}
    with pytest.raises(ValueError, match=r"no address|needs url"):
        NotifySettings.model_validate({"targets": {"x": given}})
    with pytest.raises(DeliveryError, match="address refused"):
        post(url, b"", {}, deadline_s=1)


def test_a_secret_that_is_not_one_line_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "bad"
    path.write_text("a\nb", encoding="utf-8")
    for file in (str(path), str(tmp_path / "absent")):
        with pytest.raises(DeliveryError, match="secret file"):
            CHANNELS["webhook"].send(MESSAGE, target("webhook", url="https://a.cn/", token_file=file), settings())


def test_json_that_is_posted_reads_back_as_it_was() -> None:
    with http_server(Receiver()) as receiver:
        CHANNELS["webhook"].send(MESSAGE, target("webhook", url=receiver.url), settings())
    assert json.loads(receiver.posts[0].body)["subject"] == MESSAGE.subject
