-- fps: the frame rate that $rate names. Some games send the largest number there is where they know none: nothing that
-- is summed or compared with such a one would still be a number.
CASE $rate WHEN 'mean' THEN fps_mean WHEN 'low_5' THEN fps_low_5 WHEN 'low_1' THEN fps_low_1 END AS sent_fps,
CASE WHEN sent_fps > 1e100 THEN 1e100 ELSE sent_fps END AS fps,
