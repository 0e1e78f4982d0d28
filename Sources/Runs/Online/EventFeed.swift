import Histories
import Synchronization

/// The line from the client loop to those who check while the run goes on. The loop never waits for them: when the line is
/// full it is cut, for good, since a history with a hole in it proves nothing.
final class EventFeed: Sendable {
  /// Events that wait to be taken, some 200 bytes each: a minute of a thousand operations a second.
  static let eventsMax = 1 << 17

  struct Batch: Sendable {
    var events: [Event]
    /// Events came that found no place; these and all later ones are missing.
    var isCut: Bool
  }

  private let batch = Mutex(Batch(events: [], isCut: false))
  private let eventsMax: Int

  init(eventsMax: Int = EventFeed.eventsMax) { self.eventsMax = eventsMax }

  /// For the client loop: takes the event, or cuts the line.
  func offer(_ event: Event) {
    batch.withLock { batch in
      if batch.events.count >= eventsMax { batch.isCut = true }
      if !batch.isCut { batch.events.append(event) }
    }
  }

  /// All that has come since the last time, in order.
  func take() -> Batch {
    batch.withLock { batch in
      defer { batch.events = [] }
      return batch
    }
  }
}
