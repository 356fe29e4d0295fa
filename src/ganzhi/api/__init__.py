"""REST for programs under `/api/v1`, and metrics: what pages show, as data, within a token's rights."""
