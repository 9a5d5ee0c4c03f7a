-- Whoever keeps profiles in memory asks for those that changed since.
ALTER TABLE players ADD COLUMN request_id INTEGER NOT NULL DEFAULT 0;  -- the last that changed the player
