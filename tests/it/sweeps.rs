//! Sweeps over all groups.
