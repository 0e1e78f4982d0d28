/// One element of a set object: at home (as it was at the start) until it leaves, away, and at home again when it
/// returns. For an element that was absent, an addition leaves and a removal returns; for one that was present, the
/// other way round.
///
/// With one operation that leaves and one that returns, an order is one of three stories; each is settled by intervals
/// (the idea of LiMo, "Efficient Linearizability Monitoring", for sets). Time is the gap behind an event; t(leave) and
/// t(return) are the instants of the two operations.
/// - **Nothing happens**: the leaving operation crashed and had no effect. Then no operation may find the element away.
/// - **It leaves for good**: t(leave) is best as late as possible, at the earliest end of the leaving operation and of
///   all that find the element away. It must be no earlier than the leaving operation's invocation; all that find the
///   element at home must be invoked by then. A returning operation that answered nothing may have come before, as one
///   that found it at home; if it crashed, it may not have happened.
/// - **It leaves and returns**: t(leave) as late and t(return) as early as those that find it away allow; what finds it at
///   home must not lie strictly between.
///
/// An operation that says that it changed the element can be none of those that change nothing.
struct ElementWindow {
  /// An operation takes effect in the gap behind the event `time`.
  struct Instant: BitwiseCopyable {
    var time: UInt32
    var id: UInt32
  }

  private let history: ObjectHistory<SetObjectOperation>
  private var leave: UInt32?
  private var comeBack: UInt32?
  /// Those that found the element at home, and away.
  private var home: [UInt32] = []
  private var away: [UInt32] = []

  /// - Parameter ids: the element's operations, in order of invocation.
  /// - Returns: nil if two operations leave, or two return.
  init?(_ ids: [UInt32], of history: ObjectHistory<SetObjectOperation>, wasPresent: Bool) {
    self.history = history
    for id in ids {
      let operation = history.operations[Int(id)]
      if let needed = operation.needsPresent, operation.leavesPresent ?? needed == needed {
        if needed == wasPresent { home.append(id) } else { away.append(id) }
      } else if operation.leavesPresent == wasPresent {
        if comeBack != nil { return nil }
        comeBack = id
      } else {
        if leave != nil { return nil }
        leave = id
      }
    }
  }

  /// Adds the instants of an order, phase by phase; or the operations that show that there is none.
  func decide(_ instants: inout [Instant]) -> [UInt32]? {
    var core: [UInt32] = []
    for story in [nothingHappens, leavesForGood, leavesAndReturns] {
      switch story() {
      case .told(let leaves, let returns):
        write(leaves, returns, &instants)
        return nil
      case .impossible(let reason): core += reason
      }
    }
    return Set(core + [leave, comeBack].compactMap(\.self)).sorted()
  }

  // MARK: Intervals

  private func begin(_ id: UInt32) -> Int64 { Int64(history.invocations[Int(id)]) }
  /// The last gap in which the operation can take effect.
  private func end(_ id: UInt32) -> Int64 { Int64(history.completions[Int(id)]) - 1 }
  private func isCompleted(_ id: UInt32) -> Bool {
    history.completions[Int(id)] != ObjectHistory<SetObjectOperation>.never
  }
  /// It says that it changed the element.
  private func isSure(_ id: UInt32) -> Bool { history.operations[Int(id)].answer == true }

  // MARK: Stories

  private enum Story {
    /// When it left and when it returned, if it did.
    case told(leaves: Int64?, returns: Int64?)
    /// These operations, with the leaving and the returning one, rule it out.
    case impossible([UInt32])
  }

  private func nothingHappens() -> Story {
    if let leave, isCompleted(leave) { return .impossible([]) }
    if let witness = away.first { return .impossible([witness]) }
    if let comeBack, isSure(comeBack) { return .impossible([]) }
    return .told(leaves: nil, returns: nil)
  }

  private func leavesForGood() -> Story {
    guard let leave else { return .impossible([]) }
    if let comeBack, isSure(comeBack) { return .impossible([]) }
    let firstAway = away.min { end($0) < end($1) }
    let leaves = min(end(leave), firstAway.map { end($0) } ?? .max)
    let witnesses = [firstAway].compactMap(\.self)
    if leaves < begin(leave) { return .impossible(witnesses) }
    // In order of invocation; one more may be the operation that would have returned.
    let atHome = home + [comeBack].compactMap(\.self).filter(isCompleted)
    if let late = atHome.max(by: { begin($0) < begin($1) }), begin(late) > leaves {
      return .impossible(witnesses + [late])
    }
    return .told(leaves: leaves, returns: nil)
  }

  private func leavesAndReturns() -> Story {
    guard let leave, let comeBack else { return .impossible([]) }
    let (firstAway, lastAway) = (away.min { end($0) < end($1) }, away.last)
    var leaves = min(end(leave), firstAway.map { end($0) } ?? .max)
    var returns = max(begin(comeBack), lastAway.map { begin($0) } ?? 0)
    let witnesses = [firstAway, lastAway].compactMap(\.self)
    if leaves < begin(leave) || returns > end(comeBack) || begin(leave) > end(comeBack) {
      return .impossible(witnesses)
    }
    if leaves >= returns {
      leaves = max(returns, begin(leave))
      returns = leaves
    } else if let between = home.first(where: { begin($0) > leaves && end($0) < returns }) {
      return .impossible(witnesses + [between])
    }
    return .told(leaves: leaves, returns: returns)
  }

  /// The instants of all that happens: at home, leaving, away, returning, at home again.
  private func write(_ leaves: Int64?, _ returns: Int64?, _ instants: inout [Instant]) {
    func write(_ id: UInt32?, notBefore time: Int64 = 0) {
      guard let id else { return }
      instants.append(Instant(time: UInt32(max(begin(id), time)), id: id))
    }
    let end = leaves ?? .max
    for id in home where begin(id) <= end { write(id) }
    if returns == nil, let comeBack, isCompleted(comeBack) { write(comeBack) }
    guard let leaves else { return }
    write(leave, notBefore: leaves)
    for id in away { write(id, notBefore: leaves) }
    guard let returns else { return }
    write(comeBack, notBefore: returns)
    for id in home where begin(id) > leaves { write(id, notBefore: returns) }
  }
}
