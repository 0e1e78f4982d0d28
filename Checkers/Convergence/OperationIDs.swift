import Histories

/// The ids by which a system names operations: scalars, or dots.
///
/// A dot, `[actor, n]`, is the n-th operation that an actor (a replica, say) took, counted from 1. A version vector,
/// `{actor: n, …}`, stands for the first n of each (Parker et al., "Detection of mutual inconsistency in distributed
/// systems", 1983; Almeida et al., "Scalable and accurate causality tracking for eventually consistent stores", 2014).
struct OperationIDs {
  /// An operation's dot, or an entry of a version vector: all dots up to it.
  struct Dot: Hashable {
    /// Dense, in order of first appearance.
    var actor: UInt32
    /// From 1; in a vector, 0 for none.
    var number: Int64
  }

  /// Of ids that are scalars.
  static let noActor = UInt32.max

  /// By id: what it is in the history.
  private(set) var words: [ValueWord] = []
  /// By id.
  private(set) var dots: [Dot] = []
  private(set) var actors = 0
  private var idOfDot = DotTable()
  private var scalars = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  private var actorNames = WordTable(tagBits: 3, directTag: ValueWord.intTag)

  /// The id of an operation; nil if the value is neither scalar nor dot.
  mutating func id(_ word: ValueWord, _ store: ValueStore, _ lists: ListWords) -> UInt32? {
    let next = UInt32(truncatingIfNeeded: words.count)
    guard word.isList else {
      guard word.isScalar, !word.isNull else { return nil }
      let id = scalars.intern(word.rawValue, next: next)
      if id == next { add(word, Dot(actor: Self.noActor, number: 0)) }
      return id
    }
    guard let parts = lists[word], parts.count == 2, let number = store.int(ValueWord(rawValue: parts[1])), number > 0,
      store.string(ValueWord(rawValue: parts[0])) != nil
    else { return nil }
    let dot = Dot(actor: actor(parts[0]), number: number)
    let id = idOfDot.intern(dot, next: next)
    if id == next { add(word, dot) }
    return id
  }

  /// Appends the entries of a version vector.
  ///
  /// - Returns: false if the value is none; then some may have been appended.
  mutating func appendVector(
    _ word: ValueWord, to marks: inout [Dot], _ store: ValueStore, _ lists: ListWords
  ) -> Bool {
    guard let entries = lists.entries(word) else { return false }
    for place in stride(from: 0, to: entries.count, by: 2) {
      guard let number = store.int(ValueWord(rawValue: entries[place + 1])), number >= 0 else { return false }
      marks.append(Dot(actor: actor(entries[place]), number: number))
    }
    return true
  }

  private mutating func add(_ word: ValueWord, _ dot: Dot) {
    words.append(word)
    dots.append(dot)
  }

  private mutating func actor(_ raw: UInt64) -> UInt32 {
    let id = actorNames.intern(raw, next: UInt32(truncatingIfNeeded: actors))
    actors = max(actors, Int(id) + 1)
    return id
  }
}

/// The ids of dots: by position where they are dense, as counts are.
private struct DotTable {
  /// Positions kept for each dot of an actor that is known, and at the beginning.
  private static let (positionsPerDot, positionsMin) = (4, 64)
  private static let none = UInt32.max

  /// By actor and number.
  private var direct: [[UInt32]] = []
  private var counts: [Int] = []
  private var scattered: [OperationIDs.Dot: UInt32] = [:]

  /// The id of the dot; `next` if it is new.
  mutating func intern(_ dot: OperationIDs.Dot, next: UInt32) -> UInt32 {
    let actor = Int(dot.actor)
    while direct.count <= actor {
      direct.append([])
      counts.append(0)
    }
    if dot.number < direct[actor].count {
      let id = direct[actor][Int(dot.number)]
      if id != Self.none { return id }
    }
    // One that was met while it was out of reach stays where it is.
    if let id = scattered[dot] { return id }
    counts[actor] += 1
    guard dot.number < Self.positionsMin + Self.positionsPerDot * counts[actor] else {
      scattered[dot] = next
      return next
    }
    let number = Int(dot.number)
    if direct[actor].count <= number {
      direct[actor] += [UInt32](
        repeating: Self.none, count: max(number + 1, 2 * direct[actor].count) - direct[actor].count)
    }
    direct[actor][number] = next
    return next
  }
}

/// The operations of each actor, in the order of their dots.
struct ActorSequences {
  private var positions: [[UInt32]]
  private var numbers: [[Int64]]

  /// - Parameter updateOfID: the position of the update of each id, `ReplicaHistory.never` where there is none.
  init(_ ids: OperationIDs, _ updateOfID: [UInt32]) {
    positions = Array(repeating: [], count: ids.actors)
    numbers = Array(repeating: [], count: ids.actors)
    guard ids.actors > 0 else { return }
    let known = updateOfID.indices.filter {
      updateOfID[$0] != ReplicaHistory.never && ids.dots[$0].actor != OperationIDs.noActor
    }
    for id in known.sorted(by: { ids.dots[$0].number < ids.dots[$1].number }) {
      let dot = ids.dots[id]
      positions[Int(dot.actor)].append(updateOfID[id])
      numbers[Int(dot.actor)].append(dot.number)
    }
  }

  var actors: Int { positions.count }

  /// Positions of all updates of an actor.
  func all(_ actor: UInt32) -> [UInt32] { positions[Int(actor)] }

  /// How many known operations an entry of a vector stands for.
  func count(_ entry: OperationIDs.Dot) -> Int {
    let numbers = numbers[Int(entry.actor)]
    // Without gaps, which is the rule, the first look is the last.
    var (low, high) = (0, min(numbers.count, Int(clamping: entry.number)))
    if high == 0 || numbers[high - 1] <= entry.number { return high }
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] <= entry.number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Positions of the updates that an entry of a vector stands for.
  func covered(_ entry: OperationIDs.Dot) -> ArraySlice<UInt32> { positions[Int(entry.actor)].prefix(count(entry)) }

  /// Whether the entry stands for operations too that are not known.
  func hasGap(_ entry: OperationIDs.Dot) -> Bool { Int64(count(entry)) < entry.number }
}
