import Histories

/// An operation as the twins see it: paired by hand, values as they were recorded.
struct TwinCall {
  var function: String
  var input: Value
  var output: Value
  var type: EventType
  var begin: Int
  /// `Int.max` unless it is known how it ended.
  var end: Int
  var beginTime: Int64

  var isOK: Bool { type == .ok }

  /// All operations, in order of invocation.
  static func all(in events: [Event]) -> [TwinCall] {
    events.filter { $0.type == .invoke }.map { invocation in
      let end = events.first {
        $0.index > invocation.index && $0.process == invocation.process && $0.type != .invoke
      }
      return TwinCall(
        function: invocation.function, input: invocation.value, output: end?.value ?? .null, type: end?.type ?? .info,
        begin: invocation.index, end: end?.index ?? .max, beginTime: invocation.time)
    }
  }
}

/// Every order of some things.
enum Orders {
  /// Whether some order of 0..<count satisfies the condition.
  static func exists(_ count: Int, where isSuch: ([Int]) -> Bool) -> Bool {
    var order: [Int] = []
    return extend(&order, count, isSuch)
  }

  private static func extend(_ order: inout [Int], _ count: Int, _ isSuch: ([Int]) -> Bool) -> Bool {
    if order.count == count { return isSuch(order) }
    for next in 0..<count where !order.contains(next) {
      order.append(next)
      defer { order.removeLast() }
      if extend(&order, count, isSuch) { return true }
    }
    return false
  }
}
