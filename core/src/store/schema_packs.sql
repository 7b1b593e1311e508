-- Packs: a log that is held only from some place on, and pieces while they are fetched.

-- Segments of the log that a pack stood for; those up to here were never fetched, or are gone.
ALTER TABLE circle ADD COLUMN base INTEGER NOT NULL DEFAULT 0;
-- Root over them; empty while there are none.
ALTER TABLE circle ADD COLUMN base_root BLOB NOT NULL DEFAULT x'';

-- Sealed pieces of a pack that is being fetched.
CREATE TABLE piece (
  circle BLOB NOT NULL,
  pack   BLOB NOT NULL,                       -- SHA-256 of the manifest
  number INTEGER NOT NULL,                    -- from 0
  bytes  BLOB NOT NULL,
  PRIMARY KEY (circle, pack, number)
) STRICT;
