-- Records that are being filled on this device: every answer rests here as soon as it is given. Nothing of a draft
-- leaves the device, is searched or is exported.
CREATE TABLE draft (
  number  INTEGER PRIMARY KEY AUTOINCREMENT,  -- no number is used twice
  form    TEXT NOT NULL,
  version TEXT NOT NULL,
  team    TEXT,                               -- whose record it becomes, where that was said
  record  BLOB,                               -- the record it changes; none for a new one
  begun   INTEGER NOT NULL,                   -- seconds since 1970
  changed INTEGER NOT NULL
) STRICT;

CREATE TABLE draft_answer (
  draft  INTEGER NOT NULL REFERENCES draft (number) ON DELETE CASCADE,
  field  TEXT NOT NULL,
  answer TEXT NOT NULL,                       -- JSON, see vault/drafts/kept.rs
  PRIMARY KEY (draft, field)
) STRICT, WITHOUT ROWID;
