"""What was learned, as rows: cases and manuals with their versions, how they were used, and the registers around them."""
