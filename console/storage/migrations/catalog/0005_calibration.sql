-- How mesh and telemetry are turned into the viewer's metres, beyond the axes: JSON, '{}' for the axes alone.
ALTER TABLE level_models ADD COLUMN calibration TEXT NOT NULL DEFAULT '{}';
