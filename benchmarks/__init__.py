"""Measurements of the running product, each against a baseline in the same run. `python -m benchmarks [NAME …]`."""
