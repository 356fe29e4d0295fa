"""Notes on what is declared and on cases: reasons, decisions, documents. None is changed or removed, only withdrawn."""
