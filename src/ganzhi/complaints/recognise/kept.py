"""A model as a file: arrays and a card, no code, named by its digest; registered and taken into use by a person."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganzhi.base.errors import InputError, Issue
from ganzhi.complaints.recognise.heads import KIND
from ganzhi.numerics.text.linear import Linear
from ganzhi.store.learnt.models import Learnt
from ganzhi.warehouse.workplace import Workplace

FOLDER = "models"


@dataclass(frozen=True, slots=True)
class Model:
    """Heads by name, and the card that says how well they do."""

    heads: Mapping[str, Linear]
    card: Mapping[str, Any]


def as_bytes(model: Model) -> bytes:
    """The file's content; equal models give equal bytes."""
    arrays: dict[str, Any] = {f"{head}/{name}": a for head, m in model.heads.items() for name, a in m.arrays().items()}
    arrays["card"] = np.frombuffer(json.dumps(model.card, sort_keys=True, ensure_ascii=False).encode(), dtype=np.uint8)
    made = io.BytesIO()
    np.savez_compressed(made, allow_pickle=False, **arrays)
    return made.getvalue()


def from_bytes(content: bytes) -> Model:
    """What `as_bytes` made."""
    heads: dict[str, dict[str, Any]] = {}
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        card = json.loads(arrays["card"].tobytes())
        for key in arrays.files:
            head, _, name = key.partition("/")
            if name:
                heads.setdefault(head, {})[name] = arrays[key]
    return Model({head: Linear.of(parts) for head, parts in heads.items()}, card)


def keep(workplace: Workplace, model: Model, *, by: str) -> Learnt:
    """Write the file, whole or not at all, and register it; not in use yet."""
    content = as_bytes(model)
    name = hashlib.sha256(content).hexdigest()
    path = _path(workplace, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return workplace.store.learnt.add(KIND, name, dict(model.card), by=by)


def load(workplace: Workplace, learnt: Learnt) -> Model:
    """The model of an entry; TXT004 when its file is gone or is not the one that was registered."""
    try:
        content = _path(workplace, learnt.digest).read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != learnt.digest:
        raise InputError(Issue("TXT004", learnt.id, params={"value": str(learnt.number)}))
    return from_bytes(content)


def in_use(workplace: Workplace) -> tuple[Learnt, Model] | None:
    """The model that is in use; None when none is."""
    learnt = workplace.store.learnt.in_use(KIND)
    return None if learnt is None else (learnt, load(workplace, learnt))


def named(workplace: Workplace, number: str) -> Learnt:
    """The model with a number; TXT003 when there is none."""
    for each in workplace.store.learnt.list(KIND):
        if str(each.number) == number:
            return each
    raise InputError(Issue("TXT003", params={"value": number[:40]}))


def _path(workplace: Workplace, name: str) -> Path:
    return workplace.root / FOLDER / KIND / f"{name}.npz"
