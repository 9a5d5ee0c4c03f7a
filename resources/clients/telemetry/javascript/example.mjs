// Plays a short session: node example.mjs [URL TOKEN APP_ID [EVENTS [WRONG]]]
//
// WRONG of the EVENTS are not what the server wants, to show what becomes of them: the others are stored.

import { Telemetry, now } from "./telemetry.mjs";

const URL = "http://localhost:4000";
const TOKEN = "pk_live_YOUR_KEY";
const APP_ID = "YOUR_APP_ID";

const given = process.argv.slice(2);
const [url, token, appId] = given.length >= 3 ? given : [URL, TOKEN, APP_ID];
const [events, wrong] = [Number(given[3] ?? 10), Number(given[4] ?? 0)];

const telemetry = new Telemetry(url, token, appId, { buildId: "1.0.0", playerId: "player_javascript" });
const startedAt = now();
telemetry.createPlayer({ region: "EU", hardware: { gpu: "Example 3000", memory_gb: 16 } });
telemetry.funnelStep("tutorial_started", { levelId: "Level 1" });
for (let i = 0; i < events; i++) {
  telemetry.event("Player_Jump", {
    levelId: "Level 1",
    position: i < wrong ? [i, 0.5] : [i, 0.5, -1.25],
    customData: { height_m: 1.5, streak: i, perfect: true, comment: "é" },
    inputMethod: "gamepad",
  });
}
telemetry.trajectory([[0, 0, 0], [1, 0, 0.5], [2, 0.25, 1]], startedAt, now(), {
  fps: { mean: 60, low_5: 55, low_1: 48.5 },
});
await telemetry.flush();
await telemetry.close();
const { sent, refused, lost } = telemetry;
console.log(JSON.stringify({ sent, refused, lost }));
