-- Whoever keeps profiles in memory asks for those that changed since: each commit is numbered.
ALTER TABLE position ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subjects ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;  -- the last commit that changed the subject
