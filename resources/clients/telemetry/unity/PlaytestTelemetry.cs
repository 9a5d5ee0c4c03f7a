// A small client of the telemetry API for Unity 2020.3 and newer, without packages. Copy the files of this folder into
// your project (Assets/Playtest), add this component to one object, and set its fields in the inspector.
//
// For an address that is not https, allow it: Project Settings > Player > Allow downloads over HTTP.

using System;
using System.Collections;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Networking;

public sealed class PlaytestTelemetry : MonoBehaviour
{
    public string url = "http://localhost:4000";
    public string publicKey = "pk_live_YOUR_KEY";
    public string appId = "YOUR_APP_ID";
    public string buildId = "";
    public string playerId = "";

    public string SessionId { get; private set; }
    public readonly PlaytestOutbox Outbox = new PlaytestOutbox();

    const int TimeoutSecs = 10;
    bool sending;
    bool atOnce;

    void Awake()
    {
        SessionId = Guid.NewGuid().ToString();
        if (buildId == "") buildId = Application.version;
        if (playerId == "") playerId = SystemInfo.deviceUniqueIdentifier;
        DontDestroyOnLoad(gameObject);
    }

    void Update()
    {
        if (sending) return;
        var body = Outbox.Due(Time.realtimeSinceStartupAsDouble, atOnce);
        if (body != null) StartCoroutine(Send(body));
        else if (Outbox.IsEmpty) atOnce = false;
    }

    // What happens; none of these waits. Call them from the main thread.

    /// <summary>Say once who plays. `hardware` is a dictionary of your choice.</summary>
    public void CreatePlayer(string region = null, Dictionary<string, object> hardware = null)
    {
        var fields = NewEvent();
        fields["event_name"] = "Create_Player";
        fields["timestamp"] = Now();
        AddGiven(fields, "region", region);
        AddGiven(fields, "hardware", hardware);
        Add(fields);
    }

    /// <summary>Something happened, such as Event("Player_Jump", "Level 1", transform.position).</summary>
    public void Event(string name, string levelId = null, Vector3? position = null,
        Dictionary<string, object> customData = null, string inputMethod = null)
    {
        var fields = NewEvent();
        fields["event_name"] = name;
        fields["session_id"] = SessionId;
        fields["timestamp"] = Now();
        AddGiven(fields, "level_id", levelId);
        if (position.HasValue)
            fields["position"] = new[] { position.Value.x, position.Value.y, position.Value.z };
        AddGiven(fields, "custom_data", customData);
        AddGiven(fields, "input_method", inputMethod);
        Add(fields);
    }

    /// <summary>The player reached a step of a funnel, such as the tutorial's end.</summary>
    public void FunnelStep(string name, string levelId = null)
    {
        var fields = NewEvent();
        fields["funnel_step_name"] = name;
        fields["session_id"] = SessionId;
        fields["timestamp"] = Now();
        AddGiven(fields, "level_id", levelId);
        Add(fields);
    }

    /// <summary>
    /// Where the player was, evenly spread from `startedAt` to `endedAt` (DateTime.UtcNow). `fps` holds mean, low_5 and
    /// low_1. One trajectory every few seconds is a good measure.
    /// </summary>
    public void Trajectory(IList<Vector3> positions, DateTime startedAt, DateTime endedAt,
        Dictionary<string, object> fps = null, string status = null, string inputMethod = null, string levelId = null)
    {
        var numbers = new float[3 * positions.Count];
        for (var i = 0; i < positions.Count; i++)
        {
            numbers[3 * i] = positions[i].x;
            numbers[3 * i + 1] = positions[i].y;
            numbers[3 * i + 2] = positions[i].z;
        }
        var fields = NewEvent();
        fields["session_id"] = SessionId;
        fields["positions"] = numbers;
        fields["timestamp_start"] = Iso(startedAt);
        fields["timestamp_end"] = Iso(endedAt);
        AddGiven(fields, "fps", fps);
        AddGiven(fields, "status", status);
        AddGiven(fields, "input_method", inputMethod);
        AddGiven(fields, "level_id", levelId);
        Add(fields);
    }

    /// <summary>Any event of your own making, with the fields that the documentation names.</summary>
    public void Add(Dictionary<string, object> fields)
    {
        Outbox.Add(PlaytestMessagePack.Encode(fields));
    }

    /// <summary>Send what is queued; `yield return` it before the game ends.</summary>
    public IEnumerator Flush(float timeoutSecs = 10)
    {
        var deadline = Time.realtimeSinceStartupAsDouble + timeoutSecs;
        atOnce = true;
        while (!Outbox.IsEmpty && Time.realtimeSinceStartupAsDouble < deadline) yield return null;
    }

    // ---------------------------------------------------------------------------------------------------------------

    IEnumerator Send(byte[] body)
    {
        sending = true;
        using (var post = new UnityWebRequest(url.TrimEnd('/') + "/api/events", "POST"))
        {
            post.uploadHandler = new UploadHandlerRaw(body);
            post.downloadHandler = new DownloadHandlerBuffer();
            post.timeout = TimeoutSecs;
            post.SetRequestHeader("x-public-token", publicKey);
            post.SetRequestHeader("Content-Type", "application/msgpack");
            yield return post.SendWebRequest();
            var complaint = Outbox.Answered(post.responseCode, post.GetResponseHeader("Retry-After"),
                post.downloadHandler.text, Time.realtimeSinceStartupAsDouble);
            if (complaint != null) Debug.LogWarning(complaint);
        }
        sending = false;
    }

    // Coroutines end with the component: let it go on where it stopped when it is enabled again.
    void OnDisable()
    {
        if (sending) Outbox.Answered(0, null, null, Time.realtimeSinceStartupAsDouble);
        sending = false;
    }

    Dictionary<string, object> NewEvent()
    {
        return new Dictionary<string, object>
        {
            ["app_id"] = appId,
            ["build_id"] = buildId,
            ["player_id"] = playerId,
        };
    }

    static void AddGiven(Dictionary<string, object> fields, string name, object value)
    {
        if (value != null) fields[name] = value;
    }

    static string Now()
    {
        return Iso(DateTime.UtcNow);
    }

    // "o" ends with Z only for a time that knows that it is UTC.
    static string Iso(DateTime time)
    {
        return time.ToUniversalTime().ToString("o");
    }
}
