"""`ganzhi complaints`: from an export file of closed complaints to a model in use and texts that are read."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from ganzhi.province.complaints.texts import TOPICS, texts, topics_of
from tests.cli.conftest import Program

pytestmark = pytest.mark.xdist_group("cli")

CATEGORIES = ("order_record", "network_data", "service_attitude", "charge_doubt")
COLUMNS = (
    "complaint_id", "received_at", "unit", "customer_id", "channel", "kind", "commercial_process", "process", "product",
    "brand", "customer_class", "network", "category", "content", "batch_id", "repeat_of", "due_at", "promised_at",
    "first_reply_at", "closed_at", "called_back_at", "reopened_at", "result", "responsibility", "operator_fault",
    "compensation_fen", "satisfied", "escalated_to", "priority_layer", "department", "team", "agent", "contact_id",
)  # fmt: skip


def export(path: Path, count: int) -> list[str]:
    """A file of closed complaints of ten days; what they say."""
    rng = np.random.default_rng(11)
    categories = [CATEGORIES[n % 4] for n in range(count)]
    topics = topics_of(rng, categories)
    said = texts(rng, topics)
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for n, (category, topic, text) in enumerate(zip(categories, topics.tolist(), said, strict=True)):
            day = f"2026-09-{1 + n % 10:02d}"
            row = {
                "complaint_id": f"c{n}", "received_at": f"{day} 09:00:00", "unit": "all", "channel": "hotline_agent",
                "kind": "ordinary", "commercial_process": TOPICS[topic].commercial, "process": TOPICS[topic].process,
                "category": category, "content": text, "due_at": f"{day} 17:00:00", "closed_at": f"{day} 12:00:00",
            }  # fmt: skip
            writer.writerow(row)
    return said


def test_from_an_export_to_texts_that_are_read(ganzhi: Program, workspace: Path, tmp_path: Path) -> None:
    at = ("-w", workspace)
    assert ganzhi("complaints", "train", *at).err.startswith("CLI006")
    said = export(tmp_path / "complaints.csv", 160)
    loaded = ganzhi("ingest", "complaints", tmp_path / "complaints.csv", *at)
    assert loaded.status == 0, loaded.err
    assert "no models" in ganzhi("complaints", "models", *at).out
    reversed_days = ganzhi("complaints", "train", "--from", "2026-09-05", "--to", "2026-09-01", *at)
    assert (reversed_days.status, reversed_days.err[:6]) == (2, "MEA002")

    trained = ganzhi("complaints", "train", "--compare-days", 3, *at)
    assert trained.status == 0, trained.err
    assert "Model 1 was learnt from" in trained.err
    assert "neither has seen" in trained.err
    listed = ganzhi("complaints", "models", "--format", "json", *at).json
    assert [(each["number"], each["in_use"]) for each in listed] == [(1, False)]
    heads = listed[0]["card"]["heads"]
    assert heads["category"]["n"] == sum(c["support"] for c in heads["category"]["classes"])
    assert "service_attitude" in ganzhi("complaints", "card", 1, *at).out
    assert ganzhi("complaints", "card", 7, *at).err.startswith("TXT003")

    file = tmp_path / "texts.txt"
    file.write_text(f"{said[0]}\n\n打13812345521没人接，我要找消协\n", encoding="utf-8")
    plain = ganzhi("complaints", "recognise", file, "--format", "json", *at)
    assert "lexicons only" in plain.err
    assert plain.json[1]["escalation_words"] == ["consumer_body"]
    assert ganzhi("complaints", "approve", 1, "--note", "first", *at).status == 0
    assert ganzhi("complaints", "approve", 1, *at).err.startswith("TXT006")
    read = ganzhi("complaints", "recognise", file, "--format", "json", *at).json
    assert read[0]["guesses"]["category"]["value"] in CATEGORIES
    assert read[0]["guesses"]["category"]["words"]
    assert "13812345521" not in json.dumps(read)
    assert "138****5521" in ganzhi("complaints", "recognise", file, *at).out
