"""How SQL gets to ClickHouse: through clickhouse-connect to a server, or to chdb in this process."""

from __future__ import annotations

import threading
from functools import cache
from importlib import import_module
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from ganzhi.base.errors import EngineError, Issue
from ganzhi.base.ids import new_id
from ganzhi.warehouse.clickhouse.faults import meaning


class Wire(Protocol):
    """A connection. local_files: whether the engine may read this machine's files by path."""

    local_files: bool

    def fetch(self, sql: str) -> pa.Table:
        """The rows of a SELECT."""
        ...

    def run(self, sql: str) -> None:
        """A statement without rows."""
        ...

    def fill(self, name: str, table: pa.Table) -> None:
        """Add rows to a table of the engine whose columns have the same names."""
        ...

    def close(self) -> None:
        """Release the connection."""
        ...


class ServerWire:
    """A server, over HTTP; temporary tables live as long as its session there.

    deadline_s: for each query. Raises EngineError WHS040 when the server cannot be reached, WHS041
    when it refuses user or password, WHS042 when the driver is not installed.
    """

    local_files = False

    def __init__(
        self,
        host: str,
        port: int,
        *,
        database: str = "default",
        user: str = "default",
        password: str = "",
        secure: bool = False,
        deadline_s: float | None = None,
    ) -> None:
        driver = _driver("clickhouse_connect")
        self._errors: type[Exception] = driver.driver.exceptions.Error
        self._deadline_s = deadline_s
        settings = {} if deadline_s is None else {"max_execution_time": int(deadline_s)}
        self._client = self._guarded(
            driver.get_client,
            host=host,
            port=port,
            username=user,
            password=password,
            database=database,
            secure=secure,
            session_id=f"ganzhi-{new_id()}",
            settings=settings,
            send_receive_timeout=int((deadline_s or 3600) + 30),
            autogenerate_session_id=False,
        )

    def fetch(self, sql: str) -> pa.Table:
        """See `Wire`."""
        raw = self._guarded(self._client.raw_query, sql, fmt="ArrowStream")
        try:
            return pa.ipc.open_stream(raw).read_all()
        except pa.ArrowException:  # the server ended in the middle of an answer
            raise EngineError(Issue("WHS040", "ClickHouse", params={"detail": ""}), retryable=True) from None

    def run(self, sql: str) -> None:
        """See `Wire`."""
        self._guarded(self._client.command, sql)

    def fill(self, name: str, table: pa.Table) -> None:
        """See `Wire`."""
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        block = sink.getvalue().to_pybytes()
        self._guarded(self._client.raw_insert, name, table.column_names, block, fmt="Parquet")

    def close(self) -> None:
        """See `Wire`."""
        self._client.close()

    def _guarded(self, call: Any, *args: Any, **named: Any) -> Any:
        try:
            return call(*args, **named)
        except self._errors as error:
            raise meaning(str(error), self._deadline_s) from None
        except OSError:
            raise EngineError(Issue("WHS040", "ClickHouse", params={"detail": ""}), retryable=True) from None


class _Embedded:
    """chdb's one instance of this process; its calls are serialised."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.session = _driver("chdb.session").Session()
        self.error: type[Exception] = _driver("chdb._exceptions").ChdbError  # not the class that chdb exports


@cache
def _embedded() -> _Embedded:
    return _Embedded()


class EmbeddedWire:
    """chdb in this process: the same SQL without a server. For tests, and to try an engine out."""

    local_files = True

    def fetch(self, sql: str) -> pa.Table:
        """See `Wire`."""
        shared = _embedded()
        with shared.lock:
            try:
                return shared.session.query(sql, "ArrowTable")
            except (shared.error, UnicodeDecodeError) as error:
                raise meaning(_text(error), None) from None

    def run(self, sql: str) -> None:
        """See `Wire`."""
        self.fetch(sql)

    def fill(self, name: str, table: pa.Table) -> None:
        """See `Wire`."""
        shared = _embedded()
        with shared.lock:
            try:
                arriving = table  # noqa: F841 - chdb finds it by this name in the frame of its caller
                listed = ", ".join(f"`{column}`" for column in table.column_names)
                shared.session.query(f"INSERT INTO {name} ({listed}) SELECT {listed} FROM Python(arriving)")
            except (shared.error, UnicodeDecodeError) as error:
                raise meaning(_text(error), None) from None

    def close(self) -> None:
        """See `Wire`."""
        return


def _text(error: Exception) -> str:
    """An error's text; chdb cuts long ones without regard to letters, and then cannot decode them itself."""
    return error.object.decode(errors="replace") if isinstance(error, UnicodeDecodeError) else str(error)


def _driver(module: str) -> Any:
    """A driver that is an extra; WHS042 when it is not installed."""
    try:
        return import_module(module)
    except ImportError:
        raise EngineError(Issue("WHS042", "ClickHouse", params={"extra": "clickhouse"})) from None
