"""From rows to numbers: refresh of mergeable states, observations, scores, and the records behind them."""
