import CLinux
import Glibc
import Synchronization

/// The one thread that starts processes and learns of their ends.
///
/// It never ends, because PR_SET_PDEATHSIG is about the *thread* that started a process: a process started from a
/// pool's thread would be killed when the pool retires it. It waits in `epoll_wait`, so no thread of Swift's pool does.
final class ProcessThread: Sendable {
  typealias Job = @Sendable (EndLoop) -> Void

  private static let started: Result<ProcessThread, ClusterError> = start()

  /// The thread, started by the first caller.
  static func shared() throws -> ProcessThread { try started.get() }

  private let jobs = Mutex<[Job]>([])
  /// An eventfd: readable when there are jobs.
  private let wake: Int32

  private init(wake: Int32) { self.wake = wake }

  /// Runs a blocking call on the thread.
  func perform<Value: Sendable>(_ body: @escaping @Sendable (EndLoop) throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      submit { loop in continuation.resume(with: Result { try body(loop) }) }
    }
  }

  private func submit(_ job: @escaping Job) {
    jobs.withLock { $0.append(job) }
    var one: UInt64 = 1
    // An eventfd refuses a write only when its counter is full, and then the thread is awake anyway.
    _ = write(wake, &one, 8)
  }

  private static func start() -> Result<ProcessThread, ClusterError> {
    let wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard wake >= 0, epoll >= 0 else { return .failure(.system("making an eventfd and an epoll", errno: errno)) }
    let thread = ProcessThread(wake: wake)
    let loop = EndLoop(epoll: epoll, wake: wake)
    let box = Unmanaged.passRetained(Start(thread: thread, loop: loop))
    var handle = pthread_t()
    let error = pthread_create(&handle, nil, runProcessThread, box.toOpaque())
    guard error == 0 else {
      box.release()
      return .failure(.system("starting the process thread", errno: error))
    }
    pthread_detach(handle)
    return .success(thread)
  }

  fileprivate func run(_ loop: EndLoop) -> Never {
    while true {
      if loop.awaitEvents() {
        let batch = jobs.withLock { jobs in
          defer { jobs = [] }
          return jobs
        }
        for job in batch { job(loop) }
      }
    }
  }
}

/// What the new thread gets.
private final class Start {
  let thread: ProcessThread
  let loop: EndLoop

  init(thread: ProcessThread, loop: EndLoop) {
    self.thread = thread
    self.loop = loop
  }
}

private func runProcessThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
  // Signals are for the threads that expect them.
  var all = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_BLOCK, &all, nil)
  start.thread.run(start.loop)
}

/// The epoll set of the process thread. Not sendable: only jobs, which run on that thread, get hold of it.
final class EndLoop {
  /// Events taken at once.
  private static let eventsMax = 64

  private let epoll: Int32
  private let wake: Int32
  private var watched: [Int32: WatchedProcess] = [:]
  private var events = [epoll_event](repeating: epoll_event(), count: eventsMax)

  fileprivate init(epoll: Int32, wake: Int32) {
    self.epoll = epoll
    self.wake = wake
    _ = add(wake)
  }

  /// Collects the process's end when it comes.
  func watch(_ process: WatchedProcess) throws {
    watched[process.pidfd] = process
    guard add(process.pidfd) else {
      watched[process.pidfd] = nil
      throw ClusterError.system("watching process \(process.pid)", errno: errno)
    }
  }

  private func add(_ descriptor: Int32) -> Bool {
    var event = epoll_event()
    event.events = EPOLLIN.rawValue
    event.data.fd = descriptor
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0
  }

  /// Blocks until something happens, collects ends; true when there are jobs.
  fileprivate func awaitEvents() -> Bool {
    let count = epoll_wait(epoll, &events, Int32(Self.eventsMax), -1)
    var hasJobs = false
    for index in 0..<Int(max(count, 0)) {
      let descriptor = events[index].data.fd
      if descriptor == wake {
        var value: UInt64 = 0
        _ = read(wake, &value, 8)
        hasJobs = true
      } else {
        collect(descriptor)
      }
    }
    return hasJobs
  }

  private func collect(_ descriptor: Int32) {
    guard let process = watched[descriptor] else { return }
    // Out of the table first: collecting closes the descriptor, and the next process may get its number.
    watched[descriptor] = nil
    if !process.collect() { watched[descriptor] = process }
  }
}
