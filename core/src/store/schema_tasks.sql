-- What is to be done for records, and what was: made from their documents, kept in the same gesture. A form of before
-- this step could not call rows tasks, so nothing has to be filled in.
CREATE TABLE task (
  record INTEGER NOT NULL,                    -- record.number
  key    TEXT NOT NULL,                       -- of the answer that says whether it is done
  done   INTEGER NOT NULL,                    -- 1: it is
  due    TEXT NOT NULL,                       -- YYYY-MM-DD; after all days where there is none
  what   TEXT NOT NULL,
  who    TEXT NOT NULL,                       -- empty: nobody was named
  PRIMARY KEY (record, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_due ON task (done, due, record, key);
