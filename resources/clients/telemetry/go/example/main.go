// Plays a short session: go run ./example [URL TOKEN APP_ID [EVENTS [WRONG]]]
//
// WRONG of the EVENTS are not what the server wants, to show what becomes of them: the others are stored.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"strconv"
	"time"

	"playtest/telemetry"
)

func main() {
	log.SetFlags(0)
	given := []string{"http://localhost:4000", "pk_live_YOUR_KEY", "YOUR_APP_ID", "10", "0"}
	copy(given, os.Args[1:])
	events, wrong := number(given[3]), number(given[4])

	session := telemetry.New(telemetry.Options{
		URL: given[0], Token: given[1], AppID: given[2], BuildID: "1.0.0", PlayerID: "player_go",
		OnError: func(err error) { log.Print(err) },
	})
	startedAt := time.Now()
	check(session.CreatePlayer("EU", telemetry.Fields{"gpu": "Example 3000", "memory_gb": 16}))
	check(session.FunnelStep("tutorial_started", "Level 1"))
	for i := 0; i < events; i++ {
		position := []float64{float64(i), 0.5, -1.25}
		if i < wrong {
			position = position[:2]
		}
		check(session.Event("Player_Jump", telemetry.Fields{
			"level_id":     "Level 1",
			"position":     position,
			"custom_data":  telemetry.Fields{"height_m": 1.5, "streak": i, "perfect": true, "comment": "é"},
			"input_method": "gamepad",
		}))
	}
	positions := [][3]float64{{0, 0, 0}, {1, 0, 0.5}, {2, 0.25, 1}}
	fps := telemetry.Fields{"mean": 60, "low_5": 55, "low_1": 48.5}
	check(session.Trajectory(positions, startedAt, time.Now(), telemetry.Fields{"fps": fps}))

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	check(session.Close(ctx))
	check(json.NewEncoder(os.Stdout).Encode(session.Counts()))
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
