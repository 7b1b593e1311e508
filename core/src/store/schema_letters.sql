-- Late letters that a coordinator fetched: segments of devices that had lost the right to write.
CREATE TABLE letter (
  number INTEGER PRIMARY KEY,                 -- the server's
  circle BLOB NOT NULL,
  device BLOB NOT NULL,
  hash   BLOB NOT NULL,                       -- half hash of the segment
  bytes  BLOB NOT NULL
) STRICT;

-- What coordinators decided about late letters, by half hash. A letter that one of them has accepted is in.
CREATE TABLE verdict (
  letter   BLOB PRIMARY KEY,
  accepted INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
