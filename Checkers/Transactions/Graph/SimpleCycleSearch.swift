/// Looks for a cycle of one class that meets no transaction twice, depth first, a few steps far.
struct SimpleCycleSearch {
  private let graph: TransactionGraph
  private let memory: WalkMemory
  private let parts: CycleParts
  private let part: UInt32
  private let stepsMax: Int
  private(set) var stepsDone = 0
  private var path: [TransactionCycle.Step] = []
  private var isOnPath: Set<UInt32> = []

  init(_ graph: TransactionGraph, _ memory: WalkMemory, _ parts: CycleParts, _ part: UInt32, stepsMax: Int) {
    (self.graph, self.memory, self.parts, self.part, self.stepsMax) = (graph, memory, parts, part, stepsMax)
  }

  /// The first cycle from this transaction on, of the least of these numbers of steps that has any.
  mutating func shortest(from source: UInt32, lengths: ClosedRange<Int>) -> TransactionCycle? {
    for length in lengths {
      if stepsDone >= stepsMax { return nil }
      path = []
      isOnPath = [source]
      for edge in graph.leaving(source)
      where edge >> TransactionGraph.nodeBits == memory.cycleClass.anchor.rawValue {
        let target = edge & TransactionGraph.nodeMask
        guard parts.isAnchor(source, target, part) else { continue }
        let bits = memory.first
        if take(source, .dependency(memory.cycleClass.anchor), target, bits, source, length) {
          return TransactionCycle(steps: path)
        }
      }
    }
    return nil
  }

  /// Takes the step, and looks for the rest of a cycle of this length behind it.
  private mutating func take(
    _ from: UInt32, _ link: TransactionCycle.Link, _ node: UInt32, _ bits: UInt32, _ source: UInt32, _ length: Int
  ) -> Bool {
    stepsDone += 1
    if stepsDone > stepsMax { return false }
    if node == source {
      guard path.count + 1 == length, memory.closes(bits) else { return false }
      path.append(.init(source: from, link: link, target: node))
      return true
    }
    guard path.count + 1 < length, parts.has(node, part), isOnPath.insert(node).inserted else { return false }
    path.append(.init(source: from, link: link, target: node))
    if follow(node, bits, source, length) { return true }
    path.removeLast()
    isOnPath.remove(node)
    return false
  }

  private mutating func follow(_ node: UInt32, _ bits: UInt32, _ source: UInt32, _ length: Int) -> Bool {
    // The second step of a cycle with adjacent anti-dependencies is one too.
    let isSecond = memory.cycleClass.anomaly == .antiDependencyCycle && path.count == 1
    for edge in graph.leaving(node) {
      let (code, target) = (edge >> TransactionGraph.nodeBits, edge & TransactionGraph.nodeMask)
      guard !isSecond || code == TransactionGraph.Kind.readWrite.rawValue, let after = memory.after(code, bits),
        let kind = TransactionGraph.Kind(rawValue: code)
      else { continue }
      if take(node, .dependency(kind), target, after, source, length) { return true }
    }
    if isSecond { return false }
    let after = memory.afterOrder(bits)
    switch memory.cycleClass.order {
    case .none: return false
    case .process:
      var later = graph.nextInProcess[Int(node)]
      while later != TransactionGraph.none, stepsDone < stepsMax {
        if take(node, .process, later, after, source, length) { return true }
        later = graph.nextInProcess[Int(later)]
      }
    case .realtime:
      for later in graph.firstLater(than: node)..<UInt32(graph.count) {
        if stepsDone >= stepsMax { return false }
        if take(node, .realtime, later, after, source, length) { return true }
      }
    }
    return false
  }
}
