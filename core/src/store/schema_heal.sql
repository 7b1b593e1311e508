-- Giving a server back what it has lost.

-- A server's log while it is fetched anew, to take the place of the one that is held.
CREATE TABLE staged (
  circle BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  root   BLOB NOT NULL,                       -- half root up to here
  hash   BLOB NOT NULL,
  state  INTEGER NOT NULL DEFAULT 0,          -- as in segment
  reason TEXT NOT NULL DEFAULT '',
  bytes  BLOB NOT NULL,
  PRIMARY KEY (circle, seq)
) STRICT;
CREATE INDEX staged_hash ON staged (circle, hash);

-- Segments that stood in an earlier log and that the server would not take back.
CREATE TABLE stray (
  circle BLOB NOT NULL,
  hash   BLOB NOT NULL,
  bytes  BLOB NOT NULL,
  PRIMARY KEY (circle, hash)
) STRICT;

-- Changes of earlier chains in the outbox, and those among them that are held back: few, looked for often.
CREATE INDEX outbox_carried ON outbox (document) WHERE kind IN (4, 5);
CREATE INDEX outbox_held ON outbox (circle) WHERE kind = 5;
