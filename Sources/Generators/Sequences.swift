/// One generator after the other: the next begins when the one before has nothing more, though its last operations may
/// still run.
public func sequence(_ children: any Generator...) -> some Generator { Chain(children) }

/// One generator after the other, each from an array.
public func sequence(_ children: [any Generator]) -> some Generator { Chain(children) }

/// One generator after the other, where each waits until every operation of the one before is complete.
public func phases(_ children: any Generator...) -> some Generator { phases(children) }

/// One generator after the other, where each waits until every operation of the one before is complete.
public func phases(_ children: [any Generator]) -> some Generator {
  Chain(children.map { $0.synchronized() })
}

/// A, B, A, B, …; over as soon as the one whose turn it is has nothing more.
public func flipFlop(_ first: any Generator, _ second: any Generator) -> some Generator {
  FlipFlop(children: [first, second])
}

/// A fresh generator for each round 0, 1, …, one after the other, without end or for `times` rounds.
///
/// For random generators, whose rounds would all be the same under `cycled`: make each with a stream named after its
/// round. A round without any operation ends the whole.
public func cycle(times: Int? = nil, _ make: @escaping @Sendable (_ round: Int) -> any Generator) -> some Generator {
  Cycled(times: times, make: make)
}

extension Generator {
  /// Begins again from its first state whenever it is through: without end, or `times` times in all.
  ///
  /// Random choices repeat too, since streams are part of the state; see `cycle(times:_:)`.
  public func cycled(times: Int? = nil) -> some Generator {
    let start: any Generator = self
    return Cycled(times: times) { _ in start }
  }

  /// Waits with its first operation until all threads that it may use are free.
  public func synchronized() -> some Generator { Synchronized(child: self) }
}

struct Chain: Generator {
  private var current: any Generator
  private let children: [any Generator]
  /// Position of the child that comes after `current`.
  private var following = 0

  init(_ children: [any Generator]) {
    self.children = children
    current = nothing()
  }

  mutating func next(_ context: Context) -> Next {
    while true {
      let answer = current.next(context)
      guard case .exhausted = answer, following < children.count else { return answer }
      current = children[following]
      following += 1
    }
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) { current.update(context, event) }
}

struct FlipFlop: Generator {
  var children: [any Generator]
  private var turn = 0

  init(children: [any Generator]) { self.children = children }

  mutating func next(_ context: Context) -> Next {
    let answer = children[turn].next(context)
    if case .operation(let operation) = answer, !operation.isSleep { turn = (turn + 1) % children.count }
    return answer
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    for index in children.indices { children[index].update(context, event) }
  }
}

struct Cycled: Generator {
  let times: Int?
  let make: @Sendable (Int) -> any Generator
  private var current: any Generator
  private var rounds = 0
  /// Whether the current round gave anything: an empty one would be repeated for ever.
  private var isFruitful = true

  init(times: Int?, make: @escaping @Sendable (Int) -> any Generator) {
    self.times = times
    self.make = make
    current = nothing()
  }

  mutating func next(_ context: Context) -> Next {
    while true {
      let answer = current.next(context)
      if case .operation = answer { isFruitful = true }
      guard case .exhausted = answer, isFruitful, rounds < times ?? .max else { return answer }
      current = make(rounds)
      rounds += 1
      isFruitful = false
    }
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) { current.update(context, event) }
}

struct Synchronized<Child: Generator>: Generator {
  var child: Child
  private var hasBegun = false

  init(child: Child) { self.child = child }

  mutating func next(_ context: Context) -> Next {
    if !hasBegun, context.free != context.all { return .pending(until: nil) }
    let answer = child.next(context)
    if case .operation = answer { hasBegun = true }
    return answer
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) { child.update(context, event) }
}
