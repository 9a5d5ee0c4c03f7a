-- What was played with the application, the build and in the sessions that are asked about.
AND ($app_id IS NULL OR app_id = $app_id)
AND ($build_id IS NULL OR build_id = $build_id)
AND $sessions
