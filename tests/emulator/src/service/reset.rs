//! Returning to a moment, including the database behind the endpoints, whatever is under way.

use super::{Service, lock};
use crate::http::response::Response;
use crate::world::{Made, World};

impl Service {
    /// Marks the current world; a reset returns to it.
    pub(crate) fn mark(&self) {
        let world = self.world().clone();
        *lock(&self.marked) = Some(world);
    }

    /// Returns to the marked world; requests under way leave no effect in it. An error comes from the database server: everything
    /// else is restored all the same.
    pub(crate) fn reset(&self) -> Result<(), String> {
        // Held to the end, so that nothing of a request falls between the world and its log.
        let mut world = self.world();
        let generation = world.generation + 1;
        let urls = (world.config.storage_url.clone(), world.config.prefix.clone());
        let made = std::mem::take(&mut world.made);
        if let Some(marked) = lock(&self.marked).as_ref() {
            *world = marked.clone();
        }
        world.generation = generation;
        (world.config.storage_url, world.config.prefix) = urls;
        self.faults().clear();
        self.storage_faults().clear();
        self.log().clear();
        self.storage_log().clear();
        let wanted = std::mem::replace(&mut world.made, made);
        self.lead_database_to(&mut world, wanted)
    }

    /// Removes everything that was created on the database server.
    pub(crate) fn leave_database(&self) -> Result<(), String> {
        self.lead_database_to(&mut self.world(), Made::default())
    }

    /// Undoes a change that the database server refused, on that server too as far as possible; the refusal is what gets
    /// reported.
    pub(super) fn take_back(&self, world: &mut World, before: World) {
        let undone = world.made.changes_to(&before.made);
        *world = before;
        let _ = self.change_database(&undone);
    }

    fn lead_database_to(&self, world: &mut World, wanted: Made) -> Result<(), String> {
        let said = |response: Response| String::from_utf8_lossy(&response.body).into_owned();
        self.change_database(&world.made.changes_to(&wanted)).map_err(said)?;
        world.made = wanted;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::faults::Fault;
    use crate::http::reader::{Head, Received};
    use crate::{Emulator, RecordedRequest};

    fn head(target: &str) -> Head {
        Head { method: "GET".to_owned(), target: target.to_owned(), headers: Vec::new() }
    }

    fn arrived(emulator: &Emulator) -> RecordedRequest {
        emulator.service.arrived(&head("/v1/regions"), "/v1/regions", Vec::new())
    }

    #[test]
    fn a_request_that_began_before_a_reset_is_in_no_log_and_meets_no_fault_that_came_later() {
        let emulator = Emulator::start().unwrap();
        let (before, storage) = (arrived(&emulator), emulator.service.arrived_at_storage(&head("/files/x")));
        emulator.reset();
        emulator.inject(Fault::status(503));
        emulator.inject_storage(Fault::status(503));
        assert!(emulator.service.take_fault(&head("/v1/regions"), &before).is_none());
        assert!(emulator.service.storage(storage, &head("/files/x"), Received::whole()).1.is_none());
        emulator.service.record(before, Some(200));
        assert!(emulator.requests().is_empty() && emulator.storage_requests().is_empty());
        assert_eq!(emulator.request_count(), 0);

        // The control: the same for requests that begin now.
        let (after, storage) = (arrived(&emulator), emulator.service.arrived_at_storage(&head("/files/x")));
        assert!(emulator.service.take_fault(&head("/v1/regions"), &after).is_some());
        assert!(emulator.service.storage(storage, &head("/files/x"), Received::whole()).1.is_some());
        emulator.service.record(after, Some(200));
        assert_eq!((emulator.requests().len(), emulator.storage_requests().len()), (1, 1));
    }
}
