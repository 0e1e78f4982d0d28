import Histories

extension Generator {
  /// At most `count` operations; sleeps do not count.
  public func limited(_ count: Int) -> some Generator { Limited(child: self, left: count) }

  /// No operation later than `seconds` after the first one.
  ///
  /// The time runs from the first dispatched operation, however long that was waited for. A generator that has nothing
  /// to do at the moment still ends when the time is over.
  public func timeLimited(seconds: Double) -> some Generator {
    TimeLimited(child: self, duration: nanoseconds(seconds), end: nil)
  }

  /// No operation at or after this moment of the run.
  public func ending(at nanoseconds: Int64) -> some Generator {
    TimeLimited(child: self, duration: 0, end: nanoseconds)
  }

  /// Goes on until one of its operations is `ok`; further ones may still run then.
  public func untilOk() -> some Generator { UntilOk(child: self) }
}

struct Limited<Child: Generator>: Generator {
  var child: Child
  var left: Int

  mutating func next(_ context: Context) -> Next {
    guard left > 0 else { return .exhausted }
    let answer = child.next(context)
    if case .operation(let operation) = answer, !operation.isSleep { left -= 1 }
    return answer
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) { child.update(context, event) }
}

struct TimeLimited<Child: Generator>: Generator {
  var child: Child
  let duration: Int64
  /// Known with the first operation.
  var end: Int64?

  mutating func next(_ context: Context) -> Next {
    if let end, context.time >= end { return .exhausted }
    let answer = child.next(context)
    switch answer {
    case .exhausted: return answer
    case .pending(let until): return .pending(until: earliest(until, end))
    case .operation(let operation):
      let start = operation.time ?? context.time
      let end = self.end ?? start + duration
      self.end = end
      if start < end { return operation.isSleep ? .operation(operation.cutShort(at: end)) : answer }
      // Later than allowed as things are now; an event before the end may still bring something sooner.
      return context.time < end ? .pending(until: end) : .exhausted
    }
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) { child.update(context, event) }
}

extension GeneratedOperation {
  /// A sleep that ends at `end` at the latest, so that what follows a time limit need not wait for it.
  fileprivate func cutShort(at end: Int64) -> GeneratedOperation {
    guard let sleep, let time else { return self }
    var shorter = GeneratedOperation.sleep(nanoseconds: min(sleep, end - time))
    shorter.thread = thread
    shorter.time = time
    return shorter
  }
}

struct UntilOk<Child: Generator>: Generator {
  var child: Child
  private var isDone = false
  /// Threads that run an operation of ours: only their completions count.
  private var running = ThreadSet()

  init(child: Child) { self.child = child }

  mutating func next(_ context: Context) -> Next {
    if isDone { return .exhausted }
    let answer = child.next(context)
    if case .operation(let operation) = answer, !operation.isSleep, let thread = operation.thread {
      running.insert(thread)
    }
    return answer
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    child.update(context, event)
    guard event.event.type != .invoke, running.contains(event.thread) else { return }
    running.remove(event.thread)
    if event.event.type == .ok { isDone = true }
  }
}
