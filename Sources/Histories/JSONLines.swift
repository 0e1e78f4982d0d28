/// Histories as JSON Lines (DESIGN 2): one event a line, Jepsen's field names.
public enum JSONLines {
  /// Appends the event and a line feed.
  public static func append(_ event: Event, to buffer: inout [UInt8]) {
    JSONWriter.append(literal: "{\"index\":", to: &buffer)
    JSONWriter.append(Int64(event.index), to: &buffer)
    JSONWriter.append(literal: ",\"time\":", to: &buffer)
    JSONWriter.append(event.time, to: &buffer)
    JSONWriter.append(literal: ",\"process\":", to: &buffer)
    if event.process.isNemesis {
      JSONWriter.append(literal: "\"nemesis\"", to: &buffer)
    } else {
      JSONWriter.append(Int64(event.process.rawValue), to: &buffer)
    }
    JSONWriter.append(literal: ",\"type\":\"", to: &buffer)
    JSONWriter.append(literal: event.type.name, to: &buffer)
    JSONWriter.append(literal: "\",\"f\":", to: &buffer)
    JSONWriter.append(string: event.function, to: &buffer)
    JSONWriter.append(literal: ",\"value\":", to: &buffer)
    JSONWriter.append(event.value, to: &buffer)
    appendName("node", event.node, to: &buffer)
    appendName("error", event.error, to: &buffer)
    JSONWriter.append(literal: "}\n", to: &buffer)
  }

  private static func appendName(_ field: StaticString, _ text: String?, to buffer: inout [UInt8]) {
    guard let text else { return }
    JSONWriter.append(literal: ",\"", to: &buffer)
    JSONWriter.append(literal: field, to: &buffer)
    JSONWriter.append(literal: "\":", to: &buffer)
    JSONWriter.append(string: text, to: &buffer)
  }

  /// Reads a whole file's bytes. Whether its events are paired is left to `Operations`; `HistoryReader` reads more.
  ///
  /// - Parameter tornTail: accept a last line without line feed that does not parse: the run was cut off there.
  /// - Throws: `HistoryFileError` with line and column (1-based).
  public static func history(
    from bytes: [UInt8], keyed: Bool, tornTail: Bool = false
  ) throws(HistoryFileError) -> History {
    var rules = ReadRules()
    (rules.allowsTornEnd, rules.checksPairing, rules.allowsNoProcess) = (tornTail, false, false)
    let read = try bytes.withUnsafeBufferPointer { bytes throws(HistoryFileError) in
      try HistoryReader.read(bytes, .jsonLines, rules, name: nil)
    }
    return keyed ? read.history.splittingKeys() : read.history
  }
}
