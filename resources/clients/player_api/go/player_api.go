// Package playerapi is a small client of the player API that needs nothing but net/http. Copy it into your project.
//
// Events are queued, sent in batches from a goroutine of their own, and sent again when the server asks for patience
// or cannot be reached. Each carries an id, so that one that arrived twice is recorded once.
package playerapi

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxBatchEvents  = 500
	maxBatchBytes   = 512 * 1024
	maxQueuedEvents = 10_000
	flushEvery      = 1500 * time.Millisecond
	firstPause      = 500 * time.Millisecond
	maxPause        = 30 * time.Second
	maxAttempts     = 5 // of a call whose answer somebody waits for
	callTimeout     = 10 * time.Second
	maxSilence      = 45 * time.Second // the stream has a heartbeat every 15 s
)

// Error is a refusal by the server. Code is one of the documented ones; Message says what to mend.
type Error struct {
	Status  int
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// Properties are free JSON values by name.
type Properties map[string]any

// Player is a player as the server knows it. All other calls want its ID.
type Player struct {
	ID             string     `json:"id"`
	ExternalID     *string    `json:"external_id"`
	DeviceID       *string    `json:"device_id"`
	LifecycleStage string     `json:"lifecycle_stage"`
	SessionCount   int        `json:"session_count"`
	TotalRevenue   float64    `json:"total_revenue"`
	IsPayer        bool       `json:"is_payer"`
	FirstSeenAt    time.Time  `json:"first_seen_at"`
	LastSeenAt     time.Time  `json:"last_seen_at"`
	Attributes     Properties `json:"attributes"`
}

// Registration says who a player is: by external id, else by device id.
type Registration struct {
	ExternalID string     `json:"external_id,omitempty"`
	DeviceID   string     `json:"device_id,omitempty"`
	Email      string     `json:"email,omitempty"`
	Attributes Properties `json:"attributes,omitempty"`
}

// Session is one play session; a repeated ID counts once.
type Session struct {
	ID              string     `json:"session_id,omitempty"`
	StartedAt       *time.Time `json:"started_at,omitempty"`
	DurationSeconds float64    `json:"duration_seconds,omitempty"`
}

// Flag is the value a player gets, and why.
type Flag struct {
	Key        string  `json:"flag_key"`
	Value      any     `json:"value"`
	VariantKey *string `json:"variant_key"`
	Reason     string  `json:"reason"`
	SegmentID  *string `json:"segment_id"`
}

// Segment is a group that a player is in.
type Segment struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Event is one recorded event of the stream.
type Event struct {
	ID         string     `json:"event_id"`
	PlayerID   string     `json:"player_id"`
	Name       string     `json:"event_name"`
	SessionID  *string    `json:"session_id"`
	Properties Properties `json:"properties"`
	Timestamp  time.Time  `json:"timestamp"`
	ReceivedAt time.Time  `json:"received_at"`
	// StreamID is where the stream stands; give it to Stream to go on from there.
	StreamID string `json:"-"`
}

// Client speaks for one application. Its methods may be called from any goroutine.
type Client struct {
	base    string
	key     string
	http    *http.Client
	onError func(error)

	mutex sync.Mutex
	queue [][]byte
	busy  bool // a batch is under way
	lost  int

	wake chan struct{}
	stop context.CancelFunc
	done chan struct{}
}

// New makes a client. baseURL ends with /v1; onError, if not nil, hears of events that the server refused.
func New(baseURL, key string, onError func(error)) *Client {
	ctx, stop := context.WithCancel(context.Background())
	if onError == nil {
		onError = func(error) {}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: 3 * time.Second}).DialContext
	c := &Client{
		base:    strings.TrimRight(baseURL, "/"),
		key:     key,
		http:    &http.Client{Transport: transport},
		onError: onError,
		wake:    make(chan struct{}, 1),
		stop:    stop,
		done:    make(chan struct{}),
	}
	go c.run(ctx)
	return c
}

// Close sends what is queued until ctx ends, then stops.
func (c *Client) Close(ctx context.Context) error {
	err := c.Flush(ctx)
	c.stop()
	<-c.done
	c.http.CloseIdleConnections()
	return err
}

// Register creates the player, or adds to the one there is.
func (c *Client) Register(ctx context.Context, r Registration) (player Player, err error) {
	err = c.call(ctx, "POST", "/players/players", r, &player, maxAttempts)
	return
}

// Player looks one up.
func (c *Client) Player(ctx context.Context, playerID string) (player Player, err error) {
	err = c.call(ctx, "GET", "/players/players/"+url.PathEscape(playerID), nil, &player, maxAttempts)
	return
}

// Update changes what is named; nil deletes it.
func (c *Client) Update(ctx context.Context, playerID string, changes Properties) (player Player, err error) {
	err = c.call(ctx, "PATCH", "/players/players/"+url.PathEscape(playerID), changes, &player, maxAttempts)
	return
}

// RecordSession notes that the player played.
func (c *Client) RecordSession(ctx context.Context, playerID string, session Session) error {
	return c.call(ctx, "POST", "/players/players/"+url.PathEscape(playerID)+"/session", session, nil, maxAttempts)
}

// RecordPurchase notes money spent, "4.99". With a transaction id it counts once, however often it is sent; without
// one the client makes one up, so that a lost answer does not count it twice.
func (c *Client) RecordPurchase(ctx context.Context, playerID, amount, transactionID string) error {
	if transactionID == "" {
		transactionID = newID()
	}
	path := "/players/players/" + url.PathEscape(playerID) + "/purchase?amount=" + url.QueryEscape(amount)
	return c.call(ctx, "POST", path, Properties{"transaction_id": transactionID}, nil, maxAttempts)
}

// Flag evaluates one flag. When the server cannot be asked or does not know it, the value is `otherwise`.
func (c *Client) Flag(ctx context.Context, key, playerID string, otherwise any) any {
	var flag Flag
	path := "/flags/flags/" + url.PathEscape(key) + "/evaluate"
	if err := c.call(ctx, "POST", path, Properties{"player_id": playerID}, &flag, 1); err != nil {
		return otherwise
	}
	return flag.Value
}

// Flags evaluates every flag, or those named.
func (c *Client) Flags(ctx context.Context, playerID string, keys ...string) (map[string]Flag, error) {
	body := Properties{"player_id": playerID}
	if len(keys) > 0 {
		body["requested_flags"] = keys
	}
	var answer struct {
		Flags map[string]Flag `json:"flags"`
	}
	err := c.call(ctx, "POST", "/flags/flags/evaluate", body, &answer, maxAttempts)
	return answer.Flags, err
}

// Segments tells which segments the player is in.
func (c *Client) Segments(ctx context.Context, playerID string) ([]Segment, error) {
	var answer struct {
		Segments []Segment `json:"segments"`
	}
	err := c.call(ctx, "GET", "/segments/player/"+url.PathEscape(playerID), nil, &answer, maxAttempts)
	return answer.Segments, err
}

// Track queues an event and never waits. When the queue is full the oldest event is given up.
func (c *Client) Track(playerID, eventName, sessionID string, properties Properties) error {
	event := map[string]any{
		"event_id":   newID(),
		"player_id":  playerID,
		"event_name": eventName,
		"properties": properties,
		"timestamp":  time.Now().UTC().Format(time.RFC3339Nano),
	}
	if properties == nil {
		event["properties"] = Properties{}
	}
	if sessionID != "" {
		event["session_id"] = sessionID
	}
	encoded, err := json.Marshal(event)
	if err != nil {
		return err
	}
	c.mutex.Lock()
	c.queue = append(c.queue, encoded)
	c.trim()
	full := len(c.queue) >= maxBatchEvents
	c.mutex.Unlock()
	if full {
		c.poke()
	}
	return nil
}

// Lost tells how many events found the queue full.
func (c *Client) Lost() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.lost
}

// Flush waits until every event is sent, or ctx ends.
func (c *Client) Flush(ctx context.Context) error {
	for {
		c.mutex.Lock()
		idle := len(c.queue) == 0 && !c.busy
		c.mutex.Unlock()
		if idle {
			return nil
		}
		c.poke()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stream calls `take` with every event as it is recorded, until ctx ends or the server refuses. Needs a secret key.
// `after` is the StreamID of the last event taken, or "".
func (c *Client) Stream(ctx context.Context, after string, take func(Event)) error {
	pause := time.Second
	for {
		before := after
		err := c.streamOnce(ctx, &after, take)
		var refusal *Error
		if errors.As(err, &refusal) {
			return err
		}
		if after != before {
			pause = time.Second
		}
		if !sleep(ctx, pause/2+time.Duration(mathrand.Int63n(int64(pause/2)))) {
			return ctx.Err()
		}
		pause = longer(pause)
	}
}

func (c *Client) streamOnce(ctx context.Context, after *string, take func(Event)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(maxSilence, cancel)
	defer silence.Stop()
	request, err := http.NewRequestWithContext(ctx, "GET", c.base+"/events/events/stream", nil)
	if err != nil {
		return err
	}
	request.Header.Set("X-API-Key", c.key)
	request.Header.Set("Accept", "text/event-stream")
	if *after != "" {
		request.Header.Set("Last-Event-ID", *after)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if patience(response.StatusCode) {
		return errors.New("the server asks for patience")
	}
	if response.StatusCode != http.StatusOK {
		return dataOf(response, nil)
	}
	// Lines of a stream: HTML standard, 9.2.6.
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	kind, data := "", ""
	for lines.Scan() {
		silence.Reset(maxSilence)
		line := lines.Text()
		if line == "" {
			var event Event
			if kind == "event" && json.Unmarshal([]byte(data), &event) == nil {
				event.StreamID = *after
				take(event)
			}
			kind, data = "", ""
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			kind = value
		case "data":
			data += value
		case "id":
			*after = value
		}
	}
	return lines.Err()
}

func (c *Client) call(ctx context.Context, method, path string, body, answer any, attempts int) error {
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return err
		}
	}
	pause := firstPause
	for attempt := 1; ; attempt++ {
		wait := pause
		response, err := c.do(ctx, method, path, content)
		switch {
		case err != nil:
			if attempt == attempts || ctx.Err() != nil {
				return err
			}
		case !patience(response.StatusCode) || attempt == attempts:
			return dataOf(response, answer)
		default:
			wait = retryAfter(response, pause)
			discard(response)
		}
		if !sleep(ctx, jittered(wait)) {
			return ctx.Err()
		}
		pause = longer(pause)
	}
}

// do makes one request. The answer is read whole, so that the time limit covers it.
func (c *Client) do(ctx context.Context, method, path string, content []byte) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-API-Key", c.key)
	if content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(response.Body)
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(answer))
	return response, err
}

func (c *Client) run(ctx context.Context) {
	defer close(c.done)
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-c.wake:
		}
		pause := firstPause
		for {
			batch := c.take()
			if batch == nil {
				break
			}
			wait := c.sendBatch(ctx, batch, pause)
			if wait == 0 {
				pause = firstPause
				continue
			}
			if !sleep(ctx, jittered(wait)) {
				return
			}
			pause = longer(pause)
		}
	}
}

// take removes the oldest events from the queue, as many as one batch may hold; nil when there are none.
func (c *Client) take() [][]byte {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	count, size := 0, 0
	for count < len(c.queue) && count < maxBatchEvents {
		size += len(c.queue[count]) + 1
		if count > 0 && size > maxBatchBytes {
			break
		}
		count++
	}
	if c.busy = count > 0; !c.busy {
		return nil
	}
	batch := append([][]byte(nil), c.queue[:count]...)
	c.queue = append([][]byte(nil), c.queue[count:]...)
	return batch
}

// sendBatch returns how long to wait before the next attempt, 0 when the events are done with.
func (c *Client) sendBatch(ctx context.Context, batch [][]byte, pause time.Duration) time.Duration {
	body := append([]byte(`{"events":[`), bytes.Join(batch, []byte(","))...)
	response, err := c.do(ctx, "POST", "/events/events/batch", append(body, `]}`...))
	if err != nil {
		c.putBack(batch)
		return pause
	}
	if patience(response.StatusCode) {
		c.putBack(batch)
		return retryAfter(response, pause)
	}
	var answer struct {
		Results []struct {
			Index int             `json:"index"`
			Error json.RawMessage `json:"error"`
		} `json:"results"`
	}
	if err := dataOf(response, &answer); err != nil {
		c.onError(fmt.Errorf("%d events were refused: %w", len(batch), err))
	}
	for _, result := range answer.Results {
		if result.Error != nil && result.Index < len(batch) {
			c.onError(fmt.Errorf("event %s was refused: %s", batch[result.Index], result.Error))
		}
	}
	return 0
}

func (c *Client) putBack(batch [][]byte) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.queue = append(batch, c.queue...)
	c.trim()
}

func (c *Client) trim() {
	if surplus := len(c.queue) - maxQueuedEvents; surplus > 0 {
		c.queue = append([][]byte(nil), c.queue[surplus:]...)
		c.lost += surplus
	}
}

func (c *Client) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// dataOf decodes what is inside the envelope.
func dataOf(response *http.Response, into any) error {
	defer response.Body.Close()
	var envelope struct {
		Success bool            `json:"success"`
		Data    json.RawMessage `json:"data"`
		Error   Error           `json:"error"`
	}
	if err := json.NewDecoder(response.Body).Decode(&envelope); err != nil {
		return &Error{response.StatusCode, "INTERNAL_ERROR", "the answer is not JSON"}
	}
	if !envelope.Success {
		envelope.Error.Status = response.StatusCode
		return &envelope.Error
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(envelope.Data, into)
}

func discard(response *http.Response) {
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
}

func patience(status int) bool { return status == 429 || status == 503 }

func retryAfter(response *http.Response, otherwise time.Duration) time.Duration {
	if secs, err := strconv.ParseFloat(response.Header.Get("Retry-After"), 64); err == nil {
		return time.Duration(secs * float64(time.Second))
	}
	return otherwise
}

func jittered(wait time.Duration) time.Duration {
	return wait + time.Duration(mathrand.Int63n(int64(wait)*3/10+1))
}

func longer(pause time.Duration) time.Duration {
	if pause *= 2; pause > maxPause {
		return maxPause
	}
	return pause
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
