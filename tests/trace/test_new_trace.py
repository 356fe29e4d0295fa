"""A trace that a workspace adds needs a file of YAML and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ganzhi.catalogue.load import load_catalogue
from tests.trace.memory import linked, province

DAY = date(2012, 2, 24)
TRACE = """
traces:
  paid_and_told:
    name: {zh: 缴费与告知, en: Paid and told}
    subject: subscriber
    chains: told_chains
    hops: told_hops
    closing: 6h
    steps:
      book:
        name: {zh: 入账, en: Booked}
        system: billing
        feed: payments
        at: booked_at
        where: "state = 'booked'"
        column: booked_at
        limit: 1min
        carry: {entry: entry}
      tell:
        name: {zh: 告知, en: Told}
        system: sms_gateway
        feed: sms_submissions
        at: submitted_at
        where: "kind = 'recharge_notice'"
        column: told_at
        limit: 10min
        links:
          - {to: book, equal: {reference: payment_no}, within: 6h}
          - {to: book, equal: {subscriber: subscriber}, exact: false, within: 1h}
    variants:
      bank: {name: {zh: 银行, en: Bank}, where: "entry = 'bank'"}
    stuck:
      untold: {name: {zh: 未告知, en: Not told}, symptom: {zh: 没有短信, en: No message}, where: told_at is null}
"""
TEXT = "{name: {zh: 列, en: Column}, type: text}"
NEEDED = TEXT.replace("text}", "text, required: true}")
MOMENT = "{name: {zh: 时间, en: Time}, type: timestamp, required: true}"


def feed(code: str, key: str, time: str, columns: dict[str, str]) -> str:
    lines = "".join(f"      {name}: {kind}\n" for name, kind in columns.items())
    head = f"  {code}:\n    name: {{zh: 源, en: Feed}}\n    record: {{zh: 行, en: A row}}\n    made_by: trace\n"
    return f"{head}    key: [{key}]\n    time: {time}\n    unit: unit\n    columns:\n{lines}"


def test_a_trace_of_a_workspace_needs_yaml_only(tmp_path: Path) -> None:
    flag, whole = TEXT.replace("text", "bool"), TEXT.replace("text", "int")
    chains = {
        "chain_id": NEEDED, "unit": NEEDED, "subscriber": TEXT, "entry": TEXT, "booked_at": MOMENT,
        "told_at": MOMENT.replace(", required: true", ""), "variant": TEXT, "state": NEEDED, "last_step": TEXT, "stuck_at": TEXT,
        "waiting_since": MOMENT.replace(", required: true", ""), "ambiguous": flag,
    }  # fmt: skip
    hops = {
        "hop_id": NEEDED, "chain_id": NEEDED, "begun_at": MOMENT, "unit": NEEDED, "subscriber": TEXT, "variant": TEXT, "hop": TEXT,
        "from_step": TEXT, "feed": TEXT, "record": TEXT, "started_at": MOMENT, "finished_at": MOMENT, "duration_ms": whole,
        "skew_ms": whole, "limit_ms": whole, "over_limit": flag, "beside": flag, "how": TEXT, "ambiguous": flag,
    }  # fmt: skip
    declared = (
        "feeds:\n"
        + feed("told_chains", "chain_id", "booked_at", chains)
        + feed("told_hops", "hop_id", "begun_at", hops)
    )
    (tmp_path / "told.yaml").write_text(declared + TRACE, encoding="utf-8")
    catalogue = load_catalogue("telecom", tmp_path)

    found = linked(catalogue, province(days=3), DAY, code="paid_and_told")

    booked = f"select count(*) from rows_payments where state = 'booked' and booked_at::date = date '{DAY}'"
    chains_made, told = found.memory.ask("select count(*), count(told_at) from rows_chains")[0]
    assert chains_made == found.memory.one(booked) > 1_000
    assert told > 0.99 * chains_made
    right = "select count(*) from written w join truth_recharge_chains t on t.payment_no = w.chain_id and t.sms_id = w.record"
    assert found.memory.one(right) > 0.995 * told
    ways = dict(found.memory.ask("select how, count(*) from written group by 1"))
    assert min(ways["exact"], ways["order"]) > 100
    assert {name for (name,) in found.memory.ask("select distinct variant from rows_chains")} == {"bank", None}
