"""Real servers that take notices, and misbehave when they are told to."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Post:
    """What came in one request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """An HTTP server. behave: what to do with the n-th request (0, 1, …), by name; `ok` without an entry. It shows each
    idempotency key once, as a receiver should."""

    behave: Callable[[int], str] = field(default=lambda _n: "ok")
    answer: bytes = b'{"errcode": 0, "code": 0, "errmsg": "ok"}'
    posts: list[Post] = field(default_factory=list)
    shown: Counter[str] = field(default_factory=Counter)
    url: str = ""
    calls: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def show(self, post: Post) -> None:
        key = post.headers.get("idempotency-key", "")
        self.posts.append(post)
        if key not in self.shown:
            self.shown[key] += 1


class Handler(BaseHTTPRequestHandler):
    """Answers as its receiver says."""

    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.receiver.lock:
            how = self.receiver.behave(self.receiver.calls)
            self.receiver.calls += 1
            if how not in ("refuse", "cut", "silent", "redirect"):
                self.receiver.show(Post(self.path, headers, body))
        getattr(self, f"_{how}")()

    def _ok(self) -> None:
        self._answer(200, self.receiver.answer)

    def _refuse(self) -> None:
        self._answer(503, b"")

    def _taken_then_500(self) -> None:
        self._answer(500, b"secret of the other side")

    def _taken_then_cut(self) -> None:
        self.connection.close()

    def _cut(self) -> None:
        self.connection.close()

    def _silent(self) -> None:
        time.sleep(3)

    def _redirect(self) -> None:
        self.send_response(307)
        self.send_header("Location", self.receiver.url + "elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(60):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.1)

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(2_000):
            self.wfile.write(b"x" * 65_536)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):
            return

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def http_server(receiver: Receiver) -> Iterator[Receiver]:
    """Serve a receiver on a free port of this machine."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:
            return

    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"receiver": receiver}))
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """A mail server's handler. refuse: answers that it gives to the first mails instead of taking them."""

    refuse: list[str] = field(default_factory=list)
    mails: list[Any] = field(default_factory=list)

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802 - the library's name
        if self.refuse:
            return self.refuse.pop(0)
        self.mails.append(envelope)
        return "250 OK"


@contextmanager
def mail_server(mailbox: Mailbox, **more: Any) -> Iterator[int]:
    """Serve a mailbox; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
