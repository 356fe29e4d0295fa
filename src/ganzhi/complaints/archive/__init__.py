"""What is older than the house: reports that were written elsewhere, and tickets of earlier systems (S000-102)."""
