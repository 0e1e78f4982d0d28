/// Whether a history of an unordered queue is linearizable, in O(n).
///
/// With unique values a value only has to go in before it comes out, and values have nothing to do with each other but
/// in a `dequeue → null`: that needs a slot of its own that no value's critical interval covers (see `FIFORule`, whose
/// reasoning about such slots and about dequeues of unknown outcome holds here with no order to keep).
///
/// Where values are enqueued several times and no dequeue found nothing, each value is a counter of its own that must
/// not become negative: at no time may more of its dequeues have returned than of its enqueues have begun. Enqueues as
/// early and dequeues as late as possible are a linearization. Dequeues of unknown outcome are not needed.
enum UnorderedQueueRule {
  static let name = "unordered queue with unique values"
  static let countingName = "unordered queue without empty dequeues"

  /// The answer for a history; nil if a value was enqueued twice and a dequeue found nothing.
  static func decide(_ history: ObjectHistory<ContainerOperation>, valueCount: Int) -> RuleDecision? {
    switch ContainerValues.read(history, valueCount: valueCount) {
    case .duplicates: return Counting(history).decide(valueCount: valueCount)
    case .violation(let core): return RuleDecision(rule: name, outcome: .violation(core: core))
    case .values(let values):
      let matching = PendingMatching(values, history)
      switch matching.emptySlots(history) {
      case .covered(let core): return RuleDecision(rule: name, outcome: .violation(core: core))
      case .slots(let slots):
        return RuleDecision(rule: name, outcome: .linearizable(order: order(matching.values, slots)))
      }
    }
  }

  /// Between two slots in which the queue is empty, each operation as early as it can be.
  private static func order(_ values: ContainerValues, _ emptySlots: [UInt32]) -> [UInt32] {
    let begun = (0..<values.count).map { max(values.insertStarts[$0], values.removeStarts[$0]) }
    // Insertions, then removals: of equal times, an insertion is first.
    let byTime = radixOrder(values.insertStarts + begun)
    let segments = byTime.map { place in
      let slot = begun[Int(place) % values.count]
      return UInt32(emptySlots.partitioningIndex { $0 >= slot })
    }
    var result: [UInt32] = []
    result.reserveCapacity(byTime.count + emptySlots.count)
    var empty = 0
    for index in emptySlots.isEmpty ? byTime.indices.map({ UInt32($0) }) : radixOrder(segments) {
      while empty < segments[Int(index)] {
        result.append(values.empties[empty])
        empty += 1
      }
      let place = Int(byTime[Int(index)])
      if place < values.count {
        result.append(values.inserts[place])
      } else if begun[place - values.count] < ContainerValues.neverBegun {
        result.append(values.removes[place - values.count])
      }
    }
    return result + values.empties[empty...]
  }
}

extension UnorderedQueueRule {
  /// Equal values as counters.
  fileprivate struct Counting {
    let history: ObjectHistory<ContainerOperation>
    private var inserts: [UInt32] = []
    /// Completed removals with a value, in order of completion.
    private var removes: [UInt32] = []
    private var foundNothing = false

    init(_ history: ObjectHistory<ContainerOperation>) {
      self.history = history
      for (place, operation) in history.operations.enumerated() {
        switch operation {
        case .insert: inserts.append(UInt32(place))
        case .remove: removes.append(UInt32(place))
        case .removeNothing: if history.completions[place] != ContainerValues.never { foundNothing = true }
        case .removeUnknown: break
        }
      }
      removes = radixOrder(removes.map { history.completions[Int($0)] }).map { removes[Int($0)] }
    }

    func decide(valueCount: Int) -> RuleDecision? {
      if foundNothing { return nil }
      var counts = [Int](repeating: 0, count: valueCount)
      var order: [UInt32] = []
      var insert = 0
      for remove in removes {
        let end = history.completions[Int(remove)]
        while insert < inserts.count, history.invocations[Int(inserts[insert])] < end {
          counts[value(inserts[insert])] += 1
          order.append(inserts[insert])
          insert += 1
        }
        counts[value(remove)] -= 1
        order.append(remove)
        if counts[value(remove)] < 0 {
          let core = order.filter { value($0) == value(remove) }
          return RuleDecision(rule: UnorderedQueueRule.countingName, outcome: .violation(core: core))
        }
      }
      let rest = inserts[insert...]
      return RuleDecision(rule: UnorderedQueueRule.countingName, outcome: .linearizable(order: order + rest))
    }

    private func value(_ position: UInt32) -> Int {
      switch history.operations[Int(position)] {
      case .insert(let value), .remove(let value): Int(value)
      case .removeNothing, .removeUnknown: 0
      }
    }
  }
}
