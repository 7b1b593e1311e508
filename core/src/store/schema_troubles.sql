-- How many segments wait or were refused is asked by the first screen: without this it reads through the whole log.
CREATE INDEX segment_trouble ON segment (state) WHERE state >= 2;
