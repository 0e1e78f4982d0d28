/// Operations whose outcome is unknown, each of which may have taken messages at any time after it began.
///
/// A dequeue can have taken one message, a drain any number. Each of some messages is explained if one of these took it
/// before the message's deadline. Whoever can serve a deadline can serve every later one, so that serving them in
/// increasing order, by anybody who is free, explains as many as any choice does.
struct UnknownTakers {
  /// Invocations of those that take one message, increasing.
  private var single: [UInt32] = []
  /// The first invocation of one that takes any number.
  private var any = EventIndex.never
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }
  /// The first invocation of one that takes any number; `never` where there is none.
  var firstOfMany: UInt32 { any }

  /// Adds one; they come in order of invocation.
  mutating func add(_ invocation: UInt32, takesMany: Bool) {
    count += 1
    if takesMany { any = min(any, invocation) } else { single.append(invocation) }
  }

  /// Adds those that take any number, of which the first began then; `never` where there is none.
  mutating func addMany(from invocation: UInt32) { any = min(any, invocation) }

  /// The messages that none of these can have taken, as few as can be.
  ///
  /// - Parameter needs: messages, each with the event before which it must have been taken.
  func unexplained(_ needs: [(deadline: UInt32, message: UInt32)]) -> [UInt32] {
    var left: [UInt32] = []
    var (begun, taken) = (0, 0)
    for need in needs.sorted(by: { ($0.deadline, $0.message) < ($1.deadline, $1.message) }) where any >= need.deadline {
      while begun < single.count, single[begun] < need.deadline { begun += 1 }
      if taken < begun { taken += 1 } else { left.append(need.message) }
    }
    return left.sorted()
  }
}
