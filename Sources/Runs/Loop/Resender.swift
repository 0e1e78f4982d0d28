import Generators
import Systems

/// Decides which requests are sent once more (`Resending`), when, and to which node. Times are nanoseconds of the caller's
/// clock.
struct Resender {
  /// Second requests in flight at once.
  static let slotsMax = 32
  /// Those that wait for their time; more are not made.
  static let waitingMax = 4_096

  private struct Waiting {
    var due: Int64
    var operation: PendingOperation
    var node: Int
  }

  private let nodes: Int
  private var stream: RandomStream
  /// By time, the next last.
  private var waiting: [Waiting] = []
  private var free: [Int]
  /// Second requests made so far.
  private(set) var count = 0

  /// - Parameters:
  ///   - firstSlot: of the `slotsMax` that second requests use.
  ///   - nodes: any of them may get a request, also the one that had the first.
  init(firstSlot: Int, nodes: Int, stream: RandomStream) {
    self.nodes = nodes
    self.stream = stream
    free = Array((firstSlot..<firstSlot + Self.slotsMax).reversed())
  }

  /// An operation that may have taken effect has ended.
  mutating func ended(_ repetition: Repetition, at time: Int64) {
    let resending = repetition.resending
    guard stream.below(100) < resending.percent, waiting.count < Self.waitingMax else { return }
    let due = time + Int64(stream.unit() * resending.withinSeconds * 1e9)
    let place = waiting.firstIndex { $0.due < due } ?? waiting.count
    waiting.insert(Waiting(due: due, operation: repetition.operation, node: stream.below(nodes)), at: place)
  }

  /// When the next request is to be made; nil where none waits, or where no slot is free.
  var nextDue: Int64? { free.isEmpty ? nil : waiting.last?.due }

  /// A request that is to be made now, on a slot that is its own until ``finished(slot:)``.
  mutating func next(at time: Int64) -> (slot: Int, operation: PendingOperation, node: Int)? {
    guard let nextDue, nextDue <= time, let slot = free.popLast(), let next = waiting.popLast() else { return nil }
    count += 1
    return (slot, next.operation, next.node)
  }

  /// Its request was answered, or could not be made.
  mutating func finished(slot: Int) { free.append(slot) }
}
