//! One handle per resource family.
