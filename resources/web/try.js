// Adds "Try it" to every operation of the page: a form made from /openapi.json, a request with fetch, and its answer.
// Nothing is kept: the key lives in its field for as long as the page is open.
"use strict";

const MAX_STREAM_LINES = 200;

start();

async function start() {
  const contract = await (await fetch("/openapi.json")).json();
  const key = element("input", { type: "password", id: "key", autocomplete: "off", spellcheck: false });
  const label = element("label", { className: "key" }, "Key for trying ", key);
  document.querySelector("nav ul").before(label);
  for (const [path, methods] of Object.entries(contract.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const section = document.getElementById(operation.operationId);
      if (section) section.append(tryIt(contract, path, method.toUpperCase(), operation, key));
    }
  }
}

function tryIt(contract, path, method, operation, key) {
  const details = element("details", { className: "try" }, element("summary", {}, "Try it"));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(form(contract, path, method, operation, key));
  });
  return details;
}

function form(contract, path, method, operation, key) {
  const inputs = (operation.parameters ?? []).map((parameter) => parameterInput(resolve(contract, parameter)));
  const body = bodyInput(contract, operation);
  const send = element("button", { type: "submit" }, "Send");
  const stop = element("button", { type: "button", hidden: true }, "Stop");
  const output = element("div", { className: "answer" });
  output.setAttribute("aria-live", "polite");
  const rows = [...inputs.map((input) => input.row), ...(body?.rows ?? [])];
  const result = element("form", {}, ...rows, element("p", {}, send, " ", stop), output);
  result.addEventListener("submit", async (event) => {
    event.preventDefault();
    const abort = new AbortController();
    stop.onclick = () => abort.abort();
    send.disabled = true;
    stop.hidden = false;
    output.replaceChildren();
    try {
      const request = await build(path, method, operation, inputs, body, key.value.trim(), contract);
      output.append(element("pre", { className: "sent" }, request.summary));
      await perform(request, abort.signal, output);
    } catch (error) {
      const text = abort.signal.aborted ? "Stopped." : String(error.message ?? error);
      output.append(element("p", { className: "failed" }, text));
    } finally {
      send.disabled = false;
      stop.hidden = true;
    }
  });
  return result;
}

function parameterInput(parameter) {
  const given = parameter.example ?? parameter.schema?.default ?? "";
  const input = element("input", { type: "text", value: String(given), spellcheck: false });
  const choices = parameter.schema?.enum;
  input.required = parameter.required ?? false;
  input.placeholder = choices ? choices.join(" | ") : (parameter.schema?.type ?? "").toString();
  const name = `${parameter.name}${parameter.required ? " *" : ""}`;
  const row = element("label", {}, element("span", {}, `${name} (${parameter.in})`), input);
  return { parameter, row, value: () => input.value.trim() };
}

function bodyInput(contract, operation) {
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (!type) return null;
  if (type === "multipart/form-data") {
    const fields = Object.entries(resolve(contract, content.schema).properties).map(([name, schema]) => {
      const input = element("input", { type: schema.contentMediaType ? "file" : "text", name });
      return { name, input, row: element("label", {}, element("span", {}, `${name} *`), input) };
    });
    return { type, rows: fields.map((field) => field.row), fields };
  }
  const examples = Object.entries(content.examples ?? {});
  const example = content.example ?? examples[0]?.[1].value ?? {};
  const area = element("textarea", { value: pretty(example), rows: 10, spellcheck: false });
  const rows = [element("label", {}, element("span", {}, `Body, as JSON; sent as ${type}`), area)];
  if (examples.length > 1) {
    const choice = element("select", {}, ...examples.map(([name]) => element("option", {}, name)));
    choice.onchange = () => (area.value = pretty(examples[choice.selectedIndex][1].value));
    rows.unshift(element("label", {}, element("span", {}, "Example"), choice));
  }
  return { type, rows, text: () => area.value.trim() };
}

async function build(path, method, operation, inputs, body, key, contract) {
  const headers = {};
  const query = new URLSearchParams();
  let url = path;
  for (const { parameter, value } of inputs) {
    if (!value() && !parameter.required) continue;
    if (parameter.in === "path") url = url.replace(`{${parameter.name}}`, encodeURIComponent(value()));
    else if (parameter.in === "query") query.append(parameter.name, value());
    else if (parameter.name !== "Content-Encoding") headers[parameter.name] = value();
  }
  if (query.size ?? [...query].length) url += `?${query}`;
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
  const good = response.ok ? "good" : "failed";
  const line = `${response.status} ${response.statusText} in ${took} ms`;
  output.append(element("p", { className: good }, line));
  const limits = ["ratelimit", "ratelimit-policy", "retry-after", "allow"]
    .filter((name) => response.headers.has(name))
    .map((name) => `${name}: ${response.headers.get(name)}`);
  if (limits.length) output.append(element("pre", {}, limits.join("\n")));
  const answer = output.appendChild(element("pre", {}));
  if ((response.headers.get("content-type") ?? "").startsWith("text/event-stream")) {
    await follow(response.body, answer);
    return;
  }
  const text = await response.text();
  try {
    answer.textContent = pretty(JSON.parse(text));
  } catch {
    answer.textContent = text;
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
