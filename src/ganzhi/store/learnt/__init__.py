"""Models that were learnt from records: which there are, what they are said to do, and which one is in use."""
