"""What the records of the sample show a viewer of one centre, and what a finding's sample is drawn from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.access.shown.masking import HIDDEN
from ganzhi.base.periods import parse_period
from ganzhi.improve.sample import sample_of
from ganzhi.measure.build.records import shown_text
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.store.findings.records import Finding

DAY = "1999-01-31"


def test_a_code_of_a_strange_unit_in_a_record_is_hidden_and_every_other_text_is_not(reader: Reader) -> None:
    bound = Reader(reader.workplace, reader.states, replace(LOCAL, units=("north",)))
    assert [shown_text(bound, True, each) for each in ("south", "north", "southern", None)] == [
        HIDDEN,
        "north",
        "southern",
        None,
    ]
    assert shown_text(bound, False, "south") == "south"  # values of a declared list are words, not units
    assert shown_text(reader, True, "south") == "south"
    assert bound.hidden.file("calls_south_199901.txt") == HIDDEN
    assert bound.hidden.file("january.txt.gz") == "january.txt.gz"


@pytest.mark.requirement("S003-017", "S003-019")
def test_a_findings_sample_is_of_that_days_records_and_comes_out_the_same_again(reader: Reader) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    finding = Finding(
        "f1", "warning", "r", "hotline.abandoned", "all", "{}", DAY, DAY, 3, 3, 0, "raised", "", None, None, None, 0, at,
        None, "v", 1,
    )  # fmt: skip
    workplace, period = reader.workplace, parse_period(DAY, reader.workplace.zone)
    asked = ObserveRequest(
        codes=("hotline.abandoned",), unit="all", grain=period.grain, first=period.first_day, last=period.first_day
    )
    (number,) = observe(workplace, reader.states, asked)
    sample = sample_of(workplace, reader.states, finding, 30)
    assert sample.population == number.n
    assert len(set(sample.rows)) == 30
    assert sample.rows == sample_of(workplace, reader.states, finding, 30).rows
    assert sample.rows != sample_of(workplace, reader.states, replace(finding, id="f2"), 30).rows
    (load,) = workplace.store.ledger.loads(limit=5)
    assert {row.split(":")[0] for row in sample.rows} == {load.id}
