"""View models of findings: what the pages of warnings show, and what people do about findings there."""
