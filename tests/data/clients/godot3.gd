# Plays the example and ends. The environment says where to; without that, prints what the encoder writes.
extends Node


func _ready() -> void:
	if OS.get_environment("PLAYTEST_URL") == "":
		print(preload("telemetry.gd").new().encode(_samples()).hex_encode())
		get_tree().quit()
		return
	var example = preload("example.gd").new()
	example.url = OS.get_environment("PLAYTEST_URL")
	example.public_key = OS.get_environment("PLAYTEST_KEY")
	example.app_id = OS.get_environment("PLAYTEST_APP_ID")
	example.events = int(OS.get_environment("PLAYTEST_EVENTS"))
	example.wrong = int(OS.get_environment("PLAYTEST_WRONG"))
	example.connect("done", get_tree(), "quit")
	add_child(example)


func _samples() -> Array:
	var values := [null, true, false, 0, 127, 128, -1, -32, -33, -2147483648, 4294967295, -9007199254740992, 1.5, 0.1, 1e300]
	for length in [0, 31, 32, 255, 256, 65535, 65536]:
		values.append("a".repeat(length))
	for count in [0, 15, 16, 65535, 65536]:
		var numbers := []
		for _i in range(count):
			numbers.append(0.0)
		values.append(numbers)
	for count in [0, 15, 16, 65536]:
		var map := {}
		for i in range(count):
			map[str(i)] = i
		values.append(map)
	return values
