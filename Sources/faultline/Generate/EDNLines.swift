import Histories

/// Histories as EDN, one map a line, as Jepsen writes them: functions, types and errors are keywords.
enum EDNLines {
  /// Appends the event and a line feed.
  static func append(_ event: Event, to buffer: inout [UInt8]) {
    JSONWriter.append(literal: "{:index \(event.index), :time \(event.time), :process ", to: &buffer)
    JSONWriter.append(literal: event.process.isNemesis ? ":nemesis" : "\(event.process.rawValue)", to: &buffer)
    JSONWriter.append(literal: ", :type :\(event.type.name), :f :\(event.function), :value ", to: &buffer)
    append(event.value, to: &buffer)
    if let node = event.node {
      JSONWriter.append(literal: ", :node ", to: &buffer)
      JSONWriter.append(string: node, to: &buffer)
    }
    if let error = event.error { JSONWriter.append(literal: ", :error :\(error)", to: &buffer) }
    JSONWriter.append(literal: "}\n", to: &buffer)
  }

  private static func append(_ value: Value, to buffer: inout [UInt8]) {
    switch value {
    case .null: JSONWriter.append(literal: "nil", to: &buffer)
    case .list(let values):
      JSONWriter.append(literal: "[", to: &buffer)
      for (place, value) in values.enumerated() {
        if place > 0 { JSONWriter.append(literal: " ", to: &buffer) }
        append(value, to: &buffer)
      }
      JSONWriter.append(literal: "]", to: &buffer)
    case .map(let entries):
      JSONWriter.append(literal: "{", to: &buffer)
      for (place, entry) in entries.sorted(by: { $0.key < $1.key }).enumerated() {
        if place > 0 { JSONWriter.append(literal: ", ", to: &buffer) }
        JSONWriter.append(string: entry.key, to: &buffer)
        JSONWriter.append(literal: " ", to: &buffer)
        append(entry.value, to: &buffer)
      }
      JSONWriter.append(literal: "}", to: &buffer)
    case .bool, .int, .double, .string: JSONWriter.append(value, to: &buffer)
    }
  }
}
