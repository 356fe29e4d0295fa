"""A library on a store of its own, over a small taxonomy, with a clock that tests move."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from ganzhi.access.rights import LOCAL, ROLES, RoleName, Viewer
from ganzhi.catalogue.model.framework import Product
from ganzhi.catalogue.model.handling import Lexicon
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.taxonomy import ProblemDomain
from ganzhi.complaints.cases.content import CaseContent, to_json
from ganzhi.complaints.cases.desk import CaseDesk
from ganzhi.complaints.cases.library import Library
from ganzhi.store.cases.records import Held
from ganzhi.store.open import open_store
from ganzhi.warehouse.workplace import Workplace
from tests.store.conftest import HandClock

ANN, BOB = replace(LOCAL, login="ann"), replace(LOCAL, login="bob")
TODAY = date(2026, 11, 21)


def named(text: str) -> Text:
    return Text(zh=text, en=text)


def catalogue() -> Any:
    """Three categories, one of which has ended, one product, and two groups of synonyms, one of which has ended."""
    fees = {"charges": {"name": named("话费")}, "waiting": {"name": named("等候")}}
    gone = {"old": {"name": named("旧类"), "valid_to": "2020-01-01", "now": "charges"}}
    domain = ProblemDomain.model_validate({"name": named("账务"), "categories": {**fees, **gone}})
    terms = [{"text": "未到账", "forms": ["钱没了"]}, {"text": "排队久", "forms": ["站着等"], "valid_to": "2020-01-01"}]
    same = Lexicon.model_validate({"name": named("同义"), "purpose": "synonym", "terms": terms})
    return SimpleNamespace(
        problem_domains={"billing": domain},
        products={"voice": Product(name=named("语音"))},
        lexicons={"same": same},
        computed={},
    )


def content(**changed: Any) -> CaseContent:
    base = CaseContent(
        "停机未恢复", "缴费之后仍然停机", "开机指令没有送达", "重发开机指令", "正在恢复，请稍候", "charges", "", "ann",
        date(2027, 1, 1), date(2026, 1, 1),
    )  # fmt: skip
    return replace(base, **changed)


def viewer(role: RoleName, *units: str) -> Viewer:
    return Viewer(role, role, role, units, ROLES[role].rights)


@dataclass
class Shelf:
    """The library with its clock."""

    library: Library
    clock: HandClock

    @property
    def desk(self) -> CaseDesk:
        return CaseDesk(self.library)

    @property
    def store(self) -> Any:
        return self.library.place.store

    def put(self, **changed: Any) -> Held:
        """A case by Ann that Bob approved."""
        made = self.store.cases.add("case", to_json(content(**changed)), by="ann", reason="")
        held: Held = self.store.cases.approve(made.entry, by="bob")
        return held


@pytest.fixture(scope="session")
def store_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shelf") / "store.sqlite"
    clock = HandClock()
    open_store(f"sqlite:///{path}", clock, ticks=clock).close()
    return path


@pytest.fixture
def shelf(tmp_path: Path, store_template: Path) -> Iterator[Shelf]:
    clock, path = HandClock(), tmp_path / "store.sqlite"
    shutil.copyfile(store_template, path)
    store = open_store(f"sqlite:///{path}", clock, ticks=clock)
    place = SimpleNamespace(store=store, catalogue=catalogue(), clock=clock, zone=ZoneInfo("Asia/Shanghai"))
    yield Shelf(Library(cast("Workplace", place)), clock)
    store.close()
