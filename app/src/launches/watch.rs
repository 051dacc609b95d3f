//! Changes of a launch as they happen: a signal that counts them. Only in the browser; a hidden tab closes its stream.

use leptos::prelude::*;
use model::LaunchId;

/// Counts the changes that the server tells of. Several in a quarter of a second count once.
pub fn changes(id: Memo<Option<LaunchId>>) -> ReadSignal<u32> {
    let (count, set_count) = signal(0_u32);
    #[cfg(feature = "hydrate")]
    browser::watch(id, set_count);
    #[cfg(not(feature = "hydrate"))]
    let _ = (id, set_count);
    count
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::{cell::RefCell, rc::Rc, time::Duration};

    use leptos::{
        ev,
        leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle},
        prelude::*,
        wasm_bindgen::{JsCast, closure::Closure},
    };
    use model::LaunchId;
    use send_wrapper::SendWrapper;
    use web_sys::EventSource;

    const PAUSE: Duration = Duration::from_millis(250);

    /// One open stream; closed when dropped.
    struct Stream {
        source: EventSource,
        _told: Closure<dyn FnMut()>,
    }

    impl Drop for Stream {
        fn drop(&mut self) {
            self.source.close();
        }
    }

    fn open(id: LaunchId, count: WriteSignal<u32>) -> Option<Stream> {
        let source = EventSource::new(&format!("/events/launches/{id}")).ok()?;
        let waiting: Rc<RefCell<Option<TimeoutHandle>>> = Rc::default();
        let told = Closure::<dyn FnMut()>::new(move || {
            if waiting.borrow().is_none() {
                let done = Rc::clone(&waiting);
                let handle = set_timeout_with_handle(
                    move || {
                        done.borrow_mut().take();
                        count.try_update(|count| *count = count.wrapping_add(1));
                    },
                    PAUSE,
                );
                *waiting.borrow_mut() = handle.ok();
            }
        });
        // What changed before the stream was open, the first time or again, nobody told.
        for event in ["open", "changed"] {
            source.add_event_listener_with_callback(event, told.as_ref().unchecked_ref()).ok()?;
        }
        Some(Stream { source, _told: told })
    }

    pub(super) fn watch(id: Memo<Option<LaunchId>>, count: WriteSignal<u32>) {
        let hidden = RwSignal::new(false);
        let handle = window_event_listener(ev::visibilitychange, move |_| hidden.set(document().hidden()));
        let stream: StoredValue<Option<SendWrapper<Stream>>> = StoredValue::new(None);
        Effect::new(move |_| {
            let wanted = id.get().filter(|_| !hidden.get());
            stream.set_value(wanted.and_then(|id| open(id, count)).map(SendWrapper::new));
        });
        on_cleanup(move || {
            stream.set_value(None);
            handle.remove();
        });
    }
}
