/// Children that are asked side by side, and of which only the one with the soonest operation moves on.
struct Siblings: Sendable {
  private(set) var children: [any Generator]

  init(_ children: [any Generator]) { self.children = children }

  /// Asks the children at `indices`; of operations due at the same moment the first asked wins.
  ///
  /// Ends early with an operation that is due now, since nothing can be sooner.
  ///
  /// - Parameter context: what a child may know of the moment.
  /// - Returns: the answer of all together, and whose operation it is, if it is one. Pending if a child wants to be
  ///   asked again before the soonest operation is due.
  mutating func soonest(
    among indices: some Sequence<Int>, at time: Int64, _ context: (_ index: Int) -> Context
  ) -> (answer: Next, winner: Int?) {
    var best: (index: Int, before: any Generator)?
    var bestStart = Int64.max
    var answer = Next.exhausted
    var isPending = false
    var wake: Int64?
    for index in indices where bestStart > time {
      let before = children[index]
      let offer = children[index].next(context(index))
      switch offer {
      case .operation(let operation) where operation.time ?? time < bestStart:
        if let best { children[best.index] = best.before }
        best = (index, before)
        bestStart = operation.time ?? time
        answer = offer
        continue
      case .pending(let until):
        isPending = true
        wake = earliest(wake, until)
      case .operation, .exhausted: break
      }
      children[index] = before
    }
    guard let best else { return (isPending ? .pending(until: wake) : .exhausted, nil) }
    if bestStart <= time || bestStart <= wake ?? .max { return (answer, best.index) }
    children[best.index] = best.before
    return (.pending(until: wake), nil)
  }

  mutating func update(_ index: Int, _ context: Context, _ event: ThreadEvent) {
    children[index].update(context, event)
  }
}

/// The positions of siblings, the one served longest ago first.
struct ServiceOrder: Sendable {
  private(set) var indices: [Int]

  init(count: Int) { indices = Array(0..<count) }

  mutating func served(_ index: Int) {
    guard indices.last != index, let position = indices.firstIndex(of: index) else { return }
    indices.remove(at: position)
    indices.append(index)
  }
}

/// The lesser of two moments, where nil is never.
func earliest(_ left: Int64?, _ right: Int64?) -> Int64? {
  guard let left, let right else { return left ?? right }
  return min(left, right)
}
