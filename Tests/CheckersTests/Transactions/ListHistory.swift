import Histories

/// Histories of list-append transactions, written down and read in tests.
enum ListHistory {
  /// One line an event: `0 invoke [["append",0,1]]`.
  static func text(_ history: History) -> String {
    history.events.map { "\($0.process) \($0.type.name) \($0.value)" }.joined(separator: "\n")
  }

  /// The history of such lines.
  static func parse(_ text: String) throws -> History {
    var history = History()
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 2)
      guard parts.count == 3, let process = Int32(parts[0]), let type = EventType(name: String(parts[1])) else {
        throw ParseError(line: String(line))
      }
      let value = try HistoryReader(format: .jsonLines).read(
        Array(#"{"index":0,"time":0,"process":0,"type":"invoke","f":"txn","value":\#(parts[2])}"#.utf8))
      history.append(
        Event(
          index: 0, time: 0, process: ProcessID(process), type: type, function: "txn", value: value.history[0].value))
    }
    return history
  }

  struct ParseError: Error {
    var line: String
  }

  /// A smaller history of which the same is true, from which nothing more can be left out: no transaction, no
  /// micro-operation and no last element of a list.
  static func reduced(_ history: History, _ isSuch: (History) -> Bool) -> History {
    var events = Array(history.events)
    var isShorter = true
    while isShorter {
      isShorter = false
      for candidate in smaller(events) where isSuch(History(candidate)) {
        events = candidate
        isShorter = true
        break
      }
    }
    return History(events)
  }

  private static func smaller(_ events: [Event]) -> [[Event]] {
    let pairs = events.indices.filter { events[$0].type == .invoke }.map { invocation in
      (
        invocation,
        events.indices.first {
          $0 > invocation && events[$0].process == events[invocation].process && events[$0].type != .invoke
        }
      )
    }
    var candidates = pairs.map { pair in
      events.indices.filter { $0 != pair.0 && $0 != pair.1 }.map { events[$0] }
    }
    for pair in pairs {
      for place in (events[pair.0].value.list ?? []).indices {
        var fewer = events
        for index in [pair.0, pair.1].compactMap({ $0 }) {
          var micro = fewer[index].value.list ?? []
          micro.remove(at: place)
          fewer[index].value = .list(micro)
        }
        candidates.append(fewer)
      }
    }
    return candidates
  }
}
