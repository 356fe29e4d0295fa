"""A ClickHouse server for the real driver: its HTTP interface over chdb, which can die in the middle."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from ganzhi.warehouse.clickhouse.wire import _embedded

_FORMAT = re.compile(r"\s+FORMAT\s+(\w+)\s*;?\s*$")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body: bytes) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        head, mark, block = body.partition(b"FORMAT Parquet\n")  # an INSERT brings its rows behind its text
        sql = asked["query"] if "query" in asked else (head + mark.strip()).decode()
        self.server.seen.append(sql)
        if self.server.dies_at is not None and self.server.dies_at in sql:
            self.close_connection = True
            self.connection.close()
            return
        status, content, block = 200, b"", block if mark else b""
        shared = _embedded()
        with shared.lock:
            try:
                content = self._run(shared, sql, block)
            except (shared.error, UnicodeDecodeError) as error:
                status, content = 500, str(error).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-ClickHouse-Timezone", "UTC")
        if status == 500:
            self.send_header("X-ClickHouse-Exception-Code", "1")
        self.end_headers()
        self.wfile.write(content)

    def _run(self, shared: object, sql: str, block: bytes) -> bytes:
        session = shared.session  # type: ignore[attr-defined]
        if block:
            path = self.server.folder / "block.parquet"  # type: ignore[operator]
            path.write_bytes(block)
            head = _FORMAT.sub("", sql)
            session.query(f"{head} SELECT * FROM file('{path}', Parquet)")
            return b""
        found = _FORMAT.search(sql)
        text, form = (sql, "TabSeparated") if found is None else (sql[: found.start()], found.group(1))
        return session.query(text, form).bytes()  # type: ignore[no-any-return]

    def log_message(self, *_: object) -> None:
        return


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: object) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.seen: list[str] = []
        self.dies_at: str | None = None


@contextmanager
def clickhouse_server(folder: object) -> Iterator[Server]:
    """A server on a free port; `dies_at`: a text at whose sight it drops the connection."""
    server = Server(folder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
