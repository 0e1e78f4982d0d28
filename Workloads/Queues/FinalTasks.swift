import Generators
import Histories

/// One thing to be seen to at the end of a run, in as many operations as it takes.
protocol FinalTask: Sendable {
  /// What to do now.
  var operation: GeneratedOperation { get }

  /// Takes in how the operation ended.
  ///
  /// - Returns: when the task goes on.
  mutating func ended(_ completion: Event) -> FinalTaskStep
}

enum FinalTaskStep: Hashable, Sendable {
  case done
  /// At once.
  case now
  /// With the next round: what it waits for takes time.
  case later
}

/// Sees to tasks at the end of a run, in rounds a quarter of a second apart, until all are done or their time is over.
struct FinalTasks<Task: FinalTask>: Generator {
  /// From one round to the next, in nanoseconds.
  static var roundNanoseconds: Int64 { 250_000_000 }

  /// Nanoseconds from the beginning of the first round to that of the last.
  private let settle: Int64
  /// When the first round may begin, in nanoseconds of the run.
  private let start: Int64
  /// Those of this round, of which so many were begun: a scheduler keeps a copy, so that shortening the list would copy it.
  private var due: [Task]
  private var begun = 0
  /// Those that go on at once.
  private var ready: [Task] = []
  private var later: [Task] = []
  private var running: [ThreadID: Task] = [:]
  /// When the first round began, and the present one.
  private var times: (first: Int64, round: Int64)?

  init(_ tasks: [Task], settle: Int64, notBefore start: Int64 = 0) {
    (due, self.settle, self.start) = (tasks, settle, start)
  }

  mutating func next(_ context: Context) -> Next {
    if let task = ready.last { return dispatch(task, at: start, context) { $0.ready.removeLast() } }
    if begun < due.count { return dispatch(due[begun], at: start, context) { $0.begun += 1 } }
    guard running.isEmpty else { return .pending(until: nil) }
    guard let times, let task = later.first, times.round < times.first + settle else { return .exhausted }
    let round = max(context.time, min(times.round + Self.roundNanoseconds, times.first + settle))
    return dispatch(task, at: round, context) { tasks in
      (tasks.due, tasks.begun, tasks.later) = (tasks.later, 1, [])
      tasks.times?.round = round
    }
  }

  /// Offers a task's operation; what taking it changes is kept only if it is taken.
  private mutating func dispatch(
    _ task: Task, at time: Int64, _ context: Context, _ change: (inout FinalTasks) -> Void
  ) -> Next {
    var operation = task.operation
    operation.time = time
    let next = operation.offered(in: context)
    guard case .operation(let offered) = next, let thread = offered.thread else { return next }
    change(&self)
    running[thread] = task
    if times == nil { times = (context.time, context.time) }
    return next
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    guard event.event.type != .invoke, var task = running.removeValue(forKey: event.thread) else { return }
    switch task.ended(event.event) {
    case .done: break
    case .now: ready.append(task)
    case .later: later.append(task)
    }
  }
}
