"""Early warning: what is normal for a value, how far out it is, and which grade that gives.

Owns baselines, limits, grades and the families of warnings that belong together. What becomes of a warning (who
owns it, who is told, how it ends) belongs to `improve` and `notify`.
"""
