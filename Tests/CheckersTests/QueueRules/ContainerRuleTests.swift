import Checkers
import Histories
import Testing

/// Queues, stacks and priority queues: rules, models and the whole checker against the twins.
@Suite struct ContainerRuleTests {
  @Test func fifoQueue() throws {
    let test = QueueDifferential(name: "FIFO queue", model: FIFOQueue(), twin: Twins.fifo, states: numbers)
    try test.run(.fifo(), seed: 1)
  }

  @Test func fifoQueueWithEqualValues() throws {
    let test = QueueDifferential(name: "FIFO queue, 3 values", model: FIFOQueue(), twin: Twins.fifo, states: numbers)
    try test.run(.fifo(values: 3), seed: 2, applies: 0)
  }

  @Test func unorderedQueue() throws {
    try bag.run(.bag(), seed: 3)
  }

  @Test func unorderedQueueWithEqualValues() throws {
    try bag.run(.bag(values: 6), seed: 4, applies: 20)
  }

  @Test func stack() throws {
    let test = QueueDifferential(name: "stack", model: Stack(), twin: Twins.stack, states: numbers)
    try test.run(.stack(), seed: 5)
  }

  @Test func stackWithEqualValues() throws {
    let test = QueueDifferential(name: "stack, 4 values", model: Stack(), twin: Twins.stack, states: numbers)
    try test.run(.stack(values: 4), seed: 6, applies: 0)
  }

  @Test func priorityQueue() throws {
    let test = QueueDifferential(name: "priority queue", model: PriorityQueue(), twin: Twins.priority, states: numbers)
    try test.run(.priority(), seed: 7)
  }

  @Test func priorityQueueWithEqualValues() throws {
    let test = QueueDifferential(
      name: "priority queue, 3", model: PriorityQueue(), twin: Twins.priority, states: numbers)
    try test.run(.priority(values: 3), seed: 8, applies: 0)
  }

  private var bag: QueueDifferential<UnorderedQueue, [Int64]> {
    QueueDifferential(name: "unordered queue", model: UnorderedQueue(), twin: Twins.bag) { value in
      let contents = (value.map?["contents"] ?? value).list?.compactMap(\.int) ?? []
      return Self.leaving(value.map?["taken"]?.int ?? 0, contents)
    }
  }

  /// What can be left of the contents when so many of them are gone.
  private static func leaving(_ taken: Int64, _ contents: [Int64]) -> [[Int64]] {
    if taken == 0 { return [contents.sorted()] }
    return contents.indices.flatMap { place in
      var rest = contents
      rest.remove(at: place)
      return leaving(taken - 1, rest)
    }
  }
}
