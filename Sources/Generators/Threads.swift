extension Generator {
  /// Only on client threads, and unaware of the nemesis.
  public func onClients() -> some Generator { OnThreads(child: self, selection: .clients) }

  /// Only on the nemesis' thread, and unaware of the clients.
  public func onNemesis() -> some Generator { OnThreads(child: self, selection: .nemesis) }

  /// Only on these threads, and unaware of all others; nothing at all if none of them exists.
  public func onThreads(_ threads: ThreadSet) -> some Generator {
    OnThreads(child: self, selection: .these(threads))
  }
}

/// A copy of the generator for every thread, each on its own thread; over when all are.
///
/// The copies draw the same random numbers: for others, see `eachThread(_:)` with a closure.
public func eachThread(_ generator: any Generator) -> some Generator { EachThread { _ in generator } }

/// A generator for every thread, each on its own thread; over when all are.
public func eachThread(_ make: @escaping @Sendable (ThreadID) -> any Generator) -> some Generator { EachThread(make) }

/// The first `count` client threads for the first share, the next for the second, …, all other threads for `rest`.
///
/// A slow or stuck share never takes threads from another. A share for whom no thread is left has nothing.
public func reserve(
  _ shares: (count: Int, generator: any Generator)..., rest: any Generator = nothing()
) -> some Generator {
  Reserve(shares, rest: rest)
}

enum ThreadSelection: Sendable {
  case clients
  case nemesis
  case these(ThreadSet)

  func contains(_ thread: ThreadID) -> Bool {
    switch self {
    case .clients: !thread.isNemesis
    case .nemesis: thread.isNemesis
    case .these(let threads): threads.contains(thread)
    }
  }

  func restricted(_ context: Context) -> Context {
    switch self {
    case .nemesis: return context.restricted(to: ThreadSet(nemesis: true))
    case .these(let threads): return context.restricted(to: threads)
    case .clients:
      var clients = context
      clients.all = context.all.clients
      clients.free = context.free.clients
      return clients
    }
  }
}

struct OnThreads<Child: Generator>: Generator {
  var child: Child
  let selection: ThreadSelection

  mutating func next(_ context: Context) -> Next {
    let context = selection.restricted(context)
    return context.all.isEmpty ? .exhausted : child.next(context)
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    if selection.contains(event.thread) { child.update(selection.restricted(context), event) }
  }
}

struct EachThread: Generator {
  private let make: @Sendable (ThreadID) -> any Generator
  /// The threads of `siblings`, in the same order; empty until first asked, since only the context says which there
  /// are.
  private var threads: [ThreadID] = []
  private var siblings = Siblings([])

  init(_ make: @escaping @Sendable (ThreadID) -> any Generator) { self.make = make }

  mutating func next(_ context: Context) -> Next {
    if threads.isEmpty {
      threads = context.all.threads
      siblings = Siblings(threads.map(make))
    }
    let (threads, turn) = (threads, threads.firstIndex { $0.rawValue >= context.cursor } ?? 0)
    let free = (0..<threads.count).lazy.map { ($0 + turn) % threads.count }.filter {
      context.free.contains(threads[$0])
    }
    let (answer, _) = siblings.soonest(among: free, at: context.time) { index in
      context.restricted(to: ThreadSet(threads[index]))
    }
    // The generators of busy threads were not asked: they may have more.
    if case .exhausted = answer, context.free != context.all { return .pending(until: nil) }
    return answer
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    guard let index = threads.firstIndex(of: event.thread) else { return }
    siblings.update(index, context.restricted(to: ThreadSet(event.thread)), event)
  }
}

struct Reserve: Generator {
  private let counts: [Int]
  /// The shares in order, the rest last.
  private var siblings: Siblings
  /// The threads of each sibling; empty until first asked, since only the context says which there are.
  private var threads: [ThreadSet] = []
  private var order: ServiceOrder

  init(_ shares: [(count: Int, generator: any Generator)], rest: any Generator) {
    counts = shares.map(\.count)
    siblings = Siblings(shares.map(\.generator) + [rest])
    order = ServiceOrder(count: shares.count + 1)
  }

  mutating func next(_ context: Context) -> Next {
    if threads.isEmpty { threads = partition(context.all) }
    let threads = threads
    let manned = order.indices.lazy.filter { !threads[$0].isEmpty }
    let (answer, winner) = siblings.soonest(among: manned, at: context.time) { context.restricted(to: threads[$0]) }
    if let winner { order.served(winner) }
    return answer
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    for (index, own) in threads.enumerated() where own.contains(event.thread) {
      siblings.update(index, context.restricted(to: own), event)
    }
  }

  /// One set for each share in order, and one with all that are left.
  private func partition(_ all: ThreadSet) -> [ThreadSet] {
    var left = all.clients.threads[...]
    var sets: [ThreadSet] = []
    for count in counts {
      sets.append(ThreadSet(left.prefix(count)))
      left = left.dropFirst(count)
    }
    return sets + [sets.reduce(all) { $0.subtracting($1) }]
  }
}
