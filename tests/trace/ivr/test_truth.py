"""Sessions rebuilt from the events of a simulated province say what its truth says of every call."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ganzhi.compile.flow.sessions import SessionSpan, sessions_sql
from ganzhi.province.hotline import PROVINCE_PHASES
from tests.province.stage import build_world, play
from tests.trace.flow.logs import Plain

AGAINST_TRUTH = """
select count(*) as n, count_if(s.goal_reached = t.found) as goal, count_if((s.ended_by = 'agent') = t.asked) as agent,
  count_if(t.found) as found, count_if(t.found and s.ivr_function = t.sought) as function
from sessions s join truth t on t.call_id = s.session_id"""
FOLLOWED = """
with next as (
  select t.follows as id, min(s.started_at) as at
  from truth t join sessions s on s.session_id = t.call_id
  where t.follows is not null
  group by 1)
select count(*) as n, count_if(called_again_any_72h) as seen
from sessions s join next on next.id = s.session_id
where next.at <= s.ended_at + interval 72 hours and s.customer_id is not null"""


@pytest.mark.requirement("S004-024", "S004-027")
def test_goal_agent_function_and_calls_again_are_those_of_the_truth() -> None:
    kept = play(build_world(scale=0.004, days=2), (), PROVINCE_PHASES)
    events = kept.table("ivr_events")
    events = events.append_column("_line", pa.array(range(len(events)), pa.int64()))
    moments = pc.cast(events.column("at"), pa.timestamp("us", tz="UTC"))
    events = events.set_column(events.column_names.index("at"), "at", moments)
    session = Plain({"rows_ivr_events": events, "truth": kept.truth("calls")})
    last = pc.max(moments).as_py() + timedelta(days=5)
    session.connection.register(
        "sessions", session.query(sessions_sql(SessionSpan(pc.min(moments).as_py(), last, last)))
    )
    (row,) = session.query(AGAINST_TRUTH).to_pylist()
    assert row["n"] == len(kept.truth("calls")) > 300
    assert row["goal"] == row["agent"] == row["n"]
    assert row["function"] == row["found"]
    (followed,) = session.query(FOLLOWED).to_pylist()
    assert followed["seen"] == followed["n"] > 0
