"""The first event from a game, ready to paste: one snippet an engine."""

from string import Template
from urllib.parse import urlsplit

_PYTHON = Template("""\
# pip install requests msgpack
from datetime import datetime, timezone
import msgpack, requests

event = {
    "event_name": "Hello_Console",
    "app_id": "$app_id",
    "build_id": "dev",
    "player_id": "player_01",
    "session_id": "session_01",
    "timestamp": datetime.now(timezone.utc).isoformat(),
}
answer = requests.post(
    "$url/api/events",
    data=msgpack.packb(event),
    headers={
        "x-public-token": "$token",
        "Content-Type": "application/msgpack",
    },
    timeout=5,
)
print(answer.status_code, answer.text)
""")

_UNITY = Template("""\
// Package: com.github.messagepack-csharp
using System;
using System.Collections;
using System.Collections.Generic;
using MessagePack;
using UnityEngine;
using UnityEngine.Networking;

public class HelloConsole : MonoBehaviour
{
    IEnumerator Start()
    {
        var body = MessagePackSerializer.Serialize(new Dictionary<string, string>
        {
            ["event_name"] = "Hello_Console",
            ["app_id"] = "$app_id",
            ["build_id"] = Application.version,
            ["player_id"] = "player_01",
            ["session_id"] = Guid.NewGuid().ToString(),
            ["timestamp"] = DateTime.UtcNow.ToString("o"),
        });
        using var post = new UnityWebRequest("$url/api/events", "POST");
        post.uploadHandler = new UploadHandlerRaw(body);
        post.downloadHandler = new DownloadHandlerBuffer();
        post.SetRequestHeader("x-public-token", "$token");
        post.SetRequestHeader("Content-Type", "application/msgpack");
        yield return post.SendWebRequest();
        Debug.Log(post.responseCode + " " + post.downloadHandler.text);
    }
}
""")

_UNREAL = Template("""\
// Build.cs: PublicDependencyModuleNames.Add("HTTP");
#include "HttpModule.h"
#include "Interfaces/IHttpResponse.h"

// MessagePack of short texts: 0xd9, length, UTF-8.
static void Pack(TArray<uint8>& Body, const FString& Text)
{
    const FTCHARToUTF8 Utf8(*Text);
    Body.Add(0xd9);
    Body.Add(static_cast<uint8>(Utf8.Length()));
    Body.Append(reinterpret_cast<const uint8*>(Utf8.Get()), Utf8.Length());
}

void HelloConsole()
{
    const TArray<TPair<FString, FString>> Event = {
        {"event_name", "Hello_Console"},
        {"app_id", "$app_id"},
        {"build_id", "dev"},
        {"player_id", "player_01"},
        {"session_id", FGuid::NewGuid().ToString(EGuidFormats::DigitsWithHyphens)},
        {"timestamp", FDateTime::UtcNow().ToIso8601()},
    };
    TArray<uint8> Body;
    Body.Add(0x80 + Event.Num());  // a map of up to 15 keys
    for (const auto& Field : Event) { Pack(Body, Field.Key); Pack(Body, Field.Value); }
    const auto Post = FHttpModule::Get().CreateRequest();
    Post->SetVerb("POST");
    Post->SetURL("$url/api/events");
    Post->SetHeader("x-public-token", "$token");
    Post->SetHeader("Content-Type", "application/msgpack");
    Post->SetContent(Body);
    Post->ProcessRequest();
}
""")

_GODOT = Template("""\
extends Node

# MessagePack of short texts: 0xd9, length, UTF-8.
func pack(text: String) -> PackedByteArray:
    var utf8 := text.to_utf8_buffer()
    return PackedByteArray([0xd9, utf8.size()]) + utf8

func _ready() -> void:
    var event := {
        "event_name": "Hello_Console",
        "app_id": "$app_id",
        "build_id": "dev",
        "player_id": "player_01",
        "session_id": "session_01",
        "timestamp": Time.get_datetime_string_from_system(true) + "Z",
    }
    var body := PackedByteArray([0x80 + event.size()])  # a map of up to 15 keys
    for key in event:
        body += pack(key) + pack(event[key])
    var post := HTTPRequest.new()
    add_child(post)
    post.request_completed.connect(func(_r, code, _h, text): print(code, " ", text.get_string_from_utf8()))
    var headers := ["x-public-token: $token", "Content-Type: application/msgpack"]
    post.request_raw("$url/api/events", headers, HTTPClient.METHOD_POST, body)
""")

_GODOT_3 = Template("""\
extends Node

# MessagePack of short texts: 0xd9, length, UTF-8.
func pack(text: String) -> PoolByteArray:
    var utf8 := text.to_utf8()
    return PoolByteArray([0xd9, utf8.size()]) + utf8

func now() -> String:
    var t := OS.get_datetime(true)
    return "%04d-%02d-%02dT%02d:%02d:%02dZ" % [t.year, t.month, t.day, t.hour, t.minute, t.second]

# Sends to $url/api/events, and waits for the answer.
func _ready() -> void:
    var event := {
        "event_name": "Hello_Console",
        "app_id": "$app_id",
        "build_id": "dev",
        "player_id": "player_01",
        "session_id": "session_01",
        "timestamp": now(),
    }
    var body := PoolByteArray([0x80 + event.size()])  # a map of up to 15 keys
    for key in event:
        body += pack(key) + pack(event[key])
    var http := HTTPClient.new()
    http.connect_to_host("$host", $port)
    while http.get_status() in [HTTPClient.STATUS_RESOLVING, HTTPClient.STATUS_CONNECTING]:
        http.poll()
    var headers := ["x-public-token: $token", "Content-Type: application/msgpack"]
    http.request_raw(HTTPClient.METHOD_POST, "/api/events", headers, body)
    while http.get_status() == HTTPClient.STATUS_REQUESTING:
        http.poll()
    print(http.get_response_code(), " ", http.read_response_body_chunk().get_string_from_utf8())
""")

_JAVASCRIPT = Template("""\
// Node.js 18 and newer, or a web page. Needs no package.
const event = {
  event_name: "Hello_Console",
  app_id: "$app_id",
  build_id: "dev",
  player_id: "player_01",
  session_id: "session_01",
  timestamp: new Date().toISOString(),
};

// MessagePack of short texts: 0xd9, length, UTF-8.
const pack = (text) => {
  const utf8 = new TextEncoder().encode(text);
  return [0xd9, utf8.length, ...utf8];
};
const fields = Object.entries(event);
const map = 0x80 + fields.length; // a map of up to 15 keys
const answer = await fetch("$url/api/events", {
  method: "POST",
  headers: {
    "x-public-token": "$token",
    "Content-Type": "application/msgpack",
  },
  body: new Uint8Array([map, ...fields.flat().flatMap(pack)]),
});
console.log(answer.status, await answer.text());
""")

_GO = Template("""\
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"
)

func main() {
	event := map[string]string{
		"event_name": "Hello_Console",
		"app_id":     "$app_id",
		"build_id":   "dev",
		"player_id":  "player_01",
		"session_id": "session_01",
		"timestamp":  time.Now().UTC().Format(time.RFC3339Nano),
	}
	body := []byte{0x80 + byte(len(event))} // a map of up to 15 keys
	for key, value := range event {
		for _, text := range []string{key, value} {
			// MessagePack of short texts: 0xd9, length, UTF-8.
			body = append(append(body, 0xd9, byte(len(text))), text...)
		}
	}
	post, err := http.NewRequest("POST", "$url/api/events", bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	post.Header.Set("x-public-token", "$token")
	post.Header.Set("Content-Type", "application/msgpack")
	answer, err := http.DefaultClient.Do(post)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	fmt.Println(answer.StatusCode, string(text))
}
""")

_SNIPPETS = {
    "Python": _PYTHON,
    "JavaScript": _JAVASCRIPT,
    "Unity": _UNITY,
    "Unreal": _UNREAL,
    "Godot": _GODOT,
    "Godot 3": _GODOT_3,
    "Go": _GO,
}

LANGUAGES = tuple(_SNIPPETS)
TAB_SPACES = 4  # how wide Go's and Godot's indents are shown


def snippet(language: str, *, url: str, token: str, app_id: str) -> str:
    """Code that sends one event. `language` is one of LANGUAGES; `url` is the telemetry API's base."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return _SNIPPETS[language].substitute(
        url=url.rstrip("/"), host=parts.hostname or "", port=port, token=token, app_id=app_id
    )
