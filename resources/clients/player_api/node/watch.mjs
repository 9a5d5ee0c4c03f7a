// Prints events as they are recorded, one JSON object a line: node watch.mjs http://localhost:18000/v1 sk_live_…

import { PlayerApi } from "./player_api.mjs";

const [baseUrl, secretKey] = process.argv.slice(2);
const api = new PlayerApi(baseUrl, secretKey);
for await (const { id, event } of api.stream()) console.log(JSON.stringify({ stream_id: id, ...event }));
