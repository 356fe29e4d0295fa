"""Findings and what people do about them, as rows: history, evidence, samples, feedback, silences, thresholds.

Which act leads from which state to which is not decided here but in `ganzhi.improve.cycle`; here every
change is one transaction with its line of history and its entry in the audit trail, and holds only
while the finding is what the changer saw.
"""
