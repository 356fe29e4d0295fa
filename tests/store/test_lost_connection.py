"""A connection that breaks around COMMIT: what was done is done once (P22)."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ganzhi.base.clock import SystemClock
from ganzhi.base.errors import EngineError
from ganzhi.store.jobs import NewJob
from ganzhi.store.manifest import Change
from ganzhi.store.open import Store, open_store
from tests.store.samples import a_file, a_load

ROUNDS = 15


class Proxy:
    """Forwards a PostgreSQL socket; at the next COMMIT it cuts the client off before or after the server had it."""

    def __init__(self, server: str, folder: Path) -> None:
        self.cut: str | None = None
        self.cuts = 0
        self._server = server
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._server)
            while True:
                for source in select.select([client, server], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is client and self.cut and b"COMMIT" in data:
                        self._cut_off(client, server, data)
                        return
                    (server if source is client else client).sendall(data)

    def _cut_off(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        cut, self.cut = self.cut, None
        self.cuts += 1
        client.shutdown(socket.SHUT_RDWR)
        if cut == "after":
            server.sendall(data)
            server.recv(65536)

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@pytest.fixture
def proxied(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Proxy]]:
    """A store behind a proxy."""
    folder = tmp_path_factory.mktemp("p")
    url = sa.make_url(postgres_url)
    proxy = Proxy(f"{url.query['host']}/.s.PGSQL.5432", folder)
    store = open_store(url.set(query={"host": str(folder)}).render_as_string(hide_password=False), SystemClock())
    yield store, proxy
    store.close()
    proxy.close()


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_commit_whose_fate_is_unknown_counts_once(proxied: tuple[Store, Proxy], cut: str) -> None:
    store, proxy = proxied
    for n in range(ROUNDS):
        load = a_load(f"{n}")
        change = Change("load", (a_file("rows/calls", load.id),), load=load, jobs=(NewJob("refresh", f"{n}"),))
        proxy.cut = cut
        assert store.manifest.commit(change) == n + 1
    assert proxy.cuts == ROUNDS
    assert len(store.manifest.snapshot().files) == len(store.ledger.loads()) == ROUNDS
    assert len(store.jobs.jobs()) == len(store.audit.entries()) == ROUNDS
    assert store.check() == []


@pytest.mark.parametrize("cut", ["before", "after"])
def test_an_audit_entry_is_appended_once(proxied: tuple[Store, Proxy], cut: str) -> None:
    store, proxy = proxied
    for n in range(3):
        proxy.cut = cut
        store.audit.append("user", "act", f"{n}")
    assert [entry.subject for entry in store.audit.entries()] == ["0", "1", "2"]


Act = Callable[[Store], object]


@pytest.mark.parametrize(
    "act", [lambda s: s.jobs.enqueue(NewJob("r", "k")), lambda s: s.catalogues.remember("v", "{}")]
)
def test_other_acts_say_that_a_retry_may_help(proxied: tuple[Store, Proxy], act: Act) -> None:
    store, proxy = proxied
    proxy.cut = "after"
    with pytest.raises(EngineError) as caught:
        act(store)
    assert (caught.value.issue.code, caught.value.retryable) == ("STO004", True)
    act(store)
    assert len(store.jobs.jobs()) <= 1


def test_a_job_is_finished_though_the_answer_was_lost(proxied: tuple[Store, Proxy]) -> None:
    store, proxy = proxied
    store.jobs.enqueue(NewJob("refresh", "a"))
    claim = store.jobs.claim("w")
    assert claim is not None
    proxy.cut = "after"
    store.jobs.finish(claim)
    assert store.jobs.jobs() == ()


def test_a_server_that_dropped_its_connections_is_used_again(proxied: tuple[Store, Proxy]) -> None:
    store, _ = proxied
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    admin = sa.create_engine(store.database.engine.url, poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    admin.dispose()
    assert store.manifest.commit(Change("load", (a_file("rows/calls", "b"),))) == 2
