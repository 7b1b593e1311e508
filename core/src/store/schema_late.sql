-- Late letters get a number on this device: those that lay in the log have none of the server's, and a server that
-- was put back numbers anew. The same letter counts once, however it came.
CREATE TABLE letter_by_number (
  number INTEGER PRIMARY KEY,
  circle BLOB NOT NULL,
  device BLOB NOT NULL,
  hash   BLOB NOT NULL UNIQUE,                -- half hash of the segment
  bytes  BLOB NOT NULL
) STRICT;
INSERT OR IGNORE INTO letter_by_number (circle, device, hash, bytes)
  SELECT circle, device, hash, bytes FROM letter ORDER BY number;
DROP TABLE letter;
ALTER TABLE letter_by_number RENAME TO letter;
