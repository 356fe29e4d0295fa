"""Several processes at once on one store; each round they are released together."""

from __future__ import annotations

from typing import Any

from ganzhi.store.manifest import Change
from ganzhi.store.open import Store
from tests.store.processes.remote import Remote
from tests.store.samples import a_file

ROUNDS = 25


def together(crew: list[Remote], act: str, *args: Any) -> list[Any]:
    for process in crew:
        process.say(act, *args)
    return [process.hear() for process in crew]


def refused(answers: list[Any]) -> list[str]:
    return [answer["code"] for answer in answers if isinstance(answer, dict)]


def test_one_content_loaded_by_three_processes_counts_once(crew: list[Remote], store: Store) -> None:
    for n in range(ROUNDS):
        answers = together(crew, "commit_load", f"file-{n}")
        assert refused(answers) == ["STO016", "STO016"]
    assert len(store.manifest.snapshot().files) == len(store.ledger.loads()) == ROUNDS
    assert store.manifest.head() == ROUNDS
    assert store.check() == []


def test_of_three_compactions_prepared_on_one_state_one_wins(crew: list[Remote], store: Store) -> None:
    store.manifest.commit(Change("load", (a_file("rows/calls", "start"),)))
    for n in range(ROUNDS):
        before = store.manifest.head()
        for number, process in enumerate(crew):
            process.say("replace", f"round-{n}-{number}")
        answers = [process.hear() for process in crew]
        won = [answer for answer in answers if isinstance(answer, int)]
        assert set(refused(answers)) <= {"STO005"}
        # A process that looked only after another had finished may win as well, on the newer state.
        assert won
        assert sorted(won) == list(range(before + 1, before + 1 + len(won)))
        assert len(store.manifest.snapshot().files) == 1


def test_a_job_is_claimed_by_one_process(crew: list[Remote], store: Store) -> None:
    for n in range(ROUNDS):
        together(crew, "enqueue", f"day-{n}")
        answers = together(crew, "claim", "w")
        assert sorted(answers, key=str) == [None, None, f"day-{n}"]
    assert len(store.jobs.jobs(limit=1000)) == ROUNDS


def test_a_due_time_fires_once(crew: list[Remote], store: Store) -> None:
    for n in range(ROUNDS):
        answers = together(crew, "fire", "nightly", f"2026-11-21T08:{n:02d}:00+00:00")
        assert sorted(answers) == [False, False, True]
    assert len(store.jobs.jobs(limit=1000)) == ROUNDS


def test_a_notice_is_taken_by_one_sender(crew: list[Remote], store: Store) -> None:
    for n in range(ROUNDS):
        assert sum(together(crew, "announce", f"finding-{n}")) == 1
        assert sorted(together(crew, "dispatch"), key=str) == [None, None, f"finding-{n}"]


def test_audit_entries_of_three_processes_form_one_chain(crew: list[Remote], store: Store) -> None:
    numbers = [number for _ in range(ROUNDS) for number in together(crew, "append", "somebody")]
    assert sorted(numbers) == list(range(1, 3 * ROUNDS + 1))
    assert store.audit.verify() == []


def test_a_reader_sees_whole_states_only(crew: list[Remote], store: Store) -> None:
    pair = (a_file("rows/calls", "first-a", rows=0), a_file("rows/calls", "first-b", rows=0))
    store.manifest.commit(Change("load", pair))
    writer = crew[0]
    writer.say("swap_pairs", 60)
    seen: set[int] = set()
    while len(seen) < 60 and store.manifest.head() < 61:
        files = store.manifest.snapshot().files
        assert len(files) == 2
        assert files[0].rows == files[1].rows
        seen.add(files[0].rows)
    assert writer.hear() == 60
    assert len(seen) > 3
