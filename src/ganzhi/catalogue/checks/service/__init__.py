"""Rules about what is declared around the indicators: processes, touchpoints, agreements, coverage."""
