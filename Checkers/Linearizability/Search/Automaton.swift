import Histories

/// A model's states and operations as dense ids, with a cache of its transitions.
///
/// This is where the generic world ends: the search, the reductions and the explanations work on an automaton and are
/// compiled once. The closures are made in `init(_:values:kinds:)`, which a user's module can specialise.
///
/// Not `Sendable`: each object of a history gets its own, used by one thread at a time.
@usableFromInline final class Automaton {
  /// "Cannot happen".
  @usableFromInline static let none = UInt32.max
  /// Any state that nothing can need any more; see `NeedIntervals`.
  static let dead = UInt32.max - 1
  /// Entries of the transition cache: 16 bytes each.
  private static let cacheEntriesMax = 1 << 16

  /// What is known of an operation in every state, over ids.
  @usableFromInline struct Traits: Sendable {
    @usableFromInline enum Condition: Hashable, Sendable {
      case always
      case only(UInt32)
      case unknown
    }

    @usableFromInline var isObserver: Bool
    @usableFromInline var condition: Condition
    /// `Automaton.none` where it depends.
    @usableFromInline var result: UInt32

    /// It happens in every state and leaves always the same one.
    var isBlindWrite: Bool { condition == .always && result != Automaton.none }

    /// The states that it names have ids below this.
    fileprivate var statesEnd: Int {
      var end = result == Automaton.none ? 0 : Int(result) + 1
      if case .only(let state) = condition { end = max(end, Int(state) + 1) }
      return end
    }

    @usableFromInline init(isObserver: Bool, condition: Condition, result: UInt32) {
      self.isObserver = isObserver
      self.condition = condition
      self.result = result
    }
  }

  /// How the model speaks of its states and operations.
  @usableFromInline struct Words {
    @usableFromInline let value: (UInt32) -> Value
    /// The state in words, where its value would not be understood.
    @usableFromInline let text: (UInt32) -> String?
    @usableFromInline let label: (UInt32) -> String
    @usableFromInline let refusal: (_ kind: UInt32, _ state: UInt32) -> String

    @usableFromInline init(
      value: @escaping (UInt32) -> Value, text: @escaping (UInt32) -> String?,
      label: @escaping (UInt32) -> String, refusal: @escaping (UInt32, UInt32) -> String
    ) {
      self.value = value
      self.text = text
      self.label = label
      self.refusal = refusal
    }
  }

  let traits: [Traits]
  let words: Words
  /// Every operation's condition and result is known, so that what a state is needed for can be told.
  let isTransparent: Bool
  /// States that the traits name have ids below this.
  let knownStates: Int
  private let step: (_ state: UInt32, _ kind: UInt32) -> UInt32
  /// Direct-mapped: a pair (state, kind) has one place, and a later pair takes it.
  private let cacheKeys: UnsafeMutablePointer<UInt64>
  private let cacheValues: UnsafeMutablePointer<UInt32>
  private let cacheMask: UInt32
  private let cacheBytes: Int
  /// Bytes of one interned state, without what it allocates itself.
  private let stateBytes: Int
  /// Ids of states lie below this.
  private var stateEnd: UInt32 = 0
  /// Bytes of the cache and of the interned states, about.
  var bytes: Int { cacheBytes + Int(stateEnd) * stateBytes }

  @usableFromInline init(
    traits: [Traits], words: Words, cacheEntries: Int, stateBytes: Int, step: @escaping (UInt32, UInt32) -> UInt32
  ) {
    self.traits = traits
    self.words = words
    self.step = step
    isTransparent = traits.allSatisfy { $0.condition != .unknown && ($0.isObserver || $0.result != Self.none) }
    knownStates = traits.reduce(1) { max($0, $1.statesEnd) }
    var entries = 64
    while entries < min(cacheEntries, Self.cacheEntriesMax) { entries *= 2 }
    cacheMask = UInt32(entries - 1)
    cacheKeys = .allocate(capacity: entries)
    cacheKeys.initialize(repeating: .max, count: entries)
    cacheValues = .allocate(capacity: entries)
    cacheValues.initialize(repeating: Self.none, count: entries)
    cacheBytes = entries * 12
    self.stateBytes = stateBytes
  }

  deinit {
    cacheKeys.deallocate()
    cacheValues.deallocate()
  }

  /// The state after `kind` in `state`, or `none`.
  @inline(__always) func next(_ state: UInt32, _ kind: UInt32) -> UInt32 {
    let key = UInt64(state) << 32 | UInt64(kind)
    let place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 40) & Int(cacheMask)
    if cacheKeys[place] == key { return cacheValues[place] }
    return miss(state, kind, key, place)
  }

  /// The same from the model itself, for verifiers.
  func stepUncached(_ state: UInt32, _ kind: UInt32) -> UInt32 {
    state == Self.dead ? stepDead(traits[Int(kind)]) : step(state, kind)
  }

  /// The state as a value for reports.
  func value(of state: UInt32) -> Value {
    state == Self.dead ? Counterexample.otherState : words.value(state)
  }

  /// The state as a person reads it.
  func text(of state: UInt32) -> String {
    (state == Self.dead ? nil : words.text(state)) ?? Counterexample.text(ofState: value(of: state))
  }

  /// Why the operation cannot happen in the state, as the end of a sentence.
  func refusal(of kind: UInt32, in state: UInt32) -> String {
    if state != Self.dead { return words.refusal(kind, state) }
    guard case .only(let needed) = traits[Int(kind)].condition else { return "cannot happen in another state" }
    return "needs \(text(of: needed))"
  }

  private func stepDead(_ traits: Traits) -> UInt32 {
    if case .only = traits.condition { return Self.none }
    return traits.isObserver ? Self.dead : traits.result
  }

  @inline(never) private func miss(_ state: UInt32, _ kind: UInt32, _ key: UInt64, _ place: Int) -> UInt32 {
    let next = stepUncached(state, kind)
    assert(
      state == Self.dead || isConsistent(state, kind, next),
      "the model's traits contradict its step: \(words.label(kind))")
    if next < Self.dead { stateEnd = max(stateEnd, next + 1) }
    cacheKeys[place] = key
    cacheValues[place] = next
    return next
  }

  private func isConsistent(_ state: UInt32, _ kind: UInt32, _ next: UInt32) -> Bool {
    let traits = traits[Int(kind)]
    switch traits.condition {
    case .always: if next == Self.none { return false }
    case .only(let only): if (next != Self.none) != (state == only) { return false }
    case .unknown: break
    }
    if next == Self.none { return true }
    return (!traits.isObserver || next == state) && (traits.result == Self.none || traits.result == next)
  }
}
