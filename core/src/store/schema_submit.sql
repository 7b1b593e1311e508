-- A device that only hands in cannot open what it has sealed: until the server has it for good, the message of
-- each own segment stays beside it, to be sealed again under another key, or said by another chain.
CREATE TABLE plain (
  circle BLOB NOT NULL,
  seq    INTEGER NOT NULL,                    -- number in the own chain, as in sealed
  bytes  BLOB NOT NULL,                       -- compressed and padded
  PRIMARY KEY (circle, seq)
) STRICT;
