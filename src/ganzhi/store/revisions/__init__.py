"""How a catalogue is changed by people: proposals, decisions, and the approved edits as files.

A proposal takes effect by one transaction of the store; the files follow, and are put right from the
store when they did not (`projection`).
"""
