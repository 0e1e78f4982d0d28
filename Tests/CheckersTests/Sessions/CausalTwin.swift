import Histories

/// Causal consistency of registers by its definitions (Bouajjani and others, "On Verifying Causal Consistency", POPL
/// 2017, section 3), by trying every set of operations that may have happened and every order of them.
///
/// The causal order is the least that the definitions allow: more of it only adds demands, as values are written once.
struct CausalTwin {
  private struct Call {
    var process: Int32
    /// How many operations of the process before were never answered: after each it is another session.
    var session: Int
    var key: Value
    /// What it saw, `.null` for nothing; nil where that is not known, or it looks at nothing.
    var seen: Value?
    var written: Value?
    var end: EventType
  }

  private var calls: [Call] = []

  init(_ events: [Event]) {
    for (place, event) in events.enumerated() where event.type == .invoke {
      let end = events[(place + 1)...].first { $0.process == event.process }
      let isDone = end?.type == .ok
      let pair = (isDone ? end ?? event : event).value.list ?? []
      let inner = pair[1]
      let unanswered = calls.count { $0.process == event.process.rawValue && $0.end == .info }
      calls.append(
        Call(
          process: event.process.rawValue, session: unanswered, key: pair[0],
          seen: !isDone || event.function == "write" ? nil : event.function == "cas" ? inner.list?.first : inner,
          written: event.function == "read" ? nil : event.function == "cas" ? inner.list?.last : inner,
          end: end?.type ?? .info))
    }
  }

  var reads: Int { calls.count { $0.seen != nil } }

  /// What each read shows fits its own causal past, in some order of its own.
  var isWeaklyCausal: Bool {
    sets.contains { calls in
      guard let order = Self.causalOrder(calls) else { return false }
      return calls.indices.allSatisfy { reader in
        let past = calls.indices.filter { order[$0][reader] }
        return calls[reader].seen == nil
          || Self.extends(order, past) { Self.fits(calls, reader, $0) }
      }
    }
  }

  /// The same in one order of all operations.
  var isConvergent: Bool {
    sets.contains { calls in
      guard let order = Self.causalOrder(calls) else { return false }
      return Self.extends(order, Array(calls.indices)) { all in
        calls.indices.allSatisfy { reader in
          calls[reader].seen == nil || Self.fits(calls, reader, all.filter { order[$0][reader] })
        }
      }
    }
  }

  private var sets: [[Call]] {
    calls.reduce([[]]) { sets, call in
      switch call.end {
      case .ok: sets.map { $0 + [call] }
      case .fail: sets
      case .info, .invoke: sets + sets.map { $0 + [call] }
      }
    }
  }

  /// Who is before whom; nil where somebody read what nobody wrote, or is before itself.
  private static func causalOrder(_ calls: [Call]) -> [[Bool]]? {
    var order = calls.map { _ in calls.map { _ in false } }
    for (reader, call) in calls.enumerated() {
      for earlier in 0..<reader
      where calls[earlier].process == call.process && calls[earlier].session == call.session {
        order[earlier][reader] = true
      }
      guard let seen = call.seen, seen != .null else { continue }
      let writer = calls.firstIndex { $0.key == call.key && $0.written == seen }
      guard let writer else { return nil }
      order[writer][reader] = true
    }
    for middle in calls.indices {
      for first in calls.indices where order[first][middle] {
        for last in calls.indices where order[middle][last] { order[first][last] = true }
      }
    }
    return calls.indices.contains { order[$0][$0] } ? nil : order
  }

  /// Whether the last write of the reader's key in this sequence is what it saw.
  private static func fits(_ calls: [Call], _ reader: Int, _ sequence: [Int]) -> Bool {
    let last = sequence.last { calls[$0].key == calls[reader].key && calls[$0].written != nil }
    return calls[reader].seen == last.flatMap { calls[$0].written } ?? .null
  }

  /// Whether some sequence of the members that keeps the order is such.
  private static func extends(
    _ order: [[Bool]], _ members: [Int], _ done: [Int] = [], _ isSuch: ([Int]) -> Bool
  ) -> Bool {
    if members.isEmpty { return isSuch(done) }
    return members.contains { next in
      !members.contains { order[$0][next] } && extends(order, members.filter { $0 != next }, done + [next], isSuch)
    }
  }
}
