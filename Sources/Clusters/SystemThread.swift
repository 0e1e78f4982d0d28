import CLinux
import Glibc

/// Starts a thread of its own for work that waits in the kernel. Signals are for the threads that expect them.
func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) throws {
  let box = Unmanaged.passRetained(ThreadBody(name: name, body: body))
  var handle = pthread_t()
  let error = pthread_create(&handle, nil, runThread, box.toOpaque())
  guard error == 0 else {
    box.release()
    throw ClusterError.system("starting a thread", errno: error)
  }
  pthread_detach(handle)
}

private final class ThreadBody: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let thread = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
  var all = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_BLOCK, &all, nil)
  fl_set_process_name(thread.name)
  thread.body()
  return nil
}

/// Wakes a thread that waits for descriptors or a moment.
final class ThreadAlarm: Sendable {
  /// An eventfd.
  private let descriptor: Int32

  init() throws {
    descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard descriptor >= 0 else { throw ClusterError.system("making an eventfd", errno: errno) }
  }

  deinit { close(descriptor) }

  func ring() {
    var one: UInt64 = 1
    // Refused only when its counter is full, and then the thread is awake anyway.
    _ = write(descriptor, &one, 8)
  }

  /// Returns when one of the sources can be read, at the moment, or when it was rung.
  ///
  /// - Parameter moment: on the monotonic clock, in nanoseconds; nil: none.
  func wait(for sources: [Int32], until moment: Int64?) {
    var polled = (sources + [descriptor]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    fl_wait(&polled, UInt32(polled.count), moment.map { max(0, $0 - monotonicNanoseconds()) } ?? -1)
    var rung: UInt64 = 0
    _ = read(descriptor, &rung, 8)
  }
}

/// CLOCK_MONOTONIC.
func monotonicNanoseconds() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}
