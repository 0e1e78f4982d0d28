/// Histories as EDN, one map a line, as Jepsen writes them: `HistoryReader` reads back what was written.
///
/// Functions, types and errors are keywords where they are names; other texts, as an error with spaces, are strings,
/// which a reader takes for the same.
public enum EDNLines {
  /// Appends the event and a line feed.
  public static func append(_ event: Event, to buffer: inout [UInt8]) {
    JSONWriter.append(literal: "{:index ", to: &buffer)
    JSONWriter.append(Int64(event.index), to: &buffer)
    JSONWriter.append(literal: ", :time ", to: &buffer)
    JSONWriter.append(event.time, to: &buffer)
    JSONWriter.append(literal: ", :process ", to: &buffer)
    if event.process.isNemesis {
      JSONWriter.append(literal: ":nemesis", to: &buffer)
    } else {
      JSONWriter.append(Int64(event.process.rawValue), to: &buffer)
    }
    JSONWriter.append(literal: ", :type :", to: &buffer)
    JSONWriter.append(literal: event.type.name, to: &buffer)
    JSONWriter.append(literal: ", :f ", to: &buffer)
    append(name: event.function, to: &buffer)
    JSONWriter.append(literal: ", :value ", to: &buffer)
    append(event.value, to: &buffer)
    if let node = event.node {
      JSONWriter.append(literal: ", :node ", to: &buffer)
      JSONWriter.append(string: node, to: &buffer)
    }
    if let error = event.error {
      JSONWriter.append(literal: ", :error ", to: &buffer)
      append(name: error, to: &buffer)
    }
    JSONWriter.append(literal: "}\n", to: &buffer)
  }

  /// Appends `value`; maps with their keys sorted, non-finite doubles as `nil`, as JSON Lines have them.
  public static func append(_ value: Value, to buffer: inout [UInt8]) {
    switch value {
    case .null: JSONWriter.append(literal: "nil", to: &buffer)
    case .list(let values): append(list: values, to: &buffer)
    case .map(let entries): append(map: entries, to: &buffer)
    case .double(let number) where !number.isFinite: JSONWriter.append(literal: "nil", to: &buffer)
    case .bool, .int, .double, .string: JSONWriter.append(value, to: &buffer)  // written alike
    }
  }

  private static func append(list values: [Value], to buffer: inout [UInt8]) {
    JSONWriter.append(literal: "[", to: &buffer)
    for (place, value) in values.enumerated() {
      if place > 0 { JSONWriter.append(literal: " ", to: &buffer) }
      append(value, to: &buffer)
    }
    JSONWriter.append(literal: "]", to: &buffer)
  }

  private static func append(map entries: [String: Value], to buffer: inout [UInt8]) {
    JSONWriter.append(literal: "{", to: &buffer)
    for (place, entry) in entries.sorted(by: { $0.key < $1.key }).enumerated() {
      if place > 0 { JSONWriter.append(literal: ", ", to: &buffer) }
      JSONWriter.append(string: entry.key, to: &buffer)
      JSONWriter.append(literal: " ", to: &buffer)
      append(entry.value, to: &buffer)
    }
    JSONWriter.append(literal: "}", to: &buffer)
  }

  private static func append(name: String, to buffer: inout [UInt8]) {
    guard isKeyword(name) else { return JSONWriter.append(string: name, to: &buffer) }
    JSONWriter.append(literal: ":", to: &buffer)
    JSONWriter.append(literal: name, to: &buffer)
  }

  /// Whether every reader of EDN takes the text for one keyword: a letter, then letters, digits, `-`, `_` and `.`.
  private static func isKeyword(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first) else { return false }
    return text.utf8.allSatisfy { byte in
      isLetter(byte) || byte &- UInt8(ascii: "0") < 10
        || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }
}
