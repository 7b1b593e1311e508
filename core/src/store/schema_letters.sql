-- Late letters: segments of devices that had lost the right to write. A coordinator decides about each.
CREATE TABLE letter (
  number INTEGER PRIMARY KEY,                 -- the server's
  circle BLOB NOT NULL,
  device BLOB NOT NULL,
  state  INTEGER NOT NULL DEFAULT 0,          -- 0 waits for a decision, 1 accepted, 2 refused
  bytes  BLOB NOT NULL
) STRICT;
