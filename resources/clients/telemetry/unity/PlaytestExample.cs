// Plays a short session when the scene starts: add it to the object that has PlaytestTelemetry.
//
// `wrong` of the `events` are not what the server wants, to show what becomes of them: the others are stored.

using System;
using System.Collections;
using System.Collections.Generic;
using UnityEngine;

public sealed class PlaytestExample : MonoBehaviour
{
    public int events = 10;
    public int wrong = 0;

    IEnumerator Start()
    {
        var telemetry = GetComponent<PlaytestTelemetry>();
        var startedAt = DateTime.UtcNow;
        telemetry.CreatePlayer("EU", new Dictionary<string, object> { ["gpu"] = "Example 3000", ["memory_gb"] = 16 });
        telemetry.FunnelStep("tutorial_started", "Level 1");
        for (var i = 0; i < events; i++)
        {
            var customData = new Dictionary<string, object>
            {
                ["height_m"] = 1.5, ["streak"] = i, ["perfect"] = true, ["comment"] = "é",
            };
            var x = i < wrong ? float.NaN : i;
            telemetry.Event("Player_Jump", "Level 1", new Vector3(x, 0.5f, -1.25f), customData, "gamepad");
        }
        var positions = new[] { new Vector3(0, 0, 0), new Vector3(1, 0, 0.5f), new Vector3(2, 0.25f, 1) };
        var fps = new Dictionary<string, object> { ["mean"] = 60, ["low_5"] = 55, ["low_1"] = 48.5 };
        telemetry.Trajectory(positions, startedAt, DateTime.UtcNow, fps);
        yield return telemetry.Flush();
        Debug.Log("sent " + telemetry.Outbox.Sent + ", refused " + telemetry.Outbox.Refused);
    }
}
