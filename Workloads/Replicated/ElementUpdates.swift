import Generators
import Histories

/// Additions and removals that a set whose replicas merge wrongly gets wrong.
///
/// - Half of the removals are of the element that was added last, maybe at this moment through another node: a removal
///   must not take away what it has not seen.
/// - Some additions are of an element that was removed before, or that is there already: it must stay although removals
///   of its other additions are still on their way, and go when all of them are removed.
///   Not while one of its additions is under way or of unknown outcome: of two such, nobody could say which one a removal
///   took away.
/// - Other elements are new, all over the run: one in the wrong set is told apart.
struct ElementUpdates: ReplicatedUpdates {
  static let functions = ["add", "remove"]
  /// Shares of the additions: of an element that was removed, and of one that was added.
  static let (againShare, doubleShare) = (0.25, 0.2)
  /// Share of the removals that are of the element added last.
  static let chasingShare = 0.5
  /// Elements remembered of a key, of each kind.
  private static let rememberedMax = 16

  private struct Known: Sendable {
    var key = -1
    /// The newest last, an element twice if it was added twice.
    var added: [Value] = []
    var removed: [Value] = []
    /// With an addition that is under way or of unknown outcome.
    var uncertain: Set<Value> = []

    /// Elements that may be added again.
    func again(_ elements: [Value]) -> [Value] { elements.filter { !uncertain.contains($0) } }
  }

  private var lastElement = 0
  /// By slot, of its newest key.
  private var known: [Known]

  init(slots: Int) { known = Array(repeating: Known(), count: slots) }

  /// An addition instead of a removal where nothing was added yet.
  mutating func next(
    _ function: String, of key: Int, in slot: Int, _ stream: inout RandomStream
  ) -> (function: String, value: Value) {
    if known[slot].key != key { known[slot] = Known(key: key) }
    if function == "remove", let element = elementToRemove(in: slot, &stream) {
      Self.remember(element, in: &known[slot].removed)
      return ("remove", element)
    }
    let element = elementToAdd(in: slot, &stream)
    Self.remember(element, in: &known[slot].added)
    known[slot].uncertain.insert(element)
    return ("add", element)
  }

  mutating func note(_ completion: EventType, _ function: String, _ value: Value, of key: Int, in slot: Int) {
    guard function == "add", completion != .info, known[slot].key == key else { return }
    known[slot].uncertain.remove(value)
  }

  private func elementToRemove(in slot: Int, _ stream: inout RandomStream) -> Value? {
    let added = known[slot].added
    guard let last = added.last else { return nil }
    return stream.unit() < Self.chasingShare ? last : added[stream.below(added.count)]
  }

  private mutating func elementToAdd(in slot: Int, _ stream: inout RandomStream) -> Value {
    let share = stream.unit()
    let some = known[slot].again(share < Self.againShare ? known[slot].removed : known[slot].added)
    if share < Self.againShare + Self.doubleShare, !some.isEmpty { return some[stream.below(some.count)] }
    lastElement += 1
    return .string("e\(lastElement)")
  }

  private static func remember(_ element: Value, in elements: inout [Value]) {
    if elements.count == rememberedMax { elements.removeFirst() }
    elements.append(element)
  }
}
