/// Builds an order along a saturated constraint graph in which every source is known, by recorded time.
///
/// An operation is *ready* when all that must come before it is placed. Ready observers are placed at once; the ready
/// update that was invoked first is placed next, unless somebody still has to see what it would overwrite.
///
/// A ready observer always finds what it saw: its source is placed, and what would have overwritten that waited for the
/// observer. So the one way to fail is that every ready update waits: then one of them, w', and the update w that its
/// object shows are not ordered in the graph (if w came before w', so would the reader that w' waits for, and w' would
/// not be ready; if w' came before w, w would not be placed).
struct GuidedOrder {
  enum Outcome {
    /// Legal, and in keeping with the graph.
    case complete([UInt32])
    /// Two updates of one object that the graph leaves unordered; the first was placed first in vain.
    case undecided(UInt32, UInt32)
  }

  private let graph: ConstraintGraph
  private let problem: SequentialProblem
  private var order: [UInt32] = []
  /// By chain: how many operations are placed.
  private var placed: [UInt32]
  /// By chain: chains whose next operation waits for this one to get further.
  private var waiting: [[UInt32]]
  /// Ready observers.
  private var observers: [UInt32] = []
  private var updates = MinHeap()
  /// By object: ready updates that wait for readers of what they would overwrite.
  private var blocked: [[UInt32]]
  /// By object: the last update placed.
  private var current: [UInt32]
  /// By object: who has yet to see its state.
  private var readersLeft: [UInt32]
  /// By operation: how many see what it leaves.
  private let readerCount: [UInt32]

  init(_ graph: ConstraintGraph) {
    self.graph = graph
    problem = graph.problem
    placed = Array(repeating: 0, count: graph.chainCount)
    waiting = Array(repeating: [], count: graph.chainCount)
    blocked = Array(repeating: [], count: problem.objectCount)
    current = Array(repeating: ReadsFrom.initial, count: problem.objectCount)
    var readersLeft = [UInt32](repeating: 0, count: problem.objectCount)
    var readerCount = [UInt32](repeating: 0, count: problem.operations.count)
    for (id, source) in graph.source.enumerated() {
      if source == ReadsFrom.initial { readersLeft[Int(graph.problem.operations[id].object)] += 1 }
      if source < ReadsFrom.unclear { readerCount[Int(source)] += 1 }
    }
    self.readersLeft = readersLeft
    self.readerCount = readerCount
  }

  mutating func run() -> Outcome {
    order.reserveCapacity(problem.operations.count)
    for chain in 0..<graph.chainCount { consider(UInt32(chain)) }
    while true {
      if let observer = observers.popLast() {
        place(observer)
      } else if let update = updates.pop().map({ UInt32(truncatingIfNeeded: $0) }) {
        let object = Int(problem.operations[Int(update)].object)
        if isFree(update) { place(update) } else { blocked[object].append(update) }
      } else {
        break
      }
    }
    if order.count == problem.operations.count { return .complete(order) }
    let update = blocked.compactMap { $0.min() }.min() ?? 0
    return .undecided(current[Int(problem.operations[Int(update)].object)], update)
  }

  /// Nobody but the update itself has yet to see what it overwrites.
  private func isFree(_ update: UInt32) -> Bool {
    let object = Int(problem.operations[Int(update)].object)
    return readersLeft[object] == (sees(update, current[object]) ? 1 : 0)
  }

  private func sees(_ id: UInt32, _ source: UInt32) -> Bool { graph.source[Int(id)] == source }

  private mutating func place(_ id: UInt32) {
    let object = Int(problem.operations[Int(id)].object)
    order.append(id)
    if graph.source[Int(id)] <= ReadsFrom.initial { readersLeft[object] -= 1 }
    if problem.effect(id).isUpdate {
      current[object] = id
      readersLeft[object] = readerCount[Int(id)]
    }
    if readersLeft[object] <= 1 {
      for update in blocked[object] { updates.push(UInt64(update)) }
      blocked[object].removeAll(keepingCapacity: true)
    }
    let chain = problem.chains[Int(id)]
    placed[Int(chain)] += 1
    let awakened = waiting[Int(chain)]
    waiting[Int(chain)].removeAll(keepingCapacity: true)
    consider(chain)
    for other in awakened { consider(other) }
  }

  /// Takes up the chain's next operation if it is ready, else lets it wait for a chain that it needs.
  private mutating func consider(_ chain: UInt32) {
    let place = problem.starts[Int(chain)] + placed[Int(chain)]
    guard place < problem.starts[Int(chain) + 1] else { return }
    let id = problem.members[Int(place)]
    for other in 0..<UInt32(graph.chainCount) where other != chain && graph.clock(id, other) > placed[Int(other)] {
      waiting[Int(other)].append(chain)
      return
    }
    if problem.effect(id).isUpdate { updates.push(UInt64(id)) } else { observers.append(id) }
  }
}
