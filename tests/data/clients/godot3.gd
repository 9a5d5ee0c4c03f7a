# Plays the example and ends. The environment says where to.
extends Node


func _ready() -> void:
	var example = preload("example.gd").new()
	example.url = OS.get_environment("PLAYTEST_URL")
	example.public_key = OS.get_environment("PLAYTEST_KEY")
	example.app_id = OS.get_environment("PLAYTEST_APP_ID")
	example.events = int(OS.get_environment("PLAYTEST_EVENTS"))
	example.wrong = int(OS.get_environment("PLAYTEST_WRONG"))
	example.connect("done", get_tree(), "quit")
	add_child(example)
