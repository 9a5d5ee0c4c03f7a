// Plays through the player API once: go run ./example http://localhost:18000/v1 pk_live_…
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"time"

	"playtest/playerapi"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	api := playerapi.New(os.Args[1], os.Args[2], func(err error) { log.Print(err) })
	player, err := api.Register(ctx, playerapi.Registration{
		ExternalID: "player_go", DeviceID: "device_go", Attributes: playerapi.Properties{"level": 5},
	})
	check(err)
	check(api.RecordSession(ctx, player.ID, playerapi.Session{ID: "session_go", DurationSeconds: 180}))
	check(api.RecordPurchase(ctx, player.ID, "4.99", "order_go"))
	check(api.Track(player.ID, "level_complete", "session_go", playerapi.Properties{"level": 5, "score": 12500}))
	check(api.Track(player.ID, "item_collect", "session_go", playerapi.Properties{"item": "coin", "amount": 100}))
	check(api.Flush(ctx))
	_, err = api.Update(ctx, player.ID, playerapi.Properties{"attributes": playerapi.Properties{"level": 6}})
	check(err)
	tutorial := api.Flag(ctx, "new_tutorial", player.ID, false)
	segments, err := api.Segments(ctx, player.ID)
	check(err)
	ids := []string{}
	for _, segment := range segments {
		ids = append(ids, segment.ID)
	}
	check(api.Close(ctx))
	check(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"player_id": player.ID, "new_tutorial": tutorial, "segments": ids,
	}))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
