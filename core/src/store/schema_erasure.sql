-- Records that were erased. A segment of state 4 held something of one: it is in the log and its bytes are gone.

-- What must never return.
CREATE TABLE erasure (
  number     INTEGER PRIMARY KEY,
  circle     BLOB NOT NULL,
  record     BLOB NOT NULL,
  salt       BLOB NOT NULL,
  commitment BLOB NOT NULL UNIQUE,            -- what the roster says of it
  reason     TEXT NOT NULL,
  said       INTEGER NOT NULL,                -- 0: this device wants it, and the roster does not say so yet
  seq        INTEGER NOT NULL DEFAULT 0       -- its segment's place in the circle's log; 0: only here yet
) STRICT;
CREATE INDEX erasure_record ON erasure (record, circle);

-- The documents of erased records, so that a change to one is known without what was before it.
CREATE TABLE erased (
  document BLOB NOT NULL,
  circle   BLOB NOT NULL,
  record   BLOB NOT NULL,
  PRIMARY KEY (document, circle)
) STRICT, WITHOUT ROWID;

-- Which devices have said that they carried an erasure out, or that their copy is that of a pack without it.
CREATE TABLE erasure_confirmed (
  half   BLOB NOT NULL,                       -- half of the commitment
  device BLOB NOT NULL,
  time   INTEGER NOT NULL,                    -- the device's clock, or this one's: shown, never trusted
  PRIMARY KEY (half, device)
) STRICT, WITHOUT ROWID;
