import Histories

/// One object as far as its history is known.
struct OnlineObject: Sendable {
  enum Standing: Hashable, Sendable {
    case watched
    /// Broken, or not to be read: nothing more is kept of it.
    case settled
    /// Its history was dropped to save memory. Without that nothing can be said of it any more.
    case letGo
  }

  let key: Value?
  private(set) var standing = Standing.watched
  /// Keyed, as that of the run.
  private(set) var history: History
  /// Indices of its events in the history of the run.
  private(set) var indices: [UInt32] = []
  private(set) var openCount = 0
  /// Time of the earliest event that may have broken the claim since the last decision.
  private(set) var undecidedSince: Int64?
  /// Next decision at the earliest.
  var notBefore = Int64.min

  init(key: Value?, keyed: Bool) {
    self.key = key
    history = History(keyed: keyed)
  }

  var lastTime: Int64 { history.count == 0 ? .min : history.time(at: history.count - 1) }

  /// Whether all that is known of it was decided, and nothing is open.
  var isAtRest: Bool { standing == .watched && openCount == 0 && undecidedSince == nil }

  /// Takes an event of this object.
  ///
  /// What can break a claim is an answer, or the news that something certainly did not happen: a read may have depended
  /// on it. An invocation adds possibilities only, an unknown outcome nothing.
  ///
  /// - Returns: whether it now waits for a decision and did not before.
  mutating func append(_ event: Event) -> Bool {
    history.append(event)
    indices.append(UInt32(truncatingIfNeeded: event.index))
    openCount += event.type == .invoke ? 1 : -1
    guard event.type == .ok || event.type == .fail, undecidedSince == nil else { return false }
    undecidedSince = event.time
    return true
  }

  mutating func decided() { undecidedSince = nil }

  /// Forgets the history.
  mutating func close(as standing: Standing) {
    self.standing = standing
    history = History(keyed: history.keyed)
    indices = []
    undecidedSince = nil
  }

  /// The history up to and with the event at `index`.
  func prefix(through index: Int) -> History { History(keyed: history.keyed, history.events.prefix(index + 1)) }
}
