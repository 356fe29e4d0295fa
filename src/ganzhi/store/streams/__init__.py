"""Streams: how far each was read, where each batch came from, and counts per minute that are kept in step with the rows."""
