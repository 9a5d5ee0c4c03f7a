// A small client of the player API, for Node.js 18 and newer: it needs nothing but fetch. Copy it into your project.
//
// Events are queued, sent in batches, and sent again when the server asks for patience or cannot be reached. Each
// carries an id, so that one that arrived twice is recorded once.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const MAX_BATCH_EVENTS = 500;
const MAX_BATCH_BYTES = 512 * 1024;
const MAX_QUEUED_EVENTS = 10_000;
const FLUSH_EVERY_MS = 1500;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
const MAX_ATTEMPTS = 5; // of a call whose answer somebody waits for
const TIMEOUT_MS = 10_000;
const SILENCE_MS = 45_000; // the stream has a heartbeat every 15 s

/** The server refused. `code` is one of the documented ones; the message says what to mend. */
export class ApiError extends Error {
  constructor(status, code, message) {
    super(`${status} ${code}: ${message}`);
    this.status = status;
    this.code = code;
  }
}

export class PlayerApi {
  #base;
  #key;
  #onError;
  #queue = [];
  #sending = null;
  #timer;

  /** `baseUrl` ends with /v1; `onError` hears of events that the server refused. */
  constructor(baseUrl, key, { onError = console.error } = {}) {
    this.#base = baseUrl.replace(/\/+$/, "");
    this.#key = key;
    this.#onError = onError;
    this.lost = 0; // events that found the queue full
    this.#timer = setInterval(() => this.#send(), FLUSH_EVERY_MS);
    this.#timer.unref();
  }

  /** Send what is queued, for a limited time, then stop. */
  async close(timeoutMs = 5000) {
    clearInterval(this.#timer);
    return this.flush(timeoutMs);
  }

  // players

  /** Create the player, or add to the one there is; resolves to the player, whose `id` all other calls want. */
  register({ externalId, deviceId, email, attributes } = {}) {
    return this.#call("POST", "/players/players", {
      external_id: externalId,
      device_id: deviceId,
      email,
      attributes,
    });
  }

  player(playerId) {
    return this.#call("GET", `/players/players/${playerId}`);
  }

  /** Change what is named; null deletes it. */
  update(playerId, changes) {
    return this.#call("PATCH", `/players/players/${playerId}`, changes);
  }

  recordSession(playerId, { sessionId, startedAt, durationSeconds } = {}) {
    return this.#call("POST", `/players/players/${playerId}/session`, {
      session_id: sessionId,
      started_at: startedAt,
      duration_seconds: durationSeconds,
    });
  }

  /** `amount` as text ("4.99"). With a transaction id it counts once, however often it is sent. */
  recordPurchase(playerId, amount, { transactionId = randomUUID() } = {}) {
    const path = `/players/players/${playerId}/purchase?amount=${encodeURIComponent(amount)}`;
    return this.#call("POST", path, { transaction_id: transactionId });
  }

  // flags and segments

  /** The player's value of a flag; `otherwise` when the server cannot be asked or does not know the flag. */
  async flag(key, playerId, otherwise = null) {
    try {
      const path = `/flags/flags/${encodeURIComponent(key)}/evaluate`;
      return (await this.#call("POST", path, { player_id: playerId }, 1)).value;
    } catch {
      return otherwise;
    }
  }

  /** Every flag, or those named, with value and reason. */
  async flags(playerId, keys) {
    const body = { player_id: playerId, requested_flags: keys };
    return (await this.#call("POST", "/flags/flags/evaluate", body)).flags;
  }

  async segments(playerId) {
    return (await this.#call("GET", `/segments/player/${playerId}`)).segments;
  }

  // events

  /** Queue an event; never waits. When the queue is full the oldest event is given up. */
  track(playerId, eventName, properties = {}, { sessionId } = {}) {
    const event = {
      event_id: randomUUID(),
      player_id: playerId,
      event_name: eventName,
      session_id: sessionId,
      properties,
      timestamp: new Date().toISOString(),
    };
    this.#queue.push(JSON.stringify(event));
    this.#trim();
    if (this.#queue.length >= MAX_BATCH_EVENTS) this.#send();
  }

  /** Wait until every event is sent; false when it is not in time. */
  async flush(timeoutMs = 10_000) {
    const late = sleep(timeoutMs, false, { ref: false });
    const sent = (async () => {
      while (this.#queue.length > 0 || this.#sending) await this.#send();
      return true;
    })();
    return Promise.race([sent, late]);
  }

  /** Events as they are recorded, for ever: `for await (const { id, event } of api.stream())`. Needs a secret key. */
  async *stream({ after, playerId, eventName } = {}) {
    const filters = new URLSearchParams();
    if (playerId) filters.set("player_id", playerId);
    if (eventName) filters.set("event_name", eventName);
    for (let pause = 1000; ; pause = Math.min(2 * pause, MAX_PAUSE_MS)) {
      const headers = { "X-API-Key": this.#key, Accept: "text/event-stream" };
      if (after !== undefined) headers["Last-Event-ID"] = String(after);
      const abort = new AbortController();
      let silence = setTimeout(() => abort.abort(), SILENCE_MS);
      try {
        const url = `${this.#base}/events/events/stream?${filters}`;
        const response = await fetch(url, { headers, signal: abort.signal });
        if (![200, 429, 503].includes(response.status)) await dataOf(response);
        if (response.status === 200) {
          for await (const item of serverSentEvents(response.body, () => silence.refresh())) {
            pause = 1000;
            after = item.id ?? after;
            if (item.kind === "event") yield { id: after, event: JSON.parse(item.data) };
          }
        }
      } catch (error) {
        if (error instanceof ApiError) throw error;
      } finally {
        clearTimeout(silence);
        abort.abort();
      }
      await sleep(pause * (0.5 + Math.random() / 2));
    }
  }

  // ---------------------------------------------------------------------------------------------------------------

  async #call(method, path, body, attempts = MAX_ATTEMPTS) {
    let pause = FIRST_PAUSE_MS;
    for (let attempt = 1; ; attempt++) {
      let wait = pause;
      try {
        const response = await this.#fetch(method, path, body === undefined ? undefined : JSON.stringify(body));
        if (![429, 503].includes(response.status) || attempt === attempts) return await dataOf(response);
        await response.body?.cancel();
        wait = retryAfterMs(response, pause);
      } catch (error) {
        if (error instanceof ApiError || attempt === attempts) throw error;
      }
      await sleep(wait * (1 + 0.3 * Math.random()));
      pause = Math.min(2 * pause, MAX_PAUSE_MS);
    }
  }

  #fetch(method, path, body) {
    const headers = { "X-API-Key": this.#key };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return fetch(this.#base + path, { method, headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
  }

  #send() {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #sendAll() {
    let pause = FIRST_PAUSE_MS;
    while (this.#queue.length > 0) {
      const wait = await this.#sendBatch(pause);
      pause = wait ? Math.min(2 * pause, MAX_PAUSE_MS) : FIRST_PAUSE_MS;
      if (wait) await sleep(wait * (1 + 0.3 * Math.random()), undefined, { ref: false });
    }
  }

  /** Send the oldest events; resolves to how long to wait before the next attempt, 0 when they are done with. */
  async #sendBatch(pause) {
    let count = 0;
    for (let size = 0; count < Math.min(this.#queue.length, MAX_BATCH_EVENTS); count++) {
      size += Buffer.byteLength(this.#queue[count]) + 1;
      if (count > 0 && size > MAX_BATCH_BYTES) break;
    }
    const batch = this.#queue.splice(0, count);
    const putBack = (wait) => {
      this.#queue.unshift(...batch);
      this.#trim();
      return wait;
    };
    let response;
    try {
      response = await this.#fetch("POST", "/events/events/batch", `{"events":[${batch.join(",")}]}`);
    } catch {
      return putBack(pause);
    }
    if ([429, 503].includes(response.status)) {
      await response.body?.cancel();
      return putBack(retryAfterMs(response, pause));
    }
    try {
      for (const result of (await dataOf(response)).results ?? []) {
        if (result.error) this.#onError(`event ${batch[result.index]} was refused: ${JSON.stringify(result.error)}`);
      }
    } catch (error) {
      this.#onError(`${batch.length} events were refused: ${error.message}`);
    }
    return 0;
  }

  #trim() {
    const surplus = this.#queue.length - MAX_QUEUED_EVENTS;
    if (surplus > 0) {
      this.#queue.splice(0, surplus);
      this.lost += surplus;
    }
  }
}

/** What is inside the envelope; throws ApiError. */
async function dataOf(response) {
  let answer = null;
  try {
    answer = await response.json();
  } catch {
    throw new ApiError(response.status, "INTERNAL_ERROR", "the answer is not JSON");
  }
  if (response.ok && answer.success) return answer.data;
  throw new ApiError(response.status, answer.error?.code ?? "", answer.error?.message ?? "");
}

function retryAfterMs(response, otherwise) {
  const secs = Number(response.headers.get("retry-after") ?? NaN);
  return Number.isFinite(secs) ? secs * 1000 : otherwise;
}

/** The events of a stream (HTML standard, 9.2.6). */
async function* serverSentEvents(body, alive) {
  const decoder = new TextDecoder();
  let text = "";
  let item = { kind: "message", data: [], id: undefined };
  for await (const chunk of body) {
    alive();
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    text = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (item.data.length > 0) yield { ...item, data: item.data.join("\n") };
        item = { kind: "message", data: [], id: undefined };
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") item.kind = value;
      else if (field === "data") item.data.push(value);
      else if (field === "id") item.id = value;
    }
  }
}
