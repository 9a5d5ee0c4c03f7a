"""Values that cross the console API, as MessagePack both ways.

Times are microseconds since 1970-01-01 UTC (`_us`). What every part of the program speaks of is offered here; what
one part has of its own is imported from its module.
"""

from console.messages.answers import Column, Columns
from console.messages.applications import (
    Application,
    ApplicationChanges,
    CreateApplication,
    CreatedApplication,
    CreatedKey,
    CreateKey,
    Environment,
    Key,
    KeyKind,
    Rename,
)
from console.messages.exports import Export, StartExport
from console.messages.feed import FeedChanged, FeedFrame, FeedHello, FeedRows, FeedStatus, ServerStatus, Topic
from console.messages.level_models import Axes, LevelModel, LevelModelChanges, Mesh
from console.messages.protocol import ADMIN_HEADER, ConsoleError, encode
from console.messages.requests import INJECTED, ErrorDetail, RequestDetail
from console.messages.rows import EventRow, RequestRow, TrajectoryRow
from console.messages.settings import Check, Settings, SettingsChanges

__all__ = [
    "ADMIN_HEADER",
    "INJECTED",
    "Application",
    "ApplicationChanges",
    "Axes",
    "Check",
    "Column",
    "Columns",
    "ConsoleError",
    "CreateApplication",
    "CreateKey",
    "CreatedApplication",
    "CreatedKey",
    "Environment",
    "ErrorDetail",
    "EventRow",
    "Export",
    "FeedChanged",
    "FeedFrame",
    "FeedHello",
    "FeedRows",
    "FeedStatus",
    "Key",
    "KeyKind",
    "LevelModel",
    "LevelModelChanges",
    "Mesh",
    "Rename",
    "RequestDetail",
    "RequestRow",
    "ServerStatus",
    "Settings",
    "SettingsChanges",
    "StartExport",
    "Topic",
    "TrajectoryRow",
    "encode",
]
