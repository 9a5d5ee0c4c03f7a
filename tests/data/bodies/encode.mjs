// Bodies as JavaScript's MessagePack libraries write them: a JSON array of [name, encoder, hex] on standard output.
// Needs @msgpack/msgpack, msgpackr, msgpack-lite and notepack.io beside it: see README.md. Only `make_bodies.py` runs it.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(process.cwd() + "/");
const official = require("@msgpack/msgpack");
const msgpackr = require("msgpackr");
const lite = require("msgpack-lite");
const notepack = require("notepack.io");

const events = JSON.parse(readFileSync(0, "utf8"));
const { gameplay, trajectory, funnel, identity } = events;
const cases = [];

function put(name, encoder, bytes) {
  cases.push([name, encoder, Buffer.from(bytes).toString("hex")]);
}

const date = new Date("2026-02-12T10:00:00Z");
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;

{
  const name = `@msgpack/msgpack ${version("@msgpack/msgpack")}`;
  const { encode } = official;
  put("official-batch", name, encode([gameplay, trajectory, funnel, identity]));
  put("official-force-float32", name, encode(gameplay, { forceFloat32: true }));
  put("official-date", name, encode({ ...gameplay, timestamp: date }));
  put("official-epoch", name, encode({ ...gameplay, timestamp: +date }));
  put("official-undefined", name, encode({ ...gameplay, session_id: undefined }));
  put("official-float32array", name, encode({ ...trajectory, positions: new Float32Array(trajectory.positions) }));
  put("official-vectors", name, encode({ ...gameplay, position: { x: 1, y: 2, z: 3 } }));
  put("official-nested-positions", name, encode({ ...trajectory, positions: [[1, 2, 3], [4, 5, 6]] }));
  put("official-nan", name, encode({ ...gameplay, position: [1, NaN, 3] }));
  put("official-json-inside", name, encode(JSON.stringify(gameplay)));
  put("official-twice", name, encode(encode(gameplay)));
  put("official-wrapped", name, encode({ events: [gameplay, funnel] }));
  put("official-in-array", name, encode([[gameplay, funnel]]));
  const one = encode(gameplay);
  put("official-whole-buffer", name, one.buffer); // the view's whole memory: the unused end of it is sent as well
  put("official-concatenated", name, Buffer.concat([one, encode(funnel)]));
  put("official-stringified-bytes", name, Buffer.from(JSON.stringify(one)));
  put("official-joined-bytes", name, Buffer.from(String(one)));
  put("official-base64", name, Buffer.from(Buffer.from(one).toString("base64")));
  put("official-latin1-as-utf8", name, Buffer.from(Buffer.from(one).toString("latin1"), "utf8"));
  put("official-lossy-utf8", name, Buffer.from(Buffer.from(one).toString("utf8"), "utf8"));
  put("official-json-text", name, Buffer.from(JSON.stringify([gameplay])));
  put("official-object-text", name, Buffer.from(String(gameplay)));
}
{
  const name = `msgpackr ${version("msgpackr")}`;
  const { pack, Packr } = msgpackr;
  put("msgpackr-pack", name, pack([gameplay, trajectory]));
  put("msgpackr-records", name, new Packr({ useRecords: true }).pack([gameplay, gameplay]));
  put("msgpackr-one-record", name, new Packr({ useRecords: true }).pack(gameplay));
  put("msgpackr-date", name, pack({ ...gameplay, timestamp: date }));
  put("msgpackr-undefined", name, pack({ ...gameplay, session_id: undefined }));
  put("msgpackr-float32array", name, new Packr({ structuredClone: true, useRecords: false }).pack({ ...trajectory, positions: new Float32Array(trajectory.positions) }));
  put("msgpackr-set", name, new Packr({ structuredClone: true, useRecords: false }).pack({ ...gameplay, custom_data: { tags: new Set(["a"]) } }));
  put("msgpackr-map-with-numbers", name, new Packr({ useRecords: false }).pack({ ...gameplay, custom_data: new Map([[1, "a"], [2, "b"]]) }));
  put("msgpackr-bundled-strings", name, new Packr({ useRecords: false, bundleStrings: true }).pack([gameplay, gameplay]));
}
{
  const name = `msgpack-lite ${version("msgpack-lite")}`;
  put("lite-batch", name, lite.encode([gameplay, trajectory, identity]));
  put("lite-date", name, lite.encode({ ...gameplay, timestamp: date }));
  put("lite-float32array", name, lite.encode({ ...trajectory, positions: new Float32Array(trajectory.positions) }));
  put("lite-regexp", name, lite.encode({ ...gameplay, custom_data: { pattern: /a/ } }));
  put("lite-error", name, lite.encode({ ...gameplay, custom_data: { error: Object.assign(new Error("lost"), { stack: "lost" }) } }));
  put("lite-buffer", name, lite.encode({ ...gameplay, player_id: Buffer.from("player_01") }));
}
{
  const name = `notepack.io ${version("notepack.io")}`;
  put("notepack-event", name, notepack.encode(gameplay));
  put("notepack-date", name, notepack.encode({ ...gameplay, timestamp: date }));
  put("notepack-undefined", name, notepack.encode({ ...gameplay, session_id: undefined, custom_data: { a: undefined } }));
}
process.stdout.write(JSON.stringify(cases));
