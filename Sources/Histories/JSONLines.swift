/// A line of a history file that is no event.
public struct HistoryFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let line: Int
  public let column: Int
  public let message: String

  public var description: String { "\(line):\(column): \(message)" }
}

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

  /// Reads a whole file's bytes.
  ///
  /// - Parameter tornTail: accept a last line without line feed that does not parse: the run was cut off there.
  /// - Throws: `HistoryFileError` with line and column (1-based).
  public static func history(
    from bytes: [UInt8], keyed: Bool, tornTail: Bool = false
  ) throws(HistoryFileError) -> History {
    var history = History(keyed: keyed)
    try bytes.withUnsafeBufferPointer { buffer throws(HistoryFileError) in
      var start = 0
      var line = 1
      while start < buffer.count {
        let end = buffer[start...].firstIndex(of: 0x0A) ?? buffer.count
        let row = UnsafeBufferPointer(rebasing: buffer[start..<end])
        do throws(HistoryFileError) {
          if let event = try event(row, line: line, index: history.count) { history.append(event) }
        } catch {
          if tornTail, end == buffer.count { return }
          throw error
        }
        start = end + 1
        line += 1
      }
    }
    return history
  }

  /// The event of one line; nil for a blank one.
  static func event(
    _ row: UnsafeBufferPointer<UInt8>, line: Int, index: Int
  ) throws(HistoryFileError) -> Event? {
    if row.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
    let value: Value
    do { value = try JSONReader.parse(row) } catch {
      throw HistoryFileError(line: line, column: error.offset + 1, message: error.message)
    }
    guard let fields = value.map else {
      throw HistoryFileError(line: line, column: 1, message: "expected an object with type, process, f and value")
    }
    do { return try EventFields(fields).event(index: index) } catch {
      throw HistoryFileError(line: line, column: 1, message: error.message)
    }
  }
}

/// The fields of one event as a file gives them, whatever the format of the file.
struct EventFields {
  struct Problem: Error { let message: String }

  let fields: [String: Value]

  init(_ fields: [String: Value]) { self.fields = fields }

  /// Names and numbers checked; a missing time is the index, so that order is kept.
  func event(index: Int) throws(Problem) -> Event {
    guard let typeName = fields["type"]?.string, let type = EventType(name: typeName) else {
      throw Problem(message: "'type' must be one of invoke, ok, fail, info")
    }
    return Event(
      index: index, time: fields["time"]?.int ?? Int64(index), process: try process(), type: type,
      function: fields["f"]?.string ?? "", value: fields["value"] ?? .null, node: fields["node"]?.string,
      error: fields["error"].flatMap { $0.isNull ? nil : $0.string ?? $0.json })
  }

  private func process() throws(Problem) -> ProcessID {
    switch fields["process"] {
    case .string("nemesis"): return .nemesis
    case .int(let number):
      guard let id = Int32(exactly: number), id >= 0 else {
        throw Problem(message: "'process' must be 0…\(Int32.max) or \"nemesis\", not \(number)")
      }
      return ProcessID(id)
    default: throw Problem(message: "'process' must be an integer or \"nemesis\"")
    }
  }
}
