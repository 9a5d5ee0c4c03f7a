// Prints events as they are recorded, one JSON object a line: go run ./watch http://localhost:18000/v1 sk_live_…
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"playtest/playerapi"
)

func main() {
	api := playerapi.New(os.Args[1], os.Args[2], nil)
	lines := json.NewEncoder(os.Stdout)
	err := api.Stream(context.Background(), "", func(event playerapi.Event) {
		lines.Encode(struct {
			StreamID string `json:"stream_id"`
			playerapi.Event
		}{event.StreamID, event})
	})
	log.Fatal(err)
}
