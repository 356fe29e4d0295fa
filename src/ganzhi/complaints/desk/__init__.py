"""The handler's desk: open tickets with their clocks and the rules that held, who has to do what next, problems behind them."""
