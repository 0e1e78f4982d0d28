import Checkers
import Generators
import Histories

/// Histories of keys with siblings that keep what they should by construction, and the same with one anomaly in the
/// last get of the last key.
enum PlantedSiblings {
  /// One key as its only replica has it.
  private struct Key {
    var siblings: [Int] = []
    /// The last value that was overwritten by one that was overwritten in turn.
    var ancient: Int?
    var overwritten: [Int] = []
    var failed: Int?
    var gets = 0
  }

  static func history(_ planted: InvariantAnomaly?, seed: Int) -> History {
    var random = RandomStreams(seed: UInt64(seed)).stream("planted siblings")
    var history = History(keyed: true)
    var process: Int32 = 0
    var next = 0
    func record(_ type: EventType, _ function: String, _ key: Int, _ value: Value) {
      history.append(
        Event(
          index: 0, time: Int64(history.count) * 1_000_000, process: ProcessID(process), type: type, function: function,
          value: .keyed(.int(Int64(key)), value)))
      if type == .info { process += 1 }
    }
    func get(_ number: Int, _ key: inout Key, showing shown: [Int]? = nil) -> Value {
      key.gets += 1
      let context = Value.string("\(number):\(key.gets)")
      record(.invoke, "get", number, .null)
      record(
        .ok, "get", number, ["values": .list((shown ?? key.siblings).map { .int(Int64($0)) }), "context": context])
      return context
    }
    func put(_ number: Int, _ key: inout Key, _ context: Value, _ type: EventType) {
      next += 1
      let value: Value = ["value": .int(Int64(next)), "context": context]
      record(.invoke, "put", number, value)
      record(type, "put", number, value)
      if type == .fail { key.failed = next }
      guard type == .ok else { return }
      if context != .null {
        key.ancient = key.overwritten.last ?? key.ancient
        key.overwritten = key.siblings
        key.siblings = []
      }
      key.siblings.append(next)
    }
    var keys = Array(repeating: Key(), count: 3)
    for (number, first) in keys.enumerated() {
      var key = first
      put(number, &key, .null, .ok)
      for _ in 0..<5 + random.below(10) {
        let context = get(number, &key)
        let outcome = random.below(10)
        put(number, &key, random.below(4) == 0 ? .null : context, outcome == 0 ? .info : .ok)
      }
      put(number, &key, get(number, &key), .fail)
      for _ in 0..<2 { put(number, &key, get(number, &key), .ok) }
      keys[number] = key
    }
    for number in keys.indices {
      let isPlace = number == keys.count - 1
      _ = get(number, &keys[number], showing: isPlace ? shown(keys[number], planted) : nil)
    }
    return history
  }

  private static func shown(_ key: Key, _ planted: InvariantAnomaly?) -> [Int] {
    switch planted {
    case .lostUpdate: []
    // What overwrote it is not there.
    case .resurrection: key.overwritten
    case .falseConflict: key.siblings + key.overwritten.prefix(1)
    case .thinAirRead: key.siblings + [100_000]
    case .abortedRead: key.siblings + [key.failed].compactMap { $0 }
    default: key.siblings
    }
  }
}
