//! Writing records out.
