-- What fault injection did to a request, in words. Only requests it touched have a row here: the others pay nothing.
CREATE TABLE injected (
    request_id INTEGER PRIMARY KEY,
    what       TEXT NOT NULL
);
