-- Comparing logs between devices.

-- Half of the root over the circle's log up to and with this segment.
ALTER TABLE segment ADD COLUMN root BLOB NOT NULL DEFAULT x'';

-- What others saw at places of the log that this device has not reached.
CREATE TABLE witness (
  circle BLOB NOT NULL,
  seq    INTEGER NOT NULL,                    -- the place
  device BLOB NOT NULL,                       -- who saw it
  root   BLOB NOT NULL,                       -- half root there
  PRIMARY KEY (circle, seq, device, root)
) STRICT, WITHOUT ROWID;

-- How far each other device has shown the same log as this one's; for this device, where its newest
-- segment stands.
CREATE TABLE shown (
  circle BLOB NOT NULL,
  device BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  PRIMARY KEY (circle, device)
) STRICT, WITHOUT ROWID;

-- What must never happen and did. Nothing is ever removed from it.
CREATE TABLE alarm (
  number INTEGER PRIMARY KEY,
  kind   INTEGER NOT NULL,                    -- see AlarmKind
  circle BLOB NOT NULL DEFAULT x'',           -- empty where it is not about one circle
  device BLOB NOT NULL DEFAULT x'',           -- whose segment proves it; empty where none does
  seq    INTEGER NOT NULL DEFAULT 0,          -- the lowest place in the log it was noted for
  ours   BLOB NOT NULL DEFAULT x'',           -- half root this device has there
  theirs BLOB NOT NULL DEFAULT x'',           -- half root the other was shown
  first  INTEGER NOT NULL,                    -- own clock, seconds
  latest INTEGER NOT NULL,
  times  INTEGER NOT NULL DEFAULT 1,
  UNIQUE (kind, circle, device)
) STRICT;
