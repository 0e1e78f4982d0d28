import ArgumentParser

/// What the command line asks for.
struct BenchOptions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history-bench",
    abstract: "Times the readers of stored histories on generated text, in memory: one line a format.",
    discussion: """
      'read' is parsing, pairing and building the columns, on one thread; splitting by key is apart. The best of three. \
      Times are those that the thread really ran, so that a busy machine does not count; 'wall' is the clock on the wall.
      """)

  /// The most that a text of some 100 bytes an event leaves room for.
  static let eventsMax = 100_000_000

  @Argument(help: "Events of each text.")
  var events = 2_000_000

  @Argument(help: "One format alone: \(Layout.allCases.map(\.rawValue).joined(separator: ", ")).")
  var format: Layout?

  var layouts: [Layout] { format.map { [$0] } ?? Layout.allCases }

  func validate() throws {
    guard (1...Self.eventsMax).contains(events) else {
      throw ValidationError("events must be from 1 to \(Self.eventsMax), not \(events)")
    }
  }
}

extension Layout: ExpressibleByArgument {}
