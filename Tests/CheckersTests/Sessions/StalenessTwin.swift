import Histories

/// Staleness by its definitions, over all orders of the operations of one register.
struct StalenessTwin {
  /// A write, or a read, by itself: a compare-and-set is one of each.
  private struct Access {
    var begin: Int
    var end: Int
    var beginTime: Int64
    var endTime: Int64
    /// Position of the write that was read; nil for the first value. Of a write: its own position.
    var version: Int?
    var isRead: Bool
  }

  /// Reads of values that nobody had begun to write, and of those that only a failed operation wrote.
  private(set) var unwritten: (thinAir: Int, aborted: Int) = (0, 0)
  /// Writes first.
  private var accesses: [Access] = []
  private var writes = 0

  init(_ events: [Event]) {
    let calls = TwinCall.all(in: events)
    let time = { (event: Int) in event == .max ? Int64.max : events[event].time }
    func write(_ value: Value) -> TwinCall? {
      calls.first { $0.type != .fail && Self.written($0) == value }
    }
    let reads = calls.filter { $0.isOK && Self.seen($0) != nil }
    var kept: [(TwinCall, Value)] = []
    for read in reads {
      let value = Self.seen(read) ?? .null
      if value == .null || write(value).map({ $0.begin < read.end }) ?? false {
        kept.append((read, value))
      } else if write(value) == nil, calls.contains(where: { Self.written($0) == value }) {
        unwritten.aborted += 1
      } else {
        unwritten.thinAir += 1
      }
    }
    // A write that was not acknowledged need not have happened, unless it was seen.
    let happened = calls.filter { call in
      guard let value = Self.written(call), call.type != .fail else { return false }
      return call.isOK || kept.contains { $0.1 == value }
    }
    writes = happened.count
    for (position, call) in happened.enumerated() {
      accesses.append(
        Access(
          begin: call.begin, end: call.isOK ? call.end : .max, beginTime: time(call.begin),
          endTime: call.isOK ? time(call.end) : .max, version: position, isRead: false))
    }
    for (call, value) in kept {
      accesses.append(
        Access(
          begin: call.begin, end: call.end, beginTime: time(call.begin), endTime: time(call.end),
          version: happened.firstIndex { Self.written($0) == value }, isRead: true))
    }
  }

  private static func written(_ call: TwinCall) -> Value? {
    switch call.function {
    case "write": call.input
    case "cas": call.input.list?.last
    default: nil
    }
  }

  private static func seen(_ call: TwinCall) -> Value? {
    switch call.function {
    case "read": call.output
    case "cas": call.input.list?.first
    default: nil
    }
  }

  var reads: Int { accesses.count - writes }

  /// Whether the register is linearizable if every read may have begun so many nanoseconds earlier.
  func isAtomic(shift: Int64) -> Bool {
    Orders.exists(accesses.count) { order in
      var state: Int?
      for (place, number) in order.enumerated() {
        let access = accesses[number]
        let begin = access.isRead ? access.beginTime - shift : access.beginTime
        if order[place...].contains(where: { accesses[$0].endTime < begin }) { return false }
        if access.isRead, access.version != state { return false }
        if !access.isRead { state = access.version }
      }
      return true
    }
  }

  /// Of each read: how many writes come between what it saw and itself, in the order that has fewest of them. An order
  /// keeps real time, and has every write before the reads of it.
  func missed() -> [Int] {
    var least = Array(repeating: Int.max, count: reads)
    _ = Orders.exists(accesses.count) { order in
      for (place, number) in order.enumerated() {
        let access = accesses[number]
        if order[place...].contains(where: { accesses[$0].end < access.begin }) { return false }
        if access.isRead, let version = access.version, !order[..<place].contains(version) { return false }
      }
      for (place, number) in order.enumerated() where accesses[number].isRead {
        let from = accesses[number].version.flatMap { order.firstIndex(of: $0) } ?? -1
        let between = order[(from + 1)..<place].count { !accesses[$0].isRead }
        least[number - writes] = min(least[number - writes], between)
      }
      return false
    }
    return least
  }
}
