# Plays a short session: attach it to any node.
#
# `wrong` of the `events` are not what the server wants, to show what becomes of them: the others are stored.
extends Node

signal done

@export var url := "http://localhost:4000"
@export var public_key := "pk_live_YOUR_KEY"
@export var app_id := "YOUR_APP_ID"
@export var events := 10
@export var wrong := 0


func _ready() -> void:
	var telemetry = preload("telemetry.gd").new()
	telemetry.url = url
	telemetry.public_key = public_key
	telemetry.app_id = app_id
	telemetry.player_id = "player_godot"
	add_child(telemetry)
	var started_at: String = telemetry.now()
	telemetry.create_player("EU", {"gpu": "Example 3000", "memory_gb": 16})
	telemetry.funnel_step("tutorial_started", "Level 1")
	for i in range(events):
		var data := {"height_m": 1.5, "streak": i, "perfect": true, "comment": "é"}
		var x := NAN if i < wrong else float(i)
		telemetry.event("Player_Jump", "Level 1", Vector3(x, 0.5, -1.25), data, "gamepad")
	var positions := [Vector3(0, 0, 0), Vector3(1, 0, 0.5), Vector3(2, 0.25, 1)]
	telemetry.trajectory(positions, started_at, telemetry.now(), {"mean": 60, "low_5": 55, "low_1": 48.5})
	await telemetry.flush()
	print(JSON.stringify({"sent": telemetry.sent, "refused": telemetry.refused, "lost": telemetry.lost}))
	done.emit()
