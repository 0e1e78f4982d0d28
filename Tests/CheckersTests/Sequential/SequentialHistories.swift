import Generators
import Histories

/// Random histories of registers on one or two keys that come from one order of the operations, recorded in another.
///
/// Without a change they are sequentially consistent by construction, and often not linearizable.
struct SequentialHistories {
  private struct Record {
    var f: String
    var key: Int64
    var input: Value
    var output: Value
    /// What the client saw; nil where it saw nothing at all.
    var type: EventType?
  }

  private struct Shape {
    var keyed: Bool
    var keys: Int
    var processes: Int
    var operations: Int
    /// Nil: each write has its own value.
    var values: Int?
    var crashedPercent: Int
  }

  var random: RandomStream
  private var nextUnique: Int64 = 1

  init(_ random: RandomStream) { self.random = random }

  mutating func next(operationsMax: Int) -> History {
    let keys = 1 + random.below(2)
    let shape = Shape(
      keyed: keys == 2 || random.below(2) == 0, keys: keys, processes: 2 + random.below(3),
      operations: operationsMax / 3 + random.below(operationsMax - operationsMax / 3 + 1),
      values: random.below(2) == 0 ? nil : 2 + random.below(2),
      crashedPercent: [0, 0, 15, 40][random.below(4)])
    var (records, order) = execute(shape)
    if random.below(4) != 0 { for _ in 0...random.below(6) { mutate(&records, shape) } }
    if random.below(4) != 0 { order.shuffle(using: &random) }
    return recorded(records, order, shape)
  }

  // MARK: Execution

  /// What each process did, and the processes in the order of their operations.
  private mutating func execute(_ shape: Shape) -> ([[Record]], [Int]) {
    var records = [[Record]](repeating: [], count: shape.processes)
    var (order, alive) = ([Int](), Array(0..<shape.processes))
    var values = [Value](repeating: .null, count: shape.keys)
    var late: [Record] = []
    for _ in 0..<shape.operations where !alive.isEmpty {
      if !late.isEmpty, random.below(3) == 0 { apply(late.remove(at: random.below(late.count)), &values) }
      let place = random.below(alive.count)
      let process = alive[place]
      var record = call(shape, values)
      if random.below(100) < shape.crashedPercent {
        record.type = random.below(2) == 0 ? nil : .info
        if random.below(2) == 0 { apply(record, &values) } else { late.append(record) }
        // Some clients go on after an unknown outcome.
        if record.type == nil || random.below(4) != 0 { alive.remove(at: place) }
      } else {
        if record.f == "read" { record.output = values[Int(record.key)] }
        record.type = apply(record, &values) ? .ok : .fail
      }
      records[process].append(record)
      order.append(process)
    }
    return (records, order)
  }

  private mutating func value(_ shape: Shape) -> Value {
    if let values = shape.values { return .int(Int64(random.below(values))) }
    nextUnique += 1
    return .int(nextUnique)
  }

  private mutating func call(_ shape: Shape, _ values: [Value]) -> Record {
    let key = random.below(shape.keys)
    let f = ["read", "read", "write", "write", "cas"][random.below(5)]
    var record = Record(f: f, key: Int64(key), input: .null, output: .null, type: nil)
    if f == "write" { record.input = value(shape) }
    if f == "cas" {
      let from = shape.values == nil || random.below(2) == 0 ? values[key] : value(shape)
      record.input = .list([from, value(shape)])
    }
    record.output = record.input
    return record
  }

  @discardableResult private func apply(_ record: Record, _ values: inout [Value]) -> Bool {
    let key = Int(record.key)
    if record.f == "write" { values[key] = record.input }
    if record.f == "cas", case .list(let pair) = record.input {
      if values[key] != pair[0] { return false }
      values[key] = pair[1]
    }
    return true
  }

  // MARK: Changes

  /// Another answer of a read, or another outcome.
  private mutating func mutate(_ records: inout [[Record]], _ shape: Shape) {
    let process = random.below(records.count)
    guard !records[process].isEmpty else { return }
    let places = records[process].indices
    let reads = places.filter { records[process][$0].f == "read" }
    let place = reads.isEmpty ? random.below(places.count) : reads[random.below(reads.count)]
    let record = records[process][place]
    if record.f == "read" {
      let other = records.joined().filter { $0.key == record.key }.map(\.output)
      let value = other[random.below(other.count)]
      records[process][place].output = random.below(8) == 0 ? .null : value.list?.last ?? value
    } else if record.type == .fail {
      records[process][place].type = .ok
    } else if record.type == .ok, random.below(2) == 0 {
      records[process][place].type = .fail
    }
  }

  // MARK: Recording

  private mutating func recorded(_ records: [[Record]], _ order: [Int], _ shape: Shape) -> History {
    var history = History(keyed: shape.keyed)
    var next = [Int](repeating: 0, count: records.count)
    var open: [(Int, Record)] = []
    for process in order {
      while let place = open.firstIndex(where: { $0.0 == process }) ?? (random.below(2) == 0 ? open.indices.first : nil)
      {
        let (other, record) = open.remove(at: place)
        if let type = record.type { append(&history, other, record, type, shape) }
        if other == process { break }
      }
      let record = records[process][next[process]]
      next[process] += 1
      append(&history, process, record, .invoke, shape)
      open.append((process, record))
    }
    for (process, record) in open { if let type = record.type { append(&history, process, record, type, shape) } }
    return history
  }

  private func append(
    _ history: inout History, _ process: Int, _ record: Record, _ type: EventType, _ shape: Shape
  ) {
    let value = type == .ok ? record.output : record.input
    history.append(
      Event(
        index: history.count, time: Int64(history.count), process: ProcessID(Int32(process)), type: type,
        function: record.f, value: shape.keyed ? .keyed(.int(record.key), value) : value, node: "n\(process)"))
  }
}
