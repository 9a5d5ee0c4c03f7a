"""Whether a workspace's files fit each other."""

from console.messages import Check
from console.storage.event_store import EventStore, EventStoreError
from console.storage.journal import Journal


def check_position(journal: Journal, event_store: EventStore) -> Check:
    """Whether the event store holds only what the journal holds. Raises nothing."""
    name = "Event store position"
    hint = "Restart the server: the event store is rebuilt from the journal."
    try:
        stored = event_store.position()
    except EventStoreError as error:
        return Check(name=name, ok=False, text=str(error), hint=hint)
    written = journal.counters
    if stored.seq > written.last_seq or stored.request_id > written.last_request_id:
        text = f"event {stored.seq:,} is stored, but the journal ends at {written.last_seq:,}"
        return Check(name=name, ok=False, text=text, hint=hint)
    behind = written.last_seq - stored.seq
    return Check(name=name, ok=True, text=f"{behind:,} events behind the journal" if behind else "up to the journal")
