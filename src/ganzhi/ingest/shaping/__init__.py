"""From texts to typed rows with verdicts, as SQL that is made from the catalogue and nothing else."""
