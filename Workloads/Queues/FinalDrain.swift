import Generators
import Histories

/// Takes all that is left of a queue, until it is answered: what did not come out before then is lost.
struct FinalDrain: FinalTask {
  /// Queues that are drained: those used last, all but in runs of many hours.
  static let queuesMax = 20_000

  let operation: GeneratedOperation

  init(_ queue: Value) { operation = GeneratedOperation("drain", .keyed(queue, .null)) }

  mutating func ended(_ completion: Event) -> FinalTaskStep { completion.type == .ok ? .done : .later }
}

extension History {
  /// A drain of every queue that was used.
  ///
  /// - Parameters:
  ///   - visibility: nanoseconds for which whoever got a message has it to itself: a drain takes it from nobody.
  ///   - settle: nanoseconds in which every drain must be answered.
  func finalDrains(visibility: Int64 = 0, settle: Int64) -> FinalTasks<FinalDrain> {
    let end = count == 0 ? 0 : time(at: count - 1)
    return FinalTasks(
      keysUsedLast(max: FinalDrain.queuesMax).map(FinalDrain.init), settle: settle, notBefore: end + visibility)
  }
}
