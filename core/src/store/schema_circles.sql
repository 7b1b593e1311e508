-- Circles for the parts of records.

-- What coordinators said, inside a circle, of its name and the parts it holds. The newest counts.
CREATE TABLE label (
  number INTEGER PRIMARY KEY,
  circle BLOB NOT NULL,
  seq    INTEGER NOT NULL,                    -- its segment's place in the circle's log; 0: only here yet
  own    INTEGER NOT NULL DEFAULT 0,          -- number of the own segment that carries it
  bytes  BLOB NOT NULL                        -- as it travels
) STRICT;
CREATE INDEX label_circle ON label (circle, seq);

-- Which circles a newcomer with an invitation of this device is let into.
CREATE TABLE invited (
  invite BLOB NOT NULL,
  circle BLOB NOT NULL,
  PRIMARY KEY (invite, circle)
) STRICT, WITHOUT ROWID;

-- Records of which a copy was made for another circle; said inside the original's circle only.
CREATE TABLE shared (
  copy   BLOB PRIMARY KEY,
  record BLOB NOT NULL,
  circle BLOB NOT NULL,                       -- where the copy lives
  device BLOB NOT NULL                        -- who shared it
) STRICT, WITHOUT ROWID;
CREATE INDEX shared_record ON shared (record);
