import Histories

/// What several version vectors stand for together, each but for its own writer: a write that is in its own context
/// did not overwrite itself.
struct VectorTops {
  private struct Top {
    /// The greatest entry, whose it is, and the greatest of all others.
    var (number, owner, second): (Int64, Int, Int64) = (0, -1, 0)
  }

  private var tops: [Top]
  private var touched: [UInt32] = []

  init(_ actors: Int) { tops = Array(repeating: Top(), count: actors) }

  mutating func add(_ entry: OperationIDs.Dot, by owner: Int) {
    let actor = Int(entry.actor)
    if tops[actor].owner < 0 { touched.append(entry.actor) }
    if entry.number > tops[actor].number || tops[actor].owner < 0 {
      tops[actor] = Top(number: entry.number, owner: owner, second: tops[actor].number)
    } else {
      tops[actor].second = max(tops[actor].second, entry.number)
    }
  }

  /// Whether one of them, other than the operation's own, stands for its dot.
  func covers(_ dot: OperationIDs.Dot, of owner: Int) -> Bool {
    let top = tops[Int(dot.actor)]
    return dot.number <= (top.owner == owner ? top.second : top.number)
  }

  mutating func removeAll() {
    for actor in touched { tops[Int(actor)] = Top() }
    touched.removeAll(keepingCapacity: true)
  }
}

/// Of each actor's operations on a counter, in the order of their dots: the sum of the first so many, and which of them
/// began last.
struct ActorSums {
  private var amounts: [[Int128]] = []
  private var latest: [[Int]] = []

  init(_ object: ReplicaHistory) {
    guard object.type.state == .amount else { return }
    for actor in 0..<object.sequences.actors {
      var (sums, last): ([Int128], [Int]) = ([0], [])
      for position in object.sequences.all(UInt32(truncatingIfNeeded: actor)) {
        let update = object.updates[Int(position)]
        sums.append(sums[sums.count - 1] + Int128(update.amount))
        let before = last.last ?? Int(position)
        last.append(object.updates[before].invocation > update.invocation ? before : Int(position))
      }
      amounts.append(sums)
      latest.append(last)
    }
  }

  /// - Parameter count: how many of the actor's operations.
  subscript(actor: UInt32, count: Int) -> (amount: Int128, latest: Int?) {
    (amounts[Int(actor)][count], count > 0 ? latest[Int(actor)][count - 1] : nil)
  }
}
