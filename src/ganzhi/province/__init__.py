"""The simulated operator: a whole province of records whose every cause is known.

No operator publishes its logs. This room writes them as an operator's systems would, and beside them the
truth: who experienced what, which incident caused which delay, which complaint belongs to which problem.
It knows nothing of the catalogue, so that what the catalogue reads is an independent witness.
"""
