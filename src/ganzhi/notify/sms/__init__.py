"""Text messages through the operator's own gateway, by an HTTP template."""
