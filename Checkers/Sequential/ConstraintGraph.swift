/// What must come before what in every legal order, with the reason: saturated until nothing more follows.
///
/// Gibbons & Korach, "Testing shared memories" (1997); Roy et al., "Fast and generalized polynomial time memory
/// consistency verification" (TSOtool, 2006); Cantin, Lipasti & Smith (2005). With r a reader that saw what w left, and
/// w' another update of the object (it leaves another state, for w is the only one that leaves that of r):
///
/// - w' before r implies w' before w: between w and r nothing changes the object;
/// - w before w' implies r before w', for the same reason;
/// - a reader of the initial state comes before every update of the object.
///
/// A cycle proves that there is no order. Who comes before an operation is kept as a vector clock over the chains: the
/// number of operations of each chain that come before it, itself counted: n × chains words, not n² bits.
///
/// All operations of the problem take part as certain: `isRequired` tells only how chains are formed.
final class ConstraintGraph {
  typealias Conflict = ConstraintConflict
  typealias Edge = ConstraintEdge

  let problem: SequentialProblem
  /// By operation: its source in the problem, or one of `ReadsFrom`'s constants.
  let source: [UInt32]
  let chainCount: Int
  let index: UpdateIndex
  private(set) var edges: [Edge] = []
  /// By operation: number of its last outgoing edge plus one, or 0; by edge: the one before it.
  private var lastOut: [UInt32]
  private var previousOut: [UInt32] = []
  private let clocks: UnsafeMutablePointer<UInt32>
  private var dirty: DirtySet
  private var conflict: Conflict?
  /// What to put back when an assumption is withdrawn; kept only after the first `mark`.
  private var trail: [(cell: Int, value: UInt32)] = []
  private var keepsTrail = false

  /// Bytes for a problem of this size, about.
  static func bytes(_ problem: SequentialProblem) -> Int {
    problem.operations.count * (problem.chainCount * 4 + 200)
  }

  init(_ problem: SequentialProblem, source: [UInt32]) {
    self.problem = problem
    self.source = source
    chainCount = problem.chainCount
    index = UpdateIndex(problem, source)
    let count = problem.operations.count
    lastOut = Array(repeating: 0, count: count)
    clocks = .allocate(capacity: max(1, count * chainCount))
    clocks.initialize(repeating: 0, count: count * chainCount)
    dirty = DirtySet(count: count)
    for id in 0..<count {
      clocks[id * chainCount + Int(problem.chains[id])] = problem.ranks[id] + 1
      dirty.insert(UInt32(id))
    }
    addGivenEdges()
  }

  deinit { clocks.deallocate() }

  var bytes: Int { Self.bytes(problem) + edges.capacity * 20 + trail.capacity * 16 }

  // MARK: Reading

  /// How many operations of the chain come before the operation, itself counted.
  @inline(__always) func clock(_ id: UInt32, _ chain: UInt32) -> UInt32 {
    clocks[Int(id) &* chainCount &+ Int(chain)]
  }

  /// Whether the first comes before the second, or is it.
  @inline(__always) func precedes(_ first: UInt32, _ second: UInt32) -> Bool {
    clock(second, problem.chains[Int(first)]) > problem.ranks[Int(first)]
  }

  /// Numbers of the edges that leave the operation, last added first.
  func outgoing(_ id: UInt32) -> some Sequence<Int> {
    let previous = previousOut
    return sequence(state: lastOut[Int(id)]) { next -> Int? in
      if next == 0 { return nil }
      defer { next = previous[Int(next) - 1] }
      return Int(next) - 1
    }
  }

  // MARK: Saturation

  /// Draws all conclusions; a conflict if there is no order.
  func saturate() -> Conflict? {
    while conflict == nil, let id = dirty.removeFirst() {
      _ = pass(on: id) && concludeAsReader(id) && concludeAsUpdate(id)
    }
    return conflict
  }

  /// Adds an edge unless it follows from what is there; false at a conflict.
  @discardableResult func add(_ from: UInt32, _ to: UInt32, _ reason: Edge.Reason) -> Bool {
    if from != to, precedes(from, to) { return true }
    let edge = Edge(from: from, to: to, reason: reason)
    edges.append(edge)
    previousOut.append(lastOut[Int(from)])
    lastOut[Int(from)] = UInt32(edges.count)
    return join(edge, number: edges.count - 1)
  }

  /// What comes before an edge's start comes before its end.
  @inline(__always) private func join(_ edge: Edge, number: Int) -> Bool {
    if precedes(edge.to, edge.from) {
      conflict = Conflict(edge: edge, number: number, below: edges.count)
      return false
    }
    let source = clocks + Int(edge.from) &* chainCount
    let target = clocks + Int(edge.to) &* chainCount
    var isChanged = false
    for chain in 0..<chainCount where source[chain] > target[chain] {
      if keepsTrail { trail.append((Int(edge.to) * chainCount + chain, target[chain])) }
      target[chain] = source[chain]
      isChanged = true
    }
    if isChanged { dirty.insert(edge.to) }
    return true
  }

  private func pass(on id: UInt32) -> Bool {
    if let next = problem.next(id) {
      guard join(Edge(from: id, to: next, reason: .process), number: edges.count) else { return false }
    }
    var number = lastOut[Int(id)]
    while number != 0 {
      guard join(edges[Int(number) - 1], number: Int(number) - 1) else { return false }
      number = previousOut[Int(number) - 1]
    }
    return true
  }

  /// Updates before a reader come before its source. The latest of each chain stands for those before it.
  private func concludeAsReader(_ reader: UInt32) -> Bool {
    let source = source[Int(reader)]
    guard source < ReadsFrom.unclear else { return true }
    for run in index.runs(of: problem.operations[Int(reader)].object) {
      guard let update = index.latest(in: run, before: clock(reader, run.chain), except: reader) else { continue }
      if update != source, !add(update, source, .before(reader: reader)) { return false }
    }
    return true
  }

  /// Readers of an update that comes before this one do so too. Those of the latest update of each chain are enough:
  /// those of earlier ones come before that.
  private func concludeAsUpdate(_ update: UInt32) -> Bool {
    guard problem.effect(update).isUpdate else { return true }
    for run in index.runs(of: problem.operations[Int(update)].object) {
      guard let seen = index.latest(in: run, before: clock(update, run.chain), except: update) else { continue }
      for reader in index.lastReaders(of: seen) where reader != update {
        guard add(reader, update, .overwritten(source: seen)) else { return false }
      }
    }
    return true
  }

  private func addGivenEdges() {
    for (chain, after) in problem.after.enumerated() where after != SequentialProblem.none {
      add(after, problem.members[Int(problem.starts[chain])], .process)
    }
    for id in problem.operations.indices where source[id] < ReadsFrom.unclear {
      add(source[id], UInt32(id), .source)
    }
    for reader in index.lastInitialReaders {
      for run in index.runs(of: problem.operations[Int(reader)].object) {
        let first = index.first(in: run, except: reader)
        if let first { add(reader, first, .initial) }
      }
    }
  }

  // MARK: Assumptions

  struct Mark {
    fileprivate var edges: Int
    fileprivate var trail: Int
  }

  /// A point to come back to; the graph must be saturated.
  func mark() -> Mark {
    keepsTrail = true
    return Mark(edges: edges.count, trail: trail.count)
  }

  /// Forgets everything since the mark.
  func undo(to mark: Mark) {
    while edges.count > mark.edges {
      let edge = edges.removeLast()
      lastOut[Int(edge.from)] = previousOut.removeLast()
    }
    while trail.count > mark.trail {
      let entry = trail.removeLast()
      clocks[entry.cell] = entry.value
    }
    dirty.removeAll()
    conflict = nil
  }
}

/// "The first comes before the second in every order."
struct ConstraintEdge: Hashable {
  enum Reason: Hashable {
    /// One process did both, in this order.
    case process
    /// The second saw what the first left.
    case source
    /// The first saw the initial state, and the second changes the object.
    case initial
    /// The first comes before this reader, and the second is what it saw.
    case before(reader: UInt32)
    /// The first saw this source, and the second comes after that.
    case overwritten(source: UInt32)
    /// For the sake of the argument.
    case assumed
  }

  var from: UInt32
  var to: UInt32
  var reason: Reason

  /// It follows from other edges.
  var isDerived: Bool {
    switch reason {
    case .before, .overwritten: true
    case .process, .source, .initial, .assumed: false
    }
  }
}

/// An edge whose end comes before its start.
struct ConstraintConflict {
  var edge: ConstraintEdge
  /// Its number; for a step of a process, one that no edge has.
  var number: Int
  /// The edges by which its end comes before its start have smaller numbers than this.
  var below: Int
}

extension SequentialProblem {
  /// The next operation of its chain.
  @inline(__always) func next(_ id: UInt32) -> UInt32? {
    let chain = Int(chains[Int(id)])
    let place = starts[chain] &+ ranks[Int(id)] &+ 1
    return place < starts[chain &+ 1] ? members[Int(place)] : nil
  }
}

/// Operations whose clock has changed; the earliest invoked comes first, so that most conclusions are drawn once.
private struct DirtySet {
  private var words: [UInt64]
  private var lowest = 0

  init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

  @inline(__always) mutating func insert(_ id: UInt32) {
    let word = Int(id >> 6)
    words[word] |= 1 << UInt64(id & 63)
    if word < lowest { lowest = word }
  }

  mutating func removeFirst() -> UInt32? {
    while lowest < words.count {
      let word = words[lowest]
      if word != 0 {
        words[lowest] = word & (word - 1)
        return UInt32(lowest * 64 + word.trailingZeroBitCount)
      }
      lowest += 1
    }
    return nil
  }

  mutating func removeAll() { while removeFirst() != nil {} }
}
