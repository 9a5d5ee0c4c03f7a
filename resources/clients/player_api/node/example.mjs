// Plays through the player API once: node example.mjs http://localhost:18000/v1 pk_live_…

import { PlayerApi } from "./player_api.mjs";

const [baseUrl, key] = process.argv.slice(2);
const api = new PlayerApi(baseUrl, key);
const player = await api.register({ externalId: "player_node", deviceId: "device_node", attributes: { level: 5 } });
await api.recordSession(player.id, { sessionId: "session_node", durationSeconds: 180 });
await api.recordPurchase(player.id, "4.99", { transactionId: "order_node" });
api.track(player.id, "level_complete", { level: 5, score: 12500 }, { sessionId: "session_node" });
api.track(player.id, "item_collect", { item: "coin", amount: 100 }, { sessionId: "session_node" });
await api.flush();
await api.update(player.id, { attributes: { level: 6 } });
const tutorial = await api.flag("new_tutorial", player.id, false);
const segments = (await api.segments(player.id)).map((segment) => segment.id);
await api.close();
console.log(JSON.stringify({ player_id: player.id, new_tutorial: tutorial, segments }));
