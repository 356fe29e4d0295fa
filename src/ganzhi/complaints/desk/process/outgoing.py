"""What was decided at the desk, for the operator's ticket system: as notices as it happens, and as files.

Both carry the same columns. A decision is named by its ticket and its number: who takes a decision that has come
before changes nothing.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ganzhi.base.messages import say
from ganzhi.base.settings import NotifySettings
from ganzhi.complaints.desk.story import told
from ganzhi.store.desk.acts import DeskAct
from ganzhi.store.desk.handovers import Handover
from ganzhi.store.open import Store
from ganzhi.store.outbox import NewNotice

TICKET_SYSTEM: Final = "ticket_system"
"""The role of a target that decisions are sent to."""
FIELDS: Final = ("department", "owner", "until", "found", "party", "via", "outcome", "checked", "reason")
"""What an act may say."""
COLUMNS: Final = ("ticket", "number", "at", "actor", "act", *FIELDS, "undoes")
"""Columns of a file of decisions, and names in a notice of one."""


def decision(act: DeskAct) -> dict[str, str]:
    """A decision as it is handed over; empty where there is nothing."""
    said = {name: told(act, name) for name in FIELDS}
    return {
        "ticket": act.subject,
        "number": str(act.number),
        "at": act.at.isoformat(),
        "actor": act.actor,
        "act": act.act,
        **said,
        "undoes": "" if act.undoes is None else str(act.undoes),
    }


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells the ticket systems of the settings, in the transaction of the act."""

    settings: NotifySettings

    def __call__(self, act: DeskAct) -> Iterator[NewNotice]:
        """A notice of an act to each ticket system, whatever its units: it is the record of all tickets."""
        for name, target in sorted(self.settings.targets.items()):
            if TICKET_SYSTEM in target.roles:
                what = say(target.lang, f"portal.desk.act.{act.act}")
                payload: dict[str, object] = {
                    "target": name,
                    "subject": say(target.lang, "desk.decided.subject", id=act.subject, what=what),
                    "text": say(
                        target.lang,
                        "desk.decided.text",
                        number=act.number,
                        actor=act.actor,
                        why=told(act, "reason") or "–",
                    ),
                    "data": decision(act),
                }
                yield NewNotice(f"ticket:{act.subject}", target.channel, f"act.{act.number}.{name}", payload)


def file_name(number: int) -> str:
    """The name of a file of decisions."""
    return f"decisions-{number:06d}.csv"


def file_bytes(acts: Iterable[DeskAct]) -> bytes:
    """A file of decisions: CSV in UTF-8 with a header, moments in UTC."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(decision(each) for each in acts)
    return out.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is there now, with how many decisions."""

    path: Path
    decisions: int


def hand_over(store: Store, folder: Path, by: str) -> list[Written]:
    """Write all decisions that are in no file yet into the folder, and what was begun before and not finished. A file is
    whole or absent. Raises: OSError of the folder."""
    found: list[Written] = []
    for _ in range(2):
        taken = store.handovers.take(by)
        if taken is None:
            break
        found.append(_write(store, folder, taken))
    return found


def _write(store: Store, folder: Path, taken: Handover) -> Written:
    content, path = file_bytes(taken.acts), folder / file_name(taken.number)
    draft = folder / f".{path.name}.part"
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    here = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(here)
    finally:
        os.close(here)
    store.handovers.written(taken.number, hashlib.sha256(content).hexdigest())
    return Written(path, len(taken.acts))


def reached(store: Store, subject: str) -> Mapping[int, tuple[str, str]]:
    """How each act of a ticket reached the ticket system: (`notice`, its state) or (`file`, its name). Of several targets the
    one that is least far counts."""
    order = ("failed", "waiting", "sending", "sent")
    found: dict[int, tuple[str, str]] = {}
    for (_, number), file in store.handovers.of((subject,)).items():
        found[number] = ("file", file_name(file))
    for notice in store.outbox.notices(f"ticket:{subject}", limit=1_000):
        what, _, rest = notice.change.partition(".")
        if what != "act":
            continue
        number = int(rest.partition(".")[0])
        so_far = found.get(number)
        if so_far is None or so_far[0] == "file" or order.index(notice.state) < order.index(so_far[1]):
            found[number] = ("notice", notice.state)
    return found
