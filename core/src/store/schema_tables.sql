-- Lists and tables that are too large to travel inside their form (form/apart.rs), piece by piece.
CREATE TABLE table_piece (
  number INTEGER PRIMARY KEY,
  name   BLOB NOT NULL UNIQUE,                -- SHA-256 of the piece, with a label
  device BLOB NOT NULL,                       -- who sent it, or the form that names it
  named  INTEGER NOT NULL,                    -- whether a form that is here names it
  octets INTEGER NOT NULL,                    -- of the piece; 0 while it is missing
  bytes  BLOB NOT NULL                        -- zstd
) STRICT;

CREATE INDEX table_piece_unnamed ON table_piece (device) WHERE named = 0;

-- Pieces that went through a circle's log, or wait to: whoever is in the circle has them.
CREATE TABLE circle_piece (
  circle BLOB NOT NULL,
  name   BLOB NOT NULL,
  PRIMARY KEY (circle, name)
) STRICT, WITHOUT ROWID;

-- Forms that wait for pieces of their tables.
CREATE TABLE waiting_form (
  number     INTEGER PRIMARY KEY,
  hash       BLOB NOT NULL UNIQUE,            -- SHA-256 of the form's bytes
  device     BLOB NOT NULL,
  dictionary BLOB NOT NULL,
  bytes      BLOB NOT NULL
) STRICT;
