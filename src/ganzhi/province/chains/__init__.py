"""Money and lines: charges, arrears and suspension, and the way from a recharge to a resumed line through all systems.

Phases of a block, in this order: `usage.charge`, `arrears.collect`, `recharge.recharge`.
"""
