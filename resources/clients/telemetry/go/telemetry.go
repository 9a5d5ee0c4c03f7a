// Package telemetry is a small client of the telemetry API that needs nothing but net/http. Copy it into your project.
//
// Events are queued, sent in batches from a goroutine of their own, and sent again when the server asks for patience or
// cannot be reached. The server stores a batch as a whole or not at all: one that it refuses is cut in halves until the
// wrong event is alone, and only that is given up.
package telemetry

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	mathrand "math/rand"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxBatchEvents  = 500
	maxBatchBytes   = 512 * 1024
	maxQueuedEvents = 10_000
	maxQueuedBytes  = 32 * 1024 * 1024
	flushEvery      = 1500 * time.Millisecond
	firstPause      = 500 * time.Millisecond
	maxPause        = 30 * time.Second
	callTimeout     = 10 * time.Second
)

// Fields are named values: whatever Encode takes.
type Fields map[string]any

// Options say where events go, and whose they are. A SessionID is made when none is given; OnError, if not nil, hears
// of every event that the server refused.
type Options struct {
	URL, Token, AppID, BuildID, PlayerID, SessionID string
	OnError                                         func(error)
}

// Counts are events: stored by the server, refused by it, and given up by a full queue.
type Counts struct {
	Sent    int `json:"sent"`
	Refused int `json:"refused"`
	Lost    int `json:"lost"`
}

// Telemetry is one player's session. Its methods may be called from any goroutine.
type Telemetry struct {
	options Options
	http    http.Client

	mutex       sync.Mutex
	queue       [][]byte // events as MessagePack
	queuedBytes int
	batches     [][][]byte // under way: to be sent again, or halves of a refused one; the last comes first
	counts      Counts

	wake chan struct{}
	stop context.CancelFunc
	done chan struct{}
}

// New begins a session.
func New(options Options) *Telemetry {
	ctx, stop := context.WithCancel(context.Background())
	options.URL = strings.TrimRight(options.URL, "/") + "/api/events"
	if options.SessionID == "" {
		options.SessionID = newID()
	}
	if options.OnError == nil {
		options.OnError = func(error) {}
	}
	t := &Telemetry{options: options, stop: stop, wake: make(chan struct{}, 1), done: make(chan struct{})}
	t.http.Timeout = callTimeout
	go t.run(ctx)
	return t
}

// CreatePlayer says once who plays. Empty values are left out.
func (t *Telemetry) CreatePlayer(region string, hardware Fields) error {
	return t.add(Fields{"event_name": "Create_Player", "timestamp": Time(time.Now())},
		Fields{"region": region, "hardware": hardware})
}

// Event says that something happened. `more` are any of level_id, position, custom_data, input_method.
func (t *Telemetry) Event(name string, more Fields) error {
	return t.add(Fields{"event_name": name, "session_id": t.options.SessionID, "timestamp": Time(time.Now())}, more)
}

// FunnelStep says that the player reached a step of a funnel. The level may be empty.
func (t *Telemetry) FunnelStep(name, levelID string) error {
	return t.add(Fields{"funnel_step_name": name, "session_id": t.options.SessionID, "timestamp": Time(time.Now())},
		Fields{"level_id": levelID})
}

// Trajectory says where the player was, evenly spread over the time given. `more` are any of fps (mean, low_5, low_1),
// status, input_method, level_id. One trajectory every few seconds is a good measure.
func (t *Telemetry) Trajectory(positions [][3]float64, startedAt, endedAt time.Time, more Fields) error {
	numbers := make([]float64, 0, 3*len(positions))
	for _, position := range positions {
		numbers = append(numbers, position[:]...)
	}
	return t.add(Fields{"session_id": t.options.SessionID, "positions": numbers,
		"timestamp_start": Time(startedAt), "timestamp_end": Time(endedAt)}, more)
}

// Counts tells what became of the events so far.
func (t *Telemetry) Counts() Counts {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.counts
}

// Flush waits until everything is sent, or ctx ends.
func (t *Telemetry) Flush(ctx context.Context) error {
	for {
		t.mutex.Lock()
		empty := len(t.queue) == 0 && len(t.batches) == 0
		t.mutex.Unlock()
		if empty {
			return nil
		}
		t.poke()
		if !sleep(ctx, 20*time.Millisecond) {
			return ctx.Err()
		}
	}
}

// Close sends what is queued until ctx ends, then stops. What is left then counts as lost.
func (t *Telemetry) Close(ctx context.Context) error {
	err := t.Flush(ctx)
	t.stop()
	<-t.done
	t.http.CloseIdleConnections()
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.counts.Lost += len(t.queue)
	for _, batch := range t.batches {
		t.counts.Lost += len(batch)
	}
	t.queue, t.batches, t.queuedBytes = nil, nil, 0
	return err
}

// Time is a time as the server wants it: ISO 8601, UTC.
func Time(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// ---------------------------------------------------------------------------------------------------------------------

func (t *Telemetry) add(event, more Fields) error {
	event["app_id"], event["build_id"], event["player_id"] = t.options.AppID, t.options.BuildID, t.options.PlayerID
	for name, value := range more {
		if value != nil && value != "" {
			event[name] = value
		}
	}
	packed, err := Encode(event)
	if err != nil {
		return err
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.queue = append(t.queue, packed)
	t.queuedBytes += len(packed)
	for len(t.queue) > maxQueuedEvents || t.queuedBytes > maxQueuedBytes {
		t.dequeue()
		t.counts.Lost++
	}
	if len(t.queue) >= maxBatchEvents || t.queuedBytes >= maxBatchBytes {
		t.poke()
	}
	return nil
}

func (t *Telemetry) dequeue() []byte {
	packed := t.queue[0]
	t.queue[0] = nil // the array behind the slice must not keep it
	t.queue = t.queue[1:]
	t.queuedBytes -= len(packed)
	return packed
}

func (t *Telemetry) run(ctx context.Context) {
	defer close(t.done)
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-t.wake:
		}
		pause := firstPause
		for batch := t.batch(); batch != nil; batch = t.batch() {
			wait, again := t.send(ctx, batch, pause)
			if !again {
				pause = firstPause
				continue
			}
			// The random part keeps a thousand clients from coming back in the same moment.
			if !sleep(ctx, wait+time.Duration(mathrand.Int63n(int64(wait)*3/10+1))) {
				return
			}
			if pause *= 2; pause > maxPause {
				pause = maxPause
			}
		}
	}
}

// batch is the one under way, else one of the oldest events; nil when there are none.
func (t *Telemetry) batch() [][]byte {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if len(t.batches) == 0 {
		var batch [][]byte
		for size := 5; len(t.queue) > 0 && len(batch) < maxBatchEvents; {
			if size += len(t.queue[0]); len(batch) > 0 && size > maxBatchBytes {
				break
			}
			batch = append(batch, t.dequeue())
		}
		if batch == nil {
			return nil
		}
		t.batches = append(t.batches, batch)
	}
	return t.batches[len(t.batches)-1]
}

// send tells how long to wait before the same batch is to be sent again, if it is.
func (t *Telemetry) send(ctx context.Context, batch [][]byte, pause time.Duration) (wait time.Duration, again bool) {
	body := binary.BigEndian.AppendUint32([]byte{0xdd}, uint32(len(batch))) // an array of events (array 32)
	body = append(body, bytes.Join(batch, nil)...)
	request, err := http.NewRequestWithContext(ctx, "POST", t.options.URL, bytes.NewReader(body))
	if err != nil {
		t.options.OnError(err)
		return maxPause, true
	}
	request.Header.Set("x-public-token", t.options.Token)
	request.Header.Set("Content-Type", "application/msgpack")
	response, err := t.http.Do(request)
	if err != nil {
		return pause, true
	}
	text, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return pause, true
	}
	switch response.StatusCode {
	case 429, 502, 503, 504:
		return retryAfter(response, pause), true
	}
	if complaint := t.answered(batch, response.StatusCode, text); complaint != nil {
		t.options.OnError(complaint)
	}
	return 0, false
}

func (t *Telemetry) answered(batch [][]byte, status int, text []byte) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.batches = t.batches[:len(t.batches)-1]
	if (status == 400 || status == 413) && len(batch) > 1 {
		middle := len(batch) / 2
		t.batches = append(t.batches, batch[middle:], batch[:middle])
		return nil
	}
	if status < 300 {
		t.counts.Sent += len(batch)
		return nil
	}
	t.counts.Refused += len(batch)
	return fmt.Errorf("%d event(s) refused with %d: %s", len(batch), status, text)
}

func (t *Telemetry) poke() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func retryAfter(response *http.Response, otherwise time.Duration) time.Duration {
	secs, err := strconv.ParseFloat(response.Header.Get("Retry-After"), 64)
	if err != nil || math.IsNaN(secs) {
		return otherwise
	}
	return time.Duration(math.Min(math.Max(secs, 0), 300) * float64(time.Second))
}

func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// newID is a random UUID (RFC 9562, version 4).
func newID() string {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		panic(err)
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
