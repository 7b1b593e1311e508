-- The pack that a circle's log is held from: its pieces stay, so that a server that has lost what it stands
-- for can have it again.
CREATE TABLE kept (
  circle       BLOB PRIMARY KEY,
  pack         BLOB NOT NULL,                 -- SHA-256 of the manifest
  manifest     BLOB NOT NULL,                 -- as its author signed it
  attestations BLOB NOT NULL                  -- as they travel: count (blob)*
) STRICT, WITHOUT ROWID;
