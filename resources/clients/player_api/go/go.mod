module playtest/playerapi

go 1.19
