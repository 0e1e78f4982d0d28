import Histories

/// An operation of `AppendLog` over interned elements.
@frozen public enum AppendLogOperation: Hashable, Sendable {
  /// An append of the element; where it was acknowledged, with the index that it got.
  case append(UInt32, index: Int64?)
  case read(AppendLogRead)
}

/// A read of a log: what was asked and what came back.
@frozen public struct AppendLogRead: Hashable, Sendable {
  /// Indices from this one…
  public var from: Int64
  /// …up to this one, without it, and not below `from`; `Int64.max` for all.
  public var to: Int64
  public var elements: [UInt32]
  /// Whether `elements` are those at `from`, `from` + 1, …, none beyond `to`: a log has no gaps.
  public var isContiguous: Bool

  @inlinable public init(from: Int64, to: Int64, elements: [UInt32], isContiguous: Bool) {
    self.from = from
    self.to = to
    self.elements = elements
    self.isContiguous = isContiguous
  }

  /// Whether the log ended where the answer ends: fewer came back than were asked for.
  @inlinable public var isShort: Bool { Int64(elements.count) < to - from }
}

/// One log without gaps: an append takes the next index, and what an index holds never changes.
///
/// Shapes (DESIGN 2, without the key): `append` v → [index, v], `read` [from, to] → [[index, v], …] with the entries at
/// from ≤ index < to, all that there are; `read` null reads everything. The first index is 0 unless told otherwise.
/// `read-all`, which shows what one replica has, says nothing of the log as a whole: `replicated-log` judges it.
public struct AppendLog: SequentialModel {
  /// Indices lie below this: a sum of one and the length of a log has 63 bits.
  public static var indexEnd: Int64 { 1 << 62 }

  public let firstIndex: Int64

  /// - Precondition: `firstIndex` is 0 or more, and less than `indexEnd`.
  public init(firstIndex: Int64 = 0) {
    precondition((0..<Self.indexEnd).contains(firstIndex), "a log's first index has 62 bits")
    self.firstIndex = firstIndex
  }

  @inlinable public var name: String { "log" }

  /// The elements in order.
  @inlinable public func initial(_ values: inout ValueTable) -> [UInt32] { [] }

  public func step(_ state: [UInt32], _ operation: AppendLogOperation) -> [UInt32]? {
    switch operation {
    case .append(let element, let index):
      if let index, index - firstIndex != state.count { return nil }
      return state + [element]
    case .read(let read):
      if !read.isContiguous { return nil }
      let end = Int64(state.count)
      let start = min(read.from - firstIndex, end)
      let stop = read.to == .max ? end : max(start, min(read.to - firstIndex, end))
      return state[Int(start)..<Int(stop)].elementsEqual(read.elements) ? state : nil
    }
  }

  @inlinable public func traits(of operation: AppendLogOperation) -> OperationTraits<[UInt32]> {
    switch operation {
    case .append(_, index: nil): OperationTraits(isObserver: false, condition: .always, result: nil)
    case .append: OperationTraits(isObserver: false, condition: .unknown, result: nil)
    case .read: OperationTraits(isObserver: true, condition: .unknown, result: nil)
    }
  }

  public func lower(
    _ call: RecordedCall, _ values: inout ValueTable
  ) throws(MalformedOperation) -> AppendLogOperation? {
    switch call.function {
    case "append": return try append(call, &values)
    case "read":
      let range = try range(call, values)
      return call.outcome == .ok ? .read(try read(call, range, &values)) : nil
    case "read-all": return nil
    default: throw MalformedOperation("unknown function '\(call.function)': \(name) knows append, read, read-all")
    }
  }

  private func append(
    _ call: RecordedCall, _ values: inout ValueTable
  ) throws(MalformedOperation) -> AppendLogOperation {
    let element = values.intern(call.input)
    if call.outcome != .ok { return .append(element, index: nil) }
    guard let (index, word) = entry(call.output, values), values.intern(word) == element else {
      throw MalformedOperation(
        "'append' of \(values[element]) answers [index, \(values[element])], not \(values.value(call.output))",
        isAnswer: true)
    }
    return .append(element, index: index)
  }

  /// What a read asks for: from this index up to that one.
  private func range(
    _ call: RecordedCall, _ values: ValueTable
  ) throws(MalformedOperation) -> (from: Int64, to: Int64) {
    if call.input.isNull { return (firstIndex, .max) }
    guard let (first, second) = values.pair(call.input), let low = values.int(first), let high = values.int(second),
      low >= firstIndex, low < Self.indexEnd
    else {
      throw MalformedOperation(
        "'read' takes [from, to] with \(firstIndex) ≤ from < 2⁶², or null, not \(values.value(call.input))")
    }
    return (low, max(low, high))
  }

  private func read(
    _ call: RecordedCall, _ range: (from: Int64, to: Int64), _ values: inout ValueTable
  ) throws(MalformedOperation) -> AppendLogRead {
    let (from, to) = range
    guard let words = values.list(call.output) else { throw malformedAnswer(call, values) }
    var read = AppendLogRead(from: from, to: to, elements: [], isContiguous: true)
    read.elements.reserveCapacity(words.count)
    for word in words {
      guard let (index, element) = entry(word, values) else { throw malformedAnswer(call, values) }
      read.isContiguous = read.isContiguous && index < to && index - from == Int64(read.elements.count)
      read.elements.append(values.intern(element))
    }
    return read
  }

  private func malformedAnswer(_ call: RecordedCall, _ values: ValueTable) -> MalformedOperation {
    MalformedOperation(
      "'read' answers a list of [index, value] with 0 ≤ index < 2⁶², not \(values.value(call.output))", isAnswer: true)
  }

  /// The two parts of [index, value].
  private func entry(_ word: ValueWord, _ values: ValueTable) -> (Int64, ValueWord)? {
    guard let (first, second) = values.pair(word), let index = values.int(first), index >= 0,
      index < Self.indexEnd
    else { return nil }
    return (index, second)
  }

  /// Where the place of every element is known: `AppendLogSlots`.
  public func decide(
    _ history: ObjectHistory<AppendLogOperation>, initial: [UInt32], _ values: ValueTable
  ) -> RuleDecision? {
    AppendLogSlots.decide(history, firstIndex: firstIndex, elementCount: values.count)
  }

  public func value(of state: [UInt32], _ values: ValueTable) -> Value { .list(state.map { values[$0] }) }

  public func anomaly(
    of violation: UInt32, in history: ObjectHistory<AppendLogOperation>, initial: [UInt32], _ values: ValueTable
  ) -> NamedAnomaly? {
    LogAnomalies(around: ViolatedHistory(history: history, violation: violation), text: { "\(values[$0])" }).find()
  }

  public func label(_ operation: AppendLogOperation, _ values: ValueTable) -> String {
    switch operation {
    case .append(let element, let index?): "append \(values[element]) at \(index)"
    case .append(let element, index: nil): "append \(values[element])"
    case .read(let read) where read.to == .max: "r → \(value(of: read.elements, values))"
    case .read(let read): "r \(read.from)..<\(read.to) → \(value(of: read.elements, values))"
    }
  }

  public func refusal(of operation: AppendLogOperation, in state: [UInt32], _ values: ValueTable) -> String {
    let end = firstIndex + Int64(state.count)
    switch operation {
    case .append(_, index: nil): return "can always happen"
    case .append(_, let index?): return "needs the log to end before index \(index), but the next index is \(end)"
    case .read(let read):
      if !read.isContiguous { return "shows indices that do not follow each other or that it was not asked for" }
      for (place, element) in read.elements.enumerated() {
        let index = read.from + Int64(place)
        if index >= end { return "shows \(values[element]) at index \(index), but the log ends before index \(end)" }
        let held = state[Int(index - firstIndex)]
        if held != element { return "shows \(values[element]) at index \(index), which holds \(values[held])" }
      }
      let next = read.from + Int64(read.elements.count)
      if next < firstIndex || next >= end { return "cannot happen here" }
      return "does not show index \(next), which holds \(values[state[Int(next - firstIndex)]])"
    }
  }
}
