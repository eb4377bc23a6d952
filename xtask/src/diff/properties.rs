//! The properties of an object.

use super::change::Recorder;
use super::compose::{self, Flat, Place, all_properties};
use super::resolve::Pair;

pub fn compare<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>, place: &Place, old: &Flat<'a>, new: &Flat<'a>) {
    let (old, new) = (all_properties(pair.old.value, old), all_properties(pair.new.value, new));
    for (name, (before, was_required)) in &old {
        let Some((after, is_required)) = new.get(name) else {
            place.property(name, false).note(recorder, "property-removed", "is gone");
            continue;
        };
        let inner = place.property(name, !*was_required && !*is_required);
        match (*was_required, *is_required) {
            (false, true) => inner.note(recorder, "property-now-required", "is now required"),
            (true, false) => inner.note(recorder, "property-now-optional", "is now optional"),
            _ => {}
        }
        compose::schema(pair, recorder, &inner, before, after);
    }
    for (name, (_, required)) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        let rule = if *required { "property-added-required" } else { "property-added" };
        place.property(name, false).note(recorder, rule, if *required { "is new and required" } else { "is new" });
    }
}
