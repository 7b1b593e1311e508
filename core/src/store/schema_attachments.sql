-- Files that were attached. What opens one stands in the answer that names it, and nowhere here.
CREATE TABLE attachment (
  number INTEGER PRIMARY KEY,
  id     BLOB NOT NULL UNIQUE,                -- named after its pieces
  pieces INTEGER NOT NULL,                    -- how many there are when it is whole
  octets INTEGER NOT NULL,                    -- of all of them
  state  INTEGER NOT NULL,                    -- 0 only a draft names it, 1 waits to be sent, 2 the server has it
  height INTEGER NOT NULL DEFAULT 0           -- pieces the server has on disk, as far as is known
) STRICT;

-- Its sealed pieces, as far as they are here.
CREATE TABLE attachment_piece (
  attachment BLOB NOT NULL,
  number     INTEGER NOT NULL,                -- from 0
  hash       BLOB NOT NULL,                   -- SHA-256 of the piece
  bytes      BLOB NOT NULL,
  PRIMARY KEY (attachment, number)
) STRICT;

-- What this coordinator has yet to have dropped from the server, because the records that named it were erased.
CREATE TABLE attachment_drop (
  id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- How many attachments the documents named that went with an erasure.
ALTER TABLE erasure ADD COLUMN attachments INTEGER NOT NULL DEFAULT 0;
