"""A playtest without players: deterministic walkers on a level, sent over real HTTP."""
