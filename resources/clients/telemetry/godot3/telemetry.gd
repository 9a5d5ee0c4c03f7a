# A small client of the telemetry API for Godot 3 (run with 3.2), without plug-ins. Copy it into your project and add it
# as a node, or as an autoload: then every scene can say Telemetry.event("Player_Jump", "Level 1", translation).
#
# Events are queued, sent in batches, and sent again when the server asks for patience or cannot be reached. The server
# stores a batch as a whole or not at all: one that it refuses is cut in halves until the wrong event is alone, and only
# that is given up.
extends Node

# Hears, in words, of every event that the server refused.
signal refused_events(text)

const MAX_BATCH_EVENTS := 500
const MAX_BATCH_BYTES := 512 * 1024
const MAX_QUEUED_EVENTS := 10000
const MAX_QUEUED_BYTES := 32 * 1024 * 1024
const FLUSH_EVERY_MSEC := 1500
const FIRST_PAUSE_MSEC := 500
const MAX_PAUSE_MSEC := 30000
const TIMEOUT_MSEC := 10000
const PATIENCE := [0, 429, 502, 503, 504]  # answers (0: none) after which the same batch is sent again
const REFUSED := [400, 413]  # answers after which a batch is cut in halves

export var url := "http://localhost:4000"
export var public_key := "pk_live_YOUR_KEY"
export var app_id := "YOUR_APP_ID"
export var build_id := "1.0.0"
export var player_id := ""
var session_id := ""

# Events stored by the server, refused by it, and given up by a full queue.
var sent := 0
var refused := 0
var lost := 0

var _queue := []  # events as MessagePack
var _queued_bytes := 0
var _batches := []  # under way: to be sent again, or halves of a refused one; the last comes first
var _http: HTTPClient = null
var _asked := false
var _status := 0
var _answer := PoolByteArray()
var _headers := PoolStringArray()
var _deadline := 0
var _flush_at := 0
var _not_before := 0
var _pause_msec := FIRST_PAUSE_MSEC
var _at_once := false
var _random := RandomNumberGenerator.new()


func _ready() -> void:
	pause_mode = PAUSE_MODE_PROCESS  # events of the pause menu count too
	_random.randomize()
	session_id = _new_id()
	if player_id == "":
		player_id = OS.get_unique_id()
	if player_id == "":
		player_id = session_id


# What happens; none of these waits.

# Say once who plays. `hardware` is a dictionary of your choice.
func create_player(region := "", hardware := {}) -> void:
	_add({"event_name": "Create_Player", "timestamp": now(), "region": region, "hardware": hardware})


# Something happened. `position` is a Vector3, or null.
func event(name: String, level_id := "", position = null, custom_data := {}, input_method := "") -> void:
	_add({
		"event_name": name, "session_id": session_id, "timestamp": now(), "level_id": level_id,
		"position": position, "custom_data": custom_data, "input_method": input_method,
	})


# The player reached a step of a funnel, such as the tutorial's end.
func funnel_step(name: String, level_id := "") -> void:
	_add({"funnel_step_name": name, "session_id": session_id, "timestamp": now(), "level_id": level_id})


# Where the player was (Vector3s), evenly spread from `started_at` to `ended_at` (now()). `fps` holds mean, low_5 and
# low_1. One trajectory every few seconds is a good measure.
func trajectory(
	positions: Array, started_at: String, ended_at: String, fps := {}, status := "", level_id := ""
) -> void:
	var numbers := []
	for position in positions:
		numbers += [position.x, position.y, position.z]
	_add({
		"session_id": session_id, "positions": numbers, "timestamp_start": started_at, "timestamp_end": ended_at,
		"fps": fps, "status": status, "level_id": level_id,
	})


# Send what is queued; yield(telemetry.flush(), "completed") before the game ends. False when it is not in time.
func flush(timeout_msec := 10000):
	var deadline := OS.get_ticks_msec() + timeout_msec
	_at_once = true
	yield(get_tree(), "idle_frame")
	while OS.get_ticks_msec() < deadline and not (_queue.empty() and _batches.empty()):
		yield(get_tree(), "idle_frame")
	_at_once = false
	return _queue.empty() and _batches.empty()


# The time as the server wants it: ISO 8601, UTC.
func now() -> String:
	var msecs := OS.get_system_time_msecs()
	var t := OS.get_datetime_from_unix_time(msecs / 1000)
	return "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ" % [t.year, t.month, t.day, t.hour, t.minute, t.second, msecs % 1000]


# ---------------------------------------------------------------------------------------------------------------------

func _process(_delta: float) -> void:
	if _http == null:
		if _due():
			_connect()
		return
	var status := _poll()
	if status >= 0:
		_http.close()
		_http = null
		_answered(status)


func _add(fields: Dictionary) -> void:
	var event := {"app_id": app_id, "build_id": build_id, "player_id": player_id}
	for name in fields:
		var value = fields[name]
		if value != null and not (value is String and value == "") and not (value is Dictionary and value.empty()):
			event[name] = value
	var packed := encode(event)
	_queue.append(packed)
	_queued_bytes += packed.size()
	while _queue.size() > MAX_QUEUED_EVENTS or _queued_bytes > MAX_QUEUED_BYTES:
		_queued_bytes -= _queue.pop_front().size()
		lost += 1


# Whether there is a batch to send now: the last of _batches.
func _due() -> bool:
	if OS.get_ticks_msec() < _not_before:
		return false
	if not _batches.empty():
		return true
	var full := _queue.size() >= MAX_BATCH_EVENTS or _queued_bytes >= MAX_BATCH_BYTES
	if _queue.empty() or not (full or _at_once or OS.get_ticks_msec() >= _flush_at):
		return false
	_flush_at = OS.get_ticks_msec() + FLUSH_EVERY_MSEC
	var batch := []
	var size := 5
	while not _queue.empty() and batch.size() < MAX_BATCH_EVENTS:
		size += _queue[0].size()
		if not batch.empty() and size > MAX_BATCH_BYTES:
			break
		_queued_bytes -= _queue[0].size()
		batch.append(_queue.pop_front())
	_batches.append(batch)
	return true


func _connect() -> void:
	var tls := url.begins_with("https://")
	var host := url.trim_prefix("https://").trim_prefix("http://").split("/")[0]
	var port := 443 if tls else 80
	var colon := host.find_last(":")
	if colon > host.find_last("]"):  # an IPv6 address has colons of its own, in brackets
		port = int(host.substr(colon + 1))
		host = host.substr(0, colon)
	_http = HTTPClient.new()
	_asked = false
	_status = 0
	_answer = PoolByteArray()
	_headers = PoolStringArray()
	_deadline = OS.get_ticks_msec() + TIMEOUT_MSEC
	_http.connect_to_host(host.trim_prefix("[").trim_suffix("]"), port, tls)


# The answer's status once it is there; 0 when there will be none, -1 while it may still come.
func _poll() -> int:
	if OS.get_ticks_msec() > _deadline:
		return _status
	_http.poll()
	if _http.has_response() and _status == 0:
		_status = _http.get_response_code()
		_headers = _http.get_response_headers()
	match _http.get_status():
		HTTPClient.STATUS_RESOLVING, HTTPClient.STATUS_CONNECTING, HTTPClient.STATUS_REQUESTING:
			return -1
		HTTPClient.STATUS_CONNECTED:
			if _asked:
				return _status  # the whole answer was read, or it has no body
			var headers := ["x-public-token: " + public_key, "Content-Type: application/msgpack"]
			_asked = true
			if _http.request_raw(HTTPClient.METHOD_POST, "/api/events", headers, _body_of(_batches.back())) != OK:
				return 0
			return -1
		HTTPClient.STATUS_BODY:
			while _http.get_status() == HTTPClient.STATUS_BODY and _http.get_response_body_length() != 0:
				var chunk := _http.read_response_body_chunk()
				if chunk.empty():
					return -1
				_answer.append_array(chunk)
			return _status
	return _status  # a server that closes the connection behind its answer has answered


func _answered(status: int) -> void:
	if status in PATIENCE:
		# The random part keeps a thousand clients from coming back in the same moment.
		_not_before = OS.get_ticks_msec() + int(_retry_after_msec() * _random.randf_range(1.0, 1.3))
		_pause_msec = int(min(2 * _pause_msec, MAX_PAUSE_MSEC))
		return
	_pause_msec = FIRST_PAUSE_MSEC
	var batch: Array = _batches.pop_back()
	if status in REFUSED and batch.size() > 1:
		var middle := batch.size() / 2
		_batches.append(batch.slice(middle, batch.size() - 1))
		_batches.append(batch.slice(0, middle - 1))
	elif status >= 200 and status < 300:
		sent += batch.size()
	else:
		refused += batch.size()
		var text := "%d event(s) refused with %d: %s" % [batch.size(), status, _answer.get_string_from_utf8()]
		push_warning(text)
		emit_signal("refused_events", text)


func _retry_after_msec() -> float:
	for header in _headers:
		if header.to_lower().begins_with("retry-after:"):
			var text: String = header.substr(12).strip_edges()
			if text.is_valid_float():
				return clamp(float(text), 0.0, 300.0) * 1000
	return float(_pause_msec)


# An array of events (array 32).
func _body_of(batch: Array) -> PoolByteArray:
	var to := _big_endian()
	to.put_u8(0xdd)
	to.put_u32(batch.size())
	for packed in batch:
		to.put_data(packed)
	return to.data_array


# MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) of what events are made of.
func encode(value) -> PoolByteArray:
	var to := _big_endian()
	_write(to, value)
	return to.data_array


func _write(to: StreamPeerBuffer, value) -> void:
	match typeof(value):
		TYPE_NIL:
			to.put_u8(0xc0)
		TYPE_BOOL:
			to.put_u8(0xc3 if value else 0xc2)
		TYPE_INT:
			if value >= -32 and value < 128:
				to.put_8(value)
			else:
				to.put_u8(0xd3)
				to.put_64(value)
		TYPE_REAL:
			to.put_u8(0xcb)
			to.put_double(value)
		TYPE_VECTOR3:
			_write(to, [value.x, value.y, value.z])
		TYPE_DICTIONARY:
			_write_head(to, value.size(), 0x80, 15, 0, 0xde, 0xdf)
			for key in value:
				_write(to, str(key))
				_write(to, value[key])
		TYPE_ARRAY, TYPE_INT_ARRAY, TYPE_REAL_ARRAY, TYPE_STRING_ARRAY:
			_write_head(to, value.size(), 0x90, 15, 0, 0xdc, 0xdd)
			for item in value:
				_write(to, item)
		_:
			var utf8 := str(value).to_utf8()
			_write_head(to, utf8.size(), 0xa0, 31, 0xd9, 0xda, 0xdb)
			to.put_data(utf8)


# What has a length begins with a format byte that holds it, or is followed by it in 8, 16 or 32 bits.
func _write_head(to: StreamPeerBuffer, size: int, fix: int, fix_max: int, in8: int, in16: int, in32: int) -> void:
	if size <= fix_max:
		to.put_u8(fix | size)
	elif in8 != 0 and size <= 0xff:
		to.put_u8(in8)
		to.put_u8(size)
	elif size <= 0xffff:
		to.put_u8(in16)
		to.put_u16(size)
	else:
		to.put_u8(in32)
		to.put_u32(size)


func _big_endian() -> StreamPeerBuffer:
	var buffer := StreamPeerBuffer.new()
	buffer.big_endian = true
	return buffer


# A random UUID.
func _new_id() -> String:
	var id := ""
	for i in range(32):
		var digit := 4 if i == 12 else 8 if i == 16 else _random.randi_range(0, 15)
		id += ("-" if i in [8, 12, 16, 20] else "") + "%x" % digit
	return id
