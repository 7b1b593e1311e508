-- What an invitation binds, and newcomers whose words are to be compared before they are admitted.
ALTER TABLE invitation ADD COLUMN binding BLOB NOT NULL DEFAULT x'';    -- hash of the invitation; empty: version 1
ALTER TABLE invitation ADD COLUMN compare INTEGER NOT NULL DEFAULT 0;   -- 0 not wanted, 1 wanted, 2 the words were the same
ALTER TABLE invitation ADD COLUMN asked BLOB NOT NULL DEFAULT x'';      -- the device whose words are to be compared
