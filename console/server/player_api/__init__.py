"""The player API: what games and their servers call below `/v1`."""
