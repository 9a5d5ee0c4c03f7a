// Adds "Try it" to every operation of the page: a form made from /openapi.json, a request with fetch, and its answer.
// Nothing is kept: the key and the ids live in their fields for as long as the page is open.
"use strict";

const MAX_STREAM_LINES = 200;
const NARROW = "(max-width: 860px)";

start();

async function start() {
  document.querySelector(".menu").open = !matchMedia(NARROW).matches;
  markPlaceInNavigation();
  const contract = await (await fetch("/openapi.json")).json();
  const person = personValues(contract);
  document.querySelector(".menu").before(person.panel);
  for (const [path, methods] of Object.entries(contract.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const side = document.querySelector(`#${operation.operationId} .side`);
      if (side) side.append(tryIt(contract, path, method.toUpperCase(), operation, person));
    }
  }
}

// The key, and the ids that stand in place of the examples' ones in every form.
function personValues(contract) {
  const key = element("input", { type: "password", id: "key", autocomplete: "off", spellcheck: false });
  key.placeholder = "pk_live_… or sk_live_…";
  const examples = {
    player: contract.paths["/v1/players/players/{player_id}"].get.parameters[0].example,
    app: Object.values(contract.paths["/api/events"].post.requestBody.content)[0].examples.player_identity.value.app_id,
  };
  const ids = {};
  for (const name of ["player", "app"]) {
    ids[name] = element("input", { type: "text", id: `known-${name}`, spellcheck: false, placeholder: examples[name] });
    ids[name].used = examples[name];
    ids[name].addEventListener("input", () => replaceEverywhere(ids[name], examples[name]));
  }
  const labels = [["Key", key], ["App id", ids.app], ["Player id, of the last one registered", ids.player]];
  const rows = labels.map(([text, input]) => element("label", {}, element("span", {}, text), input));
  const panel = element("form", { className: "values-of-person", autocomplete: "off" }, ...rows);
  panel.addEventListener("submit", (event) => event.preventDefault());
  return {
    panel,
    key: () => key.value.trim(),
    fill: (text) => Object.keys(ids).reduce((filled, name) => filled.replaceAll(examples[name], ids[name].used), text),
    know: (playerId) => {
      ids.player.value = playerId;
      replaceEverywhere(ids.player, examples.player);
    },
  };
}

function replaceEverywhere(input, example) {
  const value = input.value.trim() || example;
  for (const field of document.querySelectorAll(".try form input:not([type=file]), .try form textarea")) {
    field.value = field.value.replaceAll(input.used, value);
  }
  input.used = value;
}

function markPlaceInNavigation() {
  const links = new Map([...document.querySelectorAll(".menu a")].map((link) => [link.hash.slice(1), link]));
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) links.get(target.id).setAttribute("aria-current", "true");
        else links.get(target.id).removeAttribute("aria-current");
      }
    },
    { rootMargin: "-10% 0px -85% 0px" },
  );
  for (const section of document.querySelectorAll(".operation")) watcher.observe(section);
}

function tryIt(contract, path, method, operation, person) {
  const details = element("details", { className: "try" }, element("summary", {}, "Try it"));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(form(contract, path, method, operation, person));
  });
  return details;
}

function form(contract, path, method, operation, person) {
  const parameters = (operation.parameters ?? [])
    .map((parameter) => resolve(contract, parameter))
    .filter((parameter) => parameter.name !== "Content-Encoding"); // the page does not compress
  const inputs = parameters.map((parameter) => parameterInput(contract, parameter, person));
  const body = bodyInput(contract, operation, person);
  const send = element("button", { type: "submit" }, "Send");
  const stop = element("button", { type: "button", hidden: true, className: "quiet" }, "Stop");
  const output = element("div", {});
  output.setAttribute("aria-live", "polite");
  const rows = [...inputs.map((input) => input.row), ...(body?.rows ?? [])];
  const result = element("form", {}, ...rows, element("p", { className: "actions" }, send, stop), output);
  result.addEventListener("submit", async (event) => {
    event.preventDefault();
    const abort = new AbortController();
    stop.onclick = () => abort.abort();
    send.disabled = true;
    stop.hidden = false;
    output.replaceChildren();
    try {
      const request = await build(path, method, operation, inputs, body, person.key(), contract);
      output.append(element("pre", { className: "sent" }, request.summary));
      const answer = await perform(request, abort.signal, output);
      if (operation.operationId === "register_player" && answer?.success) person.know(answer.data.id);
    } catch (error) {
      const text = abort.signal.aborted ? "Stopped." : String(error.message ?? error);
      output.append(element("p", { className: "outcome failed" }, text));
    } finally {
      send.disabled = false;
      stop.hidden = true;
    }
  });
  return result;
}

function parameterInput(contract, parameter, person) {
  const schema = resolve(contract, parameter.schema ?? {});
  const given = parameter.in === "query" && !parameter.required ? "" : (parameter.example ?? "");
  const choices = schema.enum;
  const input = choices
    ? element("select", {}, ...["", ...choices].map((text) => element("option", {}, text)))
    : element("input", { type: "text", value: person.fill(String(given)), spellcheck: false });
  input.required = parameter.required ?? false;
  if (!choices) input.placeholder = String(schema.default ?? "");
  const isList = schema.type === "array";
  const read = () => (isList ? input.value.split(/[\s,]+/) : [input.value.trim()]).filter((text) => text);
  return { parameter, row: labelled(parameter.name, input, parameter.required), values: read };
}

function bodyInput(contract, operation, person) {
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (!type) return null;
  if (type === "multipart/form-data") {
    const fields = Object.entries(resolve(contract, content.schema).properties).map(([name, schema]) => {
      const input = element("input", { type: schema.contentMediaType ? "file" : "text", name });
      return { name, input, row: labelled(name, input, true) };
    });
    return { type, rows: fields.map((field) => field.row), fields };
  }
  const examples = Object.entries(content.examples ?? {});
  const example = content.example ?? examples[0]?.[1].value ?? {};
  const area = element("textarea", { spellcheck: false });
  const show = (value) => {
    area.value = person.fill(pretty(value));
    area.rows = Math.min(area.value.split("\n").length + 1, 20);
  };
  show(example);
  const isJson = type === "application/json";
  const rows = [labelled(isJson ? "Body" : `Body, as JSON; sent as ${type}`, area)];
  rows[0].className = "wide";
  if (examples.length > 1) {
    const choice = element("select", {}, ...examples.map(([, { summary }]) => element("option", {}, summary)));
    choice.onchange = () => show(examples[choice.selectedIndex][1].value);
    rows.unshift(labelled("Example", choice));
  }
  return { type, rows, text: () => area.value.trim() };
}

function labelled(name, input, required = false) {
  const mark = required ? [element("b", { className: "mark", title: "required" }, " *")] : [];
  return element("label", {}, element("span", {}, name, ...mark), input);
}

async function build(path, method, operation, inputs, body, key, contract) {
  const headers = {};
  const query = new URLSearchParams();
  let url = path;
  for (const { parameter, values } of inputs) {
    for (const value of values()) {
      if (parameter.in === "path") url = url.replace(`{${parameter.name}}`, encodeURIComponent(value));
      else if (parameter.in === "query") query.append(parameter.name, value);
      else headers[parameter.name] = value;
    }
  }
  if (String(query)) url += `?${query}`;
  const scheme = contract.components.securitySchemes[Object.keys(operation.security?.[0] ?? {})[0]];
  if (scheme && key) headers[scheme.name ?? "Authorization"] = scheme.name ? key : `Bearer ${key}`;
  let content;
  if (body?.fields) {
    content = new FormData();
    for (const { name, input } of body.fields) content.append(name, input.files ? (input.files[0] ?? "") : input.value);
  } else if (body && body.text()) {
    headers["Content-Type"] = body.type;
    const isMessagePack = body.type === "application/msgpack";
    content = isMessagePack ? new Uint8Array(packed(JSON.parse(body.text()))) : body.text();
  }
  const shown = Object.entries(headers).map(([name, value]) => `${name}: ${value === key ? "•••" : value}`);
  return { url, options: { method, headers, body: content }, summary: [`${method} ${url}`, ...shown].join("\n") };
}

async function perform({ url, options }, signal, output) {
  const began = performance.now();
  const response = await fetch(url, { ...options, signal });
  const took = Math.round(performance.now() - began);
  const className = `outcome ${response.ok ? "good" : "failed"}`;
  output.append(element("p", { className }, `${response.status} ${response.statusText} in ${took} ms`));
  const limits = ["ratelimit", "ratelimit-policy", "retry-after", "allow"]
    .filter((name) => response.headers.has(name))
    .map((name) => `${name}: ${response.headers.get(name)}`);
  if (limits.length) output.append(element("pre", {}, limits.join("\n")));
  const answer = output.appendChild(element("pre", { className: "answer" }));
  if ((response.headers.get("content-type") ?? "").startsWith("text/event-stream")) {
    await follow(response.body, answer);
    return null;
  }
  const text = await response.text();
  try {
    const value = JSON.parse(text);
    answer.textContent = pretty(value);
    return value;
  } catch {
    answer.textContent = text;
    return null;
  }
}

async function follow(stream, answer) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let lines = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    lines = (lines.join("\n") + value).split("\n").slice(-MAX_STREAM_LINES);
    answer.textContent = lines.join("\n");
    answer.scrollTop = answer.scrollHeight;
  }
}

function resolve(contract, item) {
  if (!item?.$ref) return item;
  return item.$ref.slice(2).split("/").reduce((found, name) => found[name], contract);
}

function pretty(value) {
  return JSON.stringify(value, null, 2);
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// JSON values as MessagePack (github.com/msgpack/msgpack, spec.md): whole numbers as integers, all others as float64.
function packed(value) {
  const out = [];
  pack(value, out);
  return out;
}

function pack(value, out) {
  if (value === null) out.push(0xc0);
  else if (typeof value === "boolean") out.push(value ? 0xc3 : 0xc2);
  else if (typeof value === "number") packNumber(value, out);
  else if (typeof value === "string") {
    const bytes = new TextEncoder().encode(value);
    head(bytes.length, out, 0xa0, 31, [0xd9, 0xda, 0xdb]);
    for (const byte of bytes) out.push(byte);
  } else if (Array.isArray(value)) {
    head(value.length, out, 0x90, 15, [null, 0xdc, 0xdd]);
    for (const item of value) pack(item, out);
  } else {
    const entries = Object.entries(value);
    head(entries.length, out, 0x80, 15, [null, 0xde, 0xdf]);
    for (const [name, item] of entries) {
      pack(name, out);
      pack(item, out);
    }
  }
}

function packNumber(value, out) {
  if (!Number.isSafeInteger(value)) {
    number(out, 0xcb, 8, (view) => view.setFloat64(0, value));
  } else if (value >= 0 && value < 0x80) out.push(value);
  else if (value < 0 && value >= -32) out.push(value + 0x100);
  else number(out, 0xd3, 8, (view) => view.setBigInt64(0, BigInt(value)));
}

function head(length, out, short, shortest, [one, two, four]) {
  if (length <= shortest) out.push(short | length);
  else if (one !== null && length < 0x100) out.push(one, length);
  else if (length < 0x10000) number(out, two, 2, (view) => view.setUint16(0, length));
  else number(out, four, 4, (view) => view.setUint32(0, length));
}

function number(out, code, bytes, write) {
  const view = new DataView(new ArrayBuffer(bytes));
  write(view);
  out.push(code, ...new Uint8Array(view.buffer));
}
