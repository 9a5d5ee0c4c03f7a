// A small client of the telemetry API, for Node.js 18 and newer and for web games: it needs nothing but fetch, and
// brings a MessagePack encoder of its own. Copy it into your project.
//
// Events are queued, sent in batches, and sent again when the server asks for patience or cannot be reached. The server
// stores a batch as a whole or not at all: one that it refuses is cut in halves until the wrong event is alone, and
// only that is given up.

const MAX_BATCH_EVENTS = 500;
const MAX_BATCH_BYTES = 512 * 1024;
const MAX_QUEUED_EVENTS = 10_000;
const MAX_QUEUED_BYTES = 32 * 1024 * 1024;
const FLUSH_EVERY_MS = 1500;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
const TIMEOUT_MS = 10_000;
const PATIENCE = [429, 502, 503, 504]; // answers after which the same batch is sent again
const REFUSED = [400, 413]; // answers after which a batch is cut in halves

/**
 * One player's session. `onError` hears, in words, of every event that the server refused.
 * `sent`, `refused` and `lost` count events: stored by the server, refused by it, and given up by a full queue.
 */
export class Telemetry {
  #url;
  #headers;
  #player;
  #onError;
  #queue = []; // events as MessagePack
  #queuedBytes = 0;
  #batches = []; // under way: to be sent again, or halves of a refused one; the last comes first
  #sending = null;
  #timer;

  constructor(url, token, appId, { buildId, playerId, sessionId = newId(), onError = console.error }) {
    this.#url = url.replace(/\/+$/, "") + "/api/events";
    this.#headers = { "x-public-token": token, "Content-Type": "application/msgpack" };
    this.#player = { app_id: appId, build_id: buildId, player_id: playerId };
    this.sessionId = sessionId;
    this.#onError = onError;
    this.sent = this.refused = this.lost = 0;
    this.#timer = setInterval(() => this.#send(), FLUSH_EVERY_MS);
    this.#timer.unref?.(); // Node.js may end although the timer runs
  }

  /** Send what is queued, for a limited time, then stop. What is left then counts as lost. */
  async close(timeoutMs = 5000) {
    clearInterval(this.#timer);
    const done = await this.flush(timeoutMs);
    this.lost += this.#batches.reduce((sum, batch) => sum + batch.length, this.#queue.length);
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#batches = [];
    return done;
  }

  // what happens; none of these waits

  /** Say once who plays. `hardware` is an object of your choice. */
  createPlayer({ region, hardware } = {}) {
    this.#add({ event_name: "Create_Player", timestamp: now(), region, hardware });
  }

  /** Something happened. `position` is [x, y, z] in the game's own coordinates. */
  event(name, { levelId, position, customData, inputMethod } = {}) {
    this.#add({
      event_name: name,
      session_id: this.sessionId,
      timestamp: now(),
      level_id: levelId,
      position,
      custom_data: customData,
      input_method: inputMethod,
    });
  }

  /** The player reached a step of a funnel, such as the tutorial's end. */
  funnelStep(name, { levelId } = {}) {
    this.#add({ funnel_step_name: name, session_id: this.sessionId, timestamp: now(), level_id: levelId });
  }

  /**
   * Where the player was: [x, y, z] after [x, y, z], evenly spread from `startedAt` to `endedAt` (`now()`).
   * `fps` is { mean, low_5, low_1 }. One trajectory every few seconds is a good measure.
   */
  trajectory(positions, startedAt, endedAt, { fps, status, inputMethod, levelId } = {}) {
    this.#add({
      session_id: this.sessionId,
      positions: positions.flat(),
      timestamp_start: startedAt,
      timestamp_end: endedAt,
      fps,
      status,
      input_method: inputMethod,
      level_id: levelId,
    });
  }

  /** Wait until everything is sent; false when it is not in time. */
  async flush(timeoutMs = 10_000) {
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs, false)));
    const done = (async () => {
      while (this.#queue.length > 0 || this.#batches.length > 0) await this.#send();
      return true;
    })();
    return Promise.race([done, late]).finally(() => clearTimeout(timer));
  }

  // ---------------------------------------------------------------------------------------------------------------

  #add(fields) {
    const packed = encode({ ...this.#player, ...fields });
    this.#queue.push(packed);
    this.#queuedBytes += packed.length;
    while (this.#queue.length > MAX_QUEUED_EVENTS || this.#queuedBytes > MAX_QUEUED_BYTES) {
      this.#queuedBytes -= this.#queue.shift().length;
      this.lost++;
    }
    if (this.#queue.length >= MAX_BATCH_EVENTS || this.#queuedBytes >= MAX_BATCH_BYTES) this.#send();
  }

  #send() {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #sendAll() {
    let pause = FIRST_PAUSE_MS;
    while (this.#take()) {
      const wait = await this.#sendBatch(this.#batches.at(-1), pause);
      if (wait === null) {
        pause = FIRST_PAUSE_MS;
        continue;
      }
      pause = Math.min(2 * pause, MAX_PAUSE_MS);
      // The random part keeps a thousand clients from coming back in the same moment.
      await new Promise((resolve) => setTimeout(resolve, wait * (1 + 0.3 * Math.random())).unref?.());
    }
  }

  /** Move the oldest events into a batch, unless one is under way; false when there is nothing to send. */
  #take() {
    if (this.#batches.length === 0 && this.#queue.length > 0) {
      let [count, size] = [0, 5];
      while (count < Math.min(this.#queue.length, MAX_BATCH_EVENTS)) {
        size += this.#queue[count].length;
        if (count > 0 && size > MAX_BATCH_BYTES) break;
        count++;
      }
      const batch = this.#queue.splice(0, count);
      for (const packed of batch) this.#queuedBytes -= packed.length;
      this.#batches.push(batch);
    }
    return this.#batches.length > 0;
  }

  /** Resolves to how long to wait before the batch may be sent again, null when it is done with. */
  async #sendBatch(batch, pause) {
    let response, text;
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const body = bodyOf(batch);
      response = await fetch(this.#url, { method: "POST", headers: this.#headers, body, signal });
      text = await response.text();
    } catch {
      return pause;
    }
    if (PATIENCE.includes(response.status)) return retryAfterMs(response, pause);
    if (this.#batches.pop() === undefined) return null; // given up by close()
    if (REFUSED.includes(response.status) && batch.length > 1) {
      const middle = batch.length >> 1;
      this.#batches.push(batch.slice(middle), batch.slice(0, middle));
    } else if (response.ok) {
      this.sent += batch.length;
    } else {
      this.refused += batch.length;
      this.#onError(`${batch.length} event(s) refused with ${response.status}: ${text}`);
    }
    return null;
  }
}

/** The time as the server wants it: ISO 8601, UTC. */
export function now() {
  return new Date().toISOString();
}

/** A random UUID. Not crypto.randomUUID: web pages without HTTPS and Node.js 18 do not have it. */
function newId() {
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => Math.floor(16 * Math.random()).toString(16));
}

function retryAfterMs(response, otherwise) {
  const secs = Number(response.headers.get("retry-after") ?? NaN);
  return Number.isFinite(secs) ? Math.min(Math.max(secs, 0), 300) * 1000 : otherwise;
}

/** An array of events (array 32). */
function bodyOf(batch) {
  const size = batch.reduce((sum, packed) => sum + packed.length, 5);
  const body = new Uint8Array(size);
  body[0] = 0xdd;
  new DataView(body.buffer).setUint32(1, batch.length);
  let at = 5;
  for (const packed of batch) {
    body.set(packed, at);
    at += packed.length;
  }
  return body;
}

/**
 * MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) of null, booleans, numbers, strings, arrays and
 * plain objects. Fields that are undefined are left out. Throws TypeError for anything else.
 */
export function encode(value) {
  const writer = new Writer();
  writer.value(value);
  return writer.bytes.slice(0, writer.length);
}

class Writer {
  bytes = new Uint8Array(256);
  view = new DataView(this.bytes.buffer);
  length = 0;

  value(value) {
    if (value === null) this.byte(0xc0);
    else if (typeof value === "boolean") this.byte(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "string") this.string(value);
    else if (Array.isArray(value) || ArrayBuffer.isView(value)) {
      this.head(value.length, 0x90, 15, null, 0xdc, 0xdd);
      for (const item of value) this.value(item);
    } else if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
      const entries = Object.entries(value).filter(([, item]) => item !== undefined);
      this.head(entries.length, 0x80, 15, null, 0xde, 0xdf);
      for (const [key, item] of entries) {
        this.string(key);
        this.value(item);
      }
    } else throw new TypeError(`telemetry cannot carry a ${typeof value}: ${String(value)}`);
  }

  number(value) {
    if (!Number.isSafeInteger(value)) this.put(0xcb, 8, (at) => this.view.setFloat64(at, value));
    else if (value >= 0 && value < 0x80) this.byte(value);
    else if (value < 0 && value >= -32) this.byte(value & 0xff);
    else if (value >= 0 && value <= 0xffff_ffff) this.put(0xce, 4, (at) => this.view.setUint32(at, value));
    else if (value < 0 && value >= -0x8000_0000) this.put(0xd2, 4, (at) => this.view.setInt32(at, value));
    else this.put(0xd3, 8, (at) => this.view.setBigInt64(at, BigInt(value)));
  }

  string(text) {
    const utf8 = new TextEncoder().encode(text);
    this.head(utf8.length, 0xa0, 31, 0xd9, 0xda, 0xdb);
    this.room(utf8.length);
    this.bytes.set(utf8, this.length);
    this.length += utf8.length;
  }

  /** The first bytes of what has a length: the format byte with the length in it, or followed by 8, 16 or 32 bits. */
  head(length, fix, fixMax, format8, format16, format32) {
    if (length <= fixMax) this.byte(fix | length);
    else if (format8 !== null && length <= 0xff) this.put(format8, 1, (at) => this.view.setUint8(at, length));
    else if (length <= 0xffff) this.put(format16, 2, (at) => this.view.setUint16(at, length));
    else this.put(format32, 4, (at) => this.view.setUint32(at, length));
  }

  byte(byte) {
    this.room(1);
    this.bytes[this.length++] = byte;
  }

  put(format, size, write) {
    this.room(1 + size);
    this.bytes[this.length] = format;
    write(this.length + 1);
    this.length += 1 + size;
  }

  room(size) {
    if (this.length + size <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + size));
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}
