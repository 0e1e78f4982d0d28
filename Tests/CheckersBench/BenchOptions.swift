import ArgumentParser

/// What the command line asks for.
struct BenchOptions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkers-bench",
    abstract: "Times the linearizability checker beside the textbook's search, on histories whose verdict is known.",
    discussion: """
      Checking alone: the history is in memory before; pairing and lowering count. Ours runs on all processors (one \
      object needs one), best of three below a second; the textbook once. Memory is what the searches allocate by their \
      own accounting. T: no answer within the time limit (60 s; --quick: 5 s), M: within 4 GB. A verdict that is not \
      the known one makes the exit code 1.
      """)

  @Flag(help: "A tenth of the operations at most, and 5 s for each history.")
  var quick = false

  @Flag(inversion: .prefixedNo, help: "Run the textbook's search too.")
  var textbook = true

  @Flag(
    help: """
      The isolation levels of list-append and rw-register histories instead: lowering and all levels, on one processor, \
      best of three below some seconds; reading of the list-append histories apart (as a filter: 'reading').
      """)
  var isolation = false

  @Flag(
    help: """
      Workloads with an invariant instead, queues, logs, replicated objects, and registers below linearizability: \
      pairing, lowering and the claim, on one processor, best of three below some seconds.
      """)
  var workloads = false

  @Argument(help: "Only rows whose name contains this, as '100k/10' or 'kv'.")
  var filter = ""

  var cells: [Cell] { Grid.cells(quick: quick).filter { filter.isEmpty || $0.name.contains(filter) } }

  func validate() throws {
    if isolation, workloads { throw ValidationError("--isolation or --workloads: one of them") }
    if !isolation, !workloads, cells.isEmpty {
      throw ValidationError("no row contains '\(filter)', as '\(Grid.cells(quick: quick)[0].name)' would")
    }
  }
}
