-- The vault's tables. Every table is STRICT; every column has a reason.

-- Facts about this device and workspace, by name.
CREATE TABLE fact (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The roster, as received; folded again at every opening.
CREATE TABLE roster (
  seq   INTEGER PRIMARY KEY,
  entry BLOB NOT NULL
) STRICT;

-- Epoch secrets this device holds.
CREATE TABLE epoch (
  circle BLOB NOT NULL,
  epoch  INTEGER NOT NULL,
  secret BLOB NOT NULL,
  PRIMARY KEY (circle, epoch)
) STRICT, WITHOUT ROWID;

-- One row per circle this device is in: how far it has read, and its own chain.
CREATE TABLE circle (
  circle        BLOB PRIMARY KEY,
  cursor        INTEGER NOT NULL DEFAULT 0,   -- segments of the server's log held
  root          BLOB NOT NULL,                -- root over them
  generation    BLOB NOT NULL DEFAULT x'',    -- the server's data folder they came from
  chain         BLOB NOT NULL,                -- own chain, also the Automerge actor
  next_document INTEGER NOT NULL DEFAULT 1,   -- counter of the next own document
  sealed        INTEGER NOT NULL DEFAULT 0,   -- own segments sealed
  sealed_link   BLOB NOT NULL DEFAULT x'',    -- half hash of the newest of them
  acknowledged  INTEGER NOT NULL DEFAULT 0,   -- own segments the server has on disk
  in_doubt      INTEGER NOT NULL DEFAULT 0    -- 1: something left and no answer came
) STRICT, WITHOUT ROWID;

-- Every chain seen: whose it is and how far it goes.
CREATE TABLE chain (
  chain  BLOB PRIMARY KEY,
  circle BLOB NOT NULL,
  device BLOB NOT NULL,
  height INTEGER NOT NULL,
  link   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The circle's log in the server's order. Kept: anyone's copy can heal a server.
CREATE TABLE segment (
  circle BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  state  INTEGER NOT NULL DEFAULT 0,          -- 0 new, 1 taken in, 2 waits for something, 3 refused for good
  reason TEXT NOT NULL DEFAULT '',
  bytes  BLOB NOT NULL,
  PRIMARY KEY (circle, seq)
) STRICT;
CREATE INDEX segment_open ON segment (circle, seq) WHERE state IN (0, 2);

-- Own segments that have been sealed but not yet seen in the log.
CREATE TABLE sealed (
  circle  BLOB NOT NULL,
  seq     INTEGER NOT NULL,                   -- number in the own chain
  hash    BLOB NOT NULL,
  records INTEGER NOT NULL,                   -- how many records it touches, for reports
  bytes   BLOB NOT NULL,
  PRIMARY KEY (circle, seq)
) STRICT;

-- What has been saved but not sealed. Sealing happens when sending.
CREATE TABLE outbox (
  number   INTEGER PRIMARY KEY AUTOINCREMENT,
  circle   BLOB NOT NULL,
  kind     INTEGER NOT NULL,                  -- 1 change, 2 form, 3 name
  document BLOB NOT NULL DEFAULT x'',
  form     INTEGER NOT NULL DEFAULT 0,        -- whose dictionary fits
  bytes    BLOB NOT NULL,
  extra    BLOB NOT NULL DEFAULT x''          -- a form's dictionary
) STRICT;

-- Forms, newest version last.
CREATE TABLE form (
  number     INTEGER PRIMARY KEY,
  id         TEXT NOT NULL,
  version    TEXT NOT NULL,
  device     BLOB NOT NULL,                   -- who published it
  dictionary BLOB NOT NULL,
  dictionary_id BLOB NOT NULL,
  bytes      BLOB NOT NULL,
  UNIQUE (id, version)
) STRICT;

-- What people call a device.
CREATE TABLE name (
  device BLOB PRIMARY KEY,
  name   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One line per record: what lists show. Rebuilt from documents at any time.
CREATE TABLE record (
  number  INTEGER PRIMARY KEY,                -- grows: newer records have higher numbers
  id      BLOB NOT NULL UNIQUE,
  form    INTEGER NOT NULL,                   -- form.number, 0 when unknown
  title   TEXT NOT NULL,
  changed INTEGER NOT NULL                    -- newest change's clock, seconds: shown, never trusted
) STRICT;
CREATE INDEX record_form ON record (form, number);

-- One row per part of a record: the Automerge document itself.
CREATE TABLE document (
  number INTEGER PRIMARY KEY,
  id     BLOB NOT NULL UNIQUE,
  record INTEGER NOT NULL,
  part   TEXT NOT NULL,
  circle BLOB NOT NULL,
  bytes  BLOB NOT NULL
) STRICT;
CREATE INDEX document_record ON document (record);

-- Unsettled fields.
CREATE TABLE conflict (
  document INTEGER NOT NULL,
  field    TEXT NOT NULL,
  PRIMARY KEY (document, field)
) STRICT, WITHOUT ROWID;

-- Coded answers, for filters: question and choice as small numbers.
CREATE TABLE word (
  number INTEGER PRIMARY KEY,
  word   TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE facet (
  question INTEGER NOT NULL,
  choice   INTEGER NOT NULL,
  record   INTEGER NOT NULL,
  PRIMARY KEY (question, choice, record)
) STRICT, WITHOUT ROWID;

-- Words of every document, for search; rowid = document.number. Only the index is kept, not the text.
CREATE VIRTUAL TABLE search USING fts5 (
  words, content = '', contentless_delete = 1, detail = none, tokenize = 'unicode61 remove_diacritics 2'
);

-- What arrived and could not be taken in, byte for byte.
CREATE TABLE quarantine (
  number   INTEGER PRIMARY KEY,
  circle   BLOB NOT NULL,
  seq      INTEGER NOT NULL,                  -- place in the circle's log
  chain    BLOB NOT NULL,
  document BLOB NOT NULL,
  reason   TEXT NOT NULL,
  waits    INTEGER NOT NULL,                  -- 1: may still be taken in when something arrives
  bytes    BLOB NOT NULL
) STRICT;
CREATE INDEX quarantine_waits ON quarantine (document) WHERE waits = 1;

-- Invitations this device made.
CREATE TABLE invitation (
  invite BLOB PRIMARY KEY,
  secret BLOB NOT NULL,
  role   INTEGER NOT NULL,
  expiry INTEGER NOT NULL,
  name   TEXT NOT NULL DEFAULT '',
  used   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- How far an import got, so that it can be resumed.
CREATE TABLE import (
  source BLOB PRIMARY KEY,                    -- SHA-256 of file, form and map
  line   INTEGER NOT NULL,                    -- last line dealt with
  taken  INTEGER NOT NULL,
  refused INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
