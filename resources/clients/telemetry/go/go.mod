module playtest/telemetry

go 1.19
