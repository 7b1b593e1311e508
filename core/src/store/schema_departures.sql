-- Devices that have departed: what a coordinator needs to readmit them, and what became of each.
CREATE TABLE departure (
  device BLOB NOT NULL,                       -- which device departed
  name   BLOB NOT NULL,                       -- which departure, 16 random octets
  circle BLOB NOT NULL,                       -- in which it was said
  number INTEGER NOT NULL,                    -- the device's departures in their order
  time   INTEGER NOT NULL,                    -- the device's clock, seconds since 1970: shown, never trusted
  bytes  BLOB NOT NULL,                       -- the entry as it travels
  PRIMARY KEY (device, name)
) STRICT;

-- It may arrive before the departure it is about.
CREATE TABLE departure_end (
  name   BLOB NOT NULL,
  device BLOB NOT NULL,                       -- who said so
  kind   INTEGER NOT NULL,                    -- 2 readmitted it, 3 is back
  time   INTEGER NOT NULL,                    -- by that device's clock
  PRIMARY KEY (name, device, kind)
) STRICT;
