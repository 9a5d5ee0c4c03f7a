-- Trajectories of which something lies in the span of time.
AND ($from_us IS NULL OR end_at >= make_timestamp($from_us))
AND ($to_us IS NULL OR start_at <= make_timestamp($to_us))
