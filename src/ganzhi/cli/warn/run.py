"""`ganzhi warn run` and `ganzhi warn test`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.warn.group import FORM, day_of, print_table, reason_text, short, slice_text, warn

if TYPE_CHECKING:
    from ganzhi.catalogue.model.whole import Catalogue
    from ganzhi.warn.signal import Signal

SIGNAL_COLUMNS = ("grade", "rule", "unit", "slice", "period", "value", "expected", "limit", "chance", "drift", "reason")


@warn.command("run", help="warn_run")
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@option("--on", "day", metavar="DAY", help="warn_on")
@option("--all", "everything", is_flag=True, help="warn_all")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def run(call: Call, rules: tuple[str, ...], day: str | None, everything: bool, form: str) -> int:
    """Print the signals of a day; 1 when something is warned of."""
    from ganzhi.measure.open import open_states
    from ganzhi.warn.evaluate import Judges, evaluate, rule_of, rules_in_force
    from ganzhi.wiring import opened

    judges, found = Judges(), []
    with opened(call.root) as workspace:
        place = workspace.workplace
        codes = rules or rules_in_force(place.catalogue)
        declared = [rule_of(place.catalogue, code) for code in codes]
        on = day_of(place, [rule.indicator for rule in declared], day, "on")
        with open_states(place) as reading:
            for code in codes:
                found += evaluate(place, reading, code, on, judges)
    shown = [each for each in found if everything or each.verdict in ("warned", "withheld")]
    print_table(
        call, form, SIGNAL_COLUMNS, [signal_row(call, each) for each in shown], [each.as_json() for each in shown]
    )
    warned, unknown = (sum(each.verdict == verdict for each in found) for verdict in ("warned", "unknown"))
    withheld = sum(each.verdict == "withheld" for each in found)
    call.say("warn.run_done", day=on, judged=len(found), warned=warned, withheld=withheld, unknown=unknown)
    return 1 if warned else 0


def signal_row(call: Call, signal: Signal) -> list[str]:
    """A signal as a line of the table."""
    grade = call.text(f"warn.grade.{signal.grade}") if signal.grade else ""
    head = (
        grade if signal.verdict == "warned" else call.text(f"warn.verdict.{signal.verdict}") + (grade and f" ({grade})")
    )
    limit = signal.limits.get(signal.crossed or "blue", next(iter(signal.limits.values()), None))
    return [
        head,
        signal.rule,
        signal.unit,
        slice_text(dict(signal.slice)),
        signal.period.key,
        short(signal.value),
        short(signal.expected),
        short(limit),
        "–" if signal.chance is None else f"{signal.chance:.1e}",
        short(signal.drift_sigmas),
        call.text("warn.join").join(reason_text(call, each) for each in signal.reasons),
    ]


def _catalogue(call: Call) -> Catalogue:
    """That of the workspace, or outside of one the pack's."""
    from ganzhi.catalogue.load import load_catalogue
    from ganzhi.wiring import check_catalogue

    if not (call.root / "ganzhi.toml").exists():
        return load_catalogue("telecom", None)
    catalogue, issues = check_catalogue(call.root)
    if catalogue is None:
        raise InputError([issue for issue in issues if issue.severity == "error"])
    return catalogue


@warn.command("test", help="warn_test")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@common
@click.pass_obj
def test(call: Call, files: tuple[Path, ...]) -> int:
    """Run text cases; 1 when one comes out otherwise."""
    from ganzhi.warn.cases import read_cases, run_case

    rules = _catalogue(call).warning_rules
    wrong = number = 0
    for path in files:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            why = {"why": type(error).__name__}
            raise InputError(Issue("WRN020", path.name, Location(path.name), why)) from None
        for case in read_cases(text, path.name, rules):
            number += 1
            for each in run_case(case):
                wrong += 1
                click.echo(
                    call.text(
                        "warn.case_differs",
                        file=path.name,
                        line=each.line,
                        case=each.case,
                        expected=each.expected or "-",
                        found=each.found or "-",
                        missing=", ".join(each.missing) or "–",
                    )
                )
    call.say("warn.cases_done", cases=number, wrong=wrong)
    return 1 if wrong else 0
