extension Generator {
  /// The same operations, each changed by `transform`; sleeps pass as they are.
  public func map(
    _ transform: @escaping @Sendable (GeneratedOperation) -> GeneratedOperation
  ) -> some Generator {
    Mapped(child: self, transform: transform)
  }

  /// Only those operations that `isWanted`; the others are skipped, as if the generator had never had them.
  ///
  /// - Precondition: among any 100,000 operations in a row at least one is wanted, else a run would hang in silence.
  public func filter(_ isWanted: @escaping @Sendable (GeneratedOperation) -> Bool) -> some Generator {
    Filtered(child: self, isWanted: isWanted)
  }
}

struct Mapped<Child: Generator>: Generator {
  var child: Child
  let transform: @Sendable (GeneratedOperation) -> GeneratedOperation

  /// The transform may drop or change the time and the thread, so they are filled in again.
  mutating func next(_ context: Context) -> Next {
    let answer = child.next(context)
    guard case .operation(let operation) = answer, !operation.isSleep else { return answer }
    return transform(operation).offered(in: context)
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) { child.update(context, event) }
}

/// Most operations that a filter skips in a row.
private let skipsMax = 100_000

struct Filtered<Child: Generator>: Generator {
  var child: Child
  let isWanted: @Sendable (GeneratedOperation) -> Bool

  mutating func next(_ context: Context) -> Next {
    for _ in 0..<skipsMax {
      let answer = child.next(context)
      guard case .operation(let operation) = answer, !operation.isSleep else { return answer }
      if isWanted(operation) { return answer }
    }
    preconditionFailure("filter(_:) skipped \(skipsMax) operations in a row: its condition can hardly ever hold")
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) { child.update(context, event) }
}
