/// How the text is laid out.
enum Layout: String, CaseIterable {
  case jsonLines = "jsonl"
  case jsonArray = "json"
  case edn
  case jepsenLog = "log"
}

/// The text of a history of reads and writes by ten clients on a hundred registers, as other programs would write it.
struct HistoryText {
  private let layout: Layout
  private var text: [UInt8] = []

  init(_ layout: Layout) { self.layout = layout }

  /// `events` events: invocations and completions in turn, two clients always overlapping.
  func bytes(events: Int) -> [UInt8] {
    var writer = self
    writer.text.reserveCapacity(events * 130)
    if layout == .jsonArray { writer.add("[") }
    for event in 0..<events {
      if event > 0 { writer.add(layout == .jsonArray ? ",\n" : "\n") }
      writer.add(event)
    }
    if layout == .jsonArray { writer.add("]") }
    writer.add("\n")
    return writer.text
  }

  private mutating func add(_ words: StaticString) {
    text.append(contentsOf: UnsafeBufferPointer(start: words.utf8Start, count: words.utf8CodeUnitCount))
  }

  private mutating func add(number: Int) {
    if number >= 10 { add(number: number / 10) }
    text.append(UInt8(ascii: "0") + UInt8(number % 10))
  }

  private mutating func add(_ event: Int) {
    // Rounds of four events: client a invokes, client b invokes, a completes, b completes.
    let operation = event / 4 * 2 + event % 2
    let isInvocation = event % 4 < 2
    switch layout {
    case .jsonLines, .jsonArray: addJSON(event, operation, isInvocation)
    case .edn: addEDN(event, operation, isInvocation)
    case .jepsenLog: addLog(operation, isInvocation)
    }
  }

  private mutating func addJSON(_ event: Int, _ operation: Int, _ isInvocation: Bool) {
    add("{\"index\":")
    add(number: event)
    add(",\"time\":")
    add(number: 1_000_000_000 + event * 12_347)
    add(",\"process\":")
    add(number: operation % 10)
    if isInvocation { add(",\"type\":\"invoke\",\"f\":\"") } else { add(",\"type\":\"ok\",\"f\":\"") }
    if operation % 2 == 0 { add("read\",\"value\":[") } else { add("write\",\"value\":[") }
    add(number: operation * 7 % 100)
    add(",")
    addPayload(operation, isInvocation, null: "null")
    add("],\"node\":\"n")
    add(number: operation % 5 + 1)
    add("\"}")
  }

  private mutating func addEDN(_ event: Int, _ operation: Int, _ isInvocation: Bool) {
    if isInvocation { add("{:type :invoke, :f :") } else { add("{:type :ok, :f :") }
    if operation % 2 == 0 { add("read, :value [") } else { add("write, :value [") }
    add(number: operation * 7 % 100)
    add(" ")
    addPayload(operation, isInvocation, null: "nil")
    add("], :process ")
    add(number: operation % 10)
    add(", :time ")
    add(number: 1_000_000_000 + event * 12_347)
    add(", :index ")
    add(number: event)
    add("}")
  }

  private mutating func addLog(_ operation: Int, _ isInvocation: Bool) {
    add("INFO  jepsen.util - ")
    add(number: operation % 10)
    if isInvocation { add("\t:invoke\t:") } else { add("\t:ok\t:") }
    if operation % 2 == 0 { add("read\t[") } else { add("write\t[") }
    add(number: operation * 7 % 100)
    add(" ")
    addPayload(operation, isInvocation, null: "nil")
    add("]")
  }

  private mutating func addPayload(_ operation: Int, _ isInvocation: Bool, null: StaticString) {
    if isInvocation, operation % 2 == 0 { return add(null) }
    add(number: operation * 31 % 1_000)
  }
}
