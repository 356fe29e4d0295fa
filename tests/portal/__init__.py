"""The portal: pages over fakes, charts, wording, files and a real browser."""
