-- Records that were sealed when they were finished: what their author may still know of them. No answer, no title.
CREATE TABLE finished (
    number INTEGER PRIMARY KEY,
    record BLOB NOT NULL UNIQUE,
    form TEXT NOT NULL,
    version TEXT NOT NULL,
    time INTEGER NOT NULL,
    -- When the server was known to have it for good.
    gone INTEGER
) STRICT;
