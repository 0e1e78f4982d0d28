/// A random mixture: each operation comes from a child drawn by weight.
///
/// A child without anything more drops out, a pending one is passed over for another draw; over when all are.
///
/// - Parameters:
///   - stream: this mixture's own; nobody else may draw from it.
///   - children: with weights of at least 0, not all 0; a child of weight 0 never has its turn.
public func mix(_ stream: RandomStream, _ children: [(weight: Double, generator: any Generator)]) -> some Generator {
  Mix(stream, children)
}

/// A random mixture with equal weights.
public func mix(_ stream: RandomStream, _ children: any Generator...) -> some Generator {
  Mix(stream, children.map { (1, $0) })
}

struct Mix: Generator {
  private var stream: RandomStream
  private var children: [any Generator]
  private var choice: WeightedChoice

  init(_ stream: RandomStream, _ children: [(weight: Double, generator: any Generator)]) {
    self.stream = stream
    self.children = children.map(\.generator)
    choice = WeightedChoice(children.map(\.weight))
  }

  mutating func next(_ context: Context) -> Next {
    var rest = choice
    var wake: Int64?
    var isPending = false
    while let index = rest.draw(&stream) {
      switch children[index].next(context) {
      case .operation(let operation):
        // A sibling drawn before it wants to be asked sooner than this one is due: it keeps its turn.
        if let wake, wake < operation.time ?? .min { return .pending(until: wake) }
        return .operation(operation)
      case .pending(let until):
        isPending = true
        wake = earliest(wake, until)
      case .exhausted: choice.remove(index)
      }
      rest.remove(index)
    }
    return isPending ? .pending(until: wake) : .exhausted
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    for index in children.indices { children[index].update(context, event) }
  }
}

/// Draws 0, 1, … with given weights.
public struct WeightedChoice: Sendable {
  private var weights: [Double]
  private var total: Double

  /// - Precondition: no weight is negative or infinite.
  public init(_ weights: [Double]) {
    precondition(weights.allSatisfy { $0 >= 0 && $0.isFinite }, "weights are finite and at least 0: \(weights)")
    self.weights = weights
    total = weights.reduce(0, +)
  }

  /// A position; nil when all weights are 0.
  public func draw(_ stream: inout RandomStream) -> Int? {
    guard total > 0 else { return nil }
    var rest = stream.unit() * total
    var last: Int?
    for (index, weight) in weights.enumerated() where weight > 0 {
      rest -= weight
      last = index
      if rest < 0 { break }
    }
    return last
  }

  /// Never draws this position again.
  public mutating func remove(_ index: Int) {
    weights[index] = 0
    total = weights.reduce(0, +)
  }
}
