-- 1 for a file of a record that this device cannot open again: it goes once the server has it for good.
ALTER TABLE attachment ADD COLUMN lets_go INTEGER NOT NULL DEFAULT 0;
-- 1 once the server has dropped it; kept, since a server that was put back has it again.
ALTER TABLE attachment_drop ADD COLUMN done INTEGER NOT NULL DEFAULT 0;
