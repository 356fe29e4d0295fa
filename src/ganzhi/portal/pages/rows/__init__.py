"""One record and what is masked in it."""
