"""View models of the journeys: process frame, one process, touchpoints, derivation, selection."""
