"""What is known about tickets: their records, repeats, batches, what is like them, what was not recorded, what was promised."""
