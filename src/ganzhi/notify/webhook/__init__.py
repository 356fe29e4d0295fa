"""Webhooks: a finding as JSON to an address of the operator."""
